"""Which tellings does a chat see? The tables `refusals` and `own_feeds`, and the one rule."""

import json
from collections.abc import Collection, Iterable

import aiosqlite

from bot.model import ChatId, FeedId, Language, SourceChoice, TopicSlug, Visibility

# Whether an article, `seen`, of a feed, `seer`, is seen; `values` gives what it asks.
SEEN = """
           (seer.private = 0
            AND seen.language IN (SELECT value FROM json_each(:languages))
            AND seer.id NOT IN (SELECT value FROM json_each(:refused))
            OR seer.id IN (SELECT value FROM json_each(:own)))
"""
# Of the subscriber in the row at hand, as `unpack` takes it.
PACKED = """
        json_array((SELECT json_group_array(feed_id) FROM refusals
                     WHERE refusals.chat_id = subscribers.chat_id),
                   (SELECT json_group_array(feed_id) FROM own_feeds
                     WHERE own_feeds.chat_id = subscribers.chat_id))
"""


def values(languages: Collection[Language], sight: Visibility) -> dict[str, str]:
    """Return what `SEEN` asks."""
    return {
        "languages": json.dumps(sorted(languages)),
        "refused": json.dumps(sorted(sight.refused)),
        "own": json.dumps(sorted(sight.own)),
    }


def unpack(packed: str) -> Visibility:
    """Return what `PACKED` selects."""
    refused, own = (frozenset(map(FeedId, part)) for part in json.loads(packed))
    return Visibility(refused=refused, own=own)


async def refuse(
    tx: aiosqlite.Connection, chat_id: ChatId, feeds: Iterable[FeedId], *, refused: bool
) -> None:
    """Show the chat nothing of these feeds any more, or show it again."""
    await tx.executemany(
        "INSERT OR IGNORE INTO refusals (chat_id, feed_id) VALUES (?, ?)"
        if refused
        else "DELETE FROM refusals WHERE chat_id = ? AND feed_id = ?",
        [(chat_id, feed_id) for feed_id in feeds],
    )


async def refuse_source(tx: aiosqlite.Connection, chat_id: ChatId, feed_id: FeedId) -> None:
    """Show the chat nothing more of the feed's source in its language."""
    await tx.execute(
        """
        INSERT OR IGNORE INTO refusals (chat_id, feed_id)
        SELECT ?, feeds.id
          FROM feeds JOIN feeds AS its USING (source, language)
         WHERE its.id = ?
        """,
        (chat_id, feed_id),
    )


async def sources(
    db: aiosqlite.Connection, chat_id: ChatId, language: Language
) -> tuple[SourceChoice, ...]:
    """Return the listed sources in the language by name, and whether the chat refuses them."""
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
    return tuple(
        SourceChoice(
            source=row[0],
            language=language,
            feeds=tuple(map(FeedId, json.loads(row[1]))),
            topics=_topics(json.loads(row[2])),
            refused=bool(row[3]),
        )
        for row in rows
    )


async def refused_sources(db: aiosqlite.Connection, chat_id: ChatId) -> int:
    """Return how many sources the chat refuses, each counted in each of its languages."""
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


def _topics(found: list[str | None]) -> frozenset[TopicSlug]:
    """Return the usual topics of a source's feeds; one of a mixed feed is of everything."""
    return frozenset() if None in found else frozenset(TopicSlug(it) for it in found if it)
