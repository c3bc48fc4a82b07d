"""The nouns of ReadAlso, as values. Pure.

Instants are aware UTC; the glossary in docs/architecture.md says what each noun means.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NewType

FeedId = NewType("FeedId", int)
ArticleId = NewType("ArticleId", int)
StoryId = NewType("StoryId", int)
DeliveryId = NewType("DeliveryId", int)
ChatId = NewType("ChatId", int)
TopicSlug = NewType("TopicSlug", str)

# What readers read; an article may be in a language that is none of these.
Language = Literal["uk", "ru", "en"]
LANGUAGES: tuple[Language, ...] = ("uk", "ru", "en")
ArticleLanguage = Language | Literal["other"]

ChatKind = Literal["private", "group", "channel"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFeed:
    """A feed as the catalogue lists it; `topic` is its usual one, None for a mixed feed."""

    url: str
    source: str
    language: Language
    topic: TopicSlug | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed that we poll; `read_before` is False until its first successful poll."""

    id: FeedId
    url: str
    source: str
    language: Language
    topic: TopicSlug | None
    etag: bytes | None
    last_modified: bytes | None
    failures: int
    read_before: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An item as its publisher wrote it, in plain text: no markup, no entities."""

    guid: str
    url: str
    title: str
    text: str
    categories: tuple[str, ...]
    published_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """An entry that we stored, with what its feed says of it."""

    id: ArticleId
    source: str
    feed_language: Language
    feed_topic: TopicSlug | None
    url: str
    canonical_url: str
    title: str
    text: str
    categories: tuple[str, ...]
    published_at: datetime
    backlog: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the editor made of an article.

    `title_key` is equal for titles of the same words and empty for titles too short to
    compare; `terms` are the stems by which related stories find each other.
    """

    language: ArticleLanguage
    topic: TopicSlug | None
    summary: str
    title_key: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One event, shown by its lead: the first article that told it."""

    id: StoryId
    topic: TopicSlug
    language: Language
    title: str
    summary: str
    url: str
    source: str
    published_at: datetime


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
