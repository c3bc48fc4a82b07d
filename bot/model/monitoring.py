"""What the tables say of the bot's work, counted. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFlow:
    """How many feeds are polled for somebody, how many of them fail, and when news last came.

    An `article_at` of None: there never was an article.
    """

    polled: int
    failing: int
    article_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCounts:
    """How much there is, by the tables; `articles`, `stories` and `deliveries` only ever rise.

    `owed_since` is when the oldest delivery that is pending was owed, which a reader's own hours
    may hold back; `due_since` is when the chat that waits for the longest fell due. Both are
    None where there is no such thing.
    """

    articles: int
    unprocessed: int
    stories: int
    deliveries: int
    pending: int
    oldest_pending_at: datetime | None
    oldest_due_at: datetime | None
    updates: int
    subscribers: Mapping[str, int]
    feeds: Mapping[str, int]
