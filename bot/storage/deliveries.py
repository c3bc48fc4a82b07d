"""The table `deliveries`, our outbox: which story is owed to whom, and how it went.

A delivery is pending, then sending, then sent, gone or rejected. One found in `sending`
when the bot starts was cut off by its end: Telegram may or may not have had it.
"""

from datetime import datetime

import aiosqlite

from bot.model import ChatId, Delivery, DeliveryId, Language, StoryId
from bot.storage.times import to_seconds


async def enqueue(
    tx: aiosqlite.Connection, story_id: StoryId, language: Language, *, now: datetime
) -> int:
    """Owe the story to all that follow a topic of it, read the language and were never owed it.

    Return how many those are.
    """
    cursor = await tx.execute(
        """
        INSERT OR IGNORE INTO deliveries (story_id, chat_id, owed_at)
        SELECT stories.id, chat_id, ?
          FROM stories
          JOIN story_topics ON story_id = stories.id
          JOIN subscriptions ON subscriptions.topic = story_topics.topic
          JOIN news_languages USING (chat_id)
          JOIN subscribers USING (chat_id)
         WHERE stories.id = ? AND news_languages.language = ?
           AND paused_at IS NULL AND gone_at IS NULL
        """,
        (to_seconds(now), story_id, language),
    )
    return cursor.rowcount


async def enqueue_newest(
    tx: aiosqlite.Connection, chat_id: ChatId, *, limit: int, since: datetime, now: datetime
) -> int:
    """Owe the chat the newest stories of its topics and languages, the oldest of them first.

    Return how many are owed now that were not. Asking twice owes nothing twice; what came
    while the chat was gone is owed again.
    """
    cursor = await tx.execute(
        """
        INSERT INTO deliveries (story_id, chat_id, owed_at)
        SELECT id, :chat_id, :now
          FROM (SELECT DISTINCT stories.id, published_at
                  FROM stories
                  JOIN story_topics ON story_topics.story_id = stories.id
                  JOIN subscriptions ON subscriptions.topic = story_topics.topic
                  JOIN story_languages ON story_languages.story_id = stories.id
                  -- Not USING (language): that is the lead's.
                  JOIN news_languages ON news_languages.chat_id = subscriptions.chat_id
                                     AND news_languages.language = story_languages.language
                 WHERE subscriptions.chat_id = :chat_id AND published_at >= :since
                 ORDER BY published_at DESC, stories.id DESC
                 LIMIT :limit)
         WHERE TRUE
         ORDER BY published_at, id
            ON CONFLICT (chat_id, story_id) DO UPDATE
           SET state = 'pending', owed_at = excluded.owed_at, done_at = NULL, reason = NULL
         WHERE state = 'gone'
        """,
        {
            "chat_id": chat_id,
            "limit": limit,
            "since": to_seconds(since),
            "now": to_seconds(now),
        },
    )
    return cursor.rowcount


async def recover(tx: aiosqlite.Connection) -> int:
    """Owe again what was being sent when the bot last ended; return how many possible repeats."""
    cursor = await tx.execute(
        "UPDATE deliveries SET state = 'pending', doubts = doubts + 1 WHERE state = 'sending'"
    )
    return cursor.rowcount


async def claim(tx: aiosqlite.Connection, *, now: datetime, limit: int) -> tuple[Delivery, ...]:
    """Take up to `limit` deliveries to send now, the longest owed first, one a chat.

    A chat is passed over while it is paused, gone, being sent to, or not ready yet.
    """
    cursor = await tx.execute(
        """
        UPDATE deliveries
           SET state = 'sending', attempts = attempts + 1
         WHERE id IN (SELECT min(id)
                        FROM (SELECT deliveries.id, chat_id
                                FROM deliveries INDEXED BY deliveries_pending
                                JOIN subscribers USING (chat_id)
                               WHERE state = 'pending'
                                 AND ready_at <= ? AND paused_at IS NULL AND gone_at IS NULL
                                 AND chat_id NOT IN (SELECT chat_id FROM deliveries
                                                      WHERE state = 'sending')
                               ORDER BY deliveries.id
                               LIMIT ?)
                       GROUP BY chat_id)
        RETURNING id, story_id, chat_id, attempts
        """,
        (to_seconds(now), limit),
    )
    claimed = [
        Delivery(
            id=DeliveryId(row[0]),
            story_id=StoryId(row[1]),
            chat_id=ChatId(row[2]),
            attempts=row[3],
        )
        for row in await cursor.fetchall()
    ]
    return tuple(sorted(claimed, key=lambda delivery: delivery.id))


async def record_sent(
    tx: aiosqlite.Connection, delivery_id: DeliveryId, *, message_id: int, now: datetime
) -> None:
    """Note that Telegram accepted the message."""
    await tx.execute(
        """
        UPDATE deliveries SET state = 'sent', message_id = ?, done_at = ?, reason = NULL
         WHERE id = ?
        """,
        (message_id, to_seconds(now), delivery_id),
    )


async def record_rejected(
    tx: aiosqlite.Connection, delivery_id: DeliveryId, *, reason: str, now: datetime
) -> None:
    """Note that Telegram will never accept this message."""
    await tx.execute(
        "UPDATE deliveries SET state = 'rejected', reason = ?, done_at = ? WHERE id = ?",
        (reason, to_seconds(now), delivery_id),
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


async def record_unsent(
    tx: aiosqlite.Connection, delivery_id: DeliveryId, *, reason: str, counted: bool
) -> None:
    """Owe the delivery again; `counted` says whether this was an attempt."""
    await tx.execute(
        """
        UPDATE deliveries SET state = 'pending', attempts = attempts - ?, reason = ?
         WHERE id = ? AND state = 'sending'
        """,
        (not counted, reason, delivery_id),
    )


async def record_doubtful(
    tx: aiosqlite.Connection, delivery_id: DeliveryId, *, reason: str
) -> None:
    """Owe the delivery again although it may have arrived; count the possible repeat."""
    await tx.execute(
        """
        UPDATE deliveries SET state = 'pending', doubts = doubts + 1, reason = ?
         WHERE id = ? AND state = 'sending'
        """,
        (reason, delivery_id),
    )


async def withdraw(tx: aiosqlite.Connection, delivery_id: DeliveryId) -> None:
    """Owe the delivery no more, as if it had never been owed: it may be owed anew."""
    await tx.execute("DELETE FROM deliveries WHERE id = ? AND state = 'sending'", (delivery_id,))
