from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Timetable
from bot.typed.questions import TypedQuestion, known_words, question_about
from bot.typed.timetable import read_timetable

MONDAY = datetime(2026, 11, 30, 14, 0, tzinfo=ZoneInfo("Europe/Kyiv"))


def until(day: int, hour: int) -> datetime:
    return datetime(2026, 12, day, hour, tzinfo=MONDAY.tzinfo)


@pytest.mark.parametrize(
    ("texts", "question"),
    [
        (
            "2 години|2 часа|2 hours|на 2 години|for 2h",
            TypedQuestion(pause_until=MONDAY.replace(hour=16), text="02.00"),
        ),
        ("завтра|tomorrow|на завтра", TypedQuestion(pause_until=until(1, 8), lacks="days")),
        ("в понеділок|on Monday", TypedQuestion(pause_until=until(7, 8), lacks="days")),
        ("по буднях|по будням|weekdays", TypedQuestion(lacks="days")),
        ("every 2 weeks|every 2 days|каждые 2 дня", TypedQuestion(lacks="days")),
        ("кожні 2 години|каждые полчаса|every 20 minutes", TypedQuestion(lacks="interval")),
        ("кричи о 8:00|ори в 8:00", TypedQuestion(text="о 8:00")),
    ],
)
def test_what_sets_no_timetable_is_asked_back(texts: str, question: TypedQuestion) -> None:
    for text in texts.split("|"):
        assert read_timetable(text, Timetable()) is None, text
        asked = question_about(text, MONDAY)
        assert asked is not None, text
        assert asked.text.lstrip("ов ") == question.text.lstrip("ов "), text
        assert (asked.pause_until, asked.lacks) == (question.pause_until, question.lacks), text


@pytest.mark.parametrize("text", ["", "soon", "-", "<b>", "кричи", "please"])
def test_about_what_says_nothing_there_is_no_question(text: str) -> None:
    assert question_about(text, MONDAY) is None


def test_words_that_are_not_known_are_left_out() -> None:
    assert known_words("Спокій з 23:00 до 7:00!") == "з 23:00 до 7:00!"


@given(st.text())
def test_no_text_raises_an_error(text: str) -> None:
    question_about(text, MONDAY)
