from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.polling.schedule import PollFacts, PublishingHabits, next_poll, publishing_habits
from bot.model import UpdatePeriod
from tests.support.fakes import NOON

# NOON is that of a Monday.
FLOOR = timedelta(minutes=5)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NEVER = timedelta(0)


def busy(gap: timedelta = 10 * MINUTE, silence: timedelta = NEVER) -> PublishingHabits:
    return PublishingHabits(gap=gap, silence=silence)


def after(
    known: PollFacts,
    *,
    floor: timedelta = FLOOR,
    jitter: float = 0,
    now: datetime = NOON,
) -> timedelta:
    return next_poll(now=now, floor=floor, jitter=jitter, facts=known) - now


def resting(*, hours: Iterable[int] = (), days: Iterable[int] = ()) -> UpdatePeriod:
    return UpdatePeriod(skip_hours=frozenset(hours), skip_days=frozenset(days))


@pytest.mark.parametrize(
    ("known", "interval"),
    [
        (PollFacts(validated=True, habits=busy(), fresh_for=2 * HOUR), 2 * HOUR),
        (
            PollFacts(validated=True, habits=busy(), update_period=UpdatePeriod(every=2 * HOUR)),
            2 * HOUR,
        ),
        (PollFacts(validated=True, habits=busy(), requested_delay=2 * HOUR), 2 * HOUR),
        (
            PollFacts(
                fresh_for=HOUR, update_period=UpdatePeriod(every=3 * HOUR), requested_delay=2 * HOUR
            ),
            3 * HOUR,
        ),
        (PollFacts(failures=1, update_period=UpdatePeriod(every=2 * HOUR)), 2 * HOUR),
        (PollFacts(fresh_for=MINUTE), FLOOR),
        (
            PollFacts(fresh_for=-HOUR, requested_delay=-HOUR, validated=True, habits=busy()),
            15 * MINUTE,
        ),
    ],
)
def test_p13_no_poll_is_earlier_than_requested(known: PollFacts, interval: timedelta) -> None:
    assert after(known) == interval


@pytest.mark.parametrize(
    "known",
    [
        PollFacts(fresh_for=timedelta(days=3650)),
        PollFacts(update_period=UpdatePeriod(every=timedelta(days=365))),
        PollFacts(requested_delay=timedelta.max),
        PollFacts(failures=3, requested_delay=timedelta(days=300)),
    ],
)
def test_p15_a_server_gets_no_more_than_a_day(known: PollFacts) -> None:
    assert after(known) == DAY


@pytest.mark.parametrize(
    ("known", "interval"),
    [
        (PollFacts(), HOUR),
        (PollFacts(validated=True), HOUR),
        (PollFacts(habits=busy()), HOUR),
        (PollFacts(validated=True, habits=busy()), 15 * MINUTE),
        (PollFacts(fresh_for=MINUTE, habits=busy()), FLOOR),
        (PollFacts(update_period=UpdatePeriod(every=MINUTE)), FLOOR),
        (PollFacts(fresh_for=7 * MINUTE), 7 * MINUTE),
    ],
)
def test_p16_an_hour_where_nothing_is_known_and_the_floor_where_it_is_declared(
    known: PollFacts, interval: timedelta
) -> None:
    assert after(known) == interval


def test_p17_the_interval_counts_from_the_end_of_the_last_poll() -> None:
    later = NOON + timedelta(seconds=59, microseconds=999_999)
    assert next_poll(now=later, floor=FLOOR, jitter=0, facts=PollFacts()) == later + HOUR


@pytest.mark.parametrize(("jitter", "interval"), [(0, HOUR), (0.5, 63 * MINUTE), (1, 66 * MINUTE)])
def test_p19_jitter_makes_it_up_to_a_tenth_later(jitter: float, interval: timedelta) -> None:
    assert after(PollFacts(), jitter=jitter) == interval


@pytest.mark.parametrize(
    ("gap", "silence", "interval"),
    [
        (NEVER, NEVER, 15 * MINUTE),
        (20 * MINUTE, NEVER, 15 * MINUTE),
        (2 * HOUR, HOUR, HOUR),
        (11 * HOUR, HOUR, 5.5 * HOUR),
        (3 * DAY, HOUR, DAY / 4),
        (10 * MINUTE, 7 * DAY - MINUTE, 15 * MINUTE),
        (10 * MINUTE, 7 * DAY, DAY / 4),
        (10 * MINUTE, 14 * DAY, DAY / 2),
        (10 * MINUTE, 30 * DAY, DAY),
        (10 * MINUTE, 3000 * DAY, DAY),
    ],
)
def test_p20_a_feed_is_polled_as_often_as_it_publishes(
    gap: timedelta, silence: timedelta, interval: timedelta
) -> None:
    known = PollFacts(validated=True, habits=busy(gap, silence))
    assert after(known) == interval


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        ([], None),
        ([3 * HOUR], PublishingHabits(gap=3 * HOUR, silence=3 * HOUR)),
        ([5 * HOUR, HOUR, 2 * HOUR], PublishingHabits(gap=2 * HOUR, silence=HOUR)),
        ([HOUR, HOUR], PublishingHabits(gap=NEVER, silence=HOUR)),
        ([-HOUR], PublishingHabits(gap=NEVER, silence=NEVER)),
    ],
)
def test_p20_habits_show_in_the_dates(
    ages: list[timedelta], expected: PublishingHabits | None
) -> None:
    assert publishing_habits([NOON - age for age in ages], now=NOON) == expected


def test_p21_what_a_publisher_declares_slows_and_does_not_hasten() -> None:
    slow = busy(8 * HOUR, HOUR)
    assert after(PollFacts(habits=slow, update_period=UpdatePeriod(every=5 * MINUTE))) == 4 * HOUR
    assert after(PollFacts(habits=slow, update_period=UpdatePeriod(every=9 * HOUR))) == 9 * HOUR


@pytest.mark.parametrize(
    ("update_period", "interval"),
    [
        (resting(hours=(13,)), 2 * HOUR),
        (resting(hours=(13, 14, 15)), 4 * HOUR),
        (resting(hours=(12, 14)), HOUR),
        (resting(hours=range(13, 24)), 12 * HOUR),
        (resting(days=(0,)), 12 * HOUR),
        (resting(days=(0, 1)), 36 * HOUR),
        (resting(days=(0,), hours=(0, 1)), 14 * HOUR),
        (resting(days=(1, 2)), HOUR),
        (resting(hours=range(24)), HOUR),
        (resting(days=range(7)), HOUR),
        (resting(hours=range(24), days=(0,)), 12 * HOUR),
        (resting(hours=(24, 99, -1), days=(7,)), HOUR),
    ],
)
def test_p22_hours_and_days_that_the_publisher_skips_are_waited_out(
    update_period: UpdatePeriod, interval: timedelta
) -> None:
    assert after(PollFacts(update_period=update_period)) == interval


def test_p22_skipped_hours_are_of_greenwich_whatever_our_zone() -> None:
    kyiv = NOON.astimezone(timezone(timedelta(hours=2, minutes=30)))
    assert after(PollFacts(update_period=resting(hours=(13,))), now=kyiv) == 2 * HOUR
    assert after(PollFacts(update_period=resting(hours=(15, 16))), now=kyiv) == HOUR


def test_p22_a_failing_feed_rests_too() -> None:
    assert after(PollFacts(failures=1, update_period=resting(hours=(12,)))) == HOUR


@pytest.mark.parametrize(
    ("failures", "interval"),
    [
        (1, 30 * MINUTE),
        (2, HOUR),
        (6, 16 * HOUR),
        (7, DAY),
        (100_000, DAY),
    ],
)
def test_p34_the_interval_doubles_with_every_failure_up_to_a_day(
    failures: int, interval: timedelta
) -> None:
    assert after(PollFacts(failures=failures)) == interval


def test_p34_a_feed_that_works_again_returns_to_its_usual_interval() -> None:
    assert after(PollFacts(failures=0, validated=True, habits=busy())) == 15 * MINUTE


@pytest.mark.parametrize(
    ("requested_delay", "interval"),
    [(3 * HOUR, 3 * HOUR), (MINUTE, 30 * MINUTE), (300 * DAY, DAY)],
)
def test_p35_backoff_never_shortens_the_requested_delay(
    requested_delay: timedelta, interval: timedelta
) -> None:
    assert after(PollFacts(failures=1, requested_delay=requested_delay)) == interval


@pytest.mark.parametrize(
    ("known", "floors"),
    [
        (PollFacts(fresh_for=timedelta(seconds=1), habits=busy(DAY, 99 * DAY)), 1),
        (PollFacts(validated=True, habits=busy(DAY, 99 * DAY)), 3),
        (PollFacts(validated=True), 12),
        (PollFacts(habits=busy()), 12),
        (PollFacts(failures=1), 6),
    ],
)
def test_who_tries_the_bot_out_with_a_floor_of_seconds_does_not_wait(
    known: PollFacts, floors: int
) -> None:
    second = timedelta(seconds=1)
    assert after(known, floor=second) == floors * second


def test_an_operator_whose_floor_is_beyond_a_day_means_it() -> None:
    assert after(PollFacts(validated=True, habits=busy()), floor=3 * DAY) == 3 * DAY


_SPANS = st.timedeltas(timedelta(0), timedelta(days=400))
_RHYTHMS = st.builds(
    UpdatePeriod,
    every=st.none() | _SPANS,
    skip_hours=st.frozensets(st.integers(0, 23)),
    skip_days=st.frozensets(st.integers(0, 6)),
)
_CIRCUMSTANCES = st.builds(
    PollFacts,
    failures=st.integers(0, 10**6),
    requested_delay=_SPANS,
    fresh_for=_SPANS,
    update_period=_RHYTHMS,
    habits=st.none() | st.builds(PublishingHabits, gap=_SPANS, silence=_SPANS),
    validated=st.booleans(),
)


@given(
    st.timedeltas(-3000 * DAY, 3000 * DAY).map(lambda since: NOON + since),
    st.timedeltas(timedelta(seconds=1), timedelta(days=7)),
    st.floats(0, 1),
    _CIRCUMSTANCES,
)
def test_every_poll_is_within_the_bounds_and_never_in_a_skipped_hour(
    now: datetime, floor: timedelta, jitter: float, known: PollFacts
) -> None:
    interval = after(known, floor=floor, jitter=jitter, now=now)
    its = known.update_period
    rest = 7 * DAY if its.skip_hours or its.skip_days else NEVER
    assert max(floor, min(known.requested_delay, DAY)) <= interval
    assert interval <= 1.1 * max(floor, DAY) + rest
    due_at = now + interval
    assert due_at.hour not in its.skip_hours or len(its.skip_hours) == 24
    assert due_at.weekday() not in its.skip_days or len(its.skip_days) == 7


@given(_CIRCUMSTANCES, st.floats(0, 1))
def test_p19_jitter_never_makes_a_poll_earlier(known: PollFacts, jitter: float) -> None:
    assert after(known, jitter=jitter) >= after(known, jitter=0)
