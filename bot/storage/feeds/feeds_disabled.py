"""The column `feeds.disabled_at`: feeds that an admin has switched off.

It is no one's but the admins': neither a poll that is under way nor the catalogue changes it.
"""

from datetime import datetime

import aiosqlite

from bot.model import FeedId
from bot.storage.times import to_seconds


async def address(db: aiosqlite.Connection, feed_id: FeedId) -> str | None:
    """Return where the list has the public feed; None: it has no such feed."""
    rows = await db.execute_fetchall(
        "SELECT url FROM feeds WHERE id = ? AND listed = 1 AND private = 0", (feed_id,)
    )
    return next((row[0] for row in rows), None)


async def disable(tx: aiosqlite.Connection, feed_id: FeedId, *, now: datetime) -> bool:
    """Poll the public feed no more, until `feeds.hasten`; return whether there is such a feed."""
    cursor = await tx.execute(
        """
        UPDATE feeds SET disabled_at = coalesce(disabled_at, ?)
         WHERE id = ? AND listed = 1 AND private = 0
        """,
        (to_seconds(now), feed_id),
    )
    return cursor.rowcount > 0
