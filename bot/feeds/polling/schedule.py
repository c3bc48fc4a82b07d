"""Poll schedule: the time of a feed's next poll.

The interval follows the feed's publishing rate and what its publisher asks for; failures back
off exponentially. Intervals are multiples of the floor, the shortest one: five minutes unless
the operator sets another.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.backoff import backoff
from bot.model import UpdatePeriod

# In floors: 15 minutes where the publishing rate is known, an hour where it is not or where the
# server has no validators.
_USUAL = 3
_UNKNOWN = 12
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
# How long a feed has been silent, and the interval that is enough for it. Source: CommaFeed.
_SILENCE_INTERVALS = (
    (timedelta(days=30), _DAY),
    (timedelta(days=14), _DAY / 2),
    (timedelta(days=7), _DAY / 4),
)
_MAX_ACTIVE_INTERVAL = _DAY / 4
# With a floor shorter than this somebody is trying the bot out and must not wait for hours.
_TRIAL_FLOOR = timedelta(minutes=1)
# Spreads the polls of feeds that fell due together; later, never earlier.
_JITTER = 0.1
_UNDECLARED = UpdatePeriod()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishingHabits:
    """The average gap between two articles, and the time since the last one (`silence`)."""

    gap: timedelta
    silence: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class PollFacts:
    """What is known of a feed after a poll.

    `failures` are in a row, this poll included. `requested_delay` is what the server asked for,
    or a quarantine; `fresh_for` is how long its answer is fresh, `update_period` what the feed
    declares. Habits of None: no article is known. `validated`: the server sends validators.
    """

    failures: int = 0
    requested_delay: timedelta = timedelta(0)
    fresh_for: timedelta = timedelta(0)
    update_period: UpdatePeriod = _UNDECLARED
    habits: PublishingHabits | None = None
    validated: bool = False


def publishing_habits(published: Iterable[datetime], *, now: datetime) -> PublishingHabits | None:
    """Return the habits that the dates of a feed's newest articles show; None: no dates.

    With a single article the gap is its age.
    """
    dates = sorted(published)
    if not dates:
        return None
    silence = max(now - dates[-1], timedelta(0))
    gap = (dates[-1] - dates[0]) / (len(dates) - 1) if len(dates) > 1 else silence
    return PublishingHabits(gap=gap, silence=silence)


def next_poll(*, now: datetime, floor: timedelta, jitter: float, facts: PollFacts) -> datetime:
    """Return the time of the next poll of a feed whose poll ended at `now`.

    It is never before the floor, nor before the publisher or the server wants it, but they
    get no more than a day. Hours of GMT and days that the publisher skips are skipped. The
    interval doubles with every failure in a row, up to a day; after a success it is the usual
    one again. `jitter`, from 0 to 1, makes it up to a tenth longer.
    """
    declared = max(facts.fresh_for, facts.update_period.every or timedelta(0))
    if facts.failures:
        own = backoff(facts.failures, first=2 * _USUAL * floor, longest=_DAY)
    else:
        own = _interval_by_habits(facts, floor, is_declared=declared > timedelta(0))
    # An operator may set a floor beyond a day.
    interval = max(min(max(own, facts.requested_delay, declared), _DAY), floor)
    earliest = now + interval
    while _is_skipped(earliest, facts.update_period):
        earliest = earliest.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + _HOUR
    later = earliest + interval * (_JITTER * jitter)
    return later if not _is_skipped(later, facts.update_period) else earliest


def _interval_by_habits(facts: PollFacts, floor: timedelta, *, is_declared: bool) -> timedelta:
    """Return the interval of a feed without failures, before what its publisher asks for."""
    if is_declared:
        shortest = unknown = floor
    else:
        shortest = floor * (_USUAL if facts.validated else _UNKNOWN)
        unknown = floor * _UNKNOWN
    if facts.habits is None:
        return unknown
    if floor < _TRIAL_FLOOR:
        return shortest
    gap, silence = facts.habits.gap, facts.habits.silence
    active = min(gap / 2, _MAX_ACTIVE_INTERVAL)
    wanted = next((interval for since, interval in _SILENCE_INTERVALS if silence >= since), active)
    return max(wanted, shortest)


def _is_skipped(instant: datetime, update_period: UpdatePeriod) -> bool:
    """Return whether the publisher skips that hour or day; one that skips all is ignored."""
    utc = instant.astimezone(UTC)
    by_hour = utc.hour in update_period.skip_hours and not update_period.skip_hours.issuperset(
        range(24)
    )
    by_day = utc.weekday() in update_period.skip_days and not update_period.skip_days.issuperset(
        range(7)
    )
    return by_hour or by_day
