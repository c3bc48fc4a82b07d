"""When is a feed polled next? Pure.

As often as it brings something, as seldom as its publisher asks. Intervals are counted in
floors, the shortest that there is, five minutes unless the operator says otherwise.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.backoff import backoff
from bot.model import UpdatePeriod

# In floors: 15 minutes for a feed of which we know something, an hour for one of which we
# know nothing, or whose server cannot say that nothing is new.
_USUAL = 3
_UNKNOWN = 12
_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
# How long a feed has been silent, and the interval that is enough for it. Source: CommaFeed.
_SILENCES = (
    (timedelta(days=30), _DAY),
    (timedelta(days=14), _DAY / 2),
    (timedelta(days=7), _DAY / 4),
)
_BUSIEST = _DAY / 4
# With a floor shorter than this somebody tries the bot out, and is not to wait for hours.
_TRIAL = timedelta(minutes=1)
# Feeds that fell due together drift apart; later, never earlier.
_JITTER = 0.1
_SAYS_NOTHING = UpdatePeriod()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishingHabits:
    """How a publisher publishes: on average every `gap`, and last so long ago (`silence`)."""

    gap: timedelta
    silence: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class PollFacts:
    """What there is to know of a feed after a poll.

    `failures` are in a row, this poll included. `asked` is what the server asked us to wait,
    `fresh_for` how long its answer is fresh; `rhythm` is the publisher's own word. Habits of
    None: we have seen none. `validated`: the server can tell whether anything is new.
    """

    failures: int = 0
    asked: timedelta = timedelta(0)
    fresh_for: timedelta = timedelta(0)
    rhythm: UpdatePeriod = _SAYS_NOTHING
    habits: PublishingHabits | None = None
    validated: bool = False


def publishing_habits(published: Iterable[datetime], *, now: datetime) -> PublishingHabits | None:
    """Return the habits that the dates of a feed's newest articles show; None: there are none.

    Of one article alone we know how long it has been the newest.
    """
    dates = sorted(published)
    if not dates:
        return None
    silence = max(now - dates[-1], timedelta(0))
    gap = (dates[-1] - dates[0]) / (len(dates) - 1) if len(dates) > 1 else silence
    return PublishingHabits(gap=gap, silence=silence)


def next_poll(
    *, now: datetime, floor: timedelta, jitter: float, circumstances: PollFacts
) -> datetime:
    """Return the next poll of a feed whose poll ended at `now`.

    It is never before the floor, nor before the publisher or the server wants it, but they
    get no more than a day. Hours of GMT and days that the publisher skips are waited out.
    The interval doubles with every failure in a row, up to a day; a feed that works again
    returns to its usual one at once. `jitter`, from 0 to 1, makes it up to a tenth longer.
    """
    if circumstances.failures:
        ours = backoff(circumstances.failures, first=2 * _USUAL * floor, longest=_DAY)
    else:
        ours = _pace(circumstances, floor)
    wanted = max(ours, circumstances.asked, _declared(circumstances))
    # An operator whose floor is beyond a day means it.
    interval = max(min(wanted, _DAY), floor)
    earliest = _allowed(now + interval, circumstances.rhythm)
    later = earliest + interval * (_JITTER * jitter)
    return later if not _skipped(later, circumstances.rhythm) else earliest


def _declared(circumstances: PollFacts) -> timedelta:
    return max(circumstances.fresh_for, circumstances.rhythm.every or timedelta(0))


def _pace(circumstances: PollFacts, floor: timedelta) -> timedelta:
    """Return the interval that suits a feed that works, before its publisher is heard."""
    if _declared(circumstances) > timedelta(0):
        shortest = unknown = floor
    else:
        shortest = floor * (_USUAL if circumstances.validated else _UNKNOWN)
        unknown = floor * _UNKNOWN
    if circumstances.habits is None:
        return unknown
    return shortest if floor < _TRIAL else max(_rhythm_of(circumstances.habits), shortest)


def _rhythm_of(its: PublishingHabits) -> timedelta:
    enough = next((interval for silence, interval in _SILENCES if its.silence >= silence), None)
    return min(its.gap / 2, _BUSIEST) if enough is None else enough


def _allowed(instant: datetime, rhythm: UpdatePeriod) -> datetime:
    """Return the instant, or the beginning of the first hour after it that is not skipped."""
    while _skipped(instant, rhythm):
        instant = instant.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + _HOUR
    return instant


def _skipped(instant: datetime, rhythm: UpdatePeriod) -> bool:
    """Return whether the publisher rests then; one that always rests is not believed."""
    there = instant.astimezone(UTC)
    by_hour = there.hour in rhythm.skip_hours and not rhythm.skip_hours.issuperset(range(24))
    by_day = there.weekday() in rhythm.skip_days and not rhythm.skip_days.issuperset(range(7))
    return by_hour or by_day
