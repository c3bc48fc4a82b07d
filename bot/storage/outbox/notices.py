"""The tables `letters` and `notices`: what is owed to chats and is no story.

A letter is written once for all who get it. A notice is pending, then sending, then sent, gone or
rejected, like a delivery; one found in `sending` when the bot starts may have arrived.
"""

from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from bot.model import ChatId, DeliveryResult, LetterId, Notice, NoticeId
from bot.storage.times import to_seconds, to_seconds_after


async def write(
    tx: aiosqlite.Connection, html: str, chats: Iterable[ChatId], *, now: datetime
) -> LetterId:
    """Owe the letter to those of the chats that we know and can write to."""
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
    """Take the notice that has waited for the longest, and count the attempt; None: none waits."""
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
    tx: aiosqlite.Connection, notice_id: NoticeId, verdict: DeliveryResult, *, retry_at: datetime
) -> None:
    """Note what became of a notice; one that is pending still is tried again at `retry_at`."""
    is_done = verdict.state != "pending"
    await tx.execute(
        """
        UPDATE notices
           SET state = ?, reason = ?, attempts = attempts - ?, doubts = doubts + ?, retry_at = ?,
               done_at = ?
         WHERE id = ? AND state = 'sending'
        """,
        (
            verdict.state,
            verdict.reason,
            not verdict.is_counted,
            verdict.is_doubtful,
            to_seconds_after(retry_at),
            to_seconds(retry_at) if is_done else None,
            notice_id,
        ),
    )
    if not is_done:
        await withdraw_stopped(tx)


async def withdraw_stopped(tx: aiosqlite.Connection) -> None:
    """Owe no more what an admin has stopped; he may do so while one of its notices is sent."""
    await tx.execute(
        """
        DELETE FROM notices
         WHERE state = 'pending'
           AND letter_id IN (SELECT letter_id FROM broadcasts WHERE stopped_at IS NOT NULL)
        """
    )


async def recover(tx: aiosqlite.Connection) -> int:
    """Owe again what was being sent when the bot last ended; return how many possible repeats."""
    cursor = await tx.execute(
        "UPDATE notices SET state = 'pending', doubts = doubts + 1 WHERE state = 'sending'"
    )
    await withdraw_stopped(tx)
    return cursor.rowcount


async def progress(db: aiosqlite.Connection, letter_id: LetterId) -> dict[str, int]:
    """Return how many notices of the letter are in each state."""
    rows = await db.execute_fetchall(
        "SELECT state, count(*) FROM notices WHERE letter_id = ? GROUP BY state", (letter_id,)
    )
    return {row[0]: row[1] for row in rows}


async def prune(tx: aiosqlite.Connection, *, before: datetime) -> None:
    """Forget letters of before then that nobody waits for any more."""
    await tx.execute(
        """
        DELETE FROM letters
         WHERE written_at < ?
           AND NOT EXISTS (SELECT 1 FROM notices
                            WHERE letter_id = letters.id AND state IN ('pending', 'sending'))
        """,
        (to_seconds(before),),
    )
