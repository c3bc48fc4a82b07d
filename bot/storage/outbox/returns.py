"""Chats that come back after a pause or a block: the stories they missed, and what is owed of them.

Who is away is owed nothing; at the return all that came since is owed at once.
"""

import json
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import aiosqlite

from bot.model import ChatId, StoryId
from bot.storage.outbox import due, second_mentions
from bot.storage.times import from_seconds, to_seconds


class Return(NamedTuple):
    """A chat that is back, and since when it was away."""

    chat_id: ChatId
    away_since: datetime


async def next_return(db: aiosqlite.Connection) -> Return | None:
    """Return a chat that is not owed yet what it missed; None: there is none."""
    rows = await db.execute_fetchall(
        """
        SELECT chat_id, away_since FROM subscribers INDEXED BY subscribers_returned
         WHERE away_since > 0 AND paused_at IS NULL AND gone_at IS NULL
         LIMIT 1
        """
    )
    return next((Return(ChatId(row[0]), from_seconds(row[1])) for row in rows), None)


async def stories_since(
    db: aiosqlite.Connection, since: datetime, *, after: StoryId, limit: int
) -> tuple[StoryId, ...]:
    """Return the next stories opened since then that were news, whoever may see them."""
    rows = await db.execute_fetchall(
        """
        SELECT id FROM stories
         WHERE id > :after AND opened_at >= :since AND same_as IS NULL
           AND EXISTS (SELECT 1 FROM articles WHERE story_id = stories.id AND backlog = 0)
         ORDER BY id LIMIT :limit
        """,
        {"after": after, "since": to_seconds(since), "limit": limit},
    )
    return tuple(StoryId(row[0]) for row in rows)


async def owe_missed(
    tx: aiosqlite.Connection,
    missed: Return,
    ids: Collection[StoryId],
    *,
    oldest: datetime,
    now: datetime,
) -> None:
    """Owe the chat these stories and what was pending when it was lost; then it may be written to.

    Nothing that it has been told is owed again, nor what was owed before `oldest`. A chat that has
    left meanwhile stays away.
    """
    values = {
        "chat_id": missed.chat_id,
        "ids": json.dumps(sorted(ids)),
        "away_since": to_seconds(missed.away_since),
        "oldest": to_seconds(oldest),
        "now": to_seconds(now),
    }
    cursor = await tx.execute(
        """
        UPDATE subscribers SET away_since = 0
         WHERE chat_id = :chat_id AND away_since = :away_since
           AND paused_at IS NULL AND gone_at IS NULL
        """,
        values,
    )
    if not cursor.rowcount:
        return
    await second_mentions.end(tx, missed.chat_id)
    await tx.execute(
        """
        INSERT INTO deliveries (story_id, chat_id, owed_at)
        SELECT stories.id, :chat_id, min(opened_at, :now)
          FROM json_each(:ids) JOIN stories ON stories.id = value
         WHERE EXISTS (SELECT 1 FROM subscribers
                        WHERE chat_id = :chat_id AND choosing_until <= :now)
           AND NOT EXISTS (SELECT 1 FROM stories AS other JOIN deliveries ON story_id = other.id
                            WHERE other.same_as = stories.id AND deliveries.chat_id = :chat_id)
         ORDER BY stories.id
            ON CONFLICT (chat_id, story_id) DO NOTHING
        """,
        values,
    )
    await tx.execute(
        """
        UPDATE deliveries SET state = 'pending', done_at = NULL, reason = NULL, retry_at = 0
         WHERE chat_id = :chat_id AND state = 'gone' AND bundle_id IS NULL
           AND done_at >= :away_since AND owed_at >= :oldest
        """,
        values,
    )
    await due.recheck(tx, missed.chat_id, now=now)
    await due.make_chat_due(tx, missed.chat_id, now=now)
