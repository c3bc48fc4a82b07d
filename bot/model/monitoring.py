"""Counts of the tables and the age of backups, for metrics and alarms."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupStatus:
    """Age of the last good backup; without one (`exists`), the time that it has been missing.

    `missing_bytes`: what the disk lacked for the last attempt, 0 if it lacked nothing.
    """

    exists: bool
    age: timedelta
    is_late: bool
    missing_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedFlow:
    """How many feeds are polled, how many of them fail, and when the last article came.

    An `article_at` of None: there never was an article.
    """

    polled: int
    failing: int
    article_at: datetime | None


@dataclass(frozen=True, slots=True)
class SilentJoins:
    """Articles that joined stories of one age and were owed to nobody.

    `recent` is the number of today or of yesterday, whichever is more; `usual` the mean of the week
    before them, over the days that it has.
    """

    recent: int
    usual: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCounts:
    """Rows by table; `articles`, `stories` and `deliveries` count those ever made.

    `unprocessed` are articles, `pending` are deliveries. `oldest_pending_at` is when the oldest
    pending delivery was queued, which a timetable may hold; `oldest_due_at` is when the chat that
    waits for the longest became due. Both are None where there is none. `silent_joins` are articles
    that ever joined a story and were owed to nobody, by the age of the story.
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
    dead_letters: Mapping[str, int]
    silent_joins: Mapping[str, int]
