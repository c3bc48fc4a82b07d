import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.similarity import likeness, rarity

STEMS = st.frozensets(st.sampled_from("abcdefgh"))
WEIGHTS = dict.fromkeys("abcdefgh", 1.5)


@given(STEMS, STEMS)
def test_likeness_is_mutual_and_from_0_to_1(these: frozenset[str], those: frozenset[str]) -> None:
    alike = likeness(these, those, WEIGHTS)
    assert alike == likeness(those, these, WEIGHTS)
    assert 0 <= alike <= 1


def test_a_story_is_wholly_like_itself_and_not_like_a_stranger() -> None:
    assert likeness("abc", "cab", WEIGHTS) == pytest.approx(1)
    assert likeness("abc", "def", WEIGHTS) == 0


def test_nothing_is_like_an_empty_set() -> None:
    assert likeness("", "abc", WEIGHTS) == 0
    assert likeness("", "", WEIGHTS) == 0


def test_a_rare_stem_tells_more_than_a_common_one() -> None:
    weights = rarity(["ab", "ac", "ad"], among=40)
    assert weights["b"] > weights["a"] > 0
    assert likeness("abx", "by", weights) > likeness("abx", "ay", weights)


def test_a_stem_that_a_text_repeats_counts_once() -> None:
    assert rarity([["a", "a"], ["b"]], among=2)["a"] == rarity([["a"], ["b"]], among=2)["a"]
