"""Whom we tell it, what we owe them, and what Telegram answers. Pure."""

from dataclasses import dataclass
from datetime import timedelta

from bot.model.names import ChatId, ChatKind, DeliveryId, Language, StoryId, TopicSlug


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A chat that reads news, with everything it has chosen."""

    chat_id: ChatId
    kind: ChatKind
    language: Language
    news_languages: frozenset[Language]
    topics: frozenset[TopicSlug]
    paused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A story owed to a subscriber; `attempts` counts this one."""

    id: DeliveryId
    story_id: StoryId
    chat_id: ChatId
    attempts: int


@dataclass(frozen=True, slots=True)
class Sent:
    """Telegram accepted the message."""

    message_id: int


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Telegram refused for now; an `after` of None: it named no time to wait."""

    after: timedelta | None
    reason: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The request was written and no answer came: the message may have arrived."""

    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The group became a supergroup and has a new id; the message is still owed."""

    chat_id: ChatId


@dataclass(frozen=True, slots=True)
class Gone:
    """The chat can no longer be written to: blocked, deleted or kicked us out."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Telegram will never accept this message; the chat itself is fine."""

    reason: str


Outcome = Sent | RetryLater | Unanswered | Moved | Gone | Rejected
