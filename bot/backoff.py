"""Exponential backoff: how long to wait after failed attempts."""

from datetime import timedelta

# A million first waits: beyond any longest one, and it keeps timedelta from overflowing.
_MAX_DOUBLINGS = 20


def backoff(
    attempt: int, *, first: timedelta, longest: timedelta, jitter: float = 0.0
) -> timedelta:
    """Return the wait after that many failed attempts: `first` after one, doubling to `longest`.

    `jitter`, from 0 to 1, adds up to half as much again, so that those who failed together do
    not return together.
    """
    doublings = min(max(attempt - 1, 0), _MAX_DOUBLINGS)
    return min(first * (1 << doublings), longest) * (1 + jitter / 2)
