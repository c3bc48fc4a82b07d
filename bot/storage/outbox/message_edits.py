"""Table `editable`: sent messages that may still be edited, and the queue of those to edit."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import aiosqlite

from bot.model import ChatId, DeliveryId, OutgoingMessage, SentMessage, StoryId
from bot.storage.times import from_seconds, to_seconds

# Nobody scrolls back to a message that is edited later.
EDITABLE_TTL = timedelta(hours=3)
# Other sources follow within minutes: an edit waits for them.
EDIT_DELAY = timedelta(minutes=10)


async def add(
    tx: aiosqlite.Connection, sent: Iterable[tuple[DeliveryId, OutgoingMessage]], *, now: datetime
) -> None:
    """Store deliveries sent in messages of their own, with hashes of their content and previews."""
    await tx.executemany(
        """
        INSERT OR REPLACE INTO editable
               (delivery_id, story_id, is_private, gist, preview, is_picture, sent_at)
        SELECT deliveries.id, story_id, kind = 'private', ?, ?, ?, ?
          FROM deliveries JOIN subscribers USING (chat_id)
         WHERE deliveries.id = ?
        """,
        [
            (
                message.content_hash,
                message.preview or "",
                message.is_picture,
                to_seconds(now),
                delivery_id,
            )
            for delivery_id, message in sent
        ],
    )


async def mark_story_changed(tx: aiosqlite.Connection, story_id: StoryId, *, now: datetime) -> None:
    """Queue the messages of a story that has changed, to be edited after `EDIT_DELAY`.

    And those of stories that turned out to be this one.
    """
    await tx.execute(
        """
        UPDATE editable SET edit_at = :edit_at
         WHERE story_id IN (SELECT :story_id UNION ALL
                            SELECT id FROM stories WHERE same_as = :story_id)
           AND edit_at IS NULL AND sent_at >= :since
        """,
        {
            "edit_at": to_seconds(now + EDIT_DELAY),
            "story_id": story_id,
            "since": to_seconds(now - EDITABLE_TTL),
        },
    )


async def due(
    db: aiosqlite.Connection, *, is_private: bool, now: datetime
) -> tuple[ChatId, SentMessage] | None:
    """Return a message to edit, of a private chat or of another; None: there is none."""
    rows = await db.execute_fetchall(
        """
        SELECT chat_id, deliveries.id, editable.story_id, message_id, gist, sent_at,
               preview, is_picture
          FROM editable
          JOIN deliveries ON deliveries.id = delivery_id
          JOIN subscribers USING (chat_id)
         WHERE is_private = :is_private AND edit_at <= :now AND sent_at >= :since
           AND ready_at <= :now AND paused_at IS NULL AND gone_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM deliveries AS other
                            WHERE other.chat_id = subscribers.chat_id AND other.state = 'sending')
         ORDER BY edit_at
         LIMIT 1
        """,
        {
            "is_private": is_private,
            "now": to_seconds(now),
            "since": to_seconds(now - EDITABLE_TTL),
        },
    )
    return next(
        (
            (
                ChatId(row[0]),
                SentMessage(
                    delivery_id=DeliveryId(row[1]),
                    story_id=StoryId(row[2]),
                    message_id=row[3],
                    content_hash=row[4],
                    sent_at=from_seconds(row[5]),
                    preview=row[6],
                    is_picture=bool(row[7]),
                ),
            )
            for row in rows
        ),
        None,
    )


async def postpone(tx: aiosqlite.Connection, delivery_id: DeliveryId, *, until: datetime) -> None:
    """Edit the message no earlier than `until`."""
    await tx.execute(
        "UPDATE editable SET edit_at = ? WHERE delivery_id = ?", (to_seconds(until), delivery_id)
    )


async def mark_edited(
    tx: aiosqlite.Connection, delivery_id: DeliveryId, content_hash: bytes
) -> None:
    """Record what the message says now; it is edited again when its story changes again."""
    await tx.execute(
        "UPDATE editable SET edit_at = NULL, gist = ? WHERE delivery_id = ?",
        (content_hash, delivery_id),
    )


async def drop(tx: aiosqlite.Connection, delivery_id: DeliveryId) -> None:
    """Remove the message: it cannot be edited, or is not wanted any more."""
    await tx.execute("DELETE FROM editable WHERE delivery_id = ?", (delivery_id,))


async def prune(tx: aiosqlite.Connection, *, now: datetime) -> None:
    """Delete messages that are too old to be edited."""
    await tx.execute("DELETE FROM editable WHERE sent_at < ?", (to_seconds(now - EDITABLE_TTL),))
