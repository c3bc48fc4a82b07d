from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.polling.poll_result_clock import correction, learn
from bot.model import ClockError


def learnt(*hours: float | None) -> int:
    """Return the correction after polls whose newest dates led by so many hours."""
    error = ClockError()
    for lead in hours:
        error = learn(error, None if lead is None else timedelta(hours=lead))
    return correction(error)


@pytest.mark.parametrize(
    ("leads", "hours"),
    [
        ((), 0),
        ((1.9, 1.9), 0),
        ((1.9, 1.9, 1.9), 2),
        # The newest came out just now, half an hour ago, three quarters of an hour ago.
        ((2.0, 1.5, 1.25), 2),
        # A clock that goes a little fast besides.
        ((2.1, 2.1, 2.1), 2),
        ((2.9, 2.9, 2.9), 3),
        ((0.5, 0.6, 0.7), 1),
        ((14, 14, 14), 14),
        # A poll that brings nothing says nothing.
        ((1.9, None, 1.9, None, 1.9), 2),
        # Not in a row, or not of one hour.
        ((1.9, 1.9, -0.2, 1.9), 0),
        ((1.9, 2.9, 1.9, 2.9, 1.9), 0),
        ((1.9, 1.9, 5.0), 0),
        # A clock that is right, a little fast, or behind.
        ((-0.1, -0.5, 0, -3), 0),
        ((0.2, 0.4, 0.49, 0.3), 0),
        # Posts of next week, and of the year 3000, teach nothing and shake nothing.
        ((14.1, 14.1, 14.1), 0),
        ((30.0, 30.0, 30.0, 30.0), 0),
        ((1.9, 1.9, 9_000_000, 1.9), 2),
    ],
)
def test_i16_an_error_is_believed_after_three_polls_that_agree(
    leads: tuple[float | None, ...], hours: int
) -> None:
    assert learnt(*leads) == hours


@pytest.mark.parametrize(
    ("leads", "hours"),
    [
        # One that came out late does not shake what was long known.
        ((*[1.9] * 6, 0.4, 1.9), 2),
        ((*[1.9] * 6, 0.4, 0.4, 1.9), 2),
        ((*[1.9] * 6, -0.2, -0.2, -0.2, -0.2), 0),
        ((*[1.9] * 99, -0.2, -0.2, -0.2, -0.2), 0),
        ((*[1.9] * 3, -0.2), 0),
        # Winter time.
        ((*[2.9] * 20, *[1.9] * 6), 2),
        ((*[1.9] * 20, None, None, None, None), 2),
    ],
)
def test_i16_an_error_that_vanishes_is_forgotten(
    leads: tuple[float | None, ...], hours: int
) -> None:
    assert learnt(*leads) == hours


@given(st.lists(st.none() | st.timedeltas()))
def test_i16_no_dates_teach_an_error_that_no_zone_has(leads: list[timedelta | None]) -> None:
    error = ClockError()
    for lead in leads:
        error = learn(error, lead)
        assert 0 <= correction(error) <= 14
        assert (error.hours > 0) == (error.sightings > 0)
