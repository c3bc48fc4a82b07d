from datetime import timedelta

import pytest

from bot.backoff import Reminder, backoff

FIRST = timedelta(seconds=2)
LONGEST = timedelta(minutes=5)


@pytest.mark.parametrize(
    ("attempt", "seconds"), [(0, 2), (1, 2), (2, 4), (3, 8), (8, 256), (9, 300), (99, 300)]
)
def test_each_failure_doubles_the_wait_up_to_the_longest(attempt: int, seconds: int) -> None:
    assert backoff(attempt, first=FIRST, longest=LONGEST) == timedelta(seconds=seconds)


def test_jitter_adds_half_of_the_wait_at_the_most() -> None:
    assert backoff(99, first=FIRST, longest=LONGEST, jitter=0) == LONGEST
    assert backoff(99, first=FIRST, longest=LONGEST, jitter=1) == LONGEST * 1.5


def test_a_thousand_failures_of_a_slow_attempt_overflow_nothing() -> None:
    week = timedelta(days=7)
    assert backoff(1000, first=6 * week, longest=week) == week


def test_no_first_wait_is_no_wait() -> None:
    assert backoff(5, first=timedelta(0), longest=LONGEST) == timedelta(0)


def test_a_failure_that_goes_on_is_logged_at_once_and_then_each_minute() -> None:
    seconds = iter([0.0, 0.0, 5.0, 59.9, 60.0, 60.0, 119.0, 121.0, 121.0])
    reminder = Reminder(monotonic=lambda: next(seconds))
    assert [reminder.is_due() for _ in range(6)] == [True, False, False, True, False, True]
