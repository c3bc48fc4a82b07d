from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import SetupError
from bot.model import TopicSlug
from bot.stories.topics.model import (
    FEATURES,
    FEATURES_PER_KIND,
    MAX_TEXT_CHARS,
    MAX_TITLE_CHARS,
    MODEL_PATH,
    NON_NEWS,
    ZERO_BYTE,
    TopicModel,
    content_words,
    feature_norm,
    features,
    read_model,
    topic_probabilities,
    word_inputs,
    write_model,
)
from bot.topics import Topics

WAR = TopicSlug("war")
SPORTS = TopicSlug("sports")
TOPICS = (WAR, SPORTS, NON_NEWS)


@pytest.fixture(scope="module")
def shipped() -> TopicModel:
    return read_model()


def make_model(
    *, biases: tuple[float, ...] = (0.0, 0.0, 0.0), war_words: float = 0.0
) -> TopicModel:
    """A model of which only the word "goal" speaks for sports, and listed words for war."""
    rows = bytearray([ZERO_BYTE]) * (FEATURES * len(TOPICS))
    for feature in features(("goal",)):
        rows[feature * len(TOPICS) + 1] = 255
    return TopicModel(
        topics=TOPICS,
        biases=biases,
        scales=(0.1, 0.1, 0.1),
        word_weights=tuple((war_words, 0.0, 0.0) for _ in word_inputs(TOPICS, {})),
        rows=bytes(rows),
    )


def test_a_word_raises_the_probability_of_its_topic() -> None:
    likely = topic_probabilities(make_model(), ("goal",), {})
    assert likely[SPORTS] > 0.9
    assert likely[WAR] == pytest.approx(likely[NON_NEWS])


def test_an_unknown_word_leaves_equal_probabilities() -> None:
    assert topic_probabilities(make_model(), ("bridge",), {})[SPORTS] == pytest.approx(1 / 3)


def test_listed_words_raise_the_probability_too() -> None:
    model = make_model(war_words=9.0)
    assert topic_probabilities(model, ("bridge",), {WAR: 2.0})[WAR] > 0.9


def test_without_words_there_are_no_probabilities() -> None:
    assert topic_probabilities(make_model(), (), {}) == {}


def test_a_topic_outside_the_model_is_ignored() -> None:
    assert word_inputs(TOPICS, {TopicSlug("chess"): 3.0}) == word_inputs(TOPICS, {})


def test_a_model_is_read_as_it_was_written(tmp_path: Path) -> None:
    model = make_model(biases=(0.5, -1.25, 0.0), war_words=2.5)
    write_model(model, tmp_path / "model.bin")
    assert read_model(tmp_path / "model.bin") == model


def test_equal_models_make_equal_files(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_model(make_model(), tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


@pytest.mark.parametrize(
    "document",
    [b"", b"{}\n", b"[]\n", b"\xff\xfe\n", b"null\n123", b'{"topics": 3}\n', b"\x00" * 100],
)
def test_an_invalid_model_file_is_refused_in_one_sentence(tmp_path: Path, document: bytes) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(document)
    with pytest.raises(SetupError, match=r"model\.bin: the topic model cannot be read: \w+"):
        read_model(path)


@pytest.mark.parametrize(
    "broken",
    [
        replace(make_model(), rows=make_model().rows[:-1]),
        replace(make_model(), biases=(0.0,)),
        replace(make_model(), scales=()),
        replace(make_model(), topics=()),
        replace(make_model(), word_weights=make_model().word_weights[1:]),
        replace(make_model(), word_weights=tuple((0.0,) for _ in make_model().word_weights)),
    ],
)
def test_an_incomplete_model_is_refused(tmp_path: Path, broken: TopicModel) -> None:
    write_model(broken, tmp_path / "model.bin")
    with pytest.raises(SetupError, match="not a whole topic model"):
        read_model(tmp_path / "model.bin")


def test_a_missing_model_is_named_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"nowhere\.bin"):
        read_model(tmp_path / "nowhere.bin")


def test_the_shipped_model_is_small_and_knows_the_shipped_topics(
    shipped: TopicModel, topics: Topics
) -> None:
    assert MODEL_PATH.stat().st_size <= 6_000_000
    assert shipped.topics == (*(topic.slug for topic in topics), NON_NEWS)


@given(st.text(), st.text())
def test_probabilities_of_any_text_add_up_to_one(
    shipped: TopicModel, title: str, text: str
) -> None:
    likely = topic_probabilities(shipped, content_words(title, text), {})
    assert not likely or sum(likely.values()) == pytest.approx(1)


def test_stop_words_are_no_content_words() -> None:
    assert content_words("The bridge and the river", "Це міст") == ("bridge", "river", "міст")


def test_only_the_beginning_is_read() -> None:
    assert "bridge" not in content_words("a" * MAX_TITLE_CHARS + " bridge", "")
    assert "bridge" not in content_words("", "a " * MAX_TEXT_CHARS + " bridge")


def test_the_number_of_a_feature_never_changes() -> None:
    # The shipped weights lie at these numbers: other numbers need another model.
    assert sorted(features(("bridge",))) == [4560, 138748, 141573, 148931, 189602]


@pytest.mark.parametrize(
    ("ukrainian", "russian"),
    [("український", "украинский"), ("поліція", "полиция"), ("економіки", "экономики")],
)
def test_ukrainian_and_russian_share_their_features(ukrainian: str, russian: str) -> None:
    assert features((ukrainian,)) == features((russian,))


def test_the_order_of_words_changes_pairs_alone() -> None:
    one, other = features(("price", "war")), features(("war", "price"))
    assert {feature // FEATURES_PER_KIND for feature in one ^ other} == {1}


def test_a_longer_text_has_a_longer_vector() -> None:
    assert feature_norm(features(())) == 0
    assert 0 < feature_norm(features(("bridge",))) < feature_norm(features(("bridge", "river")))


@given(st.text(), st.text())
def test_any_text_has_features_in_range(title: str, text: str) -> None:
    assert all(0 <= feature < FEATURES for feature in features(content_words(title, text)))
