"""The names of things: ids, languages, kinds. Pure."""

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

# What readers read; an article may be in a language that is none of these.
Language = Literal["uk", "ru", "en"]
LANGUAGES: tuple[Language, ...] = ("uk", "ru", "en")
ArticleLanguage = Language | Literal["other"]

ChatKind = Literal["private", "group", "channel"]

PollOutcome = Literal["read", "unchanged", "torn", "busy", "failed", "killed", "gone"]
# Why a feed is polled no more until the operator asks for it.
StopReason = Literal["gone", "merged", "disabled"]
# What those who run the bot are told of: no news comes, many feeds fail, chats wait, no room, ….
Alarm = Literal["silence", "feeds", "late", "disk", "database"]
# Why a reader gets no feed of the address that he named.
DiscoveryFailure = Literal[
    "not an address", "private", "unknown", "not found", "gone", "needs login", "refused",
    "challenge", "no feed", "too heavy", "unreadable",
]  # fmt: skip
# What is the matter with a feed, as its reader is told it.
FeedProblem = Literal["gone", "not found", "refused", "not a feed", "too heavy", "broken", "silent"]
