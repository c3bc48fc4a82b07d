"""Which of these stories should a reader of this one be offered under "Read also"? Pure."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from itertools import chain, islice

from bot.model import EditorLink, Story, StoryId
from bot.stories.boilerplate import is_filler
from bot.stories.matching.fingerprint import title_key
from bot.text.phonetics import names, sound
from bot.text.stemming import stems
from bot.text.vocabulary import idf, meaning

# A message shows the first of them, until its reader asks for more.
MOST = 8
# What is older is no longer what a reader of today's news has in mind.
WITHIN = timedelta(days=30)

# Of 30, 60, 100, 150 and all terms of an article, 150 did as well as all, and fewer less well.
MAX_TERMS = 150
# Of a headline; a hostile one may have thousands of words.
MAX_TITLE_TERMS = 30
# A word that very few texts have is often a misprint: above this a term weighs no more.
TOP_WEIGHT = 5.5

# An editor tells of an earlier story in the words of its headline: «Напомним, …». So much the
# share of a headline that stands in the other's text counts, beside the likeness of both: of
# the earlier's headline, and of the story's own. Of 15 pairs, on read_also of ../shared/data.
RECALLS = 0.2
RECALLED = 0.1
# A month costs so much of a score. Set by hand: that data is of one day.
AGE_COST = 0.15

# Of offers above this eight in ten told of one matter; see quality/related.py.
RELATED = 0.25
# With fewer terms in common it is chance.
SHARED_TERMS = 3
# What is so alike is a reprint that nobody noticed; links that editors chose go up to 0.74.
# Of texts with few terms likeness tells less.
SAME = 0.8
ENOUGH_TERMS = 20
# Of what is not stored the headline is all that we have. Set by hand: half of the weight of two
# headlines of six words is in common.
SAME_TITLES = 0.5

# The search asks by the first terms, so many at most, which together stand in this share of all
# articles: it has to weigh every article that holds one. Chosen by time and hits among 100,000.
ASKED_TERMS = 24
ASKED_SHARE = 0.03

Candidate = tuple[Story, Collection[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelatedLink:
    """What stands under "Read also"; an `EditorLink` leads to what we have not stored.

    A `score` is from `RELATED` to 1; None: the editor chose it.
    """

    link: Story | EditorLink
    score: float | None


def terms(title: str, text: str) -> tuple[str, ...]:
    """Return what an article is found by: the terms of its title, then the text's most telling.

    At most `MAX_TERMS`. Give the text as it came: «Читайте также» names what is related. Terms
    are English stems where we know one, other stems, and names by their sound with a = before
    them, so that articles of two languages may share some.
    """
    counts = Counter(map(meaning, stems(text)))
    heard = (sound(name) for name in names(text))
    counts.update({f"={name}" for name in heard if name})
    telling = sorted(counts, key=lambda term: (-idf(term) * (1 + math.log(counts[term])), term))
    return tuple(dict.fromkeys((*_title_terms(title), *telling)))[:MAX_TERMS]


def asked(its_terms: Iterable[str]) -> dict[str, float]:
    """Return the terms to search by, with their weights: few, and none that most articles hold."""
    chosen: dict[str, float] = {}
    left = ASKED_SHARE
    for term in its_terms:
        share = math.exp(-idf(term))
        if share <= left and len(chosen) < ASKED_TERMS:
            chosen[term] = _weight(term)
            left -= share
    return chosen


def choose(
    story: Story,
    its_terms: Collection[str],
    candidates: Sequence[Candidate],
    *,
    own: Iterable[Story | EditorLink] = (),
    excluded: Collection[Story] = (),
) -> tuple[RelatedLink, ...]:
    """Return up to `MOST` offers: the editor's own in their order, then the best candidates.

    Never the story itself, nor one of the `excluded`, which stand in the same message, nor what
    tells the same as one of these or as another offer. A tie goes to the newer.
    """
    known = {other.id: found for other, found in candidates} | {story.id: its_terms}
    shown: list[Story | EditorLink] = [story, *excluded]
    chosen: list[RelatedLink] = []
    said = (link for link in own if link.title.strip() and not is_filler(link.title))
    editors = (RelatedLink(link=link, score=None) for link in said)
    for offer in chain(editors, _ranked(story, its_terms, candidates)):
        if not any(_repeats(offer.link, link, known) for link in shown):
            chosen.append(offer)
            shown.append(offer.link)
        if len(chosen) == MOST:
            break
    return tuple(chosen)


def score(story: Story, its_terms: Collection[str], candidate: Candidate) -> float:
    """Return how good an offer the candidate is to a reader of the story, from 0 to 1."""
    other, found = candidate
    recalls = _share(_title_terms(other.title), its_terms)
    recalled = _share(_title_terms(story.title), found)
    evidence = cosine(its_terms, found) + RECALLS * recalls + RECALLED * recalled
    age = (story.published_at - other.published_at) / WITHIN
    return evidence / (1 + RECALLS + RECALLED) * (1 - AGE_COST * min(1.0, max(0.0, age)))


def cosine(these: Collection[str], those: Collection[str]) -> float:
    """Return the cosine of two sets of terms, from 0 to 1; an empty set is like nothing.

    Source: G. Salton, C. Buckley, "Term-weighting approaches in automatic text retrieval", 1988.
    """
    one, other = frozenset(these), frozenset(those)
    lengths = _length(one) * _length(other)
    return min(1.0, _squares(one & other) / lengths) if lengths else 0.0


def _ranked(
    story: Story, its_terms: Collection[str], candidates: Iterable[Candidate]
) -> list[RelatedLink]:
    its = frozenset(its_terms)
    rated = [
        (score(story, its, (other, found)), other)
        for other, found in candidates
        if len(its.intersection(found)) >= SHARED_TERMS
    ]
    rated.sort(key=lambda pair: (pair[0], pair[1].published_at, pair[1].id), reverse=True)
    return [RelatedLink(link=other, score=rate) for rate, other in rated if rate >= RELATED]


def _repeats(
    one: Story | EditorLink, other: Story | EditorLink, known: Mapping[StoryId, Collection[str]]
) -> bool:
    """Tell whether two links lead to one page, look the same in a list, or tell the same."""
    key = title_key(one.title)
    if one.url == other.url or (key and key == title_key(other.title)):
        return True
    if isinstance(one, EditorLink) or isinstance(other, EditorLink):
        titles = _title_terms(one.title), _title_terms(other.title)
        return cosine(*titles) >= SAME_TITLES
    if one.source == other.source and one.title.casefold() == other.title.casefold():
        return True
    these, those = known.get(one.id, ()), known.get(other.id, ())
    is_enough = min(len(these), len(those)) >= ENOUGH_TERMS
    return one.id == other.id or (is_enough and cosine(these, those) >= SAME)


@lru_cache(maxsize=4096)
def _title_terms(title: str) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys(map(meaning, stems(title))), MAX_TITLE_TERMS))


def _share(titled: Collection[str], found: Collection[str]) -> float:
    """Return how much of a headline stands among the terms, from 0 to 1, by weight."""
    whole = sum(map(_weight, titled))
    return sum(_weight(term) for term in titled if term in found) / whole if whole else 0.0


def _squares(found: Iterable[str]) -> float:
    # Weights are whole halves, so the sum is exact, and the same in any order.
    return sum(map(_square, found))


@lru_cache(maxsize=256)
def _length(found: frozenset[str]) -> float:
    return math.sqrt(_squares(found))


@lru_cache(maxsize=65_536)
def _square(term: str) -> float:
    return _weight(term) ** 2


def _weight(term: str) -> float:
    return min(TOP_WEIGHT, idf(term))
