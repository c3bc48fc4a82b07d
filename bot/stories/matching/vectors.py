"""Dot products of stored vectors: by numpy, which comes with the embeddings, or in plain Python."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from operator import mul
from typing import Any

# A stored vector is of small integers, one byte each, and about of this norm; see `embedding.py`.
VECTOR_BYTES = 384
VECTOR_LENGTH = 400.0

# Cosines of headline with headline, headline with text, text with headline, text with text.
Cosines = tuple[float, float, float, float]


def cosines(article: bytes, others: Sequence[bytes]) -> list[Cosines]:
    """Return the cosines of an article's two vectors with those of each of the others."""
    numpy = _numpy()
    # Both ways add up whole numbers, below 2**24 where such sums are exact, and get the same.
    if numpy is None:
        title, lead = _halves(article)
        products = [
            [sum(map(mul, ours, theirs)) for ours in (title, lead) for theirs in _halves(other)]
            for other in others
        ]
    else:
        ours, theirs = (
            numpy.frombuffer(vectors, numpy.int8).reshape(-1, VECTOR_BYTES).astype(numpy.float32)
            for vectors in (article, b"".join(others))
        )
        by_other = (theirs @ ours.T).reshape(-1, 2, 2).transpose(0, 2, 1)
        products = by_other.reshape(-1, 4).tolist()
    scale = VECTOR_LENGTH**2
    return [(a / scale, b / scale, c / scale, d / scale) for a, b, c, d in products]


def _halves(vector: bytes) -> tuple[memoryview, memoryview]:
    whole = memoryview(vector).cast("b")
    return whole[:VECTOR_BYTES], whole[VECTOR_BYTES:]


@cache
def _numpy() -> Any:
    return import_module("numpy") if find_spec("numpy") else None
