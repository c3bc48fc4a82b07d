import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.telegram.handlers.preferences.word_request import parse_words
from tests.support.builders import SPORT, TOPICS


@pytest.mark.parametrize(
    ("text", "words", "topic"),
    [
        ("bridge", ["bridge"], None),
        ("bridge, tram #sport", ["bridge", "tram"], SPORT),
        ("#спорт Усик", ["Усик"], SPORT),
        ("", [], None),
    ],
)
def test_words_and_a_topic_are_parsed(text: str, words: list[str], topic: str | None) -> None:
    request = parse_words(text, TOPICS, muted=True)
    assert [word.text for word in request.words] == words
    assert all(word.muted and word.topic == topic for word in request.words)


def test_an_unknown_topic_tag_is_reported_and_nothing_added() -> None:
    request = parse_words("bridge #gibberish", TOPICS, muted=False)
    assert (request.words, request.unknown_topic) == ((), "gibberish")


@given(st.text(max_size=200))
def test_every_text_is_a_word_or_invalid(text: str) -> None:
    request = parse_words(text, TOPICS, muted=False)
    assert all(word.phrase.stems.strip() for word in request.words)


@pytest.mark.parametrize("text", ["tram #sport #war", "#sport", "tram #sport_war"])
def test_words_without_a_topic_of_their_own_are_left_to_be_said_again(text: str) -> None:
    request = parse_words(text, TOPICS, muted=True)
    assert not request.words
    assert SPORT in request.surplus_topics
