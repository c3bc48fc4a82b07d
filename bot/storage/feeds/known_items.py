"""Tables `aliases` and `documents`: the identity keys of a feed's items, and its last document.

Keys outlive their articles: an item that was seen once is never new again.
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
    """Return those of the keys that are known in the feed, each with its article.

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
    """Add keys of articles; a key that is known keeps its article."""
    await tx.executemany(
        "INSERT OR IGNORE INTO aliases (feed_id, key, article_id, seen_at) VALUES (?, ?, ?, ?)",
        [(feed_id, key, article_id, to_seconds(now)) for key, article_id in keys],
    )


async def claim(
    tx: aiosqlite.Connection,
    feed_id: FeedId,
    keys: Iterable[tuple[int, ArticleId]],
    *,
    now: datetime,
) -> None:
    """Give keys to articles, whatever article had them before."""
    await tx.executemany(
        """
        INSERT INTO aliases (feed_id, key, article_id, seen_at) VALUES (?, ?, ?, ?)
            ON CONFLICT (feed_id, key) DO UPDATE
           SET article_id = excluded.article_id, seen_at = excluded.seen_at
        """,
        [(feed_id, key, article_id, to_seconds(now)) for key, article_id in keys],
    )


async def carry_over(tx: aiosqlite.Connection, old: FeedId, new: FeedId) -> None:
    """Copy the keys of the feed `old` to the feed `new`."""
    await tx.execute(
        """
        INSERT OR IGNORE INTO aliases (feed_id, key, article_id, seen_at)
        SELECT ?, key, article_id, seen_at FROM aliases WHERE feed_id = ?
        """,
        (new, old),
    )


async def load(db: aiosqlite.Connection, feed_id: FeedId) -> LastDocument | None:
    """Return what is stored of the feed's last document; None: none was read."""
    rows = await db.execute_fetchall(
        "SELECT hash, items, weak_keys, slice_reads FROM documents WHERE feed_id = ?", (feed_id,)
    )
    return next(
        (
            LastDocument(
                hash=row[0],
                items=row[1],
                weak_keys=frozenset(json.loads(row[2])),
                slice_reads=row[3],
            )
            for row in rows
        ),
        None,
    )


async def save(tx: aiosqlite.Connection, feed_id: FeedId, document: LastDocument) -> None:
    """Replace what is stored of the feed's last document."""
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
