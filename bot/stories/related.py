"""Ranking of related stories for "Read also": weighted cosine of terms, recency, duplicates."""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import chain, islice

from bot.model import EditorLink, Story, StoryId
from bot.stories.boilerplate import is_filler
from bot.stories.matching.fingerprint import title_key
from bot.text.phonetics import find_names, phonetic_key
from bot.text.stemming import STOP_WORDS, words
from bot.text.vocabulary import idf, index_term

# A message shows the first of them, until its reader asks for more.
MAX_LINKS = 8
# Readers of today's news have forgotten older stories.
MAX_AGE = timedelta(days=30)

# Of 30, 60, 100, 150 and all terms of an article, 150 did as well as all, and fewer less well.
MAX_TERMS = 150
# Of a headline; a hostile one may have thousands of words.
MAX_TITLE_TERMS = 30
# A term that very few texts have is often a misprint, so weights end here.
MAX_WEIGHT = 5.5

# Editors mention an earlier story in the words of its headline: «Напомним, …». The share of a
# headline that occurs in the other's text has these weights beside the cosine's 1: the earlier
# story's headline, and the story's own. Chosen of 15 pairs, on read_also of ../shared/data.
EARLIER_TITLE_WEIGHT = 0.2
OWN_TITLE_WEIGHT = 0.1
# The share of a score that `MAX_AGE` costs. Set by hand: that data is of one day.
AGE_COST = 0.15

# Of links above this eight in ten were on one matter; see quality/related.py.
MIN_RELEVANCE = 0.25
# Fewer terms in common are chance; in headlines alone even these may be.
MIN_SHARED_TERMS, MIN_SURELY_SHARED_TERMS = 3, 4
# More similar stories are undetected reprints; links that editors chose go up to 0.74.
# The cosine of texts with few terms tells less.
DUPLICATE_COSINE = 0.8
MIN_DUPLICATE_TERMS = 20
# For pages that are not stored, of which only the headline is known. Set by hand: half of the
# weight of two headlines of six words is in common.
DUPLICATE_TITLE_COSINE = 0.5
# Of stories: what is told again after days, or told every week. A sequel has a little less.
REPEATED_TITLE_COSINE = 0.75

# The search takes the first terms, which together occur in this share of all articles at most,
# since it scores every article that has one. Chosen by time and hits among 100,000.
MAX_QUERY_TERMS = 24
MAX_QUERY_SHARE = 0.03

# An earlier story and its terms.
RelatedCandidate = tuple[Story, Collection[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedLink:
    """A link under "Read also": to a story, or an editor's to a page that is not stored.

    A `score` is from `MIN_RELEVANCE` to 1; None: an editor chose the link.
    """

    link: Story | EditorLink
    score: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closeness:
    """How close an earlier story is to the one whose links are chosen, as far as it was judged.

    `is_same`: it may report the same event. `is_apart`: it is another matter. Otherwise it is
    related if it shares so many terms.
    """

    is_same: bool = False
    is_apart: bool = False
    min_shared_terms: int = MIN_SHARED_TERMS


NOT_JUDGED = Closeness()


def terms(title: str, text: str) -> tuple[str, ...]:
    """Return the index terms of an article: those of its title, then the text's by TF-IDF.

    `MAX_TERMS` at most. Pass the text with its boilerplate: «Читайте также» names related
    stories. A term is the English stem of a known word, another word's own stem, or = and the
    phonetic key of a name, so that articles of two languages share some.
    """
    counts = Counter(_content_terms(text))
    keys = (phonetic_key(name) for name in find_names(text))
    counts.update({f"={key}" for key in keys if key})
    by_tf_idf = sorted(counts, key=lambda term: (-idf(term) * (1 + math.log(counts[term])), term))
    return tuple(dict.fromkeys((*_title_terms(title), *by_tf_idf)))[:MAX_TERMS]


def query_weights(story_terms: Iterable[str]) -> dict[str, float]:
    """Return the terms to search by, with their weights: few, and none that are frequent."""
    weights: dict[str, float] = {}
    share_left = MAX_QUERY_SHARE
    for term in story_terms:
        share = math.exp(-idf(term))
        if share <= share_left and len(weights) < MAX_QUERY_TERMS:
            weights[term] = _weight(term)
            share_left -= share
    return weights


def choose_related(
    story: Story,
    story_terms: Collection[str],
    candidates: Sequence[RelatedCandidate],
    *,
    chosen_by_editors: Iterable[Story | EditorLink] = (),
    excluded: Collection[Story] = (),
    closeness: Callable[[StoryId], Closeness] = lambda _: NOT_JUDGED,
) -> tuple[RelatedLink, ...]:
    """Return up to `MAX_LINKS` links: the editors' in their order, then the best candidates.

    Never the story itself, one of the `excluded`, which are in the same message, one that may
    report the same by its `closeness`, or a duplicate of these or of another link; no candidate
    that is another matter. Of equally relevant candidates the newer comes first.
    """
    known = {other.id: other_terms for other, other_terms in candidates} | {story.id: story_terms}
    distinct_terms = frozenset(story_terms)
    ranked = [
        (relevance(story, distinct_terms, (other, other_terms)), other)
        for other, other_terms in candidates
        if len(distinct_terms.intersection(other_terms)) >= MIN_SHARED_TERMS
    ]
    ranked.sort(key=lambda pair: (pair[0], pair[1].published_at, pair[1].id), reverse=True)
    editors = (
        RelatedLink(link=link, score=None)
        for link in chosen_by_editors
        if link.title.strip()
        and not is_filler(link.title)
        and not (isinstance(link, Story) and closeness(link.id).is_same)
    )
    # Judged one by one, as most are never reached.
    judged = ((rate, other, closeness(other.id)) for rate, other in ranked if rate >= MIN_RELEVANCE)
    close = (
        RelatedLink(link=other, score=rate)
        for rate, other, found in judged
        if not (found.is_same or found.is_apart)
        and len(distinct_terms.intersection(known[other.id])) >= found.min_shared_terms
    )
    shown: list[Story | EditorLink] = [story, *excluded]
    chosen: list[RelatedLink] = []
    for related in chain(editors, close):
        if not any(_is_duplicate(related.link, link, known) for link in shown):
            chosen.append(related)
            shown.append(related.link)
        if len(chosen) == MAX_LINKS:
            break
    return tuple(chosen)


def relevance(story: Story, story_terms: Collection[str], candidate: RelatedCandidate) -> float:
    """Return how relevant the candidate is to a reader of the story, from 0 to 1."""
    other, other_terms = candidate
    evidence = (
        cosine(story_terms, other_terms)
        + EARLIER_TITLE_WEIGHT * _title_share(other.title, story_terms)
        + OWN_TITLE_WEIGHT * _title_share(story.title, other_terms)
    )
    age = (story.published_at - other.published_at) / MAX_AGE
    total_weight = 1 + EARLIER_TITLE_WEIGHT + OWN_TITLE_WEIGHT
    return evidence / total_weight * (1 - AGE_COST * min(1.0, max(0.0, age)))


def cosine(these: Collection[str], those: Collection[str]) -> float:
    """Return the weighted cosine of two sets of terms, from 0 to 1; 0 for an empty set.

    Source: G. Salton, C. Buckley, "Term-weighting approaches in automatic text retrieval", 1988.
    """
    one, other = frozenset(these), frozenset(those)
    norms = _norm(one) * _norm(other)
    return min(1.0, _sum_of_squares(one & other) / norms) if norms else 0.0


def _is_duplicate(
    one: Story | EditorLink, other: Story | EditorLink, known: Mapping[StoryId, Collection[str]]
) -> bool:
    """Tell whether two links lead to one page, look the same in a list, or report the same."""
    key = title_key(one.title)
    if one.url == other.url or (key and key == title_key(other.title)):
        return True
    titles = _title_terms(one.title), _title_terms(other.title)
    if isinstance(one, EditorLink) or isinstance(other, EditorLink):
        return cosine(*titles) >= DUPLICATE_TITLE_COSINE
    if min(map(len, titles)) >= MIN_SURELY_SHARED_TERMS and cosine(*titles) >= (
        REPEATED_TITLE_COSINE
    ):
        return True
    if one.source == other.source and one.title.casefold() == other.title.casefold():
        return True
    these, those = known.get(one.id, ()), known.get(other.id, ())
    is_comparable = min(len(these), len(those)) >= MIN_DUPLICATE_TERMS
    return one.id == other.id or (is_comparable and cosine(these, those) >= DUPLICATE_COSINE)


@lru_cache(maxsize=4096)
def _title_terms(title: str) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys(_content_terms(title)), MAX_TITLE_TERMS))


def _content_terms(text: str) -> Iterator[str]:
    return (index_term(word) for word in words(text) if word not in STOP_WORDS)


def _title_share(title: str, text_terms: Collection[str]) -> float:
    """Return the weighted share of a headline's terms that occur in a text, from 0 to 1."""
    title_terms = _title_terms(title)
    total = sum(map(_weight, title_terms))
    shared = sum(_weight(term) for term in title_terms if term in text_terms)
    return shared / total if total else 0.0


@lru_cache(maxsize=256)
def _norm(distinct_terms: frozenset[str]) -> float:
    return math.sqrt(_sum_of_squares(distinct_terms))


def _sum_of_squares(distinct_terms: Iterable[str]) -> float:
    # Weights are whole halves, so the sum is exact, and the same in any order.
    return sum(map(_square, distinct_terms))


@lru_cache(maxsize=65_536)
def _square(term: str) -> float:
    return _weight(term) ** 2


def _weight(term: str) -> float:
    return min(MAX_WEIGHT, idf(term))
