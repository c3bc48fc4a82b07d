"""The table `documents`: what each feed held when we last read it."""

import json

import aiosqlite

from bot.model import FeedId, Remembered


async def recall(db: aiosqlite.Connection, feed_id: FeedId) -> Remembered | None:
    """Return what we keep of the feed's last document; None: we have read none."""
    rows = await db.execute_fetchall(
        "SELECT hash, items, weak_keys, slice_reads FROM documents WHERE feed_id = ?", (feed_id,)
    )
    return next((_remembered(row) for row in rows), None)


async def remember(tx: aiosqlite.Connection, feed_id: FeedId, document: Remembered) -> None:
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


def _remembered(row: aiosqlite.Row) -> Remembered:
    return Remembered(
        hash=row[0],
        items=row[1],
        weak_keys=frozenset(json.loads(row[2])),
        slice_reads=row[3],
    )
