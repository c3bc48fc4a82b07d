"""Declared update period of a feed: ttl, sy:updatePeriod, skipHours and skipDays.

Read from the text, because feedparser keeps only the last of the hours to skip.
Source: RSS 2.0, https://www.rssboard.org/rss-specification; the syndication module of
RSS 1.0, https://web.resource.org/rss/1.0/modules/syndication/.
"""

import re
from datetime import timedelta

from bot.model import UpdatePeriod

# No honest head is longer; the rest is not read.
_MAX_LENGTH = 65_536
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
    "monthly": timedelta(days=30),
    "yearly": timedelta(days=365),
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HOURS_A_DAY = 24
_MINUTE = timedelta(minutes=1)

# A comment that is never closed hides all the rest.
_COMMENT = re.compile(r"<!--(?:.*?-->|.*)", re.DOTALL)
_ELEMENT = re.compile(
    r"<(?:\w{1,20}:)?(?P<name>ttl|updateperiod|updatefrequency|hour|day)(?:\s[^<>]*)?>\s*"
    r"(?:<!\[cdata\[)?\s*(?P<value>[\w.-]{1,12})\s*(?:\]\]>)?\s*</"
)
_WHOLE = re.compile(r"\d{1,7}", re.ASCII)


def read_update_period(head: str) -> UpdatePeriod:
    """Return what the text of a feed without its items declares; nonsense is ignored.

    Of a time to live and a period the longer counts. Skipping all hours or all days is
    nonsense.
    """
    text = _COMMENT.sub("", head[:_MAX_LENGTH].lower())
    numbers = filter(_WHOLE.fullmatch, _values(_within(text, "skiphours"), "hour"))
    hours = {hour % _HOURS_A_DAY for hour in map(int, numbers) if hour <= _HOURS_A_DAY}
    day_names = _values(_within(text, "skipdays"), "day")
    days = {_DAYS.index(name) for name in day_names if name in _DAYS}
    time_to_live = _number(_first(text, "ttl")) * _MINUTE
    return UpdatePeriod(
        every=max(time_to_live, _period(text) or timedelta(0)) or None,
        skip_hours=frozenset(hours) if len(hours) < _HOURS_A_DAY else frozenset(),
        skip_days=frozenset(days) if len(days) < len(_DAYS) else frozenset(),
    )


def _period(text: str) -> timedelta | None:
    """Return the period divided by the frequency: by default daily, and once."""
    period, frequency = _first(text, "updateperiod"), _first(text, "updatefrequency")
    length = _PERIODS.get(period or "daily")
    times = _number(frequency or "1")
    if not (period or frequency) or length is None or not times:
        return None
    every = length / times
    return every if every >= _MINUTE else None


def _within(text: str, name: str) -> str:
    return text.partition(f"<{name}>")[2].partition(f"</{name}")[0]


def _values(text: str, name: str) -> list[str]:
    return [element["value"] for element in _ELEMENT.finditer(text) if element["name"] == name]


def _first(text: str, name: str) -> str:
    return next(iter(_values(text, name)), "")


def _number(value: str) -> int:
    return int(value) if _WHOLE.fullmatch(value) else 0
