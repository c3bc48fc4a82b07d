"""Conversion of instants to what the tables hold: whole seconds since 1970-01-01 UTC."""

import math
from datetime import UTC, datetime


def to_seconds(instant: datetime) -> int:
    """Return the whole seconds of an aware instant, rounded down."""
    return math.floor(instant.timestamp())


def to_seconds_after(instant: datetime) -> int:
    """Return the first whole second that is not before the instant: for "not earlier than"."""
    return math.ceil(instant.timestamp())


def from_seconds(seconds: int) -> datetime:
    """Return the instant in UTC."""
    return datetime.fromtimestamp(seconds, UTC)
