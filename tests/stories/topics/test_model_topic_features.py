import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.stories.topics.model_topic_features import (
    FEATURES,
    RANGE,
    TEXT_CHARS,
    TITLE_CHARS,
    features,
    length,
    spoken,
)


def test_function_words_are_not_spoken() -> None:
    assert spoken("The bridge and the river", "Це міст") == ("bridge", "river", "міст")


def test_only_the_beginning_is_read() -> None:
    assert "bridge" not in spoken("a" * TITLE_CHARS + " bridge", "")
    assert "bridge" not in spoken("", "a " * TEXT_CHARS + " bridge")


def test_the_number_of_a_feature_never_changes() -> None:
    # The shipped weights lie at these numbers: other numbers need another model.
    assert sorted(features(("bridge",))) == [4560, 138748, 141573, 148931, 189602]


@pytest.mark.parametrize(
    ("ukrainian", "russian"),
    [("український", "украинский"), ("поліція", "полиция"), ("економіки", "экономики")],
)
def test_ukrainian_and_russian_share_their_features(ukrainian: str, russian: str) -> None:
    assert features((ukrainian,)) == features((russian,))


def test_the_order_of_words_tells_by_pairs_alone() -> None:
    one, other = features(("price", "war")), features(("war", "price"))
    assert {feature // RANGE for feature in one ^ other} == {1}


def test_a_longer_text_has_a_longer_vector() -> None:
    assert length(features(())) == 0
    assert 0 < length(features(("bridge",))) < length(features(("bridge", "river")))


@given(st.text(), st.text())
def test_any_text_has_features_in_range(title: str, text: str) -> None:
    assert all(0 <= feature < FEATURES for feature in features(spoken(title, text)))
