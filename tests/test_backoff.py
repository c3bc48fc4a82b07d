from datetime import timedelta

import pytest

from bot.backoff import backoff

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
