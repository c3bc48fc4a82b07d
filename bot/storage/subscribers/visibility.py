"""Table `refusals` (and `own_feeds`): the visibility condition, and the sources a chat refuses."""

import json
from collections.abc import Collection, Iterable

import aiosqlite

from bot.model import ChatId, FeedId, Language, SourceChoice, TopicSlug, Visibility
from bot.storage.database import Condition

# The story has an article of a public feed, or of one that the chat `:chat_id` has added.
HAS_OPEN_ARTICLE = """
           EXISTS (SELECT 1 FROM articles JOIN feeds ON feeds.id = feed_id
                    WHERE story_id = stories.id
                      AND (private = 0 OR feed_id IN (
                           SELECT feed_id FROM own_feeds WHERE chat_id = :chat_id)))
"""


def visibility_condition(
    article: str, feed: str, languages: Collection[Language], visibility: Visibility
) -> Condition:
    """Return the condition that a reader may see an article: `article` and `feed` are aliases.

    A public feed's article is visible in one of the languages unless the feed is refused; an
    article of the reader's own feed always is.
    """
    return Condition(
        sql=f"""
           ({feed}.private = 0
            AND {article}.language IN (SELECT value FROM json_each(:languages))
            AND {feed}.id NOT IN (SELECT value FROM json_each(:refused))
            OR {feed}.id IN (SELECT value FROM json_each(:own)))
        """,
        params={
            "languages": json.dumps(sorted(languages)),
            "refused": json.dumps(sorted(visibility.refused)),
            "own": json.dumps(sorted(visibility.own)),
        },
    )


async def set_refused(
    tx: aiosqlite.Connection, chat_id: ChatId, feeds: Iterable[FeedId], *, refused: bool
) -> None:
    """Hide the articles of these feeds from the chat, or show them again."""
    await tx.executemany(
        "INSERT OR IGNORE INTO refusals (chat_id, feed_id) VALUES (?, ?)"
        if refused
        else "DELETE FROM refusals WHERE chat_id = ? AND feed_id = ?",
        [(chat_id, feed_id) for feed_id in feeds],
    )


async def refuse_source(tx: aiosqlite.Connection, chat_id: ChatId, feed_id: FeedId) -> None:
    """Hide from the chat all feeds of the feed's source in its language."""
    await tx.execute(
        """
        INSERT OR IGNORE INTO refusals (chat_id, feed_id)
        SELECT ?, feeds.id
          FROM feeds JOIN feeds AS refused USING (source, language)
         WHERE refused.id = ?
        """,
        (chat_id, feed_id),
    )


async def sources(
    db: aiosqlite.Connection, chat_id: ChatId, language: Language
) -> tuple[SourceChoice, ...]:
    """Return the listed sources in the language, by name, and whether the chat refuses them.

    A source with a feed of mixed topics has none in particular.
    """
    rows = await db.execute_fetchall(
        """
        SELECT source, json_group_array(id), json_group_array(topic),
               min(id IN (SELECT feed_id FROM refusals WHERE chat_id = :chat_id))
          FROM feeds
         WHERE listed = 1 AND private = 0 AND language = :language
         GROUP BY source
         ORDER BY source
        """,
        {"chat_id": chat_id, "language": language},
    )
    choices = []
    for source, feed_ids, topics, is_refused in rows:
        slugs = json.loads(topics)
        choices.append(
            SourceChoice(
                source=source,
                language=language,
                feeds=tuple(map(FeedId, json.loads(feed_ids))),
                topics=frozenset() if None in slugs else frozenset(map(TopicSlug, slugs)),
                refused=bool(is_refused),
            )
        )
    return tuple(choices)


async def count_refused_sources(db: aiosqlite.Connection, chat_id: ChatId) -> int:
    """Count the sources that the chat refuses, each once per language."""
    rows = await db.execute_fetchall(
        """
        SELECT count(*)
          FROM (SELECT DISTINCT source, language
                  FROM refusals JOIN feeds ON feeds.id = feed_id
                 WHERE chat_id = ? AND listed = 1)
        """,
        (chat_id,),
    )
    return next(int(row[0]) for row in rows)
