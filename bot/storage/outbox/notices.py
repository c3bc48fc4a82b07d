"""Tables `letters` and `notices`: the outbox of messages that are no stories.

A letter is the text, stored once for all recipients; a notice is a row per recipient. It is
pending, then sending, then sent, gone or rejected, like a delivery; one found in `sending` when
the bot starts may have arrived.
"""

from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from bot.model import ChatId, DeliveryResult, LetterId, Notice, NoticeId
from bot.storage.times import to_seconds, to_seconds_after
from bot.text.safe import storable


async def enqueue(
    tx: aiosqlite.Connection, html: str, chats: Iterable[ChatId], *, now: datetime
) -> LetterId:
    """Store the letter, with a notice for each of the chats that can be written to."""
    cursor = await tx.execute(
        "INSERT INTO letters (html, written_at) VALUES (?, ?)", (html, to_seconds(now))
    )
    assert cursor.lastrowid is not None
    letter_id = LetterId(cursor.lastrowid)
    await tx.executemany(
        """
        INSERT OR IGNORE INTO notices (letter_id, chat_id)
        SELECT ?, chat_id FROM subscribers WHERE chat_id = ? AND gone_at IS NULL
        """,
        [(letter_id, chat_id) for chat_id in chats],
    )
    return letter_id


async def claim(tx: aiosqlite.Connection, *, now: datetime) -> Notice | None:
    """Mark the notice that waited longest as being sent; return it, or None if none is due."""
    rows = await tx.execute_fetchall(
        """
        UPDATE notices SET state = 'sending', attempts = attempts + 1
         WHERE id = (SELECT id FROM notices
                      WHERE state = 'pending' AND retry_at <= ?
                      ORDER BY retry_at, id LIMIT 1)
        RETURNING id, chat_id, attempts, letter_id,
                  (SELECT kind FROM subscribers WHERE subscribers.chat_id = notices.chat_id),
                  (SELECT html FROM letters WHERE letters.id = letter_id)
        """,
        (to_seconds(now),),
    )
    return next(
        (
            Notice(
                id=NoticeId(row[0]),
                chat_id=ChatId(row[1]),
                attempts=row[2],
                letter_id=LetterId(row[3]),
                kind=row[4],
                html=row[5],
            )
            for row in rows
        ),
        None,
    )


async def record(
    tx: aiosqlite.Connection, notice_id: NoticeId, result: DeliveryResult, *, retry_at: datetime
) -> None:
    """Store the result of a notice; one that is still pending is retried at `retry_at`."""
    is_done = result.state != "pending"
    await tx.execute(
        """
        UPDATE notices
           SET state = ?, reason = ?, attempts = attempts - ?, doubts = doubts + ?, retry_at = ?,
               done_at = ?
         WHERE id = ? AND state = 'sending'
        """,
        (
            result.state,
            result.reason and storable(result.reason),
            not result.is_counted,
            result.is_doubtful,
            to_seconds_after(retry_at),
            to_seconds(retry_at) if is_done else None,
            notice_id,
        ),
    )
    if not is_done:
        await withdraw_stopped(tx)


async def withdraw_stopped(tx: aiosqlite.Connection) -> None:
    """Delete pending notices of broadcasts that an admin stopped, even while one is being sent."""
    await tx.execute(
        """
        DELETE FROM notices
         WHERE state = 'pending'
           AND letter_id IN (SELECT letter_id FROM broadcasts WHERE stopped_at IS NOT NULL)
        """
    )


async def recover(tx: aiosqlite.Connection) -> int:
    """Make interrupted notices pending again; return how many, for they may be repeats."""
    cursor = await tx.execute(
        "UPDATE notices SET state = 'pending', doubts = doubts + 1 WHERE state = 'sending'"
    )
    await withdraw_stopped(tx)
    return cursor.rowcount


async def progress(db: aiosqlite.Connection, letter_id: LetterId) -> dict[str, int]:
    """Count the notices of the letter by state."""
    rows = await db.execute_fetchall(
        "SELECT state, count(*) FROM notices WHERE letter_id = ? GROUP BY state", (letter_id,)
    )
    return {row[0]: row[1] for row in rows}


async def prune(tx: aiosqlite.Connection, *, before: datetime) -> None:
    """Delete letters of before then that have no open notices."""
    await tx.execute(
        """
        DELETE FROM letters
         WHERE written_at < ?
           AND NOT EXISTS (SELECT 1 FROM notices
                            WHERE letter_id = letters.id AND state IN ('pending', 'sending'))
        """,
        (to_seconds(before),),
    )
