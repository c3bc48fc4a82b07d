"""Table `deliveries`: the transactional outbox, one row per story and chat.

A delivery is pending, then sending, then sent, gone or rejected. One found in `sending`
when the bot starts was interrupted: Telegram may or may not have received it.

Whoever adds a pending delivery makes its chat due as well (`subscribers.due_at`).
"""

import json
from collections.abc import Iterable
from datetime import datetime

import aiosqlite

from bot.model import ChatId, Delivery, DeliveryId, DeliveryResult, EarlierMessage, StoryId
from bot.storage.outbox import due
from bot.storage.subscribers import absences
from bot.storage.times import from_seconds, to_seconds, to_seconds_after
from bot.text.safe import storable

# More than a reader of all topics misses in a week; the rest comes with the next message.
MAX_PENDING = 5000
# `at_once` of the stories that a chat begins with; 1 is that of followed words and urgent marks.
FIRST = 2


async def recover(tx: aiosqlite.Connection, *, ready_at: datetime) -> int:
    """Make interrupted deliveries pending again; return how many of them are new possible repeats.

    Their chats may have been written to just now, and are not due before `ready_at`.
    """
    rows = await tx.execute_fetchall(
        "SELECT chat_id, doubts FROM deliveries WHERE state = 'sending'"
    )
    await tx.execute(
        "UPDATE deliveries SET state = 'pending', doubts = doubts + 1 WHERE state = 'sending'"
    )
    await due.set_next_send(tx, {(ChatId(row[0]), ready_at) for row in rows})
    return sum(row[1] == 0 for row in rows)


async def pending(
    db: aiosqlite.Connection, chats: Iterable[ChatId], *, now: datetime
) -> dict[ChatId, tuple[Delivery, ...]]:
    """Return the pending deliveries of each of the chats, in order; at most `MAX_PENDING` each.

    Deliveries that wait for a retry are left out until their time.
    """
    chats = tuple(chats)
    rows = await db.execute_fetchall(
        """
        SELECT deliveries.id, story_id, chat_id, attempts, owed_at,
               (SELECT storyline FROM stories WHERE stories.id = story_id), at_once, doubts,
               bundle_id
          FROM json_each(:chats) AS chat
         CROSS JOIN deliveries
            ON deliveries.id IN (SELECT id FROM deliveries
                       WHERE chat_id = chat.value AND state = 'pending' AND retry_at <= :now
                       ORDER BY id LIMIT :max_pending)
         ORDER BY deliveries.id
        """,
        {"chats": json.dumps(list(chats)), "now": to_seconds(now), "max_pending": MAX_PENDING},
    )
    by_chat: dict[ChatId, list[Delivery]] = {chat_id: [] for chat_id in chats}
    for row in rows:
        by_chat[ChatId(row[2])].append(
            Delivery(
                id=DeliveryId(row[0]),
                story_id=StoryId(row[1]),
                chat_id=ChatId(row[2]),
                attempts=row[3],
                queued_at=from_seconds(row[4]),
                storyline=row[5] and StoryId(row[5]),
                at_once=bool(row[6]),
                is_doubtful=row[7] > 0,
                is_first=row[6] == FIRST,
                bundle_id=row[8],
            )
        )
    return {chat_id: tuple(deliveries) for chat_id, deliveries in by_chat.items()}


async def count_messages(db: aiosqlite.Connection, chat_id: ChatId, *, since: datetime) -> int:
    """Count the messages that were sent to the chat since then."""
    rows = await db.execute_fetchall(
        """
        SELECT count(DISTINCT message_id)
          FROM deliveries
         WHERE chat_id = ? AND state = 'sent' AND done_at >= ?
        """,
        (chat_id, to_seconds(since)),
    )
    return next(int(row[0]) for row in rows)


async def sent_since(
    db: aiosqlite.Connection, chat_id: ChatId, *, since: datetime
) -> tuple[datetime, ...]:
    """Return when each message since then was sent to the chat, the first one first."""
    rows = await db.execute_fetchall(
        """
        SELECT max(done_at)
          FROM deliveries
         WHERE chat_id = ? AND state = 'sent' AND done_at > ?
         GROUP BY message_id
         ORDER BY 1
        """,
        (chat_id, to_seconds(since)),
    )
    return tuple(from_seconds(row[0]) for row in rows)


async def stories_since(
    db: aiosqlite.Connection, chat_id: ChatId, *, since: datetime, limit: int
) -> tuple[StoryId, ...]:
    """Return the newest stories that were owed to the chat since then, sent or not."""
    rows = await db.execute_fetchall(
        """
        SELECT story_id FROM deliveries
         WHERE chat_id = ? AND owed_at >= ?
         ORDER BY story_id DESC LIMIT ?
        """,
        (chat_id, to_seconds(since), limit),
    )
    return tuple(StoryId(row[0]) for row in rows)


async def stories_of_message(
    db: aiosqlite.Connection, chat_id: ChatId, message_id: int
) -> tuple[StoryId, ...]:
    """Return the stories of a message that was sent to the chat, in order."""
    rows = await db.execute_fetchall(
        """
        SELECT story_id FROM deliveries
         WHERE chat_id = :chat_id AND :message_id IN (message_id, bundle_id) ORDER BY id
        """,
        {"chat_id": chat_id, "message_id": message_id},
    )
    return tuple(StoryId(row[0]) for row in rows)


async def earlier_message(
    db: aiosqlite.Connection, chat_id: ChatId, story_id: StoryId
) -> EarlierMessage | None:
    """Return the newest message by which the chat got an earlier chapter of the storyline."""
    rows = await db.execute_fetchall(
        """
        SELECT message_id, story_id,
               EXISTS (SELECT 1 FROM deliveries AS other
                        WHERE other.chat_id = deliveries.chat_id
                          AND other.message_id = deliveries.message_id
                          AND other.id <> deliveries.id)
          FROM stories AS story
          JOIN stories AS earlier USING (storyline)
          JOIN deliveries ON story_id = earlier.id
         WHERE story.id = :story_id AND earlier.id < :story_id
           AND chat_id = :chat_id AND state = 'sent' AND message_id IS NOT NULL
         ORDER BY earlier.id DESC
         LIMIT 1
        """,
        {"chat_id": chat_id, "story_id": story_id},
    )
    return next(
        (
            EarlierMessage(message_id=row[0], story_id=StoryId(row[1]), is_shared=bool(row[2]))
            for row in rows
        ),
        None,
    )


async def mark_sending(tx: aiosqlite.Connection, ids: Iterable[DeliveryId]) -> None:
    """Mark the deliveries as being sent, and count the attempt."""
    await tx.execute(
        """
        UPDATE deliveries SET state = 'sending', attempts = attempts + 1
         WHERE id IN (SELECT value FROM json_each(?))
        """,
        (json.dumps(list(ids)),),
    )


async def record(
    tx: aiosqlite.Connection,
    results: Iterable[tuple[DeliveryId, DeliveryResult]],
    *,
    now: datetime,
) -> None:
    """Store the results of deliveries that were being sent.

    One that ended otherwise meanwhile stays as it is, unless the result is that it was sent.
    """
    rows = [
        (
            delivery_id,
            result.state,
            result.reason and storable(result.reason),
            result.message_id,
            result.is_bundle,
            None if result.state == "pending" else to_seconds(now),
            not result.is_counted,
            result.is_doubtful,
            to_seconds_after(result.retry_at) if result.retry_at else 0,
        )
        for delivery_id, result in results
    ]
    await tx.execute(
        """
        UPDATE deliveries
           SET state = result.state, reason = result.reason, message_id = result.message_id,
               done_at = result.done_at,
               bundle_id = iif(is_bundle, result.message_id, bundle_id),
               attempts = attempts - is_uncounted, doubts = doubts + is_doubtful,
               retry_at = max(deliveries.retry_at, result.retry_at)
          FROM (SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS state,
                       json_extract(value, '$[2]') AS reason,
                       json_extract(value, '$[3]') AS message_id,
                       json_extract(value, '$[4]') AS is_bundle,
                       json_extract(value, '$[5]') AS done_at,
                       json_extract(value, '$[6]') AS is_uncounted,
                       json_extract(value, '$[7]') AS is_doubtful,
                       json_extract(value, '$[8]') AS retry_at
                  FROM json_each(?)) AS result
         WHERE deliveries.id = result.id
           AND (deliveries.state = 'sending' OR result.state = 'sent')
        """,
        (json.dumps(rows),),
    )


async def record_gone(
    tx: aiosqlite.Connection, chat_id: ChatId, *, reason: str, now: datetime
) -> int:
    """End all open deliveries of a chat that cannot be written to; return how many."""
    cursor = await tx.execute(
        """
        UPDATE deliveries SET state = 'gone', reason = ?, done_at = ?
         WHERE chat_id = ? AND state IN ('pending', 'sending')
        """,
        (storable(reason), to_seconds(now), chat_id),
    )
    return cursor.rowcount


async def close(tx: aiosqlite.Connection, chat_id: ChatId, *, reason: str, now: datetime) -> None:
    """Record that the chat cannot be written to, and end its open deliveries."""
    await absences.mark_gone(tx, chat_id, now=now)
    await record_gone(tx, chat_id, reason=reason, now=now)


async def withdraw(tx: aiosqlite.Connection, ids: Iterable[DeliveryId]) -> None:
    """Delete deliveries that were being sent: they may be added again later.

    A second mention is not made; that a bundle told the story stays.
    """
    rows = [(delivery_id,) for delivery_id in ids]
    await tx.executemany(
        """
        UPDATE deliveries SET state = 'sent', done_at = owed_at
         WHERE id = ? AND state = 'sending' AND bundle_id IS NOT NULL
        """,
        rows,
    )
    await tx.executemany("DELETE FROM deliveries WHERE id = ? AND state = 'sending'", rows)


async def mark_shown(
    tx: aiosqlite.Connection, chat_id: ChatId, story_id: StoryId, message_id: int, *, now: datetime
) -> None:
    """Record that a message showed the story to the chat; one being sent is still sent."""
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
