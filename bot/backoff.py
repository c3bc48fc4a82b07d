"""Exponential backoff: how long to wait after failed attempts; and how often to log them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from time import monotonic

REMINDER_INTERVAL = timedelta(minutes=1)

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


@dataclass(slots=True)
class Reminder:
    """Says when a failure that goes on is to be logged: at once, then once a minute."""

    monotonic: Callable[[], float] = monotonic
    _logged_at: float = -inf

    def is_due(self) -> bool:
        """Return whether to log it now, which counts as done."""
        is_due = self.monotonic() - self._logged_at >= REMINDER_INTERVAL.total_seconds()
        if is_due:
            self._logged_at = self.monotonic()
        return is_due
