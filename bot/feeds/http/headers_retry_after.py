"""How long does a server ask us to wait? Pure.

Source: RFC 9110, 10.2.3.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# Beyond any patience; it only keeps timedelta from overflowing.
FOREVER = timedelta(days=365)


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
