from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.schedule import next_poll
from tests.fakes import NOON

FLOOR = timedelta(minutes=5)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("failures", "interval"),
    [
        (0, timedelta(minutes=15)),
        (1, timedelta(minutes=30)),
        (2, timedelta(minutes=60)),
        (6, timedelta(hours=16)),
        (7, DAY),
        (100_000, DAY),
    ],
)
def test_the_interval_doubles_with_every_failure_up_to_a_day(
    failures: int, interval: timedelta
) -> None:
    assert next_poll(now=NOON, floor=FLOOR, failures=failures, jitter=0) == NOON + interval


@pytest.mark.parametrize(
    ("retry_after", "interval"),
    [
        (timedelta(hours=3), timedelta(hours=3)),
        (timedelta(seconds=1), timedelta(minutes=30)),
        (timedelta(days=300), DAY),
    ],
)
def test_a_server_gets_the_time_it_asks_for_up_to_a_day(
    retry_after: timedelta, interval: timedelta
) -> None:
    due_at = next_poll(now=NOON, floor=FLOOR, failures=1, jitter=0, retry_after=retry_after)
    assert due_at == NOON + interval


def test_the_usual_interval_follows_the_floor_down() -> None:
    second = timedelta(seconds=1)
    assert next_poll(now=NOON, floor=second, failures=0, jitter=0) == NOON + 3 * second


@given(
    st.timedeltas(timedelta(seconds=1), timedelta(days=30)),
    st.integers(0, 10**6),
    st.floats(0, 1),
    st.timedeltas(timedelta(0), timedelta(days=365)),
)
def test_no_poll_is_earlier_than_the_floor_nor_much_later_than_a_day(
    floor: timedelta, failures: int, jitter: float, retry_after: timedelta
) -> None:
    due_at = next_poll(
        now=NOON, floor=floor, failures=failures, jitter=jitter, retry_after=retry_after
    )
    assert NOON + floor <= due_at <= NOON + max(floor, DAY) * 1.11
