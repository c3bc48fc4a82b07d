from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.typed.pauses import TypedPause, read_pause

MONDAY = datetime(2026, 11, 30, 14, 0, tzinfo=ZoneInfo("Europe/Kyiv"))


def pause(text: str, now: datetime = MONDAY) -> TypedPause:
    typed = read_pause(text, now)
    assert isinstance(typed, TypedPause), text
    return typed


@pytest.mark.parametrize(
    ("texts", "until"),
    [
        ("2h|2 h|на 2 години|2 часа|for two hours|2", "11-30 16:00"),
        ("на годину|час|an hour|60 min|1 г", "11-30 15:00"),
        ("півгодини|полчаса|half an hour|30 хв|30", "11-30 14:30"),
        ("1.5h|1,5 години|полтора часа|1h 30 min", "11-30 15:30"),
        ("3d|на 3 дні|72", "12-03 14:00"),
        ("тиждень|на неделю|a week|7 days", "12-07 14:00"),
        ("завтра|до завтра|until tomorrow|на ніч|до утра", "12-01 08:00"),
        ("до завтра 10:00|tomorrow at 10am", "12-01 10:00"),
        ("до понеділка|until monday|до понедельника|на вихідні", "12-07 08:00"),
        ("до п'ятниці|до пятницы|until friday", "12-04 08:00"),
        ("до 8 ранку|until 8|до восьми", "12-01 08:00"),
        ("до 18:00|until 6 pm|до шостої вечора|до вечора", "11-30 18:00"),
        ("до 15 грудня|15.12|15/12/2026|2026-12-15|until december 15", "12-15 08:00"),
        ("на день|a day|добу", "12-01 14:00"),
    ],
)
def test_an_end_is_read_in_three_languages(texts: str, until: str) -> None:
    for text in texts.split("|"):
        assert f"{pause(text).until:%m-%d %H:%M}" == until, text


def test_a_lone_number_has_another_reading() -> None:
    others = [f"{pause(text).other:%m-%d %H:%M}" for text in ("2", "30")]
    assert others == ["12-02 14:00", "12-01 20:00"]


def test_hours_are_hours_when_clocks_change() -> None:
    before = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Kyiv"))
    assert f"{pause('2h', before).until:%H:%M}" == "03:30"


@pytest.mark.parametrize("text", ["назавжди", "forever", "навсегда"])
def test_a_pause_may_have_no_end(text: str) -> None:
    assert read_pause(text, MONDAY) == TypedPause(None)


@pytest.mark.parametrize("text", ["off", "вимкнути", "resume", "продовжити"])
def test_a_pause_can_be_ended_by_a_word(text: str) -> None:
    assert read_pause(text, MONDAY) == "resume"


@pytest.mark.parametrize(
    "text", ["", "soon", "31.02", "until 31", "0", "9" * 60 + " days", "10 років", "400 days", "-"]
)
def test_what_has_no_meaning_or_is_too_long_is_none(text: str) -> None:
    assert read_pause(text, MONDAY) is None


@given(st.text())
def test_no_text_raises_an_error(text: str) -> None:
    read_pause(text, MONDAY)
