"""Estimation of how often each dictionary word occurs, and each word in a form that several share.

By expectation maximisation: a form counts for each of its words by how often the word occurs, and
by how often words that inflect alike have that ending: «гори» is rather of «гора» than of «горіти»,
for news hold few imperatives. What a word itself adds to that is left out.
Source: A. Dempster et al., "Maximum Likelihood from Incomplete Data via the EM Algorithm", 1977.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.text.forms import encode_rule
from quality.forms_sources import Lemma, Paradigms

_ROUNDS = 5
# Occurrences, in a million words, of a word that was never seen, and of the words of an ending.
_UNSEEN_WORD, _UNSEEN_ENDING = 0.01, 1.0
# The share of an ending that one word alone has, such as that of «thought»; bounds of any share.
_UNSEEN_SHARE, _MIN_SHARE, _MAX_SHARE = 0.2, 1e-6, 0.9
# The share of an ending in one paradigm outweighs that in all from so many occurrences on.
_PARADIGM_PRIOR = 50.0

# The rule that makes a form of its word, and the word's kind.
_Ending = tuple[str, str]
# The endings of words that inflect alike, by a number.
_Paradigm = int
_Shares = dict[str, dict[Lemma, float]]


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Occurrences in a million words of each word, and the share of each in a form of several."""

    words: Mapping[Lemma, float]
    shares: Mapping[str, Mapping[Lemma, float]]


class _Analysis(NamedTuple):
    """A word that a form may be of."""

    lemma: Lemma
    ending: _Ending
    paradigm: _Paradigm


@dataclass(frozen=True, slots=True)
class _Counts:
    """Expected occurrences; those `inflected` are of other forms than the word itself."""

    words: Counter[Lemma] = field(default_factory=Counter)
    inflected: Counter[Lemma] = field(default_factory=Counter)
    endings: Counter[_Ending] = field(default_factory=Counter)
    endings_of: Counter[tuple[_Ending, _Paradigm]] = field(default_factory=Counter)
    paradigms: Counter[_Paradigm] = field(default_factory=Counter)
    having: Counter[_Ending] = field(default_factory=Counter)


def estimate(
    paradigms: Paradigms,
    rates: Mapping[str, float],
    counted: Mapping[str, Mapping[Lemma, float]] | None = None,
) -> Frequencies:
    """Return the frequencies of words by those of their forms.

    Shares that were `counted` in marked text are taken as they are. At first only forms of one
    word count, so that a word with no form of its own has to be likely to take any.
    """
    analyses = _analyses(paradigms)
    shares: _Shares = {
        form: {each.lemma: 1.0 if len(found) == 1 else 0.0 for each in found}
        for form, found in analyses.items()
    }
    known = counted or {}
    for form in known.keys() & shares.keys():
        shares[form] |= known[form]
    shared = {
        form: found for form, found in analyses.items() if len(found) > 1 and form not in known
    }
    counts = _count(analyses, rates, shares)
    for _ in range(_ROUNDS):
        for form, found in shared.items():
            own = {lemma: rates.get(form, 0.0) * share for lemma, share in shares[form].items()}
            likely = {each.lemma: _expected(form, each, own[each.lemma], counts) for each in found}
            total = sum(likely.values())
            shares[form] = {lemma: rate / total for lemma, rate in likely.items()}
        counts = _count(analyses, rates, shares)
    return Frequencies(counts.words, shares)


def _analyses(paradigms: Paradigms) -> dict[str, list[_Analysis]]:
    found: defaultdict[str, list[_Analysis]] = defaultdict(list)
    numbers: dict[frozenset[_Ending], _Paradigm] = {}
    for lemma, forms in paradigms.items():
        endings = {form: (encode_rule(lemma.word, form), lemma.kind) for form in sorted(forms)}
        paradigm = numbers.setdefault(frozenset(endings.values()), len(numbers))
        for form, ending in endings.items():
            found[form].append(_Analysis(lemma, ending, paradigm))
    return found


def _count(
    analyses: Mapping[str, Iterable[_Analysis]], rates: Mapping[str, float], shares: _Shares
) -> _Counts:
    counts = _Counts()
    for form, found in analyses.items():
        rate = rates.get(form, 0.0)
        for each in found if rate else ():
            expected = rate * shares[form][each.lemma]
            counts.words[each.lemma] += expected  # type: ignore[assignment]
            if form != each.lemma.word:
                counts.inflected[each.lemma] += expected  # type: ignore[assignment]
            counts.endings[each.ending] += expected  # type: ignore[assignment]
            counts.endings_of[each.ending, each.paradigm] += expected  # type: ignore[assignment]
            counts.paradigms[each.paradigm] += expected  # type: ignore[assignment]
    for found in analyses.values():
        for each in found:
            counts.having[each.ending] += counts.words[each.lemma]
    return counts


def _expected(form: str, each: _Analysis, own: float, counts: _Counts) -> float:
    """Return how often the form is expected to occur as one of this word, by its other forms.

    These are counted with the word itself and without it, for no other form tells that «сан» is
    hardly a word in «Сан-Франциско».
    """
    lemma, ending, paradigm = each.lemma, each.ending, each.paradigm
    word_rate = counts.words[lemma]
    others = counts.having[ending] - word_rate + _UNSEEN_ENDING
    general = (counts.endings[ending] - own + _UNSEEN_SHARE * _UNSEEN_ENDING) / others
    alike = counts.paradigms[paradigm] - word_rate + _PARADIGM_PRIOR
    share = (counts.endings_of[ending, paradigm] - own + _PARADIGM_PRIOR * general) / alike
    share = min(max(share, _MIN_SHARE), _MAX_SHARE)
    rate = word_rate - own
    if form != lemma.word:
        rate = math.sqrt(rate * max(counts.inflected[lemma] - own, rate / 10))
    return (rate + _UNSEEN_WORD) * share / (1 - share)
