"""Table `loud_lines`: from how many sources on a story comes at once to calm readers.

Learnt by topic and language from the stories of the last week.
"""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

import aiosqlite

from bot.model import DEFAULT_LOUD_LINE, ChatId, Language, StoryId, TopicSlug
from bot.storage.times import from_seconds, to_seconds

# The line of a row of `deliveries`: the lowest of the topics and languages in which its chat gets
# the story.
LEARNT_LINE = f"""
    coalesce((SELECT min(loud_lines.sources)
                FROM story_topics
                JOIN subscriptions ON subscriptions.topic = story_topics.topic
                                  AND subscriptions.chat_id = deliveries.chat_id
                JOIN loud_lines ON loud_lines.topic = story_topics.topic
                JOIN news_languages ON news_languages.language = loud_lines.language
                                   AND news_languages.chat_id = deliveries.chat_id
               WHERE story_topics.story_id = deliveries.story_id
                 AND EXISTS (SELECT 1 FROM articles
                              WHERE articles.story_id = deliveries.story_id
                                AND articles.language = loud_lines.language)), {DEFAULT_LOUD_LINE})
"""


class Week(NamedTuple):
    """What the lines are learnt from.

    `stories` counts them by topic, language and number of sources; `sources` are those of the
    catalogue by language. `since` is when the first of the stories was opened; None: there is none.
    """

    stories: Mapping[tuple[TopicSlug, Language], Mapping[int, int]]
    sources: Mapping[Language, int]
    since: datetime | None


async def read_week(db: aiosqlite.Connection, *, since: datetime) -> Week:
    """Return the stories opened since then that were news, and how many sources tell them."""
    rows = await db.execute_fetchall(
        """
        WITH told AS MATERIALIZED (
             SELECT stories.id AS story_id,
                    count(DISTINCT coalesce(own_source, source)) AS sources
               FROM stories INDEXED BY stories_opened
              CROSS JOIN articles ON articles.story_id = stories.id
               JOIN feeds ON feeds.id = feed_id
              WHERE opened_at >= :since AND private = 0
              GROUP BY stories.id HAVING min(backlog) = 0)
        SELECT topic, language, sources, count(*)
          FROM told JOIN story_topics USING (story_id)
          JOIN (SELECT DISTINCT story_id, articles.language
                  FROM told JOIN articles USING (story_id)
                 WHERE articles.language <> 'other') USING (story_id)
         GROUP BY topic, language, sources
        """,
        {"since": to_seconds(since)},
    )
    stories: dict[tuple[TopicSlug, Language], dict[int, int]] = {}
    for topic, language, sources, count in rows:
        stories.setdefault((TopicSlug(topic), language), {})[sources] = count
    listed = await db.execute_fetchall(
        """
        SELECT language, count(DISTINCT source) FROM feeds
         WHERE listed = 1 AND private = 0 GROUP BY language
        """
    )
    ((first,),) = await db.execute_fetchall(
        """
        SELECT min(opened_at) FROM stories
         WHERE opened_at >= ?
           AND EXISTS (SELECT 1 FROM articles WHERE story_id = stories.id AND backlog = 0)
        """,
        (to_seconds(since),),
    )
    return Week(
        stories=stories,
        sources={row[0]: row[1] for row in listed},
        since=None if first is None else from_seconds(first),
    )


async def replace_all(
    tx: aiosqlite.Connection, lines: Mapping[tuple[TopicSlug, Language], int]
) -> None:
    """Store these lines instead of those before."""
    await tx.execute("DELETE FROM loud_lines")
    await tx.executemany(
        "INSERT INTO loud_lines (topic, language, sources) VALUES (?, ?, ?)",
        [(*key, sources) for key, sources in lines.items()],
    )


async def of_pending(
    db: aiosqlite.Connection, chat_id: ChatId, ids: Collection[StoryId]
) -> dict[StoryId, int]:
    """Return the learnt line of each of these stories for the chat that is owed them."""
    rows = await db.execute_fetchall(
        f"""
        SELECT story_id, {LEARNT_LINE}
          FROM deliveries
         WHERE chat_id = ? AND story_id IN (SELECT value FROM json_each(?))
        """,
        (chat_id, json.dumps(list(ids))),
    )
    return {StoryId(row[0]): row[1] for row in rows}
