"""How fast we may send. Pure.

Telegram publishes no exact limits; the bots FAQ names about 30 messages a second over all
chats, one a second in a chat and 20 a minute in a group. We stay below, evenly spaced, so
that no window of any length sees more.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import ChatKind

CHAT_GAPS: dict[ChatKind, timedelta] = {
    "private": timedelta(seconds=1),
    # 20 a minute; reported for channels too.
    "group": timedelta(seconds=3),
    "channel": timedelta(seconds=3),
}

BACKOFF_FIRST = timedelta(seconds=2)
BACKOFF_LONGEST = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Pace:
    """The gap between messages over all chats, and when the next may go."""

    gap: timedelta
    next_at: datetime

    def take(self, now: datetime) -> tuple[timedelta, "Pace"]:
        """Take the next slot; return how long to wait for it, and the pace after it."""
        slot = max(now, self.next_at)
        return slot - now, Pace(self.gap, slot + self.gap)


def backoff(attempts: int, *, jitter: float) -> timedelta:
    """Return the wait after that many failed attempts: doubling, up to five minutes.

    `jitter` from 0 to 1 adds up to half as much again, so that chats do not return together.
    """
    # 2**8 first waits already exceed the longest one.
    wait = min(BACKOFF_FIRST * (1 << min(max(attempts - 1, 0), 8)), BACKOFF_LONGEST)
    return wait * (1 + jitter / 2)
