"""Table `alarms`: the active alarms; and the counts that some of them watch."""

from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from bot.model import Alarm, FeedFlow, SilentJoins
from bot.storage.feeds import demand
from bot.storage.times import from_seconds, to_seconds

# A single failed poll may be chance.
_MIN_FAILURES = 2
# With fewer days before yesterday nobody knows what is usual.
_MIN_USUAL_DAYS, _USUAL_DAYS = 3, 7


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


async def silent_joins(db: aiosqlite.Connection, *, now: datetime) -> tuple[SilentJoins, ...]:
    """Return those of each age of stories of which the usual number is known."""
    rows = await db.execute_fetchall(
        """
        SELECT max(iif(day >= :today - 1, count, 0)),
               total(iif(day < :today - 1, count, 0)) / days.number
          FROM silent_joins
          JOIN (SELECT count(DISTINCT day) AS number FROM silent_joins
                 WHERE day BETWEEN :today - 1 - :usual_days AND :today - 2) AS days
         WHERE day >= :today - 1 - :usual_days AND days.number >= :min_days
         GROUP BY age
        """,
        {
            "today": to_seconds(now) // 86400,
            "usual_days": _USUAL_DAYS,
            "min_days": _MIN_USUAL_DAYS,
        },
    )
    return tuple(SilentJoins(recent, usual) for recent, usual in rows)
