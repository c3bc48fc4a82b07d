from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n import speak
from bot.model import LANGUAGES, Language, Quiet, Timetable
from bot.telegram.handlers.preferences.settings import timetable_lines
from bot.telegram.handlers.preferences.timetable import read_label
from bot.telegram.keyboards.timetable import Page, keyboard
from bot.typed.timetable import PAUSE, TypedTimetable, read_timetable
from tests.support.fakes import NOON

DEFAULT = Timetable()


def read(text: str, timetable: Timetable = DEFAULT) -> TypedTimetable:
    typed = read_timetable(text, timetable)
    assert typed is not None, text
    return typed


def digest(*times: str) -> Timetable:
    minutes = [int(time[:-3]) * 60 + int(time[-2:]) for time in times]
    return Timetable(when="digest", digest_at=tuple(minutes))


def quiet(since: float, until: float) -> Timetable:
    return Timetable(quiet=Quiet(since=int(since * 60), until=int(until * 60)))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ("18-00|18:00|18.00|1800|6 pm|6:00 PM|о 18|18 год|в шесть вечера", digest("18:00")),
        ("8 00|8-00|8am|8 a.m.|о 8 ранку|в 8 утра|08:00|о восьмій|8 o'clock", digest("8:00")),
        ("щодня о 9|о 9-й|every day at 9|ежедневно в 9|at nine in the morning", digest("9:00")),
        (
            "7:30 pm|19-30|19 30|half past seven pm|пів на восьму вечора|19h30|1930|19,30",
            digest("19:30"),
        ),
        ("noon|опівдні|в полдень|12 pm|12 дня", digest("12:00")),
        ("midnight|опівночі|в полночь|12 am|12 ночі|24:00", digest("0:00")),
        ("в час дня|13:00|о першій дня", digest("13:00")),
        ("8:00 та 20:00|8:00 и 20:00|8am, 8pm|о 8 і о 20|8-00 20-00|8 20", digest("8:00", "20:00")),
        ("вранці та ввечері|двічі на день|утром и вечером|twice a day", digest("8:00", "19:00")),
        ("4 рази на день|4 times a day", digest("8:00", "12:00", "16:00", "20:00")),
        ("дайджест|дайжест|digest|дайджестом", digest("8:00", "19:00")),
        ("одразу|сразу|at once|Відразу!|немедленно|instantly", DEFAULT),
        (
            "щотижня|раз на тиждень|еженедельно|раз в неделю|каждую неделю|weekly|once a week|"
            "щотижневий дайджест|еженедельный дайджест|weekly digest|weekly on Sunday at 10:00|"
            "щотижня в неділю о 10|раз в неделю в воскресенье",
            Timetable(when="digest", digest_at=(600,), weekday=6),
        ),
        (
            "щотижня у п'ятницю о 18:00|еженедельно в пятницу в 18:00|weekly friday 18:00",
            Timetable(when="digest", digest_at=(1080,), weekday=4),
        ),
        ("щогодини|каждый час|hourly|раз на годину|every hour", Timetable(when="hourly")),
    ],
)
def test_times_and_rhythms_are_read_in_three_languages(texts: str, expected: Timetable) -> None:
    timetable = Timetable(when="hourly") if expected == DEFAULT else DEFAULT
    for text in texts.split("|"):
        assert read(text, timetable).timetable == expected, text


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ("23-7|23-07|з 23 до 7|с 23 до 7|from 23 to 7|11pm-7am|23:00–07:00", quiet(23, 7)),
        ("з 11 вечора до 7 ранку|between 11pm and 7am|з 23-00 до 7-00", quiet(23, 7)),
        ("23-00 - 7-00|не турбувати вночі|quiet 23 7|тиша до 7|тихі години", quiet(23, 7)),
        ("10pm-7am|10-7|from 10 to 7|з 22 до 7 ранку", quiet(22, 7)),
        ("22:30-6:45|з 22.30 до 6.45|с 22:30 до 6:45 утра", quiet(22.5, 6.75)),
        ("23-24|23-0", quiet(23, 0)),
        ("новини з 8 до 22|news from 8am to 10pm", quiet(22, 8)),
        ("10-11 pm", quiet(22, 23)),
    ],
)
def test_ranges_are_quiet_hours(texts: str, expected: Timetable) -> None:
    for text in texts.split("|"):
        assert read(text).timetable == expected, text


@pytest.mark.parametrize(
    ("text", "hours", "other"),
    [
        ("9-18", (18, 9), "quiet 09.00-18.00"),
        ("9:00-18:00", (18, 9), "quiet 09.00-18.00"),
        ("9-5", (17, 9), "quiet 09.00-17.00"),
        ("9am-5pm only", (17, 9), "quiet 09.00-17.00"),
        ("лише вдень, з 10 до 19", (19, 10), "quiet 10.00-19.00"),
        ("only during the day", (22, 8), "quiet 08.00-22.00"),
        ("новости с 13 до 15", (15, 13), "quiet 13.00-15.00"),
    ],
)
def test_hours_of_the_day_are_those_of_news_and_may_be_taken_for_quiet_ones(
    text: str, hours: tuple[float, float], other: str
) -> None:
    typed = read(text)
    assert (typed.timetable, typed.is_daytime, typed.other) == (quiet(*hours), True, other)
    assert read(other).timetable == quiet(*reversed(hours))


@pytest.mark.parametrize("text", ["quiet 9-18", "не турбувати з 9 до 18", "13-15", "23-7"])
def test_hours_of_rest_are_quiet(text: str) -> None:
    assert not read(text).is_daytime


@pytest.mark.parametrize(
    "text", ["7-7", "8-8", "8:00-8:00", "off", "вимк", "выкл", "без тихих годин", "no quiet hours"]
)
def test_equal_ends_and_off_end_the_quiet_hours(text: str) -> None:
    assert read(text, quiet(23, 7)).timetable == DEFAULT


@pytest.mark.parametrize(
    ("texts", "limit"),
    [
        ("5 на день|не більше 5 на день|5 a day|at most 5|максимум 5|5 новин|до 5 в сутки", 5),
        ("50|max 50|ліміт 50", 50),
        ("без обмежень|no limit|без ограничений|прибрати ліміт", None),
    ],
)
def test_a_limit_a_day_is_read(texts: str, limit: int | None) -> None:
    for text in texts.split("|"):
        assert read(text, Timetable(per_day=7)).timetable == Timetable(per_day=limit), text


def test_several_settings_can_be_named_at_once() -> None:
    typed = read("дайджест о 9, тиша з 23 до 7, Варшава")
    assert typed.timetable == Timetable(
        when="digest", digest_at=(540,), quiet=Quiet(since=1380, until=420), zone="Europe/Warsaw"
    )
    assert typed.settings == ("when", "quiet", "zone")


@pytest.mark.parametrize(
    ("text", "expected", "other"),
    [
        ("18-00", digest("18:00"), quiet(18, 0)),
        ("8-15", digest("8:15"), quiet(8, 15)),
        ("22-10", quiet(22, 10), digest("22:10")),
        ("23-7", quiet(23, 7), digest("7:00", "23:00")),
        ("8 00", digest("8:00"), digest("0:00", "8:00")),
        ("10-7", quiet(22, 7), quiet(10, 7)),
    ],
)
def test_what_can_be_read_two_ways_has_the_other_way(
    text: str, expected: Timetable, other: Timetable
) -> None:
    typed = read(text)
    assert typed.timetable == expected
    back = read(typed.other, typed.timetable)
    assert (back.timetable.when, back.timetable.quiet) == (other.when, other.quiet)
    assert other.when == "at once" or back.timetable.digest_at == other.digest_at
    assert len(typed.other.encode()) <= 58


def test_a_night_without_a_sound_is_read_beside_a_rhythm() -> None:
    silent = Quiet(since=1380, until=420, silently=True)
    assert read("одразу, без звуку вночі").timetable == Timetable(quiet=silent)


def test_the_other_way_of_off_is_a_pause() -> None:
    assert read("off").other == PAUSE


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("page", "weekday"), [*((page, None) for page in get_args(Page)), ("main", 6)]
)
def test_every_label_that_the_bot_prints_is_understood(
    page: Page, language: Language, weekday: int | None
) -> None:
    shown = Timetable(when="digest", quiet=Quiet(since=1380, until=420), per_day=5, weekday=weekday)
    for row in keyboard(page, shown, speak(language)).inline_keyboard[:-1]:
        for button in row:
            assert read_label(button.text, DEFAULT) or read_timetable(button.text, DEFAULT)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "timetable",
    [
        DEFAULT,
        Timetable(when="calm"),
        Timetable(when="everything"),
        Timetable(when="hourly"),
        Timetable(quiet=Quiet(since=1380, until=420, silently=True)),
        Timetable(per_day=1),
        Timetable(per_day=50, zone="Asia/Tokyo"),
        Timetable(zone="America/New_York"),
        digest("8:00", "19:00"),
        Timetable(when="digest", digest_at=(600, 1140), weekday=2),
    ],
)
def test_every_line_that_the_bot_prints_sets_what_it_says(
    timetable: Timetable, language: Language
) -> None:
    for line in timetable_lines(timetable, speak(language), now=NOON):
        typed = read_label(line, timetable) or read(line, timetable)
        assert typed.timetable == timetable, line


@pytest.mark.parametrize(
    "text",
    [
        "",
        "8:60",
        "25:00",
        "30 8",
        "1 2 3 4 5 6 7",
        "soon",
        "<b>soon</b>",
        "-",
        "8:00-",
        "please",
        "7 times a day",
        "every 2 hours",
        "каждые 2 часа",
        "каждые 2 дня",
        "раз в 3 дня",
        "каждые 2 дня в 9",
        "2 години",
        "на 8 годин",
        "2 hours",
    ],
)
def test_what_has_no_meaning_is_none(text: str) -> None:
    assert read_timetable(text, DEFAULT) is None


@given(st.text())
def test_no_text_raises_an_error(text: str) -> None:
    read_timetable(text, DEFAULT)


@pytest.mark.parametrize(("text", "setting"), [("сім", "when"), ("+3", "zone"), ("-3", "zone")])
def test_a_word_of_the_grammar_is_no_city_and_an_offset_no_time(text: str, setting: str) -> None:
    assert read(text).settings == (setting,)
