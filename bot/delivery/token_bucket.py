"""How fast we may send. Pure.

Telegram publishes no exact limits; the bots FAQ names about 30 messages a second over all
chats, one a second in a chat and 20 a minute in a group. We stay below, evenly spaced, so
that no window of any length sees more.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

from bot.model import ChatId, ChatKind

CHAT_GAPS: dict[ChatKind, timedelta] = {
    "private": timedelta(seconds=1),
    # 20 a minute; reported for channels too.
    "group": timedelta(seconds=3),
    "channel": timedelta(seconds=3),
}

# What suits every kind of chat.
CHAT_GAP = max(CHAT_GAPS.values())

# In seconds. A sleep of less than a millisecond lasts far longer, so at a thousand messages a
# second those of some milliseconds go out together. At 28 a second each goes by itself.
TOGETHER = 0.02


# So many different chats, refused within a moment with nobody accepted between.
CHATS = 3
MOMENT = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class TokenBucket:
    """The gap between messages over all chats, and when the next may go.

    A bucket of tokens, kept as the instant at which the next token is there. All in seconds of
    a clock that never jumps.
    """

    gap: float
    slack: float
    next_at: float

    @classmethod
    def of(cls, rate: float, *, now: float) -> "TokenBucket":
        """Return the pace of so many messages a second, from now on."""
        slack = max(TOGETHER - 1 / rate, 0.0)
        # What goes out together is saved beforehand: a second sees no more than the rate.
        return cls(gap=(1 + slack) / rate, slack=slack, next_at=now)

    def delay(self, now: float) -> float:
        """Return in how many seconds the next message may go; 0: it may go at once."""
        return max(self.next_at - now, 0.0)

    def take(self, now: float) -> "TokenBucket":
        """Return the pace after a message at `now`.

        One that did not wait for its turn, a reply to a person, is paid for by those after it.
        """
        return replace(self, next_at=max(self.next_at, now - self.slack) + self.gap)

    def blocked_until(self, until: float) -> "TokenBucket":
        """Return the pace after Telegram asked for silence in all chats until then."""
        return replace(self, next_at=max(self.next_at, until))


@dataclass(frozen=True, slots=True)
class FloodDetector:
    """The chats that were refused since a message was last accepted, each with when."""

    refused: tuple[tuple[ChatId, float], ...] = ()

    def after_refusal(self, chat_id: ChatId, now: float) -> "FloodDetector":
        """Return what we know after one more 429."""
        recent = [(chat, at) for chat, at in self.refused if chat != chat_id and at > now - MOMENT]
        return FloodDetector((*recent, (chat_id, now)))

    @property
    def are_general(self) -> bool:
        """Whether it is the bot that must wait, and no single chat."""
        return len(self.refused) >= CHATS
