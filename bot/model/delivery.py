"""Subscribers, deliveries, messages, and the outcomes of sending them."""

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
    DEFAULT_LOOK,
    DEFAULT_TIMETABLE,
    PUBLIC_VISIBILITY,
    Pictures,
    PostLook,
    ThreadBinding,
    Timetable,
    Visibility,
    Word,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A chat that reads news, with all its settings.

    Deliveries older than `fresh_for` are not sent one by one; those queued up to
    `digest_requested_at`, when the chat last requested a digest, go at once. `has_chosen_when`: the
    timetable was chosen, or set with the first news. `back_at` is the end of the last absence: what
    was queued before it was missed.
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
    followed_storylines: frozenset[StoryId] = frozenset()
    has_chosen_when: bool = False
    last_bundle_at: datetime | None = None
    back_at: datetime | None = None
    pictures: Pictures = "important"
    look: PostLook = DEFAULT_LOOK


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A story queued for a subscriber; `attempts` counts those made before.

    `storyline` is the first chapter of the story's storyline; None: it is not known. No bundle
    holds one that comes `at_once`: by a followed word, or as one of the stories that a chat begins
    with (`is_first`). The message `bundle_id` told the story in a bundle, before many sources had
    it: this delivery is its second and last mention. `is_doubtful`: the answer to an earlier
    attempt never came.
    """

    id: DeliveryId
    story_id: StoryId
    chat_id: ChatId
    attempts: int
    queued_at: datetime
    storyline: StoryId | None = None
    at_once: bool = False
    is_doubtful: bool = False
    is_first: bool = False
    bundle_id: int | None = None


# One story, or the chapters of one storyline; several by topic; or the best of what came while the
# reader was away.
MessageForm = Literal["story", "digest", "missed"]


@dataclass(frozen=True, slots=True)
class MessagePlan:
    """The deliveries that a chat's next message covers; `silent`: it makes no sound.

    `updated_at` is when a message was edited that gave other numbers before. After a bundle of
    calm mode (`is_bundle`) the next one waits for its hour.
    """

    form: MessageForm
    deliveries: tuple[Delivery, ...]
    silent: bool = False
    updated_at: datetime | None = None
    is_bundle: bool = False


@dataclass(frozen=True, slots=True)
class HoldUntil:
    """The reader's timetable holds all messages until then."""

    until: datetime


# In calm mode a story of so many sources comes at once, where the reader has set no number and none
# is learnt.
DEFAULT_LOUD_LINE = 3

# "Read also" links of a message, until the reader asks for more.
FIRST_LINKS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryButtons:
    """What the buttons under a story depend on; `link_count` counts all its "Read also" links.

    Of a chapter, whether its storyline is followed. An `is_private` story cannot be opened in
    another chat.
    """

    story_id: StoryId
    title: str
    url: str
    source_count: int
    link_count: int
    kind: ChatKind
    language: Language = "en"
    is_saved: bool = False
    is_chapter: bool = False
    is_followed: bool = False
    is_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierMessage:
    """The message by which a chat got an earlier chapter, and whether it covered others too."""

    message_id: int
    story_id: StoryId
    is_shared: bool


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """The message that another one replies to; `quote` is a part of its text, may be empty."""

    message_id: int
    quote: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """A message in Telegram HTML or plain text; `preview` is the address of the page to preview.

    If it `is_picture`, that of the picture that is shown above the text. Without a `thread_id` it
    goes to the chat itself, in a forum to General. Only the message of one story has `buttons`, and
    a `content_hash` that tells whether an edit would change it.
    """

    text: str
    preview: str | None
    is_picture: bool = False
    is_html: bool = True
    silent: bool = False
    thread_id: ThreadId | None = None
    content_hash: bytes = b""
    buttons: StoryButtons | None = None
    reply_to: ReplyTo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A letter queued for a chat; `kind` is the chat's; `attempts` includes the current one."""

    id: NoticeId
    letter_id: LetterId
    chat_id: ChatId
    kind: ChatKind
    html: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A sent message that can be edited when its story grows; `content_hash` is as sent.

    So is its `preview`, empty for none; None: it is not known.
    """

    delivery_id: DeliveryId
    story_id: StoryId
    message_id: int
    content_hash: bytes
    sent_at: datetime
    preview: str | None = None
    is_picture: bool = False


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
    """The request was sent and no answer came: the message may have arrived."""

    label: ClassVar[str] = "unanswered"

    reason: str


@dataclass(frozen=True, slots=True)
class ChatMigrated:
    """The group became a supergroup with a new id; the message must be sent there."""

    label: ClassVar[str] = "moved"

    chat_id: ChatId


@dataclass(frozen=True, slots=True)
class ThreadClosed:
    """The thread takes no messages, for now or `for_good`; the message must go to General."""

    label: ClassVar[str] = "shut"

    thread_id: ThreadId
    for_good: bool


@dataclass(frozen=True, slots=True)
class ChatGone:
    """The chat cannot be written to any more: it blocked or removed the bot, or was deleted."""

    label: ClassVar[str] = "gone"

    reason: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Telegram will not accept this message; the chat itself is fine."""

    label: ClassVar[str] = "rejected"

    reason: str


SendOutcome = Sent | RetryLater | Unanswered | ChatMigrated | ThreadClosed | ChatGone | Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """The new state of each delivery that a message covers.

    `is_counted`: it was an attempt; `is_doubtful`: it may have arrived; `retry_at`: the
    delivery is postponed until then, and the others of its chat go ahead; `is_bundle`: the message
    is a bundle of calm mode.
    """

    state: Literal["pending", "sent", "rejected", "gone"]
    reason: str | None = None
    message_id: int | None = None
    is_counted: bool = True
    is_doubtful: bool = False
    retry_at: datetime | None = None
    is_bundle: bool = False
