"""Timetable: when the next message to a chat may go, by its reader's own clock.

A day of the reader may have 23 or 25 hours: a digest of 8:00 comes at 8:00 in summer and in
winter, once, also where the clock shows that time twice or never.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import count

from bot.model import Timetable
from bot.timezones import zone

_DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def next_send_at(timetable: Timetable, *, queued_at: datetime, now: datetime) -> datetime:
    """Return when a delivery may go: now, at the next full hour, or in the next digest.

    Quiet hours that hold messages put it off to their end; a digest whose hour the reader has
    set within them comes at that hour.
    """
    match timetable.when:
        case "at once" | "everything":
            return end_of_quiet_hours(timetable, now=now)
        case "hourly" | "calm":
            # The full hour of the reader's clock, which may be half past of others.
            local = queued_at.astimezone(zone(timetable.zone))
            past = timedelta(
                minutes=local.minute, seconds=local.second, microseconds=local.microsecond
            )
            full_hour = queued_at - past + HOUR
            return end_of_quiet_hours(timetable, now=max(full_hour, now))
        case "digest":
            digests = (
                next(
                    at
                    for at in _each_day(timetable, queued_at, minute, weekday=timetable.weekday)
                    if at > queued_at
                )
                for minute in timetable.digest_at
            )
            return max(min(digests), now)


def next_post_at(per_hour: int | None, posts: Sequence[datetime], *, now: datetime) -> datetime:
    """Return when a channel of that limit may have its next post; `posts` are the last hour's."""
    if per_hour is None or len(posts) < per_hour:
        return now
    return max(now, posts[-per_hour] + HOUR)


def was_held(timetable: Timetable, *, queued_at: datetime, now: datetime) -> bool:
    """Return whether quiet hours, or the limit of an earlier day, held a delivery."""
    if timetable.per_day is not None and queued_at < day_began_at(timetable, now=now):
        return True
    return end_of_quiet_hours(timetable, now=queued_at) > queued_at


def end_of_quiet_hours(timetable: Timetable, *, now: datetime) -> datetime:
    """Return the end of the quiet hours if they hold messages now, else `now`."""
    quiet = timetable.quiet
    if quiet is None or quiet.silently or not is_quiet(timetable, now=now):
        return now
    return next(at for at in _each_day(timetable, now, quiet.until) if at > now)


def is_quiet(timetable: Timetable, *, now: datetime) -> bool:
    """Return whether these are quiet hours of the reader."""
    quiet = timetable.quiet
    if quiet is None:
        return False
    local = now.astimezone(zone(timetable.zone))
    minute = local.hour * 60 + local.minute
    if quiet.since <= quiet.until:
        return quiet.since <= minute < quiet.until
    return minute >= quiet.since or minute < quiet.until


def day_began_at(timetable: Timetable, *, now: datetime) -> datetime:
    """Return when the reader's day began."""
    midnights = _each_day(timetable, now, 0)
    return max(at for at in (next(midnights), next(midnights)) if at <= now)


def day_ends_at(timetable: Timetable, *, now: datetime) -> datetime:
    """Return when the daily limit starts anew: at the reader's midnight, after quiet hours."""
    midnight = next(at for at in _each_day(timetable, now, 0) if at > now)
    return end_of_quiet_hours(timetable, now=midnight)


def _each_day(
    timetable: Timetable, now: datetime, minute: int, *, weekday: int | None = None
) -> Iterator[datetime]:
    """Yield when the reader's clock shows that minute of the day, from yesterday on.

    Only on one `weekday`, where it is given.
    """
    reader_zone = zone(timetable.zone)
    yesterday = now.astimezone(reader_zone).date() - _DAY
    at = time(*divmod(minute, 60))
    for date in (yesterday + day * _DAY for day in count()):
        if weekday in (None, date.weekday()):
            yield datetime.combine(date, at, reader_zone).astimezone(UTC)
