"""ROUGE-1, ROUGE-2 and ROUGE-L of a summary.

By the stems of `bot.text.stemming`, so that forms of a word meet in all three languages.
Source: C.-Y. Lin, ROUGE: A Package for Automatic Evaluation of Summaries, 2004.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.text.stemming import snowball_stem, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Rouge:
    """F1 of words, of pairs of words, and of the longest common subsequence, from 0 to 1."""

    one: float
    two: float
    long: float


def rouge(summary: str, reference: str) -> Rouge:
    """Return how alike a summary and its reference are."""
    produced, wanted = _tokens(summary), _tokens(reference)
    pairs, wanted_pairs = _pairs(produced), _pairs(wanted)
    return Rouge(
        one=_f1((Counter(produced) & Counter(wanted)).total(), len(produced), len(wanted)),
        two=_f1((Counter(pairs) & Counter(wanted_pairs)).total(), len(pairs), len(wanted_pairs)),
        long=_f1(longest_common(produced, wanted), len(produced), len(wanted)),
    )


def longest_common(one: Sequence[str], other: Sequence[str]) -> int:
    """Return the length of the longest common subsequence.

    Source: the bit-parallel algorithm of Allison and Dix, 1986, as Hyyrö wrote it in 2004.
    """
    places: dict[str, int] = {}
    for place, token in enumerate(one):
        places[token] = places.get(token, 0) | 1 << place
    row = every = (1 << len(one)) - 1
    for token in other:
        kept = row & places.get(token, 0)
        row = ((row + kept) | (row - kept)) & every
    return len(one) - row.bit_count()


def _tokens(text: str) -> list[str]:
    return [snowball_stem(word) for word in words(text)]


def _pairs(tokens: list[str]) -> list[tuple[str, str]]:
    return list(pairwise(tokens))


def _f1(common: int, produced: int, wanted: int) -> float:
    return 2 * common / (produced + wanted) if common else 0.0
