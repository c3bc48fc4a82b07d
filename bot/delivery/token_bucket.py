"""Token bucket for Telegram's rate limits, and the detector of a limit on the bot as a whole.

Telegram publishes no exact limits; the bots FAQ names about 30 messages a second over all
chats, one a second in a chat and 20 a minute in a group. The buckets stay below, evenly spaced,
so that no window of any length sees more.
"""

from dataclasses import dataclass
from datetime import timedelta

from bot.model import ChatId, ChatKind

CHAT_GAPS: dict[ChatKind, timedelta] = {
    "private": timedelta(seconds=1),
    # 20 a minute; reported for channels too.
    "group": timedelta(seconds=3),
    "channel": timedelta(seconds=3),
}

# Long enough for every kind of chat.
MAX_CHAT_GAP = max(CHAT_GAPS.values())

# In seconds. A sleep of less than a millisecond lasts far longer, so at a thousand messages a
# second those of some milliseconds go out together. At 28 a second each goes by itself.
MAX_BURST = 0.02

# Different chats refused within the window, and none accepted between: the bot is limited.
MIN_REFUSED_CHATS = 3
REFUSAL_WINDOW = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class TokenBucket:
    """A bucket of tokens, kept as the instant of the next one (generic cell rate algorithm).

    All in seconds of a monotonic clock: a token comes every `gap`, and `slack` of them are saved.
    """

    gap: float
    slack: float
    next_at: float

    @classmethod
    def at_rate(cls, rate: float, *, now: float) -> "TokenBucket":
        """Return a bucket of so many messages a second, from now on."""
        slack = max(MAX_BURST - 1 / rate, 0.0)
        # What goes out together is saved beforehand: a second sees no more than the rate.
        return cls(gap=(1 + slack) / rate, slack=slack, next_at=now)

    def delay(self, now: float) -> float:
        """Return the seconds until the next message may go; 0: at once."""
        return max(self.next_at - now, 0.0)

    def take(self, now: float) -> "TokenBucket":
        """Return the bucket after a message at `now`.

        A message that did not wait for its token, a reply, is paid for by those after it.
        """
        next_at = max(self.next_at, now - self.slack) + self.gap
        return TokenBucket(gap=self.gap, slack=self.slack, next_at=next_at)

    def blocked_until(self, until: float) -> "TokenBucket":
        """Return the bucket without tokens until then."""
        return TokenBucket(gap=self.gap, slack=self.slack, next_at=max(self.next_at, until))


@dataclass(frozen=True, slots=True)
class FloodDetector:
    """The chats refused since a message was last accepted, each with the second of its refusal."""

    refused: tuple[tuple[ChatId, float], ...] = ()

    def after_refusal(self, chat_id: ChatId, now: float) -> "FloodDetector":
        """Return the detector after one more 429."""
        since = now - REFUSAL_WINDOW
        recent = [(chat, at) for chat, at in self.refused if chat != chat_id and at > since]
        return FloodDetector((*recent, (chat_id, now)))

    @property
    def is_global(self) -> bool:
        """Whether the whole bot must wait, and not a single chat."""
        return len(self.refused) >= MIN_REFUSED_CHATS
