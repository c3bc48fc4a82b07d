"""Do two articles tell the same event? Pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from operator import mul

from bot.model import ArticleLanguage
from bot.stories.matching.fingerprint import Fingerprint
from bot.text.vocabulary import DECISIVE, idf

# What a contradiction leaves of any likeness.
CONTRADICTED = -10.0

# Below so many keys beyond its title, an article has nothing but its title to compare.
_BARE = 8
# Sums are rounded by some: 83 and 83.4 billion, 120 and 121 patients.
_NEARLY = 0.05
_YEARS = range(1900, 2101)

# Vectors are whole numbers, of this length; see `embedding.py`.
VECTOR_LENGTH = 400.0
# Cosines of e5 lie between 0.75 and 1: those of two texts that share nothing, about here.
_UNLIKE = 0.78
# Across alphabets cosines are lower by so much: own pairs, ru-en, quality/pairs.jsonl.
_CROSSING = 0.025


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weights:
    """What a unit of evidence adds to the odds."""

    constant: float
    title: float = 0.0
    words: float = 0.0
    turns: float = 0.0
    meaning: float = 0.0


# Logistic regressions by `python -m quality.fit_same_story`: those of bare headlines on 2,500 of
# headline_pairs (train, 1 against -1), the others on same_story_pairs, their constants raised by
# 0.6: there, cross-validated, F1 is best and false joins are no more than missed ones.
_BARE_BY_WORDS = _Weights(constant=-3.61, title=6.93, turns=-1.15)
_BARE_BY_BOTH = _Weights(constant=-12.83, title=1.44, turns=-1.04, meaning=16.15)
_BY_WORDS = _Weights(constant=-2.80, words=8.87)
_BY_BOTH = _Weights(constant=-7.24, words=2.65, meaning=10.52)
# English headlines are longer, and of one event less alike. Chosen by the B-cubed F1 of every
# other story of stories_en among 3,000 headlines of other years, of which a quarter (by words) and
# a third join another: about as many as before stories were compared as a whole.
_ENGLISH_BY_WORDS = _Weights(constant=-2.80, title=8.00)
_ENGLISH_BY_BOTH = _Weights(constant=-4.40, title=8.00, meaning=5.00)


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedArticle:
    """An article as far as it can be compared; a `vector` of None: nothing computes them here."""

    language: ArticleLanguage
    fingerprint: Fingerprint
    vector: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarityEvidence:
    """How alike two articles are; all from 0 to 1 but `turns`, a count.

    `words` is the mean likeness of titles, leads, names, and of each title in the other's lead.
    `turns` counts outcomes that one title tells and the other article does not. `meaning` is
    0 for what has nothing to do with each other, None without vectors. `bare`: only titles can be
    compared. `english`: both are.
    """

    title: float
    words: float
    turns: float
    meaning: float | None
    bare: bool
    english: bool
    contradiction: bool


def log_odds(evidence: SimilarityEvidence) -> float:
    """Return the logarithm of the odds that both tell one event, `CONTRADICTED` if they cannot."""
    if evidence.contradiction:
        return CONTRADICTED
    weights = _weights(evidence)
    return math.fsum(
        (
            weights.constant,
            weights.title * evidence.title,
            weights.words * evidence.words,
            weights.turns * evidence.turns,
            weights.meaning * (evidence.meaning or 0.0),
        )
    )


def compare(this: ComparedArticle, that: ComparedArticle) -> SimilarityEvidence:
    """Return what speaks for and against their telling one event; the same in either order."""
    one, other = this.fingerprint, that.fingerprint
    title = _cosine(one.title, other.title)
    within = (_share(one.title, other.lead) + _share(other.title, one.lead)) / 2
    turns = (one.title_outcomes - other.outcomes) | (other.title_outcomes - one.outcomes)
    alike = (title, _cosine(one.lead, other.lead), within, _cosine(one.names, other.names))
    return SimilarityEvidence(
        title=title,
        words=math.fsum(alike) / len(alike),
        turns=len(turns),
        meaning=_meaning(this, that),
        bare=min(len(one.lead - one.title), len(other.lead - other.title)) < _BARE,
        english=this.language == that.language == "en",
        contradiction=bool(turns & DECISIVE) or _numbers_differ(one.numbers, other.numbers),
    )


def _weights(evidence: SimilarityEvidence) -> _Weights:
    by_both = evidence.meaning is not None
    if not evidence.bare:
        return _BY_BOTH if by_both else _BY_WORDS
    if evidence.english:
        return _ENGLISH_BY_BOTH if by_both else _ENGLISH_BY_WORDS
    return _BARE_BY_BOTH if by_both else _BARE_BY_WORDS


def _meaning(this: ComparedArticle, that: ComparedArticle) -> float | None:
    if this.vector is None or that.vector is None or len(this.vector) != len(that.vector):
        return None
    ours, theirs = memoryview(this.vector).cast("b"), memoryview(that.vector).cast("b")
    product: int = sum(map(mul, ours, theirs))
    cosine = product / VECTOR_LENGTH**2
    crossing = _CROSSING if (this.language == "en") != (that.language == "en") else 0.0
    return (cosine + crossing - _UNLIKE) / (1 - _UNLIKE)


def _cosine(these: frozenset[str], those: frozenset[str]) -> float:
    lengths = _squares(these) * _squares(those)
    return _squares(these & those) / math.sqrt(lengths) if lengths else 0.0


def _squares(keys: Iterable[str]) -> float:
    # All weights are halves, so that the order of the sum does not matter.
    return sum(idf(key) ** 2 for key in keys)


def _share(title: frozenset[str], lead: frozenset[str]) -> float:
    """Return how much of the title the other article says."""
    whole = sum(map(idf, title))
    return sum(map(idf, title & lead)) / whole if whole else 0.0


def _numbers_differ(these: frozenset[str], those: frozenset[str]) -> bool:
    """Return whether both titles count something, and nothing alike."""
    ours, theirs = _counts(these), _counts(those)
    if not ours or not theirs:
        return False
    return not any(abs(a - b) <= _NEARLY * max(a, b) for a in ours for b in theirs)


def _counts(numbers: Iterable[str]) -> list[float]:
    return [count for count in map(float, numbers) if count not in _YEARS]
