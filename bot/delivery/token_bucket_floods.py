"""Does Telegram ask one chat to wait, or all of them? Pure.

A 429 does not say. A chat that is written to too fast is refused alone, and others are accepted
beside it; when the bot as a whole is too fast, one chat after the other is refused.
"""

from dataclasses import dataclass

from bot.model import ChatId

# So many different chats, refused within a moment with nobody accepted between.
CHATS = 3
MOMENT = 5.0  # seconds


@dataclass(frozen=True, slots=True)
class Floods:
    """The chats that were refused since a message was last accepted, each with when."""

    refused: tuple[tuple[ChatId, float], ...] = ()

    def after_refusal(self, chat_id: ChatId, now: float) -> "Floods":
        """Return what we know after one more 429."""
        recent = [(chat, at) for chat, at in self.refused if chat != chat_id and at > now - MOMENT]
        return Floods((*recent, (chat_id, now)))

    @property
    def are_general(self) -> bool:
        """Whether it is the bot that must wait, and no single chat."""
        return len(self.refused) >= CHATS
