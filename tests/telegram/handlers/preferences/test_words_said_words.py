import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import speak
from bot.telegram.handlers.preferences.words_said_words import MOST, asked, given_up, named, taken
from tests.builders import SPORT, TOPICS


@pytest.mark.parametrize(
    ("said", "words", "topic"),
    [
        ("bridge", ["bridge"], None),
        ("bridge, tram #sport", ["bridge", "tram"], SPORT),
        ("#спорт Усик", ["Усик"], SPORT),
        ("", [], None),
    ],
)
def test_words_and_a_topic_are_read(said: str, words: list[str], topic: str | None) -> None:
    its = asked(said, TOPICS, muted=True)
    assert [it.said for it in its.words] == words
    assert all(it.muted and it.topic == topic for it in its.words)


def test_a_topic_that_there_is_not_is_said_and_nothing_taken() -> None:
    its = asked("bridge #gibberish", TOPICS, muted=False)
    assert (its.words, its.unknown_topic) == ((), "gibberish")


@given(st.text(max_size=200))
def test_whatever_is_said_is_a_word_or_senseless(said: str) -> None:
    its = asked(said, TOPICS, muted=False)
    assert all(it.phrase.stems.strip() for it in its.words)


def test_of_very_many_words_as_many_are_named_as_are_easily_read() -> None:
    its = asked(", ".join(f"word{number}" for number in range(MOST)), TOPICS, muted=False)
    say = speak("en")
    assert len(named(its.words, say)) < 120
    assert len("".join([*taken(its.words, say), *given_up(its.words, its.words, say)])) < 500
    assert list(taken((), say)) == []
