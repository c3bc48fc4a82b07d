"""How long does a server ask us to wait? Pure.

Source: RFC 9110, 10.2.3.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# Beyond any patience; it only keeps timedelta from overflowing.
_FOREVER = timedelta(days=365)


def read_retry_after(text: str, *, date: str) -> timedelta | None:
    """Return the wait, or None where the header makes no sense; at most a year.

    A Retry-After that names an instant is measured from the server's own Date, so that
    neither clock needs to be right.
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:9])), _FOREVER)
    until, sent_at = _instant(text), _instant(date)
    if until is None or sent_at is None or until < sent_at:
        return None
    return min(until - sent_at, _FOREVER)


def _instant(text: str) -> datetime | None:
    try:
        instant = parsedate_to_datetime(text)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
