import random
from importlib.util import find_spec

import pytest

from bot.stories.matching import vectors
from bot.stories.matching.vectors import VECTOR_BYTES, VECTOR_LENGTH, cosines


def pair_of_vectors(seed: int) -> bytes:
    return random.Random(seed).randbytes(2 * VECTOR_BYTES)


def test_both_vectors_of_an_article_are_compared_with_both_of_each_other() -> None:
    height = round(VECTOR_LENGTH / 4)
    east = bytes([height] * 16 + [0] * (VECTOR_BYTES - 16))
    north = bytes([0] * 16 + [height] * 16 + [0] * (VECTOR_BYTES - 32))
    west = bytes([256 - height] * 16 + [0] * (VECTOR_BYTES - 16))
    assert cosines(east + north, [east + north, north + west]) == [(1, 0, 0, 1), (0, -1, 1, 0)]


def test_none_to_compare_with_have_no_cosines() -> None:
    assert cosines(pair_of_vectors(1), []) == []


@pytest.mark.skipif(find_spec("numpy") is None, reason="numpy is not installed")
def test_numpy_and_plain_python_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    article, others = pair_of_vectors(1), [pair_of_vectors(seed) for seed in range(2, 9)]
    by_numpy = cosines(article, others)
    monkeypatch.setattr(vectors, "_numpy", lambda: None)
    assert cosines(article, others) == by_numpy
