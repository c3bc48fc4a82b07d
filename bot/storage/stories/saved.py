"""The table `saved`: the stories that a reader keeps."""

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

import aiosqlite

from bot.model import LANGUAGES, PUBLIC_VISIBILITY, ChatId, Language, Story, StoryId, Visibility
from bot.storage.stories.stories import COLUMNS, story_of
from bot.storage.subscribers.visibility import SEEN, values
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
    sight: Visibility = PUBLIC_VISIBILITY,
) -> tuple[Story, ...]:
    """Return what the chat keeps, what it kept last first, by whatever source.

    Each in one of the languages if it is told in one, else as it was told first.
    """
    rows = await db.execute_fetchall(
        f"""
        {COLUMNS}
          FROM saved JOIN stories ON stories.id = saved.story_id
          JOIN articles ON articles.id = (
               SELECT seen.id FROM articles AS seen JOIN feeds AS seer ON seer.id = seen.feed_id
                WHERE seen.story_id = stories.id AND {SEEN}
                ORDER BY seen.language NOT IN (SELECT value FROM json_each(:preferred)), seen.id
                LIMIT 1)
          JOIN feeds ON feeds.id = feed_id
         WHERE chat_id = :chat_id
         ORDER BY saved_at DESC, saved.story_id DESC
         LIMIT :limit OFFSET :skipped
        """,
        {
            "chat_id": chat_id,
            "preferred": json.dumps(sorted(languages)),
            **values(LANGUAGES, replace(sight, refused=frozenset())),
            "limit": limit,
            "skipped": skipped,
        },
    )
    return tuple(story_of(row) for row in rows)
