"""The table `deliveries`, our outbox: which story is owed to whom, and how it went.

Whoever owes a chat something makes it due (`subscribers.due_at`).

A delivery is pending, then sending, then sent, gone or rejected. One found in `sending`
when the bot starts was cut off by its end: Telegram may or may not have had it.
"""

import json
from collections.abc import Collection, Iterable
from datetime import datetime

import aiosqlite

from bot.model import ChatId, Delivery, DeliveryId, DeliveryResult, StoryId
from bot.storage.outbox import due
from bot.storage.subscribers import subscribers
from bot.storage.times import from_seconds, to_seconds, to_seconds_after

# More than a message could name; what a chat is owed beyond that comes with the one after.
MOST_OWED = 1000


async def recover(tx: aiosqlite.Connection, *, ready_at: datetime) -> int:
    """Owe again what was being sent when the bot last ended; return how many possible repeats.

    Their chats may have been written to just now, and are left alone until then.
    """
    rows = await tx.execute_fetchall("SELECT chat_id FROM deliveries WHERE state = 'sending'")
    cursor = await tx.execute(
        "UPDATE deliveries SET state = 'pending', doubts = doubts + 1 WHERE state = 'sending'"
    )
    await due.set_next_send(tx, {(ChatId(row[0]), ready_at) for row in rows})
    return cursor.rowcount


async def owed(
    db: aiosqlite.Connection, chats: Collection[ChatId], *, now: datetime
) -> dict[ChatId, tuple[Delivery, ...]]:
    """Return what may be sent to each of the chats, in order; at most `MOST_OWED` each.

    A chat that is owed nothing has none. What was put off alone is left out until its time.
    """
    rows = await db.execute_fetchall(
        """
        SELECT deliveries.id, story_id, chat_id, attempts, owed_at
          FROM json_each(:chats) AS chat
         CROSS JOIN deliveries
            ON deliveries.id IN (SELECT id FROM deliveries
                       WHERE chat_id = chat.value AND state = 'pending' AND retry_at <= :now
                       ORDER BY id LIMIT :most)
         ORDER BY deliveries.id
        """,
        {"chats": json.dumps(list(chats)), "now": to_seconds(now), "most": MOST_OWED},
    )
    found: dict[ChatId, list[Delivery]] = {chat_id: [] for chat_id in chats}
    for row in rows:
        found[ChatId(row[2])].append(_delivery(row))
    return {chat_id: tuple(its) for chat_id, its in found.items()}


async def messages_since(db: aiosqlite.Connection, chat_id: ChatId, *, since: datetime) -> int:
    """Return how many messages the chat has had since then."""
    rows = await db.execute_fetchall(
        """
        SELECT count(DISTINCT message_id)
          FROM deliveries
         WHERE chat_id = ? AND state = 'sent' AND done_at >= ?
        """,
        (chat_id, to_seconds(since)),
    )
    return next(int(row[0]) for row in rows)


async def stories_shown(
    db: aiosqlite.Connection, chat_id: ChatId, message_id: int
) -> tuple[StoryId, ...]:
    """Return the stories that a message told the chat."""
    rows = await db.execute_fetchall(
        "SELECT story_id FROM deliveries WHERE chat_id = ? AND message_id = ? ORDER BY id",
        (chat_id, message_id),
    )
    return tuple(StoryId(row[0]) for row in rows)


async def mark_sending(tx: aiosqlite.Connection, ids: Iterable[DeliveryId]) -> None:
    """Note that the deliveries are being sent from now on, and count the attempt."""
    await tx.executemany(
        "UPDATE deliveries SET state = 'sending', attempts = attempts + 1 WHERE id = ?",
        [(delivery_id,) for delivery_id in ids],
    )


async def record(
    tx: aiosqlite.Connection,
    verdicts: Iterable[tuple[DeliveryId, DeliveryResult]],
    *,
    now: datetime,
) -> None:
    """Note what became of deliveries that were being sent.

    One that ended otherwise meanwhile stays as it is, unless it was sent: that is a fact.
    """
    await tx.executemany(
        """
        UPDATE deliveries
           SET state = :state, reason = :reason, message_id = :message_id, done_at = :done_at,
               attempts = attempts - :uncounted, doubts = doubts + :doubts,
               retry_at = max(retry_at, :retry_at)
         WHERE id = :id AND (state = 'sending' OR :state = 'sent')
        """,
        [_values(delivery_id, verdict, now=now) for delivery_id, verdict in verdicts],
    )


async def record_gone(
    tx: aiosqlite.Connection, chat_id: ChatId, *, reason: str, now: datetime
) -> int:
    """End all that the chat is owed, for it cannot be written to; return how many those were."""
    cursor = await tx.execute(
        """
        UPDATE deliveries SET state = 'gone', reason = ?, done_at = ?
         WHERE chat_id = ? AND state IN ('pending', 'sending')
        """,
        (reason, to_seconds(now), chat_id),
    )
    return cursor.rowcount


async def close(tx: aiosqlite.Connection, chat_id: ChatId, *, reason: str, now: datetime) -> None:
    """Note that the chat cannot be written to, and end all that it is owed."""
    await subscribers.mark_gone(tx, chat_id, now=now)
    await record_gone(tx, chat_id, reason=reason, now=now)


async def withdraw(tx: aiosqlite.Connection, ids: Iterable[DeliveryId]) -> None:
    """Owe the deliveries no more, as if they had never been owed: they may be owed anew."""
    await tx.executemany(
        "DELETE FROM deliveries WHERE id = ? AND state = 'sending'",
        [(delivery_id,) for delivery_id in ids],
    )


def _delivery(row: aiosqlite.Row) -> Delivery:
    return Delivery(
        id=DeliveryId(row[0]),
        story_id=StoryId(row[1]),
        chat_id=ChatId(row[2]),
        attempts=row[3],
        queued_at=from_seconds(row[4]),
    )


def _values(
    delivery_id: DeliveryId, verdict: DeliveryResult, *, now: datetime
) -> dict[str, int | str | None]:
    return {
        "id": delivery_id,
        "state": verdict.state,
        "reason": verdict.reason,
        "message_id": verdict.message_id,
        "done_at": None if verdict.state == "pending" else to_seconds(now),
        "uncounted": not verdict.is_counted,
        "doubts": verdict.is_doubtful,
        "retry_at": to_seconds_after(verdict.retry_at) if verdict.retry_at else 0,
    }


async def mark_shown(
    tx: aiosqlite.Connection, chat_id: ChatId, story_id: StoryId, message_id: int, *, now: datetime
) -> None:
    """Note that a message tells the chat the story; one that is on its way still comes."""
    await tx.execute(
        """
        INSERT INTO deliveries (story_id, chat_id, state, owed_at, done_at, message_id)
        VALUES (:story_id, :chat_id, 'sent', :now, :now, :message_id)
            ON CONFLICT (chat_id, story_id) DO UPDATE
           SET state = 'sent', done_at = :now, message_id = :message_id, reason = NULL
         WHERE state IN ('pending', 'gone')
        """,
        {
            "story_id": story_id,
            "chat_id": chat_id,
            "now": to_seconds(now),
            "message_id": message_id,
        },
    )
