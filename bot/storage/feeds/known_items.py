"""The table `aliases`: all by which the articles of a feed are known.

It outlives the articles: what was seen once is never news again.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime

import aiosqlite

from bot.model import ArticleId, FeedId, LastDocument
from bot.storage.times import to_seconds


async def known(
    db: aiosqlite.Connection, feed_id: FeedId, keys: Iterable[int]
) -> Mapping[int, ArticleId | None]:
    """Return those of the keys that the feed's articles are known by, each with its article.

    An article of None: it is no longer stored.
    """
    rows = await db.execute_fetchall(
        """
        SELECT key, article_id FROM aliases
         WHERE feed_id = ? AND key IN (SELECT value FROM json_each(?))
        """,
        (feed_id, json.dumps(list(keys))),
    )
    return {row[0]: row[1] and ArticleId(row[1]) for row in rows}


async def add(
    tx: aiosqlite.Connection,
    feed_id: FeedId,
    keys: Iterable[tuple[int, ArticleId | None]],
    *,
    now: datetime,
) -> None:
    """Know the articles by these keys too; what a key means already, it goes on to mean."""
    await tx.executemany(
        "INSERT OR IGNORE INTO aliases (feed_id, key, article_id, seen_at) VALUES (?, ?, ?, ?)",
        [(feed_id, key, article_id, to_seconds(now)) for key, article_id in keys],
    )


async def carry_over(tx: aiosqlite.Connection, old: FeedId, new: FeedId) -> None:
    """Let the feed `new` know all that the feed `old` knows."""
    await tx.execute(
        """
        INSERT OR IGNORE INTO aliases (feed_id, key, article_id, seen_at)
        SELECT ?, key, article_id, seen_at FROM aliases WHERE feed_id = ?
        """,
        (new, old),
    )


async def load(db: aiosqlite.Connection, feed_id: FeedId) -> LastDocument | None:
    """Return what we keep of the feed's last document; None: we have read none."""
    rows = await db.execute_fetchall(
        "SELECT hash, items, weak_keys, slice_reads FROM documents WHERE feed_id = ?", (feed_id,)
    )
    return next((_remembered(row) for row in rows), None)


async def save(tx: aiosqlite.Connection, feed_id: FeedId, document: LastDocument) -> None:
    """Keep this of the feed's document, instead of what we kept of the one before."""
    await tx.execute(
        """
        INSERT INTO documents (feed_id, hash, items, weak_keys, slice_reads)
        VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (feed_id) DO UPDATE
           SET hash = excluded.hash, items = excluded.items, weak_keys = excluded.weak_keys,
               slice_reads = excluded.slice_reads
        """,
        (
            feed_id,
            document.hash,
            document.items,
            json.dumps(sorted(document.weak_keys)),
            document.slice_reads,
        ),
    )


def _remembered(row: aiosqlite.Row) -> LastDocument:
    return LastDocument(
        hash=row[0],
        items=row[1],
        weak_keys=frozenset(json.loads(row[2])),
        slice_reads=row[3],
    )
