"""Similarity of two articles: the log-odds that both report the same event."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from operator import mul

from bot.model import ArticleLanguage
from bot.stories.matching.fingerprint import Fingerprint
from bot.text.vocabulary import DECISIVE_EVENTS, idf

# The log-odds of articles that contradict each other.
CONTRADICTED = -10.0

# With fewer keys beyond its title, an article is compared by its title alone.
_MIN_LEAD_KEYS = 8
# Newspapers round figures by this share: 83 and 83.4 billion, 120 and 121 patients.
_ROUNDING = 0.05
_YEARS = range(1900, 2101)

# The norm of the stored vectors of small integers; see `embedding.py`.
VECTOR_LENGTH = 400.0
# Cosines of E5 are between 0.75 and 1; those of unrelated texts are about this.
_UNRELATED_COSINE = 0.78
# Cosines of texts in two alphabets are lower by this: own pairs, ru-en, quality/pairs.jsonl.
_CROSS_ALPHABET_BONUS = 0.025


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weights:
    """Weights of the evidence in the log-odds."""

    constant: float
    title: float = 0.0
    words: float = 0.0
    unmatched_events: float = 0.0
    semantic: float = 0.0


# Logistic regressions by `python -m quality.fit_same_story`: those of titles alone on 2,500 of
# headline_pairs (train, 1 against -1), the others on same_story_pairs, their constants raised by
# 0.6: there, cross-validated, F1 is best and false joins are no more than missed ones.
_TITLES_BY_WORDS = _Weights(constant=-3.61, title=6.93, unmatched_events=-1.15)
_TITLES_BY_BOTH = _Weights(constant=-12.83, title=1.44, unmatched_events=-1.04, semantic=16.15)
_BY_WORDS = _Weights(constant=-2.80, words=8.87)
_BY_BOTH = _Weights(constant=-7.24, words=2.65, semantic=10.52)
# English headlines are longer, and less similar for one event. Chosen by the B-cubed F1 of every
# other story of stories_en among 3,000 headlines of other years, of which a quarter (by words) and
# a third join another: about as many as before stories were compared as a whole.
_ENGLISH_TITLES_BY_WORDS = _Weights(constant=-2.80, title=8.00)
_ENGLISH_TITLES_BY_BOTH = _Weights(constant=-4.40, title=8.00, semantic=5.00)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedArticle:
    """The data of an article that is compared; a `vector` of None: embeddings are off."""

    language: ArticleLanguage
    fingerprint: Fingerprint
    vector: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarityEvidence:
    """How similar two articles are; from 0 to 1, but `unmatched_events` is a count.

    `words` is the mean similarity of titles, leads, names, and of each title to the other's lead.
    `unmatched_events` are those in one title that the other article does not report. `semantic`
    is 0 for unrelated vectors, None without vectors. `titles_only`: one has too short a text.
    """

    title: float
    words: float
    unmatched_events: float
    semantic: float | None
    titles_only: bool
    both_english: bool
    contradiction: bool


def log_odds(evidence: SimilarityEvidence) -> float:
    """Return the log-odds that both articles report one event; `CONTRADICTED` if they cannot."""
    if evidence.contradiction:
        return CONTRADICTED
    has_vectors = evidence.semantic is not None
    if not evidence.titles_only:
        weights = _BY_BOTH if has_vectors else _BY_WORDS
    elif evidence.both_english:
        weights = _ENGLISH_TITLES_BY_BOTH if has_vectors else _ENGLISH_TITLES_BY_WORDS
    else:
        weights = _TITLES_BY_BOTH if has_vectors else _TITLES_BY_WORDS
    return math.fsum(
        (
            weights.constant,
            weights.title * evidence.title,
            weights.words * evidence.words,
            weights.unmatched_events * evidence.unmatched_events,
            weights.semantic * (evidence.semantic or 0.0),
        )
    )


def compare(this: ComparedArticle, that: ComparedArticle) -> SimilarityEvidence:
    """Return the evidence for and against one event; symmetric."""
    one, other = this.fingerprint, that.fingerprint
    title = _cosine(one.title, other.title)
    title_in_lead = (_share(one.title, other.lead) + _share(other.title, one.lead)) / 2
    similarities = (
        title,
        _cosine(one.lead, other.lead),
        title_in_lead,
        _cosine(one.names, other.names),
    )
    unmatched = (one.title_events - other.events) | (other.title_events - one.events)
    n_lead_keys = min(len(one.lead - one.title), len(other.lead - other.title))
    return SimilarityEvidence(
        title=title,
        words=math.fsum(similarities) / len(similarities),
        unmatched_events=len(unmatched),
        semantic=_semantic_similarity(this, that),
        titles_only=n_lead_keys < _MIN_LEAD_KEYS,
        both_english=this.language == that.language == "en",
        contradiction=bool(unmatched & DECISIVE_EVENTS)
        or _counts_differ(one.numbers, other.numbers),
    )


def _semantic_similarity(this: ComparedArticle, that: ComparedArticle) -> float | None:
    """Return the cosine of the vectors, scaled so that unrelated texts have 0."""
    if this.vector is None or that.vector is None or len(this.vector) != len(that.vector):
        return None
    ours, theirs = memoryview(this.vector).cast("b"), memoryview(that.vector).cast("b")
    product: int = sum(map(mul, ours, theirs))
    cosine = product / VECTOR_LENGTH**2
    is_cross_alphabet = (this.language == "en") != (that.language == "en")
    bonus = _CROSS_ALPHABET_BONUS if is_cross_alphabet else 0.0
    return (cosine + bonus - _UNRELATED_COSINE) / (1 - _UNRELATED_COSINE)


def _cosine(these: frozenset[str], those: frozenset[str]) -> float:
    squared_norms = _sum_of_squares(these) * _sum_of_squares(those)
    return _sum_of_squares(these & those) / math.sqrt(squared_norms) if squared_norms else 0.0


def _sum_of_squares(keys: Iterable[str]) -> float:
    # Weights are whole halves, so the sum is exact, and the same in any order.
    return sum(idf(key) ** 2 for key in keys)


def _share(title: frozenset[str], lead: frozenset[str]) -> float:
    """Return the weighted share of a title's keys that the other article has."""
    total = sum(map(idf, title))
    return sum(map(idf, title & lead)) / total if total else 0.0


def _counts_differ(these: frozenset[str], those: frozenset[str]) -> bool:
    """Tell whether both titles have counts, and none of them are nearly equal; years are none."""
    ours, theirs = (
        [count for count in map(float, numbers) if count not in _YEARS]
        for numbers in (these, those)
    )
    if not ours or not theirs:
        return False
    return not any(abs(a - b) <= _ROUNDING * max(a, b) for a in ours for b in theirs)
