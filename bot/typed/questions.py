"""What to ask about a text that sets no timetable: a pause, a time of day, or what none has."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bot.model import Timetable
from bot.typed.hours import dotted
from bot.typed.pauses import read_pause
from bot.typed.timetable import is_days_apart, is_length, is_never, read_timetable
from bot.typed.tokens import Token, clean, corrected, tokenize

_HOUR, _MOST_HOURS = 60, 24
_DAYS = frozenset(["today", "tomorrow", "after_tomorrow", "weekend", "weekday", "weekdays"])


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedQuestion:
    """What a text may mean.

    `pause_until` is the end of a pause; `text` sets a timetable and can only be read so; `lacks`
    is what no timetable has: days that differ, such an interval, or no time at all.
    """

    pause_until: datetime | None = None
    text: str = ""
    lacks: Literal["days", "interval", "times"] | None = None


def question_about(typed: str, local_now: datetime) -> TypedQuestion | None:
    """Return what to ask about a text that `read_timetable` does not read; None: it says nothing.

    Days and hours are those of the zone of `local_now`.
    """
    tokens = corrected(tokenize(clean(typed)))
    if is_never(tokens):
        return TypedQuestion(lacks="times")
    kinds = {token.kind for token in tokens}
    units = {token.value for token in tokens if token.kind == "unit"}
    if is_days_apart(tokens):
        return TypedQuestion(lacks="days")
    if kinds & {"every", "times"} and (units or "half" in kinds):
        is_days = units & {"week", "month", "day"}
        return TypedQuestion(lacks="days" if is_days else "interval")
    lacks: Literal["days"] | None = "days" if kinds & _DAYS else None
    text = _time_of_day(tokens) if is_length(tokens) else "" if lacks else known_words(typed)
    if text and read_timetable(text, Timetable()) is None:
        text = ""
    is_time = text and not is_length(tokens)
    until = None if is_time else pause_without_unknown_words(typed, local_now)
    if not (until or lacks or text):
        return None
    return TypedQuestion(pause_until=until, text=text, lacks=lacks)


def pause_without_unknown_words(typed: str, local_now: datetime) -> datetime | None:
    """Return the end of the pause that the known words of a text name; None: they name none."""
    for text in (typed, known_words(typed)):
        pause = read_pause(text, local_now)
        if pause and pause != "resume" and pause.until:
            return pause.until
    return None


def known_words(typed: str) -> str:
    """Return the text without the words that the grammar does not know."""
    text = clean(typed)
    for token in reversed(corrected(tokenize(text))):
        if token.kind == "word":
            text = f"{text[: token.start]}{text[token.end :]}"
    return " ".join(text.split())


def _time_of_day(tokens: tuple[Token, ...]) -> str:
    """Return the hour of "2 hours" as a time of day; empty: there is none."""
    numbers = [token for token in tokens if token.kind == "number"]
    is_hour = any(token.kind == "unit" and token.value == "hour" for token in tokens)
    if len(numbers) != 1 or not is_hour or numbers[0].number >= _MOST_HOURS:
        return ""
    return dotted(numbers[0].number * _HOUR)
