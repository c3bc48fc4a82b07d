"""How much is there, and how much is waiting? Over all tables, by their indexes."""

from datetime import datetime

import aiosqlite

from bot.model import Levels, StoryId
from bot.storage.times import from_seconds


async def levels(db: aiosqlite.Connection) -> Levels:
    """Return how much there is."""
    owed, oldest = await _row(
        db, "SELECT count(*), min(id) FROM deliveries WHERE state = 'pending'"
    )
    return Levels(
        articles=await _one(db, "SELECT coalesce(max(id), 0) FROM articles"),
        unread=await _one(db, "SELECT count(*) FROM articles WHERE edited_at IS NULL"),
        stories=await _one(db, "SELECT coalesce(max(id), 0) FROM stories"),
        deliveries=await _one(
            db, "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'deliveries'"
        ),
        owed=owed or 0,
        owed_since=await _instant(db, "SELECT owed_at FROM deliveries WHERE id = ?", oldest),
        due_since=await due_since(db),
        updates=await _one(db, "SELECT count(*) FROM updates WHERE handled_at IS NULL"),
        subscribers=await _subscribers(db),
        feeds=await _feeds(db),
    )


async def due_since(db: aiosqlite.Connection) -> datetime | None:
    """Return when the chat that waits for the longest fell due, or will; None: none waits."""
    return await _instant(
        db,
        "SELECT min(due_at) FROM subscribers"
        " WHERE due_at IS NOT NULL AND paused_at IS NULL AND gone_at IS NULL",
    )


async def published_at(db: aiosqlite.Connection, story_id: StoryId) -> datetime | None:
    """Return when the story was published; None: it is gone."""
    return await _instant(db, "SELECT published_at FROM stories WHERE id = ?", story_id)


async def _subscribers(db: aiosqlite.Connection) -> dict[str, int]:
    every = await _one(db, "SELECT count(*) FROM subscribers")
    gone = await _one(db, "SELECT count(*) FROM subscribers WHERE gone_at IS NOT NULL")
    paused = await _one(
        db, "SELECT count(*) FROM subscribers WHERE paused_at IS NOT NULL AND gone_at IS NULL"
    )
    return {"reading": every - gone - paused, "paused": paused, "gone": gone}


async def _feeds(db: aiosqlite.Connection) -> dict[str, int]:
    every, stopped, failing = await _row(
        db,
        "SELECT count(*), total(stopped IS NOT NULL OR disabled_at IS NOT NULL),"
        " total(stopped IS NULL AND disabled_at IS NULL AND problem IS NOT NULL)"
        " FROM feeds WHERE listed = 1",
    )
    stopped, failing = int(stopped or 0), int(failing or 0)
    return {"fine": (every or 0) - stopped - failing, "failing": failing, "stopped": stopped}


async def _row(db: aiosqlite.Connection, query: str, *values: int | None) -> tuple[int | None, ...]:
    rows = await db.execute_fetchall(query, values)
    return next((tuple(row) for row in rows), (None,))


async def _one(db: aiosqlite.Connection, query: str) -> int:
    value, *_ = await _row(db, query)
    return value or 0


async def _instant(db: aiosqlite.Connection, query: str, *values: int | None) -> datetime | None:
    value, *_ = await _row(db, query, *values)
    return None if value is None else from_seconds(value)
