"""Table `own_feeds`: the feeds that chats have added for themselves, and their health."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import aiosqlite

from bot.model import ChatId, FeedId, FeedProblem, FoundFeed, Language, OwnFeed
from bot.storage.times import to_seconds
from bot.web.sources import source_of

# A feed that has failed for so long counts as dead.
DEAD_AFTER = timedelta(days=3)

_COLUMNS = """
               feeds.id, url, iif(private AND title <> '', title, source), stopped, failures,
               (SELECT outcome FROM polls WHERE feed_id = feeds.id ORDER BY id DESC LIMIT 1),
               (SELECT status FROM polls WHERE feed_id = feeds.id ORDER BY id DESC LIMIT 1),
               EXISTS (SELECT 1 FROM channel_sources WHERE channel_sources.feed_id = feeds.id)
"""


async def add(
    tx: aiosqlite.Connection,
    chat_id: ChatId,
    feed: FoundFeed,
    *,
    language: Language,
    now: datetime,
) -> FeedId:
    """Add the feed to the chat's own; a new one is due at once, a known one is shared.

    A feed outside the catalogue is private to those who add it, and its source is by its address,
    whatever it calls itself. This chat alone lists it under the title that it was found by.
    `language` is that of articles whose language is not detected.
    """
    at = to_seconds(now)
    rows = await tx.execute_fetchall(
        "SELECT id FROM feeds WHERE ? IN (url, moved_to) ORDER BY listed DESC, id LIMIT 1",
        (feed.url,),
    )
    feed_id = next((FeedId(row[0]) for row in rows), None)
    if feed_id is None:
        cursor = await tx.execute(
            """
            INSERT INTO feeds (url, source, language, domain, due_at, private)
            VALUES (?, ?, ?, ?, ?, 1)
            """,
            (feed.url, source_of(feed.url), language, feed.domain, at),
        )
        assert cursor.lastrowid is not None
        feed_id = FeedId(cursor.lastrowid)
        await tx.execute(
            "INSERT INTO feed_pages (feed_id, wanted) VALUES (?, ?)", (feed_id, feed.has_pages)
        )
    await tx.execute(
        "UPDATE feeds SET listed = 1, stopped = nullif(stopped, 'gone') WHERE id = ?", (feed_id,)
    )
    await tx.execute(
        "INSERT OR IGNORE INTO own_feeds (chat_id, feed_id, added_at, title) VALUES (?, ?, ?, ?)",
        (chat_id, feed_id, at, feed.title),
    )
    return feed_id


async def remove(tx: aiosqlite.Connection, chat_id: ChatId, feeds: Iterable[FeedId]) -> None:
    """Remove the feeds from the chat's own; a private one that nobody has left is not polled."""
    ids = tuple(feeds)
    await tx.executemany(
        "DELETE FROM own_feeds WHERE chat_id = ? AND feed_id = ?",
        [(chat_id, feed_id) for feed_id in ids],
    )
    await tx.executemany(
        """
        UPDATE feeds SET listed = 0
         WHERE id = ? AND private = 1
           AND NOT EXISTS (SELECT 1 FROM own_feeds WHERE feed_id = feeds.id)
        """,
        [(feed_id,) for feed_id in ids],
    )


async def of_chat(db: aiosqlite.Connection, chat_id: ChatId) -> tuple[OwnFeed, ...]:
    """Return the feeds that the chat has added, in the order it did."""
    rows = await db.execute_fetchall(
        f"""
        SELECT {_COLUMNS}
          FROM own_feeds JOIN feeds ON feeds.id = feed_id
         WHERE chat_id = ?
         ORDER BY added_at, feeds.id
        """,
        (chat_id,),
    )
    return tuple(_own_feed(row) for row in rows)


async def count_readers(db: aiosqlite.Connection, feed_id: FeedId) -> int:
    """Count the active chats that have added the feed."""
    rows = await db.execute_fetchall(
        """
        SELECT count(*) FROM own_feeds JOIN subscribers USING (chat_id)
         WHERE feed_id = ? AND paused_at IS NULL AND gone_at IS NULL
        """,
        (feed_id,),
    )
    return next(int(row[0]) for row in rows)


async def newly_dead(
    db: aiosqlite.Connection, *, now: datetime, limit: int
) -> tuple[tuple[ChatId, OwnFeed], ...]:
    """Return feeds that are gone or have failed for `DEAD_AFTER`, with chats to notify of it."""
    rows = await db.execute_fetchall(
        f"""
        SELECT {_COLUMNS}, chat_id
          FROM own_feeds JOIN feeds ON feeds.id = feed_id JOIN subscribers USING (chat_id)
         WHERE told_at IS NULL AND paused_at IS NULL AND gone_at IS NULL
           AND (stopped = 'gone'
                OR failures > 0 AND coalesce(read_at, added_at) <= :dead_since)
         LIMIT :limit
        """,
        {"dead_since": to_seconds(now - DEAD_AFTER), "limit": limit},
    )
    return tuple((ChatId(row[8]), _own_feed(row)) for row in rows)


async def mark_notified(
    tx: aiosqlite.Connection, chat_id: ChatId, feed_id: FeedId, *, now: datetime
) -> None:
    """Record that the chat was notified of its dead feed."""
    await tx.execute(
        "UPDATE own_feeds SET told_at = ? WHERE chat_id = ? AND feed_id = ?",
        (to_seconds(now), chat_id, feed_id),
    )


async def clear_recovered(tx: aiosqlite.Connection) -> None:
    """Let chats be notified again of feeds that have recovered."""
    await tx.execute(
        """
        UPDATE own_feeds SET told_at = NULL
         WHERE told_at IS NOT NULL
           AND feed_id IN (SELECT id FROM feeds WHERE failures = 0 AND stopped IS NULL)
        """
    )


def _own_feed(row: aiosqlite.Row) -> OwnFeed:
    problem = _problem(row[3], failures=row[4], outcome=row[5], status=row[6])
    return OwnFeed(
        id=FeedId(row[0]),
        url=row[1],
        title=row[2],
        problem="left" if problem == "gone" and row[7] else problem,
    )


def _problem(
    stopped: str | None, *, failures: int, outcome: str | None, status: int | None
) -> FeedProblem | None:
    """Return the problem of a feed by the outcome of its last poll; None: it is well."""
    if stopped == "gone":
        return "gone"
    if not failures:
        return None
    if outcome == "killed":
        return "too heavy"
    by_status: dict[int, FeedProblem] = {401: "refused", 403: "refused", 404: "not found"}
    if status is None:
        return "silent"
    return by_status.get(status) or ("not a feed" if status < 300 else "broken")
