"""The nouns of ReadAlso, as values. Pure.

Instants are aware UTC; the glossary in docs/architecture.md says what each noun means.
"""

from bot.model.feeds import (
    ClockError,
    Entry,
    Feed,
    FeedHealth,
    ListedFeed,
    Move,
    Poll,
    Remembered,
    Rhythm,
)
from bot.model.names import (
    LANGUAGES,
    ArticleId,
    ArticleLanguage,
    ChatId,
    ChatKind,
    DeliveryId,
    FeedId,
    Language,
    PollOutcome,
    Stop,
    StoryId,
    TopicSlug,
)
from bot.model.news import AlikeStory, Article, Reading, StoredTelling, Story
from bot.model.sending import (
    Delivery,
    Gone,
    Moved,
    Outcome,
    Rejected,
    RetryLater,
    Sent,
    Subscriber,
    Unanswered,
)
from bot.model.timetable import Quiet, Timetable, When

__all__ = [
    "LANGUAGES",
    "AlikeStory",
    "Article",
    "ArticleId",
    "ArticleLanguage",
    "ChatId",
    "ChatKind",
    "ClockError",
    "Delivery",
    "DeliveryId",
    "Entry",
    "Feed",
    "FeedHealth",
    "FeedId",
    "Gone",
    "Language",
    "ListedFeed",
    "Move",
    "Moved",
    "Outcome",
    "Poll",
    "PollOutcome",
    "Quiet",
    "Reading",
    "Rejected",
    "Remembered",
    "RetryLater",
    "Rhythm",
    "Sent",
    "Stop",
    "StoredTelling",
    "Story",
    "StoryId",
    "Subscriber",
    "Timetable",
    "TopicSlug",
    "Unanswered",
    "When",
]
