"""Wall clock, the only one of ReadAlso; everything else takes `now` as an argument."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the current instant, in UTC."""
    return datetime.now(UTC)
