"""Storylines: chapters that continue each other, stories that turn out to be one, and followers.

Tables `stories` (`continues`, `storyline`, `same_as`), `followed_storylines` and `silent_joins`.
"""

import json
from collections.abc import Collection
from datetime import datetime

import aiosqlite

from bot.model import PUBLIC_VISIBILITY, ChatId, Language, Story, StoryId, Visibility
from bot.storage.stories import stories
from bot.storage.stories.story_rows import read_story, select_stories
from bot.storage.subscribers.visibility import HAS_OPEN_ARTICLE
from bot.storage.times import to_seconds

# More are not shown, and the table must stay bounded.
MAX_FOLLOWED = 50

# What has the story, or one that turned out to be it.
_UNSENT = """
    DELETE FROM deliveries
     WHERE story_id = :later AND state = 'pending'
       AND chat_id IN (SELECT chat_id FROM deliveries
                        WHERE state IN ('pending', 'sending', 'sent')
                          AND story_id IN (SELECT :earlier UNION ALL
                                           SELECT id FROM stories WHERE same_as = :earlier))
"""
# What is left of the later one was sent, or is being sent, unless the chat lacks the earlier one.
_UNSENT_OF_EARLIER = """
    DELETE FROM deliveries
     WHERE story_id = :earlier AND state = 'pending'
       AND chat_id IN (SELECT chat_id FROM deliveries
                        WHERE state IN ('sending', 'sent') AND story_id = :later)
"""
_MOVE_ROWS = (
    "UPDATE articles SET story_id = :earlier WHERE story_id = :later",
    "DELETE FROM story_topics WHERE story_id = :later",
    "DELETE FROM story_terms WHERE rowid = :later",
    "UPDATE OR IGNORE saved SET story_id = :earlier WHERE story_id = :later",
    "DELETE FROM saved WHERE story_id = :later",
    """
    UPDATE stories
       SET same_as = :earlier, continues = NULL,
           storyline = (SELECT storyline FROM stories AS kept WHERE kept.id = :earlier)
     WHERE id = :later OR same_as = :later
    """,
)
_MOVE_TOPICS = """
    INSERT OR IGNORE INTO story_topics (topic, published_at, story_id)
    SELECT story_topics.topic, stories.published_at, stories.id
      FROM story_topics JOIN stories ON stories.id = :earlier
     WHERE story_id = :later
"""
# The whole storyline of the later story goes on where the earlier one is.
_MOVE_CHAPTERS = (
    """
    UPDATE stories SET continues = :earlier
     WHERE storyline = :storyline AND continues = :later AND id <> :earlier
    """,
    """
    UPDATE OR IGNORE followed_storylines
       SET storyline = (SELECT storyline FROM stories WHERE id = :earlier)
     WHERE storyline = :storyline
    """,
    """
    UPDATE stories SET storyline = (SELECT storyline FROM stories WHERE id = :earlier)
     WHERE storyline = :storyline
    """,
)


async def merge(
    tx: aiosqlite.Connection, later: StoryId, earlier: StoryId, *, private: bool = False
) -> None:
    """Record that `later` turned out to be `earlier`, which gets its articles and its chapters.

    What was sent stays. A chat that has `earlier`, or is owed it, is owed `later` no more; one that
    got `later` is owed `earlier` no more. What names `later` shows `earlier` from now on. Of a
    `private` story, which private feeds alone told, neither topics nor words nor chapters change
    what others see.
    """
    ids = {"later": later, "earlier": earlier}
    ((of_later,),) = await tx.execute_fetchall(
        "SELECT storyline FROM stories WHERE id = ?", (later,)
    )
    await tx.execute(_UNSENT, ids)
    await tx.execute(_UNSENT_OF_EARLIER, ids)
    if not private:
        await stories.move_terms(tx, later, earlier)
        await tx.execute(_MOVE_TOPICS, ids)
        for statement in _MOVE_CHAPTERS:
            await tx.execute(statement, {**ids, "storyline": of_later})
    for statement in _MOVE_ROWS:
        await tx.execute(statement, ids)


async def unite(tx: aiosqlite.Connection, one: StoryId, other: StoryId | None) -> StoryId:
    """Merge two stories that are one, the later into the earlier; return the earlier.

    `other` of None: there is but one.
    """
    if other is None or other == one:
        return one
    earlier, later = sorted((one, other))
    await merge(tx, later, earlier)
    return earlier


async def count_silent_join(tx: aiosqlite.Connection, story_id: StoryId, *, now: datetime) -> None:
    """Count an article that joined the story and was owed to nobody, by the age of the story."""
    await tx.execute(
        """
        INSERT INTO silent_joins (day, age, count)
        SELECT :now / 86400,
               CASE WHEN :now - opened_at < 3600 THEN '1h'
                    WHEN :now - opened_at < 6 * 3600 THEN '6h'
                    WHEN :now - opened_at < 24 * 3600 THEN '24h'
                    ELSE 'older' END, 1
          FROM stories WHERE id = :story_id
            ON CONFLICT DO UPDATE SET count = count + 1
        """,
        {"story_id": story_id, "now": to_seconds(now)},
    )


async def merged(db: aiosqlite.Connection) -> tuple[tuple[StoryId, StoryId], ...]:
    """Return each story that turned out to be an earlier one, with that one."""
    rows = await db.execute_fetchall(
        "SELECT id, same_as FROM stories WHERE same_as IS NOT NULL ORDER BY id"
    )
    return tuple((StoryId(row[0]), StoryId(row[1])) for row in rows)


async def earlier_chapters(
    db: aiosqlite.Connection,
    story: Story,
    *,
    languages: Collection[Language],
    limit: int,
    visibility: Visibility = PUBLIC_VISIBILITY,
) -> tuple[Story, ...]:
    """Return the visible chapters before this one: what it continues, then the newest first."""
    select = select_stories(languages, visibility)
    rows = await db.execute_fetchall(
        f"""
        SELECT {select.columns}
          FROM stories {select.joins}
         WHERE stories.storyline = :storyline AND stories.id < :story_id
           AND stories.same_as IS NULL
         ORDER BY stories.id = :continues DESC, stories.id DESC
         LIMIT :limit
        """,
        {
            **select.params,
            "storyline": story.storyline,
            "story_id": story.id,
            "continues": story.continues or 0,
            "limit": limit,
        },
    )
    return tuple(read_story(row) for row in rows)


async def newest_chapters(
    db: aiosqlite.Connection,
    storylines: Collection[StoryId],
    *,
    languages: Collection[Language],
    visibility: Visibility = PUBLIC_VISIBILITY,
) -> tuple[Story, ...]:
    """Return the newest visible chapter of each of the storylines, the oldest storyline first."""
    select = select_stories(languages, visibility)
    rows = await db.execute_fetchall(
        f"""
        SELECT {select.columns}
          FROM stories {select.joins}
         WHERE stories.storyline IN (SELECT value FROM json_each(:storylines))
           AND stories.same_as IS NULL
           AND NOT EXISTS ({select.newer_chapter})
         ORDER BY stories.storyline
        """,
        {**select.params, "storylines": json.dumps(list(storylines))},
    )
    return tuple(map(read_story, rows))


async def follow(
    tx: aiosqlite.Connection, chat_id: ChatId, story_id: StoryId, *, now: datetime
) -> bool:
    """Follow the storyline of the story; return whether it is followed.

    Not if the story is gone, or of feeds that others added for themselves, or `MAX_FOLLOWED` are
    followed already; those that ended long ago do not count.
    """
    await tx.execute(
        """
        DELETE FROM followed_storylines
         WHERE chat_id = :chat_id
           AND NOT EXISTS (SELECT 1 FROM stories
                            WHERE stories.storyline = followed_storylines.storyline)
        """,
        {"chat_id": chat_id},
    )
    await tx.execute(
        f"""
        INSERT OR IGNORE INTO followed_storylines (chat_id, storyline, followed_at)
        SELECT chat_id, storyline, :now
          FROM subscribers JOIN stories ON stories.id = :story_id
         WHERE chat_id = :chat_id
           AND {HAS_OPEN_ARTICLE}
           AND (SELECT count(*) FROM followed_storylines
                 WHERE followed_storylines.chat_id = :chat_id) < :max_followed
        """,
        {
            "chat_id": chat_id,
            "story_id": story_id,
            "now": to_seconds(now),
            "max_followed": MAX_FOLLOWED,
        },
    )
    rows = await tx.execute_fetchall(
        """
        SELECT 1 FROM followed_storylines JOIN stories USING (storyline)
         WHERE chat_id = ? AND stories.id = ?
        """,
        (chat_id, story_id),
    )
    return bool(list(rows))


async def unfollow(tx: aiosqlite.Connection, chat_id: ChatId, story_id: StoryId) -> None:
    """End following the storyline of the story."""
    await tx.execute(
        """
        DELETE FROM followed_storylines
         WHERE chat_id = ? AND storyline = (SELECT storyline FROM stories WHERE id = ?)
        """,
        (chat_id, story_id),
    )
