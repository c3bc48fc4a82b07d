"""The table `deliveries` once more: what a chat was shown since it asked is owed to it no more."""

from datetime import datetime

import aiosqlite

from bot.model import ChatId, StoryId
from bot.storage.times import to_seconds


async def note(
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
