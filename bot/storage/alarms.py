"""The table `alarms`, those that stand; and how news flows in, by which they are raised."""

from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from bot.model import Alarm, FeedFlow
from bot.storage.feeds.demand import IS_WANTED, WANTED_OF_ALL
from bot.storage.times import from_seconds, to_seconds

# One that fails once may have been unlucky.
_FAILING = 2


async def standing(db: aiosqlite.Connection) -> frozenset[Alarm]:
    """Return the alarms that were raised and not cleared."""
    rows = await db.execute_fetchall("SELECT name FROM alarms")
    return frozenset(row[0] for row in rows)


async def raise_(tx: aiosqlite.Connection, names: Iterable[Alarm], *, now: datetime) -> None:
    """Note that the alarms stand."""
    await tx.executemany(
        "INSERT OR IGNORE INTO alarms (name, raised_at) VALUES (?, ?)",
        [(name, to_seconds(now)) for name in names],
    )


async def clear(tx: aiosqlite.Connection, names: Iterable[Alarm]) -> None:
    """Note that the alarms stand no more."""
    await tx.executemany("DELETE FROM alarms WHERE name = ?", [(name,) for name in names])


async def flow(db: aiosqlite.Connection) -> FeedFlow:
    """Return how many feeds somebody reads and are polled, how many fail, and what came last."""
    rows = await db.execute_fetchall(
        f"""
        {WANTED_OF_ALL}
        SELECT count(*), total(failures >= {_FAILING}),
               (SELECT stored_at FROM articles ORDER BY id DESC LIMIT 1)
          FROM feeds
         WHERE {IS_WANTED}
        """
    )
    ((polled, failing, stored_at),) = rows
    return FeedFlow(
        polled=polled,
        failing=int(failing),
        article_at=None if stored_at is None else from_seconds(stored_at),
    )
