"""For how long does a server say that its answer stays fresh? Pure.

Source: RFC 9111, 4.2 and 5.2.2.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_NONE = timedelta(0)
# What says: ask me every time.
_NEVER_FRESH = frozenset({"no-cache", "no-store"})


# Beyond any patience; it only keeps timedelta from overflowing.
FOREVER = timedelta(days=365)


def fresh_for(*, cache_control: str, age: str, expires: str, date: str) -> timedelta:
    """Return how long not to ask again, from 0, where nothing is said, to a year.

    Each header is empty where it is absent. What the answer has spent in caches on its way to
    us, its Age, is taken off. An Expires counts from the server's own Date, and only where
    there is no Cache-Control.
    """
    lifetime = _max_age(cache_control) if cache_control.strip() else _expires(expires, date)
    return max(lifetime - _seconds(age), _NONE)


def _max_age(control: str) -> timedelta:
    directives = [_directive(part) for part in control.split(",")]
    if any(name in _NEVER_FRESH for name, _ in directives):
        return _NONE
    ages = [value for name, value in directives if name == "max-age"]
    # Which of several is meant nobody knows, so the shortest: it is the least to ask for.
    return min(map(_seconds, ages), default=_NONE)


def _directive(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name.strip().lower(), value.strip().strip('"')


def _seconds(text: str) -> timedelta:
    text = text.strip()
    return read_seconds(text) if text.isascii() and text.isdigit() else _NONE


def _expires(text: str, date: str) -> timedelta:
    if read_instant(text) is None:
        # "0" above all, which means: stale already.
        return _NONE
    return read_retry_after(text, date=date) or _NONE


def read_retry_after(text: str, *, date: str) -> timedelta | None:
    """Return the wait, or None where the header makes no sense; at most a year.

    A Retry-After that names an instant is measured from the server's own Date, so that
    neither clock needs to be right.
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        return read_seconds(text)
    until, sent_at = read_instant(text), read_instant(date)
    if until is None or sent_at is None or until < sent_at:
        return None
    return min(until - sent_at, FOREVER)


def read_seconds(digits: str) -> timedelta:
    """Return so many seconds, at most a year."""
    # Nine digits are 31 years; and Python refuses to read a number of thousands of them.
    significant = digits.lstrip("0") or "0"
    return FOREVER if len(significant) > 9 else min(timedelta(seconds=int(significant)), FOREVER)


def read_instant(text: str) -> datetime | None:
    """Return the instant that an HTTP date names, in whatever zone; None where it is none."""
    try:
        instant = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        # OverflowError: an offset beyond what C can count.
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
