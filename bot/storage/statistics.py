"""Row counts for /metrics, /admin and `stats`; their cost does not grow with the tables."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiosqlite

from bot.model import StoryId, TableCounts
from bot.storage.queues.attempts import count_dead_letters
from bot.storage.times import from_seconds, to_seconds

# Of a story that an article joined, as `storylines.count_silent_join` writes them.
_STORY_AGES = ("1h", "6h", "24h", "older")
# Deliveries of the last day whose delay is looked up, evenly chosen.
_DELAY_SAMPLE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriberCounts:
    """Numbers of subscribers; `gone` are those that cannot be written to, counted nowhere else."""

    by_kind: dict[str, int]
    by_topic: dict[str, int]
    by_language: dict[str, int]
    paused: int
    gone: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """Numbers of rows, and since when the oldest delivery waits; None: none is pending."""

    feeds: int
    articles: int
    unread: int
    stories: int
    deliveries: dict[str, int]
    possible_repeats: int
    oldest_owed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LastDay:
    """Results of the deliveries that were queued since then.

    `lost` are those that Telegram rejected for good, even as plain text: any other delivery is
    sent in the end, or its chat cannot be written to. `silent_joins` are articles of these days
    that joined a story and were owed to nobody, by the age of the story. `sent_by_hour` begins
    with the first hour; `delays`, shortest first, from a publication to the reader are those of a
    sample.
    """

    sent: int
    lost: int
    possible_repeats: int
    silent_joins: dict[str, int]
    sent_by_hour: tuple[int, ...] = (0,) * 24
    delays: tuple[timedelta, ...] = ()

    def delay(self, share: float) -> timedelta | None:
        """Return the delay within which that share of the stories came; None: none came."""
        return self.delays[int(share * (len(self.delays) - 1))] if self.delays else None


async def subscriber_counts(db: aiosqlite.Connection) -> SubscriberCounts:
    """Count the subscribers; one counts for each of its topics and languages."""
    rows = await db.execute_fetchall(
        """
        SELECT count(*) FILTER (WHERE gone_at IS NOT NULL),
               count(*) FILTER (WHERE gone_at IS NULL AND paused_at IS NOT NULL)
          FROM subscribers
        """
    )
    ((gone, paused),) = rows
    return SubscriberCounts(
        by_kind=await _counts(
            db, "SELECT kind, count(*) FROM subscribers WHERE gone_at IS NULL GROUP BY kind"
        ),
        by_topic=await _counts(
            db,
            """
            SELECT topic, count(*) FROM subscriptions JOIN subscribers USING (chat_id)
             WHERE gone_at IS NULL GROUP BY topic
            """,
        ),
        by_language=await _counts(
            db,
            """
            SELECT news_languages.language, count(*)
              FROM news_languages JOIN subscribers USING (chat_id)
             WHERE gone_at IS NULL GROUP BY news_languages.language
            """,
        ),
        paused=paused,
        gone=gone,
    )


async def workload(db: aiosqlite.Connection) -> Workload:
    """Count what was processed, and what is still to do."""
    ((feeds, articles, unread, stories),) = await db.execute_fetchall(
        """
        SELECT (SELECT count(*) FROM feeds WHERE listed = 1),
               (SELECT count(*) FROM articles),
               (SELECT count(*) FROM articles WHERE edited_at IS NULL),
               (SELECT count(*) FROM stories)
        """
    )
    # By far the largest table, and nearly all are sent: these are all minus the others.
    ((total, *others),) = await db.execute_fetchall(
        """
        SELECT (SELECT count(*) FROM deliveries),
               (SELECT count(*) FROM deliveries WHERE state = 'pending'),
               (SELECT count(*) FROM deliveries WHERE state = 'sending'),
               (SELECT count(*) FROM deliveries
                 WHERE state IN ('gone', 'rejected') AND state = 'gone'),
               (SELECT count(*) FROM deliveries
                 WHERE state IN ('gone', 'rejected') AND state = 'rejected')
        """
    )
    by_state = dict(zip(("pending", "sending", "gone", "rejected"), others, strict=True))
    by_state["sent"] = total - sum(others)
    deliveries = {state: count for state, count in by_state.items() if count}
    ((repeats, oldest),) = await db.execute_fetchall(
        """
        SELECT (SELECT count(*) FROM deliveries WHERE doubts > 0),
               -- The oldest has the least id; few are being sent.
               (SELECT min(owed_at) FROM deliveries
                 WHERE id IN (SELECT min(id) FROM deliveries INDEXED BY deliveries_pending
                               WHERE state = 'pending'
                               UNION
                              SELECT id FROM deliveries INDEXED BY deliveries_sending
                               WHERE state = 'sending'))
        """
    )
    return Workload(
        feeds=feeds,
        articles=articles,
        unread=unread,
        stories=stories,
        deliveries=deliveries,
        possible_repeats=repeats,
        oldest_owed_at=None if oldest is None else from_seconds(oldest),
    )


async def last_day(db: aiosqlite.Connection, *, since: datetime) -> LastDay:
    """Count the results of the deliveries that were queued since then.

    Ids rise with time: a binary search finds the first of them in some twenty steps.
    """
    # Whether the row in the middle was queued since then, or there is none.
    is_late = """
        coalesce((SELECT owed_at FROM deliveries WHERE id >= (low + high) / 2 ORDER BY id LIMIT 1)
                 >= :since, 1)
    """
    rows = await db.execute_fetchall(
        f"""
          WITH RECURSIVE search (low, high) AS (
               SELECT 0, coalesce(max(id), 0) + 1 FROM deliveries
                UNION ALL
               SELECT iif({is_late}, low, (low + high) / 2 + 1),
                      iif({is_late}, (low + high) / 2, high)
                 FROM search WHERE low < high)
        SELECT state, (coalesce(done_at, owed_at) - :since) / 3600, count(*), sum(doubts > 0),
               min(id), max(id)
          FROM deliveries
         WHERE id >= (SELECT low FROM search WHERE low >= high) AND owed_at >= :since
         GROUP BY 1, 2
        """,
        {"since": to_seconds(since)},
    )
    counts, by_hour = Counter[str](), [0] * 24
    for state, hour, count, *_ in rows:
        counts[state] += count
        by_hour[min(hour, 23)] += count if state == "sent" else 0
    first, last = min((row[4] for row in rows), default=0), max((row[5] for row in rows), default=0)
    return LastDay(
        sent=counts["sent"],
        lost=counts["rejected"],
        possible_repeats=sum(row[3] for row in rows),
        silent_joins=await _silent_joins(db, since=since),
        sent_by_hour=tuple(by_hour),
        delays=await _delays(db, range(first, last + 1, (last - first) // _DELAY_SAMPLE + 1)),
    )


async def _delays(db: aiosqlite.Connection, ids: Iterable[int]) -> tuple[timedelta, ...]:
    """Return from publication to reader for those of the deliveries that were sent, sorted."""
    rows = await db.execute_fetchall(
        """
        SELECT max(done_at - published_at, 0) AS delay
          FROM json_each(?) AS sample
         CROSS JOIN deliveries ON deliveries.id = sample.value
          JOIN stories ON stories.id = story_id
         WHERE state = 'sent' AND done_at IS NOT NULL
         ORDER BY delay
        """,
        (json.dumps(list(ids)),),
    )
    return tuple(timedelta(seconds=row[0]) for row in rows)


async def table_counts(db: aiosqlite.Connection) -> TableCounts:
    """Return the counts for /metrics."""
    pending, oldest = await _row(
        db, "SELECT count(*), min(id) FROM deliveries WHERE state = 'pending'"
    )
    subscribers = await _one(db, "SELECT count(*) FROM subscribers")
    gone = await _one(db, "SELECT count(*) FROM subscribers WHERE gone_at IS NOT NULL")
    paused = await _one(
        db, "SELECT count(*) FROM subscribers WHERE paused_at IS NOT NULL AND gone_at IS NULL"
    )
    listed, stopped, failing = await _row(
        db,
        "SELECT count(*), total(stopped IS NOT NULL OR disabled_at IS NOT NULL),"
        " total(stopped IS NULL AND disabled_at IS NULL AND problem IS NOT NULL)"
        " FROM feeds WHERE listed = 1",
    )
    stopped, failing = int(stopped or 0), int(failing or 0)
    fine = (listed or 0) - stopped - failing
    return TableCounts(
        articles=await _one(db, "SELECT coalesce(max(id), 0) FROM articles"),
        unprocessed=await _one(db, "SELECT count(*) FROM articles WHERE edited_at IS NULL"),
        stories=await _one(db, "SELECT coalesce(max(id), 0) FROM stories"),
        deliveries=await _one(
            db, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'deliveries'"
        ),
        pending=pending or 0,
        oldest_pending_at=await _instant(db, "SELECT owed_at FROM deliveries WHERE id = ?", oldest),
        oldest_due_at=await oldest_due_at(db),
        updates=await _one(db, "SELECT count(*) FROM updates WHERE handled_at IS NULL"),
        subscribers={"reading": subscribers - gone - paused, "paused": paused, "gone": gone},
        feeds={"fine": fine, "failing": failing, "stopped": stopped},
        dead_letters=await count_dead_letters(db),
        silent_joins=dict.fromkeys(_STORY_AGES, 0) | await _silent_joins(db, since=from_seconds(0)),
    )


async def oldest_due_at(db: aiosqlite.Connection) -> datetime | None:
    """Return the earliest time at which a chat is or was due; None: none is."""
    return await _instant(
        db,
        "SELECT min(due_at) FROM subscribers"
        " WHERE due_at IS NOT NULL AND paused_at IS NULL AND gone_at IS NULL",
    )


async def published_at(db: aiosqlite.Connection, story_id: StoryId) -> datetime | None:
    """Return when the story was published; None: it was deleted."""
    return await _instant(db, "SELECT published_at FROM stories WHERE id = ?", story_id)


async def _counts(db: aiosqlite.Connection, query: str) -> dict[str, int]:
    """Return the counts of a query by name, highest first."""
    rows = await db.execute_fetchall(query)
    return dict(sorted(((row[0], row[1]) for row in rows), key=lambda item: (-item[1], item[0])))


async def _row(db: aiosqlite.Connection, query: str, *values: int | None) -> tuple[int | None, ...]:
    rows = await db.execute_fetchall(query, values)
    return next((tuple(row) for row in rows), (None,))


async def _silent_joins(db: aiosqlite.Connection, *, since: datetime) -> dict[str, int]:
    rows = await db.execute_fetchall(
        """
        SELECT age, sum(count) FROM silent_joins
         WHERE day >= ? / 86400
         GROUP BY age ORDER BY age = 'older', CAST(age AS INTEGER)
        """,
        (to_seconds(since),),
    )
    return {row[0]: row[1] for row in rows}


async def _one(db: aiosqlite.Connection, query: str) -> int:
    value, *_ = await _row(db, query)
    return value or 0


async def _instant(db: aiosqlite.Connection, query: str, *values: int | None) -> datetime | None:
    value, *_ = await _row(db, query, *values)
    return None if value is None else from_seconds(value)
