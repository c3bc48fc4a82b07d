"""What Telegram tells us. Pure."""

from dataclasses import dataclass

from bot.model.ids import ChatId, UpdateId


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An update as it came: a message, a press on a button, a chat that blocked us.

    `chat_id` is 0 for what happens in no chat; `content` is JSON; `attempts` counts those that
    failed.
    """

    id: UpdateId
    chat_id: ChatId
    kind: str
    content: str
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Managed:
    """The channel that a private chat speaks of, by its @name or its title."""

    channel_id: ChatId
    name: str
