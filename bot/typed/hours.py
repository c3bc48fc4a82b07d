"""Times of day and ranges of them, as people type them: 18-00, 7:30 pm, «з 23 до 7», "10pm-7am".

What can be read two ways is read as people mean it, and has the `other` reading in a form that can
only be read so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.typed.tokens import Cursor, Token

_HOUR, _DAY = 60, 24 * 60
_NOON = 12 * _HOUR
_BEFORE_TIMES = ("at", "for", "glue")
_DAYPARTS = ("morning", "evening", "day", "night")
_WORK_BEGINS, _WORK_ENDS = (8 * _HOUR, 9 * _HOUR), (4 * _HOUR, 5 * _HOUR, 6 * _HOUR)
# Nobody is quiet for longer: "10-7" begins at ten in the evening.
_MAX_NIGHT = 14 * _HOUR


@dataclass(frozen=True, slots=True)
class Moment:
    """A minute of the day; `is_bare`: an hour alone, which may be one of the evening."""

    minute: int
    is_bare: bool = False


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A range of hours, in minutes of the day, and its other reading."""

    since: int
    until: int
    other: str = ""

    @property
    def is_daytime(self) -> bool:
        """Return whether the range holds no part of a night: news may be wanted within."""
        return 4 * _HOUR <= self.since < self.until


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A minute of the day, and its other reading."""

    minute: int
    other: str = ""


def read_hours(cursor: Cursor) -> TimeRange | TimeOfDay | None:
    """Read a range or a time of day; None: neither is next, and the cursor has not moved."""
    start = cursor.place
    if found := read_range(cursor):
        return found
    cursor.place = start
    moment = read_moment(cursor, dashed=True)
    if moment is None:
        cursor.place = start
        return None
    match cursor.tokens[start : cursor.place]:
        case (Token("number"), Token("number", digits=2) as second) if second.number <= 24:
            hour = moment.minute - second.number
            return TimeOfDay(
                moment.minute, f"{dotted(hour)} {dotted(second.number * _HOUR % _DAY)}"
            )
    return TimeOfDay(moment.minute)


def read_range(cursor: Cursor) -> TimeRange | TimeOfDay | None:
    """Read a range; or the time of day that people mean by a number, a dash and a number."""
    cursor.skip(*_BEFORE_TIMES, "comma")
    opening, start = cursor.take("from", "between"), cursor.place
    joints = ("dash", "until", "and") if opening else ("dash", "until")
    for dashed in (opening is not None, opening is None):
        cursor.place = start
        since = read_moment(cursor, dashed=dashed)
        cursor.skip("comma")
        joint = cursor.take(*joints)
        until = read_moment(cursor, dashed=dashed) if joint else None
        if since is None or until is None or cursor.peek().kind in ("dash", "until"):
            continue
        tokens = cursor.tokens[start : cursor.place]
        if tokens[-1].kind == "evening" and since.is_bare and since.minute + _NOON < until.minute:
            since = Moment(since.minute + _NOON)
        if opening is None and [token.kind for token in tokens[:3]] == ["number", "dash", "number"]:
            return _as_dashed(since, until, tokens)
        return _as_meant(since, until)
    return None


def read_moment(cursor: Cursor, *, dashed: bool = False) -> Moment | None:
    """Read a time of day; `dashed`: 18-00 is one too. None: there is none."""
    cursor.skip(*_BEFORE_TIMES)
    daypart = cursor.take(*_DAYPARTS)
    if daypart:
        cursor.skip(*_BEFORE_TIMES, "comma")
    if named := cursor.take("moment"):
        daypart = daypart or cursor.take(*_DAYPARTS)
        return Moment(_in_daypart(named.number, daypart.kind) if daypart else named.number)
    shift = cursor.take("shift")
    clock = read_clock(cursor, dashed=dashed and not shift)
    if clock is None:
        return None
    minute = clock.minute + (shift.number if shift else 0)
    daypart = daypart or cursor.take(*_DAYPARTS)
    if daypart is None:
        return Moment(minute % _DAY, clock.is_bare and not shift)
    return Moment(_in_daypart(minute, daypart.kind))


def read_clock(cursor: Cursor, *, dashed: bool) -> Moment | None:
    """Read an hour and its minutes, without a part of the day."""
    number = cursor.take("number")
    if number is None:
        # «в час дня» is one o'clock.
        is_one = cursor.peek().kind == "unit" and cursor.peek(1).kind in _DAYPARTS
        return Moment(_HOUR) if is_one and cursor.take("unit") else None
    if number.digits in (3, 4):
        hour, minutes = divmod(number.number, 100)
        return _clock(hour, minutes)
    minutes_typed = _read_minutes(cursor, number, dashed=dashed)
    clock = _clock(number.number, minutes_typed or 0)
    # 08 is of the morning.
    is_bare = minutes_typed is None and len(number.value) >= number.digits
    return clock and Moment(clock.minute, is_bare and 0 < clock.minute <= _NOON)


def dotted(minute: int) -> str:
    """Return a minute of the day as it can only be read so: "18.00"."""
    return f"{minute // _HOUR:02}.{minute % _HOUR:02}"


def dotted_range(since: int, until: int) -> str:
    """Return a range as it can only be read so: "23.00-07.00"."""
    return f"{dotted(since)}-{dotted(until)}"


def _clock(hour: int, minutes: int) -> Moment | None:
    """Return the time of day; 24:00 is midnight."""
    is_one = minutes < _HOUR and hour * _HOUR + minutes <= _DAY
    return Moment(hour * _HOUR + minutes) if is_one else None


def _read_minutes(cursor: Cursor, hour: Token, *, dashed: bool) -> int | None:
    sign, after = cursor.peek(), cursor.peek(1)
    is_two_digits = after.kind == "number" and after.digits == 2
    is_separator = sign.kind == "colon" or (sign.kind == "dot" and after.start == sign.end)
    if dashed and sign.kind == "dash" and is_two_digits and after.number % 5 == 0:
        is_separator = True
    # 7,30 is a time, and 8,20 are two.
    is_no_hour = after.number == 0 or after.number > 24 if is_two_digits else False
    if sign.kind == "comma" and after.start == sign.end and is_no_hour:
        is_separator = True
    if is_separator and is_two_digits:
        cursor.place += 2
        return after.number
    if sign.kind == "oclock" or (sign.kind == "unit" and sign.value == "hour"):
        cursor.place += 1
        minutes = cursor.take("number") if is_two_digits or not after.digits else None
        if minutes:
            cursor.take("unit")
        return minutes.number if minutes else None
    if sign.kind == "number" and _are_minutes(hour, sign):
        cursor.place += 1
        return sign.number
    return None


def _are_minutes(hour: Token, number: Token) -> bool:
    """Return whether the number after an hour can only be minutes: 8 00, 8 05, 8 30."""
    if not number.digits:
        return not hour.digits and number.number > 12  # seven thirty
    is_padded = number.number < 10 and (hour.digits == 1 or number.number % 5 == 0)
    is_no_hour = number.number == 0 or 24 < number.number < _HOUR
    return number.digits == 2 and (is_padded or is_no_hour)


def _in_daypart(minute: int, daypart: str) -> int:
    """Return the minute of the day that a clock of twelve hours shows then."""
    if minute >= _NOON + _HOUR:
        return minute % _DAY
    early, hour = minute % _NOON, minute // _HOUR
    is_late = {
        "morning": False,
        "evening": True,
        "day": hour < 7 or hour == 12,
        "night": 7 <= hour < 12,
    }
    return early + _NOON * is_late[daypart]


def _as_dashed(since: Moment, until: Moment, tokens: Sequence[Token]) -> TimeRange | TimeOfDay:
    """Return what two numbers with a dash mean: 18-00 is a time, 23-7 and 22-10 are nights."""
    second, time_of_day = tokens[2], since.minute + tokens[2].number
    night = _as_meant(since, until)
    if second.digits != 2 or second.number % 5 or second.number > 20 or len(tokens) > 4:
        other = " ".join(map(dotted, sorted({since.minute, until.minute})))
        return replace(night, other=night.other or other)
    is_evening = since.minute >= 18 * _HOUR or since.minute <= 3 * _HOUR
    if (second.number and is_evening and until.minute <= _NOON) or night.since == night.until:
        return replace(night, other=dotted(time_of_day))
    if len(tokens) == 4:
        return TimeOfDay(_in_daypart(time_of_day, tokens[3].kind))
    return TimeOfDay(time_of_day, dotted_range(since.minute, until.minute))


def _as_meant(since: Moment, until: Moment) -> TimeRange:
    """Return the range: "10-7" begins in the evening, as nobody is quiet for 21 hours.

    "9-5" are the hours of work.
    """
    length = (until.minute - since.minute) % _DAY
    is_at_work = since.is_bare and until.is_bare and since.minute in _WORK_BEGINS
    if is_at_work and until.minute in _WORK_ENDS:
        other = dotted_range((since.minute + _NOON) % _DAY, until.minute)
        return TimeRange(since.minute, until.minute + _NOON, other)
    if since.is_bare and length > _MAX_NIGHT:
        other = dotted_range(since.minute, until.minute)
        return TimeRange((since.minute + _NOON) % _DAY, until.minute, other)
    return TimeRange(since.minute, until.minute)
