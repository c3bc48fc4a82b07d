"""Table `saved`: the stories that readers saved."""

import json
from collections.abc import Collection
from datetime import datetime

import aiosqlite

from bot.model import ChatId, StoryId
from bot.storage.subscribers.visibility import HAS_OPEN_ARTICLE
from bot.storage.times import to_seconds
from bot.web.urls import canonical

# Nobody finds a story again among more, and the table must stay bounded.
MAX_SAVED = 500


async def add(
    tx: aiosqlite.Connection, chat_id: ChatId, story_id: StoryId, *, now: datetime
) -> bool:
    """Save the story; return whether it is saved.

    Not if it is gone, or of feeds that others added for themselves, or `MAX_SAVED` are already.
    """
    await tx.execute(
        f"""
        INSERT OR IGNORE INTO saved (chat_id, story_id, saved_at)
        SELECT chat_id, stories.id, :now
          FROM subscribers JOIN stories ON stories.id = :story_id
         WHERE chat_id = :chat_id
           AND {HAS_OPEN_ARTICLE}
           AND (SELECT count(*) FROM saved WHERE chat_id = :chat_id) < :max_saved
        """,
        {"chat_id": chat_id, "story_id": story_id, "now": to_seconds(now), "max_saved": MAX_SAVED},
    )
    return await is_saved(tx, chat_id, story_id)


async def stories_at(db: aiosqlite.Connection, urls: Collection[str]) -> dict[str, StoryId]:
    """Return the story that the article at each of the addresses tells, where one does."""
    rows = await db.execute_fetchall(
        """
        SELECT address.value, max(story_id)
          FROM json_each(:addresses) AS address
          JOIN json_each(:canonical) AS canonical ON canonical.key = address.key
          JOIN articles ON canonical_url = canonical.value AND story_id IS NOT NULL
         GROUP BY address.value
        """,
        {
            "addresses": json.dumps(list(urls)),
            "canonical": json.dumps([canonical(url) for url in urls]),
        },
    )
    return {row[0]: StoryId(row[1]) for row in rows}


async def remove(tx: aiosqlite.Connection, chat_id: ChatId, story_id: StoryId) -> None:
    """Delete the story from the saved ones."""
    await tx.execute("DELETE FROM saved WHERE chat_id = ? AND story_id = ?", (chat_id, story_id))


async def is_saved(db: aiosqlite.Connection, chat_id: ChatId, story_id: StoryId) -> bool:
    """Return whether the chat saved the story."""
    rows = await db.execute_fetchall(
        "SELECT 1 FROM saved WHERE chat_id = ? AND story_id = ?", (chat_id, story_id)
    )
    return bool(list(rows))


async def count(db: aiosqlite.Connection, chat_id: ChatId) -> int:
    """Count the stories that the chat saved."""
    ((number,),) = await db.execute_fetchall(
        "SELECT count(*) FROM saved WHERE chat_id = ?", (chat_id,)
    )
    return int(number)
