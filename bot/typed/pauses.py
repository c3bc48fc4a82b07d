"""Ends of pauses as people type them: 2h, «на 2 години», «до завтра», "until monday"."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from bot.typed.hours import read_moment
from bot.typed.subjects import subject_of
from bot.typed.tokens import Cursor, Token, clean, corrected, tokenize

MAX_PAUSE = timedelta(days=366)
# When a day of news begins, where only a day is named.
MORNING = time(8)
# A pause "for the night" ends in the morning.
_DAYPART_HOURS = {"morning": 8, "day": 13, "evening": 18, "night": 8}
_UNITS = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
_FEW_HOURS = 14
_FEW_DAYS = (2, 3, 4)
_FRIDAY = 4
_IGNORED = ("glue", "for", "at", "until", "from", "comma", "and", "quiet", "dot", "sign")


@dataclass(frozen=True, slots=True)
class TypedPause:
    """Until when no news shall come, None: until /resume; and the other reading of a number.

    `is_later`: it was meant to begin on a later day.
    """

    until: datetime | None
    other: datetime | None = None
    is_later: bool = False


def read_pause(typed: str, local_now: datetime) -> TypedPause | Literal["resume"] | None:
    """Return the pause that is typed; None: it is not understood, or longer than a year.

    Days and hours are those of the zone of `local_now`.
    """
    tokens = tokenize(clean(subject_of(typed, ["pause"])))
    for attempt in dict.fromkeys([tokens, corrected(tokens)]):
        cursor = Cursor(attempt)
        cursor.skip(*_IGNORED)
        found = _read(cursor, local_now)
        cursor.skip(*_IGNORED)
        if found is None or cursor.peek().kind != "end":
            continue
        if found == "resume" or found.until is None:
            return found
        if local_now < found.until <= local_now + MAX_PAUSE:
            kinds = {token.kind for token in attempt}
            is_later = "weekend" in kinds and "until" not in kinds and local_now.weekday() < _FRIDAY
            return replace(found, is_later=is_later)
    return None


def read_duration(cursor: Cursor, now: datetime) -> TypedPause | None:
    """Read numbers and units, "1h 30 min"; a unit alone is one of them, «години дві» are two."""
    total, days = timedelta(), timedelta()
    is_end = any(token.kind in ("until", "at", "tomorrow", "today") for token in cursor.tokens)
    while True:
        cursor.skip("glue", "and", "for", "at")
        place = cursor.place
        if cursor.take("half"):
            total += timedelta(minutes=30)
            continue
        count = _read_count(cursor)
        unit = cursor.take("unit", "per_day")
        if unit is None and count in _FEW_DAYS and not is_end:
            # «2 дня» are days, «до 2 дня» is a time of day.
            unit = cursor.take("day")
        if unit is None:
            cursor.place = place
            break
        if cursor.place == place + 1 and cursor.peek(1).kind == "end":
            count = _read_count(cursor)
        count += 0.5 if cursor.take("and_a_half") else 0
        name = unit.value or "day"
        length = min(count, float(MAX_PAUSE.days) * 24 * 60) * _UNITS[name]
        if name in ("minute", "hour"):
            total += length
        else:
            days += length
    # A day lasts until the same time of the next one, also when clocks change.
    until = ((now + days).astimezone(UTC) + total).astimezone(now.tzinfo)
    return TypedPause(until) if total or days else None


def read_lone_number(cursor: Cursor, now: datetime) -> TypedPause | None:
    """Read a lone number: few are hours, or else days; more are minutes, or else hours."""
    is_end = any(token.kind == "until" for token in cursor.tokens)
    number = cursor.take("number")
    if number is None or is_end or cursor.peek().kind != "end" or number.number > 24 * 60:
        return None
    count = number.number
    if 0 < count <= _FEW_HOURS or count % 24 == 0:
        return TypedPause(now + timedelta(hours=count), now + timedelta(days=count))
    return TypedPause(now + timedelta(minutes=count), now + timedelta(hours=count))


def read_day(cursor: Cursor, now: datetime) -> TypedPause | None:
    """Read a day, a time of day, or both in either order; without a day, the next such time."""
    clock = _read_time(cursor)
    cursor.skip(*_IGNORED)
    day = _read_date(cursor, now.date())
    cursor.skip(*_IGNORED)
    clock = clock or _read_time(cursor)
    if day is None and clock is None:
        return None
    until = datetime.combine(day or now.date(), clock or MORNING, tzinfo=now.tzinfo)
    return TypedPause(until + timedelta(days=1) if day is None and until <= now else until)


def _read(cursor: Cursor, now: datetime) -> TypedPause | Literal["resume"] | None:
    if cursor.take("forever"):
        return TypedPause(None)
    if cursor.take("resume", "off"):
        return "resume"
    start = cursor.place
    readers: tuple[Callable[[Cursor, datetime], TypedPause | None], ...]
    readers = (read_duration, read_lone_number, read_day)
    for read in readers:
        cursor.place = start
        if found := read(cursor, now):
            return found
    return None


def _read_count(cursor: Cursor) -> float:
    """Read a number, perhaps with a decimal fraction; 1 if there is none."""
    if cursor.take("one_and_half"):
        return 1.5
    number = cursor.take("number")
    if number is None:
        return 1
    is_fraction = cursor.peek().kind in ("dot", "comma") and cursor.peek(1).digits == 1
    if is_fraction and cursor.take("dot", "comma"):
        tenths = cursor.take("number")
        return number.number + (tenths.number / 10 if tenths else 0)
    return number.number


def _read_time(cursor: Cursor) -> time | None:
    start = cursor.place
    daypart = cursor.take(*_DAYPART_HOURS)
    if daypart and cursor.peek().kind not in ("number", "at"):
        return time(_DAYPART_HOURS[daypart.kind])
    cursor.place = start
    is_date = cursor.peek(1).kind in ("dot", "dash", "sign", "month") and cursor.peek().digits
    if is_date:
        # As 15.12, 15/12/2026, 2026-12-15 and "15 december" are.
        is_date = _read_date(Cursor(cursor.tokens, start), date.min) is not None
    moment = None if is_date else read_moment(cursor)
    if moment is None:
        cursor.place = start
        return None
    return time(*divmod(moment.minute, 60))


def _read_date(cursor: Cursor, today: date) -> date | None:
    token = cursor.peek()
    days = {"today": 1, "tomorrow": 1, "after_tomorrow": 2, "weekend": 7 - today.weekday()}
    if token.kind == "weekday":
        days["weekday"] = (token.number - today.weekday() - 1) % 7 + 1
    if token.kind in days:
        cursor.place += 1
        return today + timedelta(days=days[token.kind])
    start, month = cursor.place, cursor.take("month")
    first = cursor.take("number")
    if first and (month or (month := cursor.take("month"))):
        return _date(first.number, month.number, today)
    second = _next_of_date(cursor) if first else None
    third = _next_of_date(cursor) if second else None
    if first is None or second is None:
        cursor.place = start
        return None
    if first.digits == 4 and third:
        return _date(third.number, second.number, today, first.number)
    return _date(first.number, second.number, today, third.number if third else None)


def _next_of_date(cursor: Cursor) -> Token | None:
    start = cursor.place
    if cursor.take("dot", "dash", "sign") and (number := cursor.take("number")):
        return number
    cursor.place = start
    return None


def _date(day: int, month: int, today: date, year: int | None = None) -> date | None:
    """Return the date, without a year the next one; None: there is no such day."""
    try:
        if year is not None:
            return date(year + 2000 if year < 100 else year, month, day)
        found = date(today.year, month, day)
        return found if found >= today else date(today.year + 1, month, day)
    except ValueError:
        return None
