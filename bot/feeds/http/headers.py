"""HTTP headers: their text, and those about time, Retry-After, Cache-Control, Age and Expires.

Source: RFC 9111, 4.2 and 5.2.2; RFC 9110, 10.2.2 and 10.2.3.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from multidict import MultiMapping

from bot.text.safe import storable

_NONE = timedelta(0)
_NEVER_FRESH = frozenset({"no-cache", "no-store"})
# A byte that aiohttp could not decode.
_BYTE = re.compile("[\udc80-\udcff]")

# Longer than anybody waits; it keeps timedelta from overflowing.
MAX_WAIT = timedelta(days=365)


def header(headers: Mapping[str, str], name: str) -> str:
    """Return the storable text of a header; empty if it is absent.

    Any bytes may be in one; aiohttp makes a lone surrogate of each that is no UTF-8.
    """
    return storable(headers.get(name, ""))


def list_header(headers: MultiMapping[str], name: str) -> str:
    """Return the storable text of a header that may be given in several lines."""
    return storable(", ".join(headers.getall(name, [])))


def location(headers: Mapping[str, str]) -> str:
    """Return the target of a redirect, in which a byte that is no UTF-8 is escaped as that byte."""
    escaped = _BYTE.sub(lambda byte: f"%{ord(byte[0]) - 0xDC00:02X}", headers.get("Location", ""))
    return storable(escaped).strip()


def fresh_for(*, cache_control: str, age: str, expires: str, date: str) -> timedelta:
    """Return how long the answer stays fresh, from 0, where nothing is said, to a year.

    Each header is empty where it is absent. The time that the answer has spent in caches, its
    Age, is subtracted. Expires counts from the server's own Date, and only where there is no
    Cache-Control.
    """
    if cache_control.strip():
        lifetime = _max_age(cache_control)
    elif read_instant(expires) is None:  # "0" above all, which means: stale already
        lifetime = _NONE
    else:
        lifetime = read_retry_after(expires, date=date) or _NONE
    return max(lifetime - _seconds(age), _NONE)


def read_retry_after(text: str, *, date: str) -> timedelta | None:
    """Return the wait, at most a year; None where the header makes no sense.

    A Retry-After that names an instant is measured from the server's own Date, so that
    neither clock needs to be right.
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        return read_seconds(text)
    until, sent_at = read_instant(text), read_instant(date)
    if until is None or sent_at is None or until < sent_at:
        return None
    return min(until - sent_at, MAX_WAIT)


def read_seconds(digits: str) -> timedelta:
    """Return that many seconds, at most a year."""
    # Nine digits are 31 years; and Python refuses to read a number of thousands of them.
    significant = digits.lstrip("0") or "0"
    return MAX_WAIT if len(significant) > 9 else min(timedelta(seconds=int(significant)), MAX_WAIT)


def read_instant(text: str) -> datetime | None:
    """Return the instant that an HTTP date names, in whatever zone; None where it is none."""
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        # OverflowError: an offset beyond what C can count.
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _max_age(cache_control: str) -> timedelta:
    ages = []
    for directive in cache_control.split(","):
        name, _, value = directive.partition("=")
        name = name.strip().lower()
        if name in _NEVER_FRESH:
            return _NONE
        if name == "max-age":
            ages.append(_seconds(value.strip().strip('"')))
    # Of several the shortest: it is the least to ask for.
    return min(ages, default=_NONE)


def _seconds(text: str) -> timedelta:
    text = text.strip()
    return read_seconds(text) if text.isascii() and text.isdigit() else _NONE
