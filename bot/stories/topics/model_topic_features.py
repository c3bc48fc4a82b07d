"""By which numbered features does a text tell its topic? Pure.

The stem of each word, pairs of stems that stand side by side, and the four-letter pieces of
stems. `bot.text.stemming` folds the stems, so Ukrainian and Russian share most features. The number
of a feature is a hash that never changes, so there is no vocabulary to keep.
"""

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from math import sqrt
from zlib import crc32

from bot.text.stemming import STOP_WORDS, stem, words

# News says what it is about at its beginning; reading on does not tell more.
TITLE_CHARS = 300
TEXT_CHARS = 600

# Each kind has its own range of numbers. 2**16 of each keep the model's file under 3 MB.
RANGE = 1 << 16
FEATURES = 3 * RANGE
# What a feature of each kind counts for, tuned on sources that were held out in turn:
# pieces are many and say the same again.
STEM_COUNTS = 1.0
PAIR_COUNTS = 0.7
PIECE_COUNTS = 0.5

_PIECE = 4
# The words of a few hundred articles; the cache takes about 10 MB when full.
_REMEMBERED = 16_384


def spoken(title: str, text: str) -> tuple[str, ...]:
    """Return the telling words of the headline and of the beginning of the text, in their order."""
    read = (*words(title[:TITLE_CHARS]), *words(text[:TEXT_CHARS]))
    return tuple(word for word in read if word not in STOP_WORDS)


def features(said: tuple[str, ...]) -> frozenset[int]:
    """Return the numbers of the features, each from 0 to `FEATURES` - 1."""
    found: set[int] = set(_pairs(said))
    for word in said:
        found.update(_of_word(word))
    return frozenset(found)


def counts_for(feature: int) -> float:
    """Return what a feature counts for, by its kind."""
    return (STEM_COUNTS, PAIR_COUNTS, PIECE_COUNTS)[feature // RANGE]


def length(found: frozenset[int]) -> float:
    """Return the Euclidean length of the text as a vector of its features; 0 for no features."""
    return sqrt(sum(counts_for(feature) ** 2 for feature in found))


def _pairs(said: tuple[str, ...]) -> Iterator[int]:
    for one, next_one in pairwise(stem(word) for word in said):
        yield RANGE + _hash(f"{one} {next_one}")


@lru_cache(maxsize=_REMEMBERED)
def _of_word(word: str) -> tuple[int, ...]:
    form = stem(word)
    framed = f"<{form}>"
    pieces = (framed[at : at + _PIECE] for at in range(len(framed) - _PIECE + 1))
    return (_hash(form), *(2 * RANGE + _hash(piece) for piece in pieces))


def _hash(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass")) % RANGE
