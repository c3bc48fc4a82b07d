"""What can one look back at? The newest, what has certain words, the most told; who told it."""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import aiosqlite

from bot.model import PUBLIC_VISIBILITY, Coverage, Language, Story, StoryId, TopicSlug, Visibility
from bot.storage.stories.stories import COLUMNS, OF_TOPICS, TOLD, story_of
from bot.storage.subscribers import visibility as seen
from bot.storage.times import from_seconds, to_seconds

# As many as anybody turns the pages of, and some that are not for him.
LOOKED_THROUGH = 1500
# Of the newest that bear a topic so many are looked at, whatever their languages:
# who reads a language that has no news waits for an answer too.
LOOKED_AT = 3000


async def newest(
    db: aiosqlite.Connection,
    *,
    topics: Collection[TopicSlug],
    languages: Collection[Language],
    limit: int,
    skipped: int = 0,
    sight: Visibility = PUBLIC_VISIBILITY,
) -> tuple[Story, ...]:
    """Return the newest stories of any of the topics in any of the languages, newest first.

    Of the newest `LOOKED_AT` of these topics.
    """
    if not topics:
        return ()
    # One for each topic: each is in order by itself, and they are merged as far as is asked for.
    asked = {f"topic{place}": topic for place, topic in enumerate(sorted(topics))}
    of_topics = " UNION ".join(
        f"SELECT published_at, story_id FROM story_topics WHERE topic = :{name}" for name in asked
    )
    rows = await db.execute_fetchall(
        # Row by row in the order of the newest: another ORDER BY would look at all of them first.
        f"""
        {COLUMNS}
          FROM ({of_topics} ORDER BY published_at DESC, story_id DESC LIMIT :looked_at) AS its
         CROSS JOIN stories ON stories.id = its.story_id {TOLD}
         LIMIT :limit OFFSET :skipped
        """,
        {
            **asked,
            "looked_at": LOOKED_AT,
            **seen.values(languages, sight),
            "limit": limit,
            "skipped": skipped,
        },
    )
    return tuple(story_of(row) for row in rows)


async def search(
    db: aiosqlite.Connection,
    words: Sequence[Iterable[str]],
    *,
    languages: Collection[Language],
    limit: int,
    skipped: int = 0,
    sight: Visibility = PUBLIC_VISIBILITY,
) -> tuple[Story, ...]:
    """Return stories that hold a term of each of the words, newest first.

    Of the `LOOKED_THROUGH` that were opened last: a word may stand in every third story.
    """
    terms = [" OR ".join(f'"{_quoted(term)}"' for term in alike) for alike in words]
    if not terms:
        return ()
    rows = await db.execute_fetchall(
        f"""
        WITH held AS MATERIALIZED (
             SELECT rowid AS story_id FROM story_terms WHERE story_terms MATCH :asked
              ORDER BY rowid DESC LIMIT :looked_through),
             page AS MATERIALIZED (
             SELECT stories.id, stories.published_at
               FROM held CROSS JOIN stories ON stories.id = held.story_id
              WHERE EXISTS (SELECT 1 FROM articles AS seen JOIN feeds AS seer
                                ON seer.id = seen.feed_id
                             WHERE seen.story_id = stories.id AND {seen.SEEN})
              ORDER BY stories.published_at DESC, stories.id DESC
              LIMIT :limit OFFSET :skipped)
        {COLUMNS}
          FROM page CROSS JOIN stories ON stories.id = page.id {TOLD}
         ORDER BY stories.published_at DESC, stories.id DESC
        """,
        {
            "asked": " AND ".join(f"({alike})" for alike in terms),
            "looked_through": LOOKED_THROUGH,
            **seen.values(languages, sight),
            "limit": limit,
            "skipped": skipped,
        },
    )
    return tuple(story_of(row) for row in rows)


async def most_covered(
    db: aiosqlite.Connection,
    *,
    topics: Collection[TopicSlug],
    languages: Collection[Language],
    since: datetime,
    limit: int,
    sight: Visibility = PUBLIC_VISIBILITY,
) -> tuple[Story, ...]:
    """Return the stories since then that most sources have told, and of those the newest first."""
    rows = await db.execute_fetchall(
        f"""
        {COLUMNS},
               (SELECT count(DISTINCT other.source)
                  FROM articles AS telling JOIN feeds AS other ON other.id = telling.feed_id
                 WHERE telling.story_id = stories.id) AS sources
          FROM stories {TOLD}
         WHERE stories.published_at >= :since
           AND {OF_TOPICS}
         ORDER BY sources DESC, stories.published_at DESC, stories.id DESC
         LIMIT :limit
        """,
        {
            "topics": json.dumps(sorted(topics)),
            **seen.values(languages, sight),
            "since": to_seconds(since),
            "limit": limit,
        },
    )
    return tuple(story_of(row) for row in rows)


async def coverage(
    db: aiosqlite.Connection,
    story_id: StoryId,
    *,
    limit: int,
    sight: Visibility = PUBLIC_VISIBILITY,
) -> tuple[Coverage, ...]:
    """Return how the story was told, in the order in which that was, by refused sources too."""
    rows = await db.execute_fetchall(
        """
        SELECT title, articles.url, source, articles.language, published_at
          FROM articles JOIN feeds ON feeds.id = feed_id
         WHERE story_id = ? AND (private = 0 OR feeds.id IN (SELECT value FROM json_each(?)))
         ORDER BY articles.id
         LIMIT ?
        """,
        (story_id, json.dumps(sorted(sight.own)), limit),
    )
    return tuple(
        Coverage(
            title=row[0],
            url=row[1],
            source=row[2],
            language=row[3],
            published_at=from_seconds(row[4]),
        )
        for row in rows
    )


def _quoted(term: str) -> str:
    return term.replace('"', '""')
