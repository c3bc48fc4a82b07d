"""Table `feed_searches`: searches for the feed at an address, each until it is answered."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import aiosqlite

from bot.model import ChatId
from bot.storage.times import to_seconds, to_seconds_after
from bot.text.safe import storable


class FeedSearch(NamedTuple):
    """A search; `message_id` is that of its answer in the chat `asked_in`.

    `chat_id` is the chat that gets the feed. `attempts` were begun, this one included.
    """

    id: int
    chat_id: ChatId
    asked_in: ChatId
    message_id: int
    address: str
    attempts: int


async def add(
    tx: aiosqlite.Connection,
    chat_id: ChatId,
    address: str,
    *,
    asked_in: ChatId,
    message_id: int,
    now: datetime,
) -> None:
    """Store a search that is due now."""
    await tx.execute(
        """
        INSERT INTO feed_searches (chat_id, asked_in, message_id, address, due_at)
        VALUES (?, ?, ?, ?, ?)
        """,
        (chat_id, asked_in, message_id, storable(address), to_seconds(now)),
    )


async def begin_next(
    tx: aiosqlite.Connection, *, now: datetime, except_chats: Collection[ChatId]
) -> FeedSearch | None:
    """Count an attempt at the oldest search that is due, and return it; None: there is none."""
    rows = await tx.execute_fetchall(
        """
        UPDATE feed_searches SET attempts = attempts + 1
         WHERE id = (SELECT id FROM feed_searches
                      WHERE due_at <= ? AND asked_in NOT IN (SELECT value FROM json_each(?))
                      ORDER BY id LIMIT 1)
        RETURNING id, chat_id, asked_in, message_id, address, attempts
        """,
        (to_seconds(now), json.dumps(list(except_chats))),
    )
    return next((FeedSearch(*row) for row in rows), None)


async def is_any_due(
    db: aiosqlite.Connection, *, now: datetime, except_chats: Collection[ChatId]
) -> bool:
    """Return whether `begin_next` finds a search."""
    rows = await db.execute_fetchall(
        """
        SELECT 1 FROM feed_searches
         WHERE due_at <= ? AND asked_in NOT IN (SELECT value FROM json_each(?)) LIMIT 1
        """,
        (to_seconds(now), json.dumps(list(except_chats))),
    )
    return bool(list(rows))


async def count(db: aiosqlite.Connection, chat_id: ChatId) -> int:
    """Count the searches for feeds of the chat."""
    ((found,),) = await db.execute_fetchall(
        "SELECT count(*) FROM feed_searches WHERE chat_id = ?", (chat_id,)
    )
    return int(found)


async def postpone(tx: aiosqlite.Connection, search_id: int, *, until: datetime) -> None:
    """Search again, no earlier than `until`: the answer could not be given."""
    await tx.execute(
        "UPDATE feed_searches SET due_at = ? WHERE id = ?", (to_seconds_after(until), search_id)
    )


async def delete(tx: aiosqlite.Connection, search_id: int) -> None:
    """Delete an answered search."""
    await tx.execute("DELETE FROM feed_searches WHERE id = ?", (search_id,))
