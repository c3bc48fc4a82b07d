from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.timetable import (
    day_began_at,
    day_ends_at,
    end_of_quiet_hours,
    is_quiet,
    next_post_at,
    next_send_at,
    was_held,
)
from bot.model import Quiet, Timetable

# Kyiv is two hours ahead in winter, and three in summer.
NIGHT = Quiet(since=23 * 60, until=7 * 60)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def send_at(timetable: Timetable, now: datetime) -> datetime:
    """Return when a delivery that is queued now may go."""
    return next_send_at(timetable, queued_at=now, now=now)


def test_at_once_is_now() -> None:
    now = at("2026-11-25 10:31:07")
    assert send_at(Timetable(), now) == now


def test_hourly_is_the_next_full_hour_of_the_readers_clock() -> None:
    now = at("2026-11-25 10:31:07")
    assert send_at(Timetable(when="hourly"), now) == at("2026-11-25 11:00")
    kolkata = Timetable(when="hourly", zone="Asia/Kolkata")
    assert send_at(kolkata, now) == at("2026-11-25 11:30")


@pytest.mark.parametrize(
    ("now", "digest"),
    [
        ("2026-11-25 05:59", "2026-11-25 06:00"),
        ("2026-11-25 06:00", "2026-11-25 17:00"),
        ("2026-11-25 17:00", "2026-11-26 06:00"),
        ("2026-11-25 22:30", "2026-11-26 06:00"),  # past the reader's midnight already
    ],
)
def test_a_digest_comes_at_the_next_of_its_times(now: str, digest: str) -> None:
    assert send_at(Timetable(when="digest"), at(now)) == at(digest)


@pytest.mark.parametrize(
    ("now", "digest"),
    [
        ("2026-03-28 12:00", "2026-03-29 05:00"),  # the clock went forward in the night
        ("2026-10-24 12:00", "2026-10-25 06:00"),  # and back
    ],
)
def test_a_digest_keeps_its_hour_when_the_clock_changes(now: str, digest: str) -> None:
    assert send_at(Timetable(when="digest", digest_at=(480,)), at(now)) == at(digest)


def test_a_digest_in_the_hour_that_comes_twice_comes_once() -> None:
    timetable = Timetable(when="digest", digest_at=(3 * 60 + 30,))
    first = send_at(timetable, at("2026-10-24 12:00"))
    assert first == at("2026-10-25 00:30")
    assert send_at(timetable, first) == at("2026-10-26 01:30")


def test_a_digest_in_the_hour_that_never_comes_is_not_left_out() -> None:
    timetable = Timetable(when="digest", digest_at=(3 * 60 + 30,))
    assert send_at(timetable, at("2026-03-28 12:00")) == at("2026-03-29 01:30")


def test_quiet_hours_put_off_to_their_end() -> None:
    timetable = Timetable(quiet=NIGHT)
    assert send_at(timetable, at("2026-11-25 20:59")) == at("2026-11-25 20:59")
    assert send_at(timetable, at("2026-11-25 21:00")) == at("2026-11-26 05:00")
    assert send_at(timetable, at("2026-11-26 02:00")) == at("2026-11-26 05:00")
    assert send_at(timetable, at("2026-11-26 05:00")) == at("2026-11-26 05:00")


def test_quiet_hours_within_one_day_end_on_it() -> None:
    timetable = Timetable(quiet=Quiet(since=13 * 60, until=14 * 60))
    assert end_of_quiet_hours(timetable, now=at("2026-11-25 11:15")) == at("2026-11-25 12:00")
    assert not is_quiet(timetable, now=at("2026-11-25 12:00"))


def test_silent_quiet_hours_put_nothing_off() -> None:
    timetable = Timetable(quiet=Quiet(since=23 * 60, until=7 * 60, silently=True))
    now = at("2026-11-26 02:00")
    assert send_at(timetable, now) == now
    assert is_quiet(timetable, now=now)


def test_hourly_news_waits_for_the_end_of_the_quiet_hours() -> None:
    timetable = Timetable(when="hourly", quiet=NIGHT)
    assert send_at(timetable, at("2026-11-25 20:30")) == at("2026-11-26 05:00")


def test_a_digest_whose_hour_lies_in_quiet_hours_comes() -> None:
    timetable = Timetable(when="digest", digest_at=(6 * 60,), quiet=NIGHT)
    assert send_at(timetable, at("2026-11-25 12:00")) == at("2026-11-26 04:00")


def test_quiet_hours_of_no_length_are_none() -> None:
    timetable = Timetable(quiet=Quiet(since=60, until=60))
    assert not is_quiet(timetable, now=at("2026-11-25 23:00"))


def test_a_day_is_the_readers_own() -> None:
    now = at("2026-11-25 22:30")
    assert day_began_at(Timetable(), now=now) == at("2026-11-25 22:00")
    assert day_ends_at(Timetable(), now=now) == at("2026-11-26 22:00")
    assert day_ends_at(Timetable(quiet=NIGHT), now=now) == at("2026-11-27 05:00")


def test_a_delivery_whose_hour_is_past_goes_now() -> None:
    queued_at, now = at("2026-11-25 04:00"), at("2026-11-25 06:01")
    for when in ("at once", "everything", "hourly", "digest"):
        assert next_send_at(Timetable(when=when), queued_at=queued_at, now=now) == now
    digest = Timetable(when="digest")
    assert next_send_at(digest, queued_at=now, now=now) == at("2026-11-25 17:00")


def test_a_delivery_queued_in_quiet_hours_was_held() -> None:
    now = at("2026-11-26 05:00")
    assert was_held(Timetable(quiet=NIGHT), queued_at=at("2026-11-26 02:00"), now=now)
    assert not was_held(Timetable(quiet=NIGHT), queued_at=at("2026-11-25 20:00"), now=now)
    assert not was_held(Timetable(), queued_at=at("2026-11-26 02:00"), now=now)


def test_a_delivery_left_over_by_yesterdays_limit_was_held() -> None:
    now = at("2026-11-26 05:00")
    assert was_held(Timetable(per_day=5), queued_at=at("2026-11-25 20:00"), now=now)
    assert not was_held(Timetable(per_day=5), queued_at=at("2026-11-26 03:00"), now=now)


minutes = st.integers(0, 24 * 60 - 1)
timetables = st.builds(
    Timetable,
    when=st.sampled_from(["at once", "hourly", "digest"]),
    digest_at=st.lists(minutes, min_size=1, max_size=4, unique=True).map(
        lambda it: tuple(sorted(it))
    ),
    zone=st.sampled_from(
        ["Europe/Kyiv", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "+03:00"]
    ),
    quiet=st.none() | st.builds(Quiet, since=minutes, until=minutes, silently=st.booleans()),
)
_BEGIN = at("2026-01-01")
instants = st.integers(0, 2 * 365 * 24 * 60 * 60).map(
    lambda seconds: _BEGIN + timedelta(seconds=seconds)
)


@given(timetables, instants)
def test_news_is_never_put_off_for_more_than_two_days_and_never_into_the_past(
    timetable: Timetable, now: datetime
) -> None:
    assert now <= send_at(timetable, now) <= now + timedelta(hours=50)


@given(timetables, instants)
def test_what_quiet_hours_hold_never_comes_within_them(timetable: Timetable, now: datetime) -> None:
    going = send_at(timetable, now)
    quiet = timetable.quiet
    if timetable.when != "digest" and quiet is not None and not quiet.silently:
        assert not is_quiet(timetable, now=going)


def test_a_post_waits_until_the_oldest_of_its_hour_is_an_hour_old() -> None:
    now = at("2026-11-25 10:31:07")
    posts = [now - timedelta(minutes=age) for age in (59, 30, 1)]
    assert next_post_at(None, posts, now=now) == now
    assert next_post_at(4, posts, now=now) == now
    assert next_post_at(3, posts, now=now) == now + timedelta(minutes=1)
    # A limit that was lowered just now.
    assert next_post_at(1, posts, now=now) == now + timedelta(minutes=59)


@pytest.mark.parametrize(
    ("owed", "sent"),
    [
        ((2, 12), (8, 8)),  # Monday 2 March 2026: on the next Sunday
        ((8, 7), (8, 8)),
        ((8, 9), (15, 8)),
        ((28, 12), (29, 7)),  # the clocks have changed in that night
    ],
)
def test_a_weekly_digest_comes_on_its_day_by_the_readers_clock(
    owed: tuple[int, int], sent: tuple[int, int]
) -> None:
    weekly = Timetable(when="digest", digest_at=(10 * 60,), weekday=6)
    moment = datetime(2026, 3, *owed, tzinfo=UTC)
    assert next_send_at(weekly, queued_at=moment, now=moment) == datetime(
        2026, 3, *sent, tzinfo=UTC
    )
