from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.pace import BACKOFF_LONGEST, Pace, backoff
from tests.fakes import NOON

SECOND = timedelta(seconds=1)


def test_the_first_slot_is_free_at_once() -> None:
    wait, _ = Pace(gap=SECOND, next_at=NOON).take(NOON)
    assert wait == timedelta(0)


def test_slots_taken_together_are_a_gap_apart() -> None:
    pace, waits = Pace(gap=SECOND, next_at=NOON), []
    for _ in range(3):
        wait, pace = pace.take(NOON)
        waits.append(wait / SECOND)
    assert waits == [0, 1, 2]


def test_time_not_used_is_not_saved_up() -> None:
    _, pace = Pace(gap=SECOND, next_at=NOON).take(NOON + 60 * SECOND)
    wait, _ = pace.take(NOON + 60 * SECOND)
    assert wait == SECOND


@given(
    rate=st.integers(1, 1000),
    pauses=st.lists(st.floats(0, 3), min_size=2, max_size=60),
    window=st.floats(0.5, 60),
)
def test_no_window_sees_more_than_its_share(rate: int, pauses: list[float], window: float) -> None:
    pace, now, sent = Pace(gap=SECOND / rate, next_at=NOON), NOON, []
    for pause in pauses:
        now += timedelta(seconds=pause)
        wait, pace = pace.take(now)
        sent.append(now + wait)
    length = timedelta(seconds=window)
    for start in sent:
        seen = sum(start <= instant < start + length for instant in sent)
        # The gap is rounded to microseconds; a thousand of them may differ by one message.
        assert seen <= window * rate * 1.001 + 1


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(0, 2), (1, 2), (2, 4), (3, 8), (8, 256), (9, 300), (99, 300)]
)
def test_each_failure_doubles_the_wait_up_to_five_minutes(attempts: int, seconds: int) -> None:
    assert backoff(attempts, jitter=0) == timedelta(seconds=seconds)


def test_jitter_adds_half_of_the_wait_at_the_most() -> None:
    assert backoff(99, jitter=1) == BACKOFF_LONGEST * 1.5
