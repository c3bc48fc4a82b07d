"""Table `limited_people`: people whom an admin has limited, each by a keyed hash of their id."""

from datetime import datetime

import aiosqlite

from bot.storage.times import to_seconds


async def codes(db: aiosqlite.Connection) -> tuple[str, ...]:
    """Return the hashes of all who are limited, the last one first."""
    rows = await db.execute_fetchall(
        "SELECT code FROM limited_people ORDER BY limited_at DESC, code"
    )
    return tuple(str(row[0]) for row in rows)


async def put(tx: aiosqlite.Connection, code: str, *, now: datetime) -> None:
    """Limit the person."""
    await tx.execute(
        "INSERT OR IGNORE INTO limited_people (code, limited_at) VALUES (?, ?)",
        (code, to_seconds(now)),
    )


async def drop(tx: aiosqlite.Connection, code: str) -> None:
    """Limit the person no more."""
    await tx.execute("DELETE FROM limited_people WHERE code = ?", (code,))
