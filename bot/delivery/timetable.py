"""When may the next message to a chat go, by its reader's own clock? Pure.

A day of the reader may have 23 or 25 hours, and all is reckoned by it: a digest of 8:00 comes
at 8:00 in summer and in winter, once, also where the clock shows that time twice or never.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import count

from bot.model import Quiet, Timetable
from bot.timezones import zone

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)


def next_at(timetable: Timetable, *, owed_at: datetime, now: datetime) -> datetime:
    """Return when what is owed since then may go: now, at the next full hour, or in a digest.

    Quiet hours that hold back put it off to their end; a digest that was asked for in their
    midst comes when it was asked for.
    """
    match timetable.when:
        case "at once":
            return end_of_quiet_hours(timetable, now=now)
        case "hourly":
            return end_of_quiet_hours(timetable, now=max(_full_hour(timetable, owed_at), now))
        case "digest":
            return max(next(at for at in _digests(timetable, owed_at) if at > owed_at), now)


def was_held(timetable: Timetable, *, owed_at: datetime, now: datetime) -> bool:
    """Return whether the reader's own hours, or a limit of an earlier day, kept it back."""
    if timetable.per_day is not None and owed_at < day_began_at(timetable, now=now):
        return True
    return end_of_quiet_hours(timetable, now=owed_at) > owed_at


def end_of_quiet_hours(timetable: Timetable, *, now: datetime) -> datetime:
    """Return the end of the quiet hours if they hold back messages now, else `now`."""
    quiet = timetable.quiet
    if quiet is None or quiet.silently or not is_quiet(timetable, now=now):
        return now
    return next(at for at in _each_day(timetable, now, quiet.until) if at > now)


def is_quiet(timetable: Timetable, *, now: datetime) -> bool:
    """Return whether it is the reader's hour of rest."""
    local = now.astimezone(zone(timetable.zone))
    return timetable.quiet is not None and _within(timetable.quiet, local.hour * 60 + local.minute)


def day_began_at(timetable: Timetable, *, now: datetime) -> datetime:
    """Return when the reader's day began."""
    return max(at for at in _each_day(timetable, now, 0, days=2) if at <= now)


def day_ends_at(timetable: Timetable, *, now: datetime) -> datetime:
    """Return when the reader's day ends, and news may go again that its limit holds back."""
    midnight = next(at for at in _each_day(timetable, now, 0) if at > now)
    return end_of_quiet_hours(timetable, now=midnight)


def _within(quiet: Quiet, minute: int) -> bool:
    if quiet.since <= quiet.until:
        return quiet.since <= minute < quiet.until
    return minute >= quiet.since or minute < quiet.until


def _full_hour(timetable: Timetable, now: datetime) -> datetime:
    """Return the next full hour of the reader's clock, which may be half past one of others."""
    local = now.astimezone(zone(timetable.zone))
    past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return now - past + _HOUR


def _digests(timetable: Timetable, now: datetime) -> Iterator[datetime]:
    days = (_each_day(timetable, now, minute, days=3) for minute in timetable.digest_at)
    return iter(sorted(at for day in days for at in day))


def _each_day(
    timetable: Timetable, now: datetime, minute: int, *, days: int | None = None
) -> Iterator[datetime]:
    """Return when the reader's clock shows that minute, from yesterday on."""
    its_zone = zone(timetable.zone)
    yesterday = now.astimezone(its_zone).date() - _DAY
    clock = time(*divmod(minute, 60))
    for day in count() if days is None else range(days):
        yield datetime.combine(yesterday + day * _DAY, clock, its_zone).astimezone(UTC)
