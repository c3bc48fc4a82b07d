"""Table `alarms`: the active alarms; and the feed flow that some of them watch."""

from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from bot.model import Alarm, FeedFlow
from bot.storage.feeds import demand
from bot.storage.times import from_seconds, to_seconds

# A single failed poll may be chance.
_MIN_FAILURES = 2


async def active(db: aiosqlite.Connection) -> frozenset[Alarm]:
    """Return the alarms that were raised and not cleared."""
    rows = await db.execute_fetchall("SELECT name FROM alarms")
    return frozenset(row[0] for row in rows)


async def raise_(tx: aiosqlite.Connection, names: Iterable[Alarm], *, now: datetime) -> None:
    """Record that the alarms are active."""
    await tx.executemany(
        "INSERT OR IGNORE INTO alarms (name, raised_at) VALUES (?, ?)",
        [(name, to_seconds(now)) for name in names],
    )


async def clear(tx: aiosqlite.Connection, names: Iterable[Alarm]) -> None:
    """Record that the alarms are over."""
    await tx.executemany("DELETE FROM alarms WHERE name = ?", [(name,) for name in names])


async def feed_flow(db: aiosqlite.Connection) -> FeedFlow:
    """Return how many feeds are polled, how many of them fail, and when an article came last."""
    polled = demand.is_polled()
    rows = await db.execute_fetchall(
        f"""
        {polled.ctes}
        SELECT count(*), total(failures >= :min_failures),
               (SELECT stored_at FROM articles ORDER BY id DESC LIMIT 1)
          FROM feeds
         WHERE {polled.sql}
        """,
        {**polled.params, "min_failures": _MIN_FAILURES},
    )
    ((count, failing, stored_at),) = rows
    return FeedFlow(
        polled=count,
        failing=int(failing),
        article_at=None if stored_at is None else from_seconds(stored_at),
    )
