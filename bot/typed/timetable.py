"""Timetables as people type them: times, quiet hours, a rhythm, a limit a day, a place.

A small grammar over the tokens of `bot.typed.tokens`, read once from left to right.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast

from bot.model import Quiet, Timetable, When
from bot.typed.clocks import find_clock
from bot.typed.hours import TimeOfDay, TimeRange, dotted, dotted_range, read_hours
from bot.typed.tokens import Cursor, Token, clean, corrected, tokenize

Setting = Literal["when", "quiet", "zone", "per_day"]

# All times fit into one line of the settings.
MAX_DIGESTS = 6
MAX_PER_DAY = 999
# The other reading of "off" alone: no news shall come.
PAUSE = "pause"
_HOUR, _DAY = 60, 24 * 60
# «18 год» is a time of day.
_MOST_HOURS = 12
_DAYTIME = TimeRange(since=8 * _HOUR, until=22 * _HOUR)
# In fewer hours of the day a reader may rest.
_LEAST_DAYTIME = 6 * _HOUR
_NIGHT = TimeRange(since=23 * _HOUR, until=7 * _HOUR)
_MORNING, _MIDDAY, _EVENING, _LAST_DIGEST = 8 * _HOUR, 13 * _HOUR, 19 * _HOUR, 22 * _HOUR
_DAYPART_TIMES = {"morning": _MORNING, "day": _MIDDAY, "evening": _EVENING}
# What may stand beside a length of time.
_BESIDE_LENGTHS = ("glue", "for", "comma", "dot", "sign", "quiet")
# Of "twice a day"; more are spread between morning and evening.
_DIGESTS_A_DAY = {1: (_MORNING,), 2: (_MORNING, _EVENING), 3: (_MORNING, _MIDDAY, _EVENING)}
_IGNORED = ("glue", "and", "comma", "dot", "colon", "sign", "at", "every", "for", "now")
# What the names of places hold, and what offsets hold.
_IN_PLACES = frozenset(
    ["word", "dash", "sign", "comma", "dot", "at", "until", "unit", "glue", "and"]
)
_IN_OFFSETS = frozenset(["word", "dash", "sign", "colon", "dot", "number"])
_MARKS = ("quiet", "silently", "off", "no_limit", "most", "night", "message", "weekly")
# Of a weekly digest, where no day or time is named.
_SUNDAY, WEEKLY_AT = 6, (10 * _HOUR,)


@dataclass(frozen=True, slots=True)
class TypedTimetable:
    """The timetable that was typed, the settings that were named, and the text's other reading.

    `other` is empty, a text that can only be read so and sets right what this one changed, or
    `PAUSE`. `is_daytime`: the hours that were typed are those in which news comes.
    """

    timetable: Timetable
    settings: tuple[Setting, ...]
    other: str = ""
    is_daytime: bool = False


def read_timetable(typed: str, timetable: Timetable) -> TypedTimetable | None:
    """Return the timetable as the text changes it; None: it is not understood.

    Times ("8:15 19:30") set digests, a range ("23-7") the quiet hours, a place the time zone.
    """
    text = clean(typed)
    tokens = tokenize(text)
    if is_length(tokens) or is_never(tokens) or is_days_apart(tokens):
        return None
    if _may_be_place(text, tokens) and (zone := find_clock(typed)):
        return TypedTimetable(replace(timetable, zone=zone), ("zone",))
    for attempt in dict.fromkeys([tokens, corrected(tokens)]):
        wish = _Wish(text)
        if wish.read(attempt) and (changed := wish.applied_to(timetable)):
            return changed
    return None


def is_length(tokens: Sequence[Token]) -> bool:
    """Return whether a text is a length of time, no time of day: "2 hours", «на 8 годин»."""
    parts = [token for token in tokens if token.kind not in _BESIDE_LENGTHS]
    numbers, units = parts[::2], parts[1::2]
    return len(numbers) == len(units) > 0 and all(
        number.kind in ("number", "one_and_half")
        and unit.kind == "unit"
        and (unit.value != "hour" or not number.digits or number.number <= _MOST_HOURS)
        for number, unit in zip(numbers, units, strict=True)
    )


def is_never(tokens: Sequence[Token]) -> bool:
    """Return whether a text says that no news shall come at any time."""
    parts = [token for token in tokens if token.kind not in ("glue", "sign", "dot", "message")]
    return bool(parts) and all((part.kind, part.value) == ("off", "never") for part in parts)


def is_days_apart(tokens: Sequence[Token]) -> bool:
    """Return whether a text asks for some days between: «каждые 2 дня» names no time of day."""
    following = zip(tokens, tokens[1:], tokens[2:], strict=False)
    return any(
        first.kind in ("every", "times") and number.kind == "number" and last.kind == "day"
        for first, number, last in following
    )


def _may_be_place(text: str, tokens: Sequence[Token]) -> bool:
    """Return whether all of a text may name a place; words of ours alone do not, as Сім and Об.

    Of several parts each must be one, as in "Kyiv, Ukraine".
    """
    kinds = {token.kind for token in tokens}
    if "word" in kinds and (kinds <= _IN_PLACES or "," not in text):
        return True
    return bool(kinds & {"sign", "dash"} and kinds <= _IN_OFFSETS)


@dataclass(slots=True)
class _Wish:
    """What has been read so far; `marks` are the kinds of words that change the meaning of all."""

    text: str
    times: list[int] = field(default_factory=list)
    # Of "twice a day", unless other times are named.
    usual_times: tuple[int, ...] = ()
    night: TimeRange | None = None
    since: int | None = None
    until: int | None = None
    when: When | None = None
    per_day: int | None = None
    zone: str = ""
    weekday: int | None = None
    marks: set[str] = field(default_factory=set)
    others: list[str] = field(default_factory=list)

    def read(self, tokens: Sequence[Token]) -> bool:
        """Read all tokens; return whether each has a meaning."""
        cursor = Cursor(tokens)
        readers = (
            self.read_limit,
            self.read_interval,
            self.read_times_a_day,
            self.read_hours,
            self.read_daytime,
            self.read_weekday,
            self.read_word,
            self.read_place,
        )
        while cursor.peek().kind != "end":
            start = cursor.place
            for read in readers:
                cursor.place = start
                if read(cursor):
                    break
            else:
                return False
        return self.weekday is None or "weekly" in self.marks

    def applied_to(self, timetable: Timetable) -> TypedTimetable | None:
        """Return the changed timetable; None: nothing was named, or there are too many times."""
        self.times = self.times or [*self.usual_times]
        is_daytime, is_off = self._daytime() is not None, "off" in self.marks
        night = self._night(timetable.quiet)
        changes: dict[str, Any] = {}
        if rhythm := self._rhythm():
            changes["when"] = rhythm
        if self.per_day is not None or "no_limit" in self.marks or {"off", "most"} <= self.marks:
            changes["per_day"] = self.per_day or None
        if night or (is_off and not changes):
            changes["quiet"] = night and _changed(timetable.quiet, night, self.marks)
            self.others += [] if night or "quiet" in self.marks else [PAUSE]
        if zone := self.zone:
            changes["zone"] = zone
        digest_at = tuple(sorted(set(self.times))) or timetable.digest_at
        weekday = timetable.weekday if rhythm is None else None
        if "weekly" in self.marks:
            digest_at = tuple(sorted(set(self.times))) or WEEKLY_AT
            weekday = _SUNDAY if self.weekday is None else self.weekday
        # "Not at night" may mean either.
        is_unclear = {"off", "night"} <= self.marks and not (night or self.marks & {"quiet"})
        if not changes or is_unclear or len(digest_at) > MAX_DIGESTS:
            return None
        settings = cast(tuple[Setting, ...], tuple(changes))
        is_one = len(self.others) == len(settings) == 1 >= len(self.times)
        other = _instead(self.others[0], timetable, settings[0]) if is_one else ""
        changes |= {"digest_at": digest_at, "weekday": weekday}
        changed = replace(timetable, **changes)
        return TypedTimetable(changed, settings, other, is_daytime)

    def _rhythm(self) -> When | None:
        """Return the rhythm; times are those of digests, and no digest is news at once."""
        if "weekly" in self.marks:
            return "digest"
        if self.times:
            return self.when or "digest"
        is_undone = self.when == "digest" and "off" in self.marks
        return "at once" if is_undone else self.when

    def _daytime(self) -> TimeRange | None:
        """Return the hours in which news shall come: a long range of the day, or one of news."""
        if self.night is None or self.marks & {"quiet", "silently", "night", "off"}:
            return None
        is_for_news = "message" in self.marks or self.when is not None
        is_long = self.night.until - self.night.since >= _LEAST_DAYTIME
        return self.night if self.night.is_daytime and (is_for_news or is_long) else None

    def _night(self, quiet: Quiet | None) -> TimeRange | None:
        """Return the quiet hours; the times of a text about them are their ends."""
        if daytime := self._daytime():
            self.times = [] if self.times == [_MIDDAY] else self.times
            self.others = [f"quiet {dotted_range(daytime.since, daytime.until)}"]
            return TimeRange(daytime.until, daytime.since)
        known = TimeRange(quiet.since, quiet.until) if quiet else _NIGHT
        if self.night or "off" in self.marks:
            return self.night
        if self.marks & {"quiet", "silently", "night"}:
            ends, self.times = ([], self.times) if self.when else (self.times, [])
            if ends:
                return TimeRange(ends[0], ends[1] if len(ends) > 1 else known.until)
        elif self.until is None:
            return None
        since = known.since if self.since is None else self.since
        return TimeRange(since, known.until if self.until is None else self.until)

    def read_limit(self, cursor: Cursor) -> bool:
        """Read "5 a day", "at most 5", «до 5 на день», "5 messages"."""
        is_most = cursor.take("most") is not None
        cursor.skip("until", "dash", "colon", "glue", "message", "most")
        number = cursor.take("number")
        if number is None:
            return False
        has_unit = cursor.skip("message")
        daily = ("per_day", "every") if is_most or has_unit else ("per_day",)
        has_unit = cursor.take(*daily) is not None or has_unit
        is_no_hour = number.number > 24 and number.digits == 2 and cursor.peek().kind == "end"
        if not (is_most or has_unit or is_no_hour) or number.number > MAX_PER_DAY:
            return False
        self.per_day = number.number
        return True

    def read_times_a_day(self, cursor: Cursor) -> bool:
        """Read «двічі на день», "3 times a day"."""
        number = cursor.take("number")
        times = cursor.take("times")
        if times is None or bool(number) == bool(times.value):
            return False
        if number and not cursor.take("per_day", "every") and cursor.peek().kind != "end":
            return False
        count = (number or times).number
        if not 0 < count <= MAX_DIGESTS:
            return False
        evenly = (_MORNING + 12 * _HOUR * n // max(count - 1, 1) for n in range(count))
        self.usual_times = _DIGESTS_A_DAY.get(count, tuple(evenly))
        return True

    def read_interval(self, cursor: Cursor) -> bool:
        """Read "every 3 hours" as digests from the morning on, or "every hour"."""
        if not cursor.take("every", "times"):
            return False
        cursor.skip("for", "at")
        number, unit = cursor.take("number"), cursor.take("unit")
        if number is None or unit is None or unit.value != "hour" or not number.number:
            return False
        if number.number == 1:
            self.when = "hourly"
            return True
        self.times += range(_MORNING, _LAST_DIGEST + 1, number.number * _HOUR)
        return len(self.times) <= MAX_DIGESTS

    def read_hours(self, cursor: Cursor) -> bool:
        """Read a range or a time; the only end of a range where "from" or "until" is before it."""
        found = read_hours(cursor)
        if found is None:
            side = cursor.take("from", "until")
            found = read_hours(cursor) if side else None
            if side is None or not isinstance(found, TimeOfDay):
                return False
            if side.kind == "from":
                self.since = found.minute
            else:
                self.until = found.minute
            return True
        if cursor.take("now"):
            return True
        if found.other:
            self.others.append(found.other)
        if isinstance(found, TimeOfDay):
            self.times.append(found.minute)
        else:
            self.night = found
        return True

    def read_weekday(self, cursor: Cursor) -> bool:
        """Read the day of a weekly digest: only with such a word the text has a meaning."""
        day = cursor.take("weekday")
        if day is not None:
            self.weekday = day.number
        return day is not None

    def read_daytime(self, cursor: Cursor) -> bool:
        """Read "only in the daytime", of which a range may name the hours."""
        if not cursor.take("daytime"):
            return False
        self.night = self.night or _DAYTIME
        return True

    def read_word(self, cursor: Cursor) -> bool:
        """Read a word with a meaning of its own, or one that says nothing."""
        token, is_interval = cursor.peek(), cursor.peek(2).kind == "unit"
        if token.kind == "every" and cursor.peek(1).kind == "number" and is_interval:
            return False  # "every 3 hours" is no time of day
        if token.kind == "rhythm":
            # An hourly digest comes each hour.
            self.when = "hourly" if self.when == "hourly" else cast(When, token.value)
        elif token.kind in _DAYPART_TIMES:
            self.times.append(_DAYPART_TIMES[token.kind])
        elif token.kind in _MARKS:
            self.marks.add(token.kind)
        elif token.kind not in _IGNORED:
            return False
        cursor.place += 1
        if token.kind == "now":
            read_hours(cursor)
        return True

    def read_place(self, cursor: Cursor) -> bool:
        """Read words that are none of ours, and what stands between them, as a place."""
        before = cursor.peek(-1) if cursor.place else cursor.peek()
        first = cursor.take("word")
        last, place = first, cursor.place
        while (token := cursor.take("word", "dash", "dot", "at", "comma", "until")) is not None:
            if token.kind == "word":
                last, place = token, cursor.place
        cursor.place = place
        if first is None or last is None:
            return False
        # A word of ours may begin a name, as in "New York".
        starts = (before.start, first.start) if before.kind == "glue" else (first.start,)
        found = (find_clock(self.text[start : last.end]) for start in starts)
        self.zone = next(filter(None, found), "")
        return bool(self.zone)


def _instead(other: str, timetable: Timetable, setting: Setting) -> str:
    """Return the other reading, after what the setting that this one has changed was before."""
    is_range = "-" in other
    if setting == "when" and is_range:
        times = " ".join(map(dotted, timetable.digest_at))
        return f"{times if timetable.when == 'digest' else timetable.when}, quiet {other}"
    if setting == "quiet" and not is_range and other != PAUSE:
        quiet = timetable.quiet or Quiet(since=0, until=0)
        return f"quiet {dotted_range(quiet.since, quiet.until)}, digest {other}"
    return other


def _changed(quiet: Quiet | None, night: TimeRange, marks: set[str]) -> Quiet | None:
    """Return the quiet hours with those ends; equal ends are none."""
    if night.since == night.until:
        return None
    changed = replace(quiet or Quiet(since=0, until=0), since=night.since, until=night.until)
    return replace(changed, silently=True) if "silently" in marks else changed
