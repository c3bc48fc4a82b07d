"""Whom we tell it, what we owe them, and what Telegram answers. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from bot.model.ids import (
    ChatId,
    ChatKind,
    DeliveryId,
    Language,
    LetterId,
    NoticeId,
    StoryId,
    ThreadId,
    TopicSlug,
)
from bot.model.subscribers import (
    DEFAULT_TIMETABLE,
    PUBLIC_VISIBILITY,
    ThreadBinding,
    Timetable,
    Visibility,
    Word,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A chat that reads news, with everything it has chosen.

    What it was owed for longer than `fresh_for` is not sent one by one; what it was owed up to
    `asked_at`, when it last asked for a digest, waits for nothing.
    """

    chat_id: ChatId
    kind: ChatKind
    language: Language
    news_languages: frozenset[Language]
    topics: frozenset[TopicSlug]
    paused: bool
    fresh_for: timedelta = timedelta(hours=24)
    timetable: Timetable = DEFAULT_TIMETABLE
    thread_bindings: tuple[ThreadBinding, ...] = ()
    words: tuple[Word, ...] = ()
    visibility: Visibility = PUBLIC_VISIBILITY
    digest_requested_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A story owed to a subscriber; `attempts` counts those that were made before."""

    id: DeliveryId
    story_id: StoryId
    chat_id: ChatId
    attempts: int
    queued_at: datetime


# A story by itself, several by their topics, or what came while the reader was away.
MessageForm = Literal["story", "digest", "missed"]


@dataclass(frozen=True, slots=True)
class MessagePlan:
    """Of what a chat is owed, all that its next message covers, which may come without a sound."""

    form: MessageForm
    deliveries: tuple[Delivery, ...]
    silent: bool = False


@dataclass(frozen=True, slots=True)
class HoldUntil:
    """By the reader's own timetable nothing goes to the chat until then."""

    until: datetime


# So many "Read also" links a message shows, until it is asked for more.
FIRST_LINKS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryButtons:
    """What the buttons under a story need to know of it; which there are depends on the chat.

    `links` are all that "Read also" could show.
    """

    story_id: StoryId
    title: str
    source_count: int
    link_count: int
    kind: ChatKind
    is_saved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """What is sent: Telegram HTML or plain text, with the preview of a page, or of none.

    It goes to a thread of a forum, or, without one, to the chat as such: in a forum, General.
    Of one story by itself `gist` is what it tells, hashed: a message of another gist is news; and
    it has `buttons`.
    """

    text: str
    preview: str | None
    is_html: bool = True
    silent: bool = False
    thread_id: ThreadId | None = None
    content_hash: bytes = b""
    buttons: StoryButtons | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A letter owed to a chat, of its kind; `attempts` counts the one that is being made."""

    id: NoticeId
    letter_id: LetterId
    chat_id: ChatId
    kind: ChatKind
    html: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A message that may be edited should its story grow, and what it told."""

    delivery_id: DeliveryId
    story_id: StoryId
    message_id: int
    content_hash: bytes
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Sent:
    """Telegram accepted the message."""

    label: ClassVar[str] = "sent"

    message_id: int


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Telegram refused for now; an `after` of None: it named no time to wait."""

    label: ClassVar[str] = "retrylater"

    after: timedelta | None
    reason: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The request was written and no answer came: the message may have arrived."""

    label: ClassVar[str] = "unanswered"

    reason: str


@dataclass(frozen=True, slots=True)
class ChatMigrated:
    """The group became a supergroup and has a new id; the message is still owed."""

    label: ClassVar[str] = "moved"

    chat_id: ChatId


@dataclass(frozen=True, slots=True)
class ThreadClosed:
    """The thread takes no messages, for now or `for_good`; the message is still owed."""

    label: ClassVar[str] = "shut"

    thread_id: ThreadId
    for_good: bool


@dataclass(frozen=True, slots=True)
class ChatGone:
    """The chat can no longer be written to: blocked, deleted or kicked us out."""

    label: ClassVar[str] = "gone"

    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Telegram will never accept this message; the chat itself is fine."""

    label: ClassVar[str] = "rejected"

    reason: str


SendOutcome = Sent | RetryLater | Unanswered | ChatMigrated | ThreadClosed | ChatGone | Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """What an outcome means for each delivery that the message covers.

    `is_counted`: it was an attempt; `is_doubtful`: it may have arrived; `retry_at`: the
    delivery is put off alone until then, and the others of its chat go ahead.
    """

    state: Literal["pending", "sent", "rejected", "gone"]
    reason: str | None = None
    message_id: int | None = None
    is_counted: bool = True
    is_doubtful: bool = False
    retry_at: datetime | None = None
