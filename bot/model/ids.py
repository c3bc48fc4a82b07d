"""Ids, their codes, and literals for languages, kinds and reasons."""

from hashlib import blake2b
from typing import Literal, NewType

FeedId = NewType("FeedId", int)
ArticleId = NewType("ArticleId", int)
StoryId = NewType("StoryId", int)
DeliveryId = NewType("DeliveryId", int)
ChatId = NewType("ChatId", int)
ThreadId = NewType("ThreadId", int)
UpdateId = NewType("UpdateId", int)
PhraseId = NewType("PhraseId", int)
LetterId = NewType("LetterId", int)
NoticeId = NewType("NoticeId", int)
TopicSlug = NewType("TopicSlug", str)

# Bytes of the code of a chat: so few that it can be read out, so many that two share none.
_CODE_BYTES = 4


def code_key(token: str) -> bytes:
    """Return the key of the codes of chats: they stay the same until the bot gets a new token."""
    return blake2b(token.encode()).digest()


def chat_code(chat_id: ChatId, key: bytes) -> str:
    """Return the keyed hash by which logs and /admin name a chat, eight hexadecimal digits."""
    return blake2b(str(chat_id).encode(), digest_size=_CODE_BYTES, key=key).hexdigest()


# Languages of readers; an article may be in another.
# What a reader reports of a story: a topic that is wrong, or articles of different events.
Verdict = Literal["topic", "story"]
Language = Literal["uk", "ru", "en"]
LANGUAGES: tuple[Language, ...] = ("uk", "ru", "en")
ArticleLanguage = Language | Literal["other"]

# A feature explains, a live report goes on, a digest tells several events; service tells none, such
# as a horoscope; "none" is a greeting or a quiz.
ArticleKind = Literal["news", "feature", "live", "digest", "service", "ad", "none"]

ChatKind = Literal["private", "group", "channel"]

PollOutcome = Literal["read", "unchanged", "torn", "busy", "failed", "killed", "gone"]
# Why a feed is not polled until the operator asks for it.
StopReason = Literal["gone", "merged", "disabled"]
# No new articles, many feeds fail, deliveries are late, the disk is full, the database fails, the
# last backup is too old, a worker failed, something was set aside, news may be swallowed.
Alarm = Literal[
    "silence", "feeds", "late", "disk", "database", "backup", "workers", "dead letters",
    "swallowed",
]  # fmt: skip
# Why no feed is found at the address that a reader typed.
DiscoveryFailure = Literal[
    "not an address", "private", "unknown", "not found", "gone", "needs login", "refused",
    "challenge", "no feed", "no preview", "too heavy", "unreadable",
]  # fmt: skip
# The problem of a feed, for its reader.
FeedProblem = Literal[
    "gone", "not found", "refused", "not a feed", "too heavy", "broken", "silent", "left"
]

# Why an item of a feed is no entry, and of how many items that is so.
DropReason = Literal["no link", "neither title nor text"]
DroppedItems = tuple[tuple[DropReason, int], ...]
