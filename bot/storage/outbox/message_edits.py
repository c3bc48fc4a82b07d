"""The table `editable`: messages that may still be edited, and those that are to be."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import aiosqlite

from bot.model import ChatId, DeliveryId, SentMessage, StoryId
from bot.storage.times import from_seconds, to_seconds

# Later a changed message is found by nobody.
EDITABLE_FOR = timedelta(hours=3)
# Other newspapers follow within minutes, and a message is edited once: it waits for them.
SETTLES_IN = timedelta(minutes=10)


async def add(
    tx: aiosqlite.Connection, sent: Iterable[tuple[DeliveryId, bytes]], *, now: datetime
) -> None:
    """Note that these deliveries were sent, each in a message of its own, and what it told."""
    await tx.executemany(
        """
        INSERT OR REPLACE INTO editable (delivery_id, story_id, is_private, gist, sent_at)
        SELECT deliveries.id, story_id, kind = 'private', ?, ?
          FROM deliveries JOIN subscribers USING (chat_id)
         WHERE deliveries.id = ?
        """,
        [(gist, to_seconds(now), delivery_id) for delivery_id, gist in sent],
    )


async def mark_story_changed(tx: aiosqlite.Connection, story_id: StoryId, *, now: datetime) -> None:
    """Have the messages of a story looked at that may have something new to tell."""
    await tx.execute(
        "UPDATE editable SET edit_at = ? WHERE story_id = ? AND edit_at IS NULL AND sent_at >= ?",
        (to_seconds(now + SETTLES_IN), story_id, to_seconds(now - EDITABLE_FOR)),
    )


async def due(
    db: aiosqlite.Connection, *, of_people: bool, now: datetime
) -> tuple[ChatId, SentMessage] | None:
    """Return a message to edit, of a person or of a group or channel; None: there is none."""
    rows = await db.execute_fetchall(
        """
        SELECT chat_id, deliveries.id, editable.story_id, message_id, gist, sent_at
          FROM editable
          JOIN deliveries ON deliveries.id = delivery_id
          JOIN subscribers USING (chat_id)
         WHERE is_private = :of_people AND edit_at <= :now AND sent_at >= :since
           AND ready_at <= :now AND paused_at IS NULL AND gone_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM deliveries AS other
                            WHERE other.chat_id = subscribers.chat_id AND other.state = 'sending')
         ORDER BY edit_at
         LIMIT 1
        """,
        {
            "of_people": of_people,
            "now": to_seconds(now),
            "since": to_seconds(now - EDITABLE_FOR),
        },
    )
    return next(((ChatId(row[0]), _message(row)) for row in rows), None)


async def postpone(tx: aiosqlite.Connection, delivery_id: DeliveryId, *, until: datetime) -> None:
    """Edit the message not before then."""
    await tx.execute(
        "UPDATE editable SET edit_at = ? WHERE delivery_id = ?", (to_seconds(until), delivery_id)
    )


async def drop(tx: aiosqlite.Connection, delivery_id: DeliveryId) -> None:
    """Edit the message no more: it was, or cannot be."""
    await tx.execute("DELETE FROM editable WHERE delivery_id = ?", (delivery_id,))


async def prune(tx: aiosqlite.Connection, *, now: datetime) -> None:
    """Forget messages that are too old to be edited."""
    await tx.execute("DELETE FROM editable WHERE sent_at < ?", (to_seconds(now - EDITABLE_FOR),))


def _message(row: aiosqlite.Row) -> SentMessage:
    return SentMessage(
        delivery_id=DeliveryId(row[1]),
        story_id=StoryId(row[2]),
        message_id=row[3],
        content_hash=row[4],
        sent_at=from_seconds(row[5]),
    )
