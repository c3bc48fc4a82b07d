"""The table `updates`, the inbox: what Telegram has told us and we have still to handle."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime

import aiosqlite

from bot.model import ChatId, RawUpdate, UpdateId
from bot.storage.times import to_seconds, to_seconds_after


async def store(tx: aiosqlite.Connection, incoming: Iterable[RawUpdate], *, now: datetime) -> None:
    """Keep what came until it is handled; what we have, or had lately, changes nothing."""
    await tx.executemany(
        """
        INSERT INTO updates (update_id, chat_id, kind, content, received_at, due_at)
        VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (update_id) DO NOTHING
        """,
        [
            (it.id, it.chat_id, it.kind, it.content, to_seconds(now), to_seconds(now))
            for it in incoming
        ],
    )


async def first_waiting(
    db: aiosqlite.Connection, *, now: datetime, except_of: Collection[ChatId] = ()
) -> RawUpdate | None:
    """Return the oldest that is the first of its chat and due, or None."""
    rows = await db.execute_fetchall(
        """
        SELECT update_id, chat_id, kind, content, attempts
          FROM updates AS it INDEXED BY updates_waiting
         WHERE handled_at IS NULL AND due_at <= ?
           AND chat_id NOT IN (SELECT value FROM json_each(?))
           AND NOT EXISTS (SELECT 1
                             FROM updates AS earlier INDEXED BY updates_chat
                            WHERE earlier.chat_id = it.chat_id
                              AND earlier.update_id < it.update_id
                              AND earlier.handled_at IS NULL)
         ORDER BY update_id
         LIMIT 1
        """,
        (to_seconds(now), json.dumps(list(except_of))),
    )
    return next((_incoming(row) for row in rows), None)


async def begin(tx: aiosqlite.Connection, update_id: UpdateId) -> None:
    """Count an attempt before it is made: one that ends the process is an attempt too."""
    await tx.execute("UPDATE updates SET attempts = attempts + 1 WHERE update_id = ?", (update_id,))


async def mark_handled(tx: aiosqlite.Connection, update_id: UpdateId, *, now: datetime) -> None:
    """Note that it is handled, and keep nothing of it but its number."""
    await tx.execute(
        """
        UPDATE updates SET handled_at = ?, chat_id = NULL, content = NULL, problem = NULL
         WHERE update_id = ?
        """,
        (to_seconds(now), update_id),
    )


async def postpone(
    tx: aiosqlite.Connection, update_id: UpdateId, *, until: datetime, problem: str
) -> None:
    """Note that handling it failed, and is to be tried again; its chat's later ones wait."""
    await tx.execute(
        "UPDATE updates SET due_at = ?, problem = ? WHERE update_id = ?",
        (to_seconds_after(until), problem, update_id),
    )


async def dead_letter(
    tx: aiosqlite.Connection, update_id: UpdateId, *, problem: str, now: datetime
) -> None:
    """Handle it never, so that it holds up nothing; keep it with the problem for a while."""
    await tx.execute(
        """
        UPDATE updates SET handled_at = ?, problem = ?
         WHERE update_id = ?
        """,
        (to_seconds(now), problem, update_id),
    )


async def forget(tx: aiosqlite.Connection, chat_id: ChatId) -> None:
    """Leave nothing of the chat in what was set aside; what waits goes when it is handled."""
    await tx.execute(
        """
        UPDATE updates SET chat_id = NULL, content = NULL, problem = NULL
         WHERE chat_id = ? AND handled_at IS NOT NULL
        """,
        (chat_id,),
    )


async def move(tx: aiosqlite.Connection, old: ChatId, new: ChatId) -> None:
    """Let what was set aside of a group belong to the supergroup that it became."""
    await tx.execute(
        "UPDATE updates SET chat_id = ? WHERE chat_id = ? AND handled_at IS NOT NULL", (new, old)
    )


async def prune(
    tx: aiosqlite.Connection, *, handled_before: datetime, failed_before: datetime
) -> None:
    """Delete what was handled, and what was set aside, before these times."""
    await tx.execute(
        """
        DELETE FROM updates
         WHERE handled_at < ? AND (problem IS NULL OR handled_at < ?)
        """,
        (to_seconds(handled_before), to_seconds(failed_before)),
    )


def _incoming(row: aiosqlite.Row) -> RawUpdate:
    return RawUpdate(
        id=UpdateId(row[0]),
        chat_id=ChatId(row[1]),
        kind=row[2],
        content=row[3],
        attempts=row[4],
    )
