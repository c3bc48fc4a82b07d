"""Table `updates`: the inbox, with updates of Telegram to handle in order per chat."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime

import aiosqlite

from bot.model import ChatId, RawUpdate, UpdateId
from bot.storage.times import to_seconds, to_seconds_after
from bot.text.safe import storable


async def store(tx: aiosqlite.Connection, received: Iterable[RawUpdate], *, now: datetime) -> None:
    """Store updates until they are handled; ids that are known change nothing."""
    await tx.executemany(
        """
        INSERT INTO updates (update_id, chat_id, person_id, kind, content, received_at, due_at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (update_id) DO NOTHING
        """,
        [
            (
                update.id,
                update.chat_id,
                update.person_id,
                update.kind,
                update.content,
                to_seconds(now),
                to_seconds(now),
            )
            for update in received
        ],
    )


async def first_waiting(
    db: aiosqlite.Connection,
    *,
    now: datetime,
    except_chats: Collection[ChatId] = (),
    except_people: Collection[ChatId] = (),
) -> RawUpdate | None:
    """Return the oldest update that is due and the first of its chat; None: there is none."""
    rows = await db.execute_fetchall(
        """
        SELECT update_id, chat_id, coalesce(person_id, chat_id), kind, content, attempts
          FROM updates AS waiting INDEXED BY updates_waiting
         WHERE handled_at IS NULL AND due_at <= ?
           AND chat_id NOT IN (SELECT value FROM json_each(?))
           AND coalesce(person_id, chat_id) NOT IN (SELECT value FROM json_each(?))
           AND NOT EXISTS (SELECT 1
                             FROM updates AS earlier INDEXED BY updates_chat
                            WHERE earlier.chat_id = waiting.chat_id
                              AND earlier.update_id < waiting.update_id
                              AND earlier.handled_at IS NULL)
         ORDER BY update_id
         LIMIT 1
        """,
        (to_seconds(now), json.dumps(list(except_chats)), json.dumps(list(except_people))),
    )
    return next(
        (
            RawUpdate(
                id=UpdateId(row[0]),
                chat_id=ChatId(row[1]),
                person_id=ChatId(row[2]),
                kind=row[3],
                content=row[4],
                attempts=row[5],
            )
            for row in rows
        ),
        None,
    )


async def mark_handled(tx: aiosqlite.Connection, update_id: UpdateId, *, now: datetime) -> None:
    """Mark the update as handled, and delete all of it but its id."""
    await tx.execute(
        """
        UPDATE updates
           SET handled_at = ?, chat_id = NULL, person_id = NULL, content = NULL, problem = NULL
         WHERE update_id = ?
        """,
        (to_seconds(now), update_id),
    )


async def postpone(
    tx: aiosqlite.Connection, update_id: UpdateId, *, until: datetime, problem: str
) -> None:
    """Count a failed attempt; retry no earlier than `until`. Later updates of its chat wait."""
    await tx.execute(
        """
        UPDATE updates SET due_at = ?, problem = ?, attempts = attempts + 1
         WHERE update_id = ?
        """,
        (to_seconds_after(until), storable(problem), update_id),
    )


async def dead_letter(
    tx: aiosqlite.Connection, update_id: UpdateId, *, problem: str, now: datetime
) -> None:
    """Give the update up, so that it holds up nothing; it stays with its problem until pruned."""
    await tx.execute(
        """
        UPDATE updates SET handled_at = ?, problem = ?
         WHERE update_id = ?
        """,
        (to_seconds(now), storable(problem), update_id),
    )


async def forget(tx: aiosqlite.Connection, chat_id: ChatId) -> None:
    """Delete the chat's data in dead letters; that of waiting ones goes when handled."""
    await tx.execute(
        """
        UPDATE updates SET chat_id = NULL, person_id = NULL, content = NULL, problem = NULL
         WHERE ? IN (chat_id, person_id) AND handled_at IS NOT NULL
        """,
        (chat_id,),
    )


async def move(tx: aiosqlite.Connection, old: ChatId, new: ChatId) -> None:
    """Give the dead letters of a group to the supergroup that it became."""
    await tx.execute(
        "UPDATE updates SET chat_id = ? WHERE chat_id = ? AND handled_at IS NOT NULL", (new, old)
    )


async def prune(
    tx: aiosqlite.Connection, *, handled_before: datetime, failed_before: datetime
) -> None:
    """Delete updates that were handled, and dead letters, before these times."""
    await tx.execute(
        """
        DELETE FROM updates
         WHERE handled_at < ? AND (problem IS NULL OR handled_at < ?)
        """,
        (to_seconds(handled_before), to_seconds(failed_before)),
    )
