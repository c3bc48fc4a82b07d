"""The table `feeds`: what we poll, when it is due, and how the last poll went."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

import aiosqlite

from bot.model import Feed, FeedId, Language, ListedFeed, TopicSlug
from bot.storage.times import to_seconds


async def sync(tx: aiosqlite.Connection, listed: Iterable[ListedFeed], *, now: datetime) -> int:
    """Make the table follow the catalogue; return how many feeds it lists.

    A new feed is due at once. One that left the catalogue keeps its articles and is no
    longer polled; when it comes back it goes on where it stopped.
    """
    rows = [(feed.url, feed.source, feed.language, feed.topic, to_seconds(now)) for feed in listed]
    await tx.execute("UPDATE feeds SET listed = 0")
    await tx.executemany(
        """
        INSERT INTO feeds (url, source, language, topic, due_at)
        VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (url) DO UPDATE
           SET source = excluded.source, language = excluded.language,
               topic = excluded.topic, listed = 1
        """,
        rows,
    )
    return len({row[0] for row in rows})


async def due(db: aiosqlite.Connection, *, now: datetime, limit: int) -> tuple[Feed, ...]:
    """Return feeds whose time has come, the longest due first."""
    rows = await db.execute_fetchall(
        """
        SELECT id, url, source, language, topic, etag, last_modified, failures,
               read_at IS NOT NULL
          FROM feeds
         WHERE listed = 1 AND due_at <= ?
         ORDER BY due_at, id
         LIMIT ?
        """,
        (to_seconds(now), limit),
    )
    return tuple(_feed(row) for row in rows)


async def record_success(
    tx: aiosqlite.Connection,
    feed_id: FeedId,
    *,
    validators: tuple[bytes | None, bytes | None],
    now: datetime,
    due_at: datetime,
) -> None:
    """Note a poll that brought a document, or "not modified"; `validators` as in `Document`."""
    await tx.execute(
        """
        UPDATE feeds
           SET etag = ?, last_modified = ?, read_at = ?, due_at = ?, failures = 0, problem = NULL
         WHERE id = ?
        """,
        (*validators, to_seconds(now), to_seconds(due_at), feed_id),
    )


async def record_failure(
    tx: aiosqlite.Connection, feed_id: FeedId, *, problem: str, due_at: datetime
) -> None:
    """Note a poll that failed and why; validators stay, for the document they came with stays."""
    await tx.execute(
        "UPDATE feeds SET failures = failures + 1, problem = ?, due_at = ? WHERE id = ?",
        (problem, to_seconds(due_at), feed_id),
    )


def _feed(row: aiosqlite.Row) -> Feed:
    return Feed(
        id=FeedId(row[0]),
        url=row[1],
        source=row[2],
        language=cast(Language, row[3]),
        topic=row[4] and TopicSlug(row[4]),
        etag=row[5],
        last_modified=row[6],
        failures=row[7],
        read_before=bool(row[8]),
    )
