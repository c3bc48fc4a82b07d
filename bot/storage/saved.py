"""The table `saved`: the stories that a reader keeps."""

import json
from collections.abc import Collection
from datetime import datetime

import aiosqlite

from bot.model import ChatId, Language, Story, StoryId
from bot.storage.stories import COLUMNS, TOLD, story_of
from bot.storage.times import to_seconds

# Nobody finds anything again among more; and a table of all readers must end somewhere.
MOST = 500


async def add(
    tx: aiosqlite.Connection, chat_id: ChatId, story_id: StoryId, *, now: datetime
) -> bool:
    """Keep the story; return whether it is kept now: not where it is gone, or `MOST` are kept."""
    await tx.execute(
        """
        INSERT OR IGNORE INTO saved (chat_id, story_id, saved_at)
        SELECT chat_id, stories.id, :now
          FROM subscribers JOIN stories ON stories.id = :story_id
         WHERE chat_id = :chat_id
           AND (SELECT count(*) FROM saved WHERE chat_id = :chat_id) < :most
        """,
        {"chat_id": chat_id, "story_id": story_id, "now": to_seconds(now), "most": MOST},
    )
    return await holds(tx, chat_id, story_id)


async def remove(tx: aiosqlite.Connection, chat_id: ChatId, story_id: StoryId) -> None:
    """Keep the story no more."""
    await tx.execute("DELETE FROM saved WHERE chat_id = ? AND story_id = ?", (chat_id, story_id))


async def holds(db: aiosqlite.Connection, chat_id: ChatId, story_id: StoryId) -> bool:
    """Return whether the chat keeps the story."""
    rows = await db.execute_fetchall(
        "SELECT 1 FROM saved WHERE chat_id = ? AND story_id = ?", (chat_id, story_id)
    )
    return bool(list(rows))


async def count(db: aiosqlite.Connection, chat_id: ChatId) -> int:
    """Return how many stories the chat keeps."""
    ((number,),) = await db.execute_fetchall(
        "SELECT count(*) FROM saved WHERE chat_id = ?", (chat_id,)
    )
    return int(number)


async def newest(
    db: aiosqlite.Connection,
    chat_id: ChatId,
    *,
    languages: Collection[Language],
    limit: int,
    skipped: int = 0,
) -> tuple[Story, ...]:
    """Return what the chat keeps, what it kept last first.

    Each in one of the languages if it is told in one, else as it was told first.
    """
    rows = await db.execute_fetchall(
        f"""
        {COLUMNS}
          FROM saved JOIN stories ON stories.id = saved.story_id {TOLD}
         WHERE chat_id = :chat_id
           AND told.article_id =
               (SELECT article_id FROM story_languages AS other
                 WHERE other.story_id = stories.id
                 ORDER BY other.language NOT IN (SELECT value FROM json_each(:languages)),
                          article_id
                 LIMIT 1)
         ORDER BY saved_at DESC, saved.story_id DESC
         LIMIT :limit OFFSET :skipped
        """,
        {
            "chat_id": chat_id,
            "languages": json.dumps(sorted(languages)),
            "limit": limit,
            "skipped": skipped,
        },
    )
    return tuple(story_of(row) for row in rows)
