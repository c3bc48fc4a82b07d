import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Quiet, Timetable
from bot.telegram.handlers.preferences.timetable_said_times import change, clock

EVERYTHING = Timetable()


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("8", (480,)),
        ("8:00 19:30", (480, 1170)),
        ("19.30, 8", (480, 1170)),
        ("08:00,08:00", (480,)),
        ("0:00 23:59", (0, 1439)),
    ],
)
def test_times_are_digests(said: str, minutes: tuple[int, ...]) -> None:
    assert change(EVERYTHING, said) == Timetable(when="digest", digest_at=minutes)


@pytest.mark.parametrize("said", ["23-7", "23:00 – 07:00", " 23.00-7 "])
def test_a_range_is_quiet(said: str) -> None:
    assert change(EVERYTHING, said) == Timetable(quiet=Quiet(since=1380, until=420))


def test_a_new_range_keeps_how_it_is_quiet() -> None:
    silent = Timetable(quiet=Quiet(since=0, until=60, silently=True, urgent_from=3))
    changed = change(silent, "22-6")
    assert changed == Timetable(quiet=Quiet(since=1320, until=360, silently=True, urgent_from=3))


@pytest.mark.parametrize(("said", "zone"), [("Львів", "Europe/Kyiv"), ("+3", "+03:00")])
def test_a_city_or_an_offset_is_where_the_clock_is_read(said: str, zone: str) -> None:
    assert change(EVERYTHING, said) == Timetable(zone=zone)


@pytest.mark.parametrize("said", ["", "24", "8:60", "1 2 3 4 5 6 7", "soon", "23-25", "-", "8:00-"])
def test_what_cannot_be_understood_changes_nothing(said: str) -> None:
    assert change(EVERYTHING, said) is None


@given(st.text())
def test_nothing_that_a_person_writes_is_an_error(said: str) -> None:
    change(EVERYTHING, said)


def test_a_minute_is_shown_as_clocks_show_it() -> None:
    assert (clock(0), clock(485), clock(1439)) == ("00:00", "08:05", "23:59")
