"""The tables `stories` and `story_terms`: events, their leads, and what is related to what."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import cast

import aiosqlite

from bot.model import (
    LANGUAGES,
    PUBLIC_VISIBILITY,
    Article,
    ArticleAnalysis,
    FeedId,
    Language,
    Story,
    StoryId,
    TopicSlug,
    Visibility,
)
from bot.storage.subscribers import visibility as seen
from bot.storage.times import from_seconds, to_seconds

# Of stories sharing terms: far more than can be shown, few enough to compare one by one.
CANDIDATES = 40
# Of those sharing terms so many are looked at, whatever their topics and languages.
LOOKED_AT = 400

# A story as it is shown; `archive` reads it so too.
COLUMNS = """
        SELECT stories.id, stories.topic,
               iif(articles.language = 'other', stories.language, articles.language),
               articles.title, articles.summary, articles.url, feeds.source, stories.published_at,
               (SELECT json_group_array(topic) FROM story_topics
                 WHERE story_id = stories.id AND story_topics.topic <> stories.topic),
               (SELECT json_group_array(source)
                  FROM (SELECT other.source
                          FROM articles AS telling JOIN feeds AS other ON other.id = feed_id
                         WHERE telling.story_id = stories.id AND other.source <> feeds.source
                           AND (other.private = 0
                                OR other.id IN (SELECT value FROM json_each(:own)))
                         GROUP BY other.source ORDER BY min(telling.id))),
               feeds.id
"""
# Shown by the first telling that the reader sees.
TOLD = f"""
          JOIN articles ON articles.id = (
               SELECT min(seen.id)
                 FROM articles AS seen JOIN feeds AS seer ON seer.id = seen.feed_id
                WHERE seen.story_id = stories.id AND {seen.SEEN})
          JOIN feeds ON feeds.id = feed_id
"""
OF_TOPICS = """
           EXISTS (SELECT 1 FROM story_topics
                    WHERE story_id = stories.id
                      AND story_topics.topic IN (SELECT value FROM json_each(:topics)))
"""


async def add(
    tx: aiosqlite.Connection,
    lead: Article,
    reading: ArticleAnalysis,
    topic: TopicSlug,
    *,
    now: datetime,
) -> StoryId:
    """Open a story; the caller marks the lead as read. An empty topic: it has none of ours."""
    language = lead.feed_language if reading.language == "other" else reading.language
    cursor = await tx.execute(
        """
        INSERT INTO stories (lead_id, topic, language, published_at, opened_at)
        VALUES (?, ?, ?, ?, ?)
        """,
        (lead.id, topic, language, to_seconds(lead.published_at), to_seconds(now)),
    )
    assert cursor.lastrowid is not None
    story_id = StoryId(cursor.lastrowid)
    await file(tx, story_id, (topic, *reading.other_topics))
    await tx.execute(
        # OR REPLACE: no cascade reaches the terms of a deleted story, and its id is given again.
        "INSERT OR REPLACE INTO story_terms (rowid, terms) VALUES (?, ?)",
        (story_id, " ".join(reading.terms)),
    )
    return story_id


async def file(tx: aiosqlite.Connection, story_id: StoryId, topics: Collection[TopicSlug]) -> None:
    """Let the story belong to these topics too."""
    await tx.executemany(
        """
        INSERT OR IGNORE INTO story_topics (topic, published_at, story_id)
        SELECT ?, published_at, id FROM stories WHERE id = ?
        """,
        [(topic, story_id) for topic in topics if topic],
    )


async def update_lead(tx: aiosqlite.Connection, article: Article, reading: ArticleAnalysis) -> None:
    """Let the story be found by what its lead says now, if the article is its lead."""
    await tx.execute(
        """
        UPDATE story_terms
           SET terms = ?
         WHERE rowid = (SELECT id FROM stories WHERE lead_id = ?)
        """,
        (" ".join(reading.terms), article.id),
    )


async def get(
    db: aiosqlite.Connection,
    story_id: StoryId,
    *,
    languages: Collection[Language] = LANGUAGES,
    sight: Visibility = PUBLIC_VISIBILITY,
) -> Story | None:
    """Return the story by the first telling that is seen; None: none is."""
    return next(iter(await visible_stories(db, [story_id], languages=languages, sight=sight)), None)


async def visible_stories(
    db: aiosqlite.Connection,
    ids: Collection[StoryId],
    *,
    languages: Collection[Language],
    sight: Visibility = PUBLIC_VISIBILITY,
) -> tuple[Story, ...]:
    """Return those of which a telling is seen, by the most sources first, then the newest."""
    rows = await db.execute_fetchall(
        f"""
        {COLUMNS} FROM stories {TOLD}
         WHERE stories.id IN (SELECT value FROM json_each(:ids))
         ORDER BY (SELECT count(DISTINCT other.source)
                     FROM articles AS telling JOIN feeds AS other ON other.id = telling.feed_id
                    WHERE telling.story_id = stories.id) DESC,
                  stories.published_at DESC
        """,
        {"ids": json.dumps(list(ids)), **seen.values(languages, sight)},
    )
    return tuple(story_of(row) for row in rows)


async def terms(db: aiosqlite.Connection, story_id: StoryId) -> tuple[str, ...]:
    """Return the stems of the story's headline and summary."""
    rows = await db.execute_fetchall("SELECT terms FROM story_terms WHERE rowid = ?", (story_id,))
    return tuple(term for row in rows for term in row[0].split())


async def sharing_terms(  # noqa: PLR0913
    db: aiosqlite.Connection,
    story: Story,
    *,
    words: Mapping[str, float],
    topics: Collection[TopicSlug],
    languages: Collection[Language],
    since: datetime,
    sight: Visibility = PUBLIC_VISIBILITY,
) -> tuple[tuple[Story, tuple[str, ...]], ...]:
    """Return earlier stories of these topics and languages with their terms, the most alike first.

    At most `CANDIDATES`, of the `LOOKED_AT` that share most of `words`, by their weights.
    Earlier means opened before `story` was, and published at `since` or later.
    """
    asked = {f'"{word}"': weight for word, weight in words.items() if '"' not in word}
    rows = await db.execute_fetchall(
        f"""
        WITH alike AS MATERIALIZED (
             SELECT story_terms.rowid AS story_id, sum(asked.value) AS shared
               FROM json_each(:asked) AS asked
              CROSS JOIN story_terms ON story_terms MATCH asked.key
              -- What was published since was opened since; the search need not go further back.
              WHERE story_terms.rowid >= (SELECT id FROM stories
                                           WHERE opened_at >= :since ORDER BY opened_at, id LIMIT 1)
                AND story_terms.rowid < :before
              GROUP BY story_terms.rowid ORDER BY shared DESC, story_id DESC LIMIT :looked_at)
        {COLUMNS}, story_terms.terms
          FROM alike CROSS JOIN stories ON stories.id = alike.story_id {TOLD}
          JOIN story_terms ON story_terms.rowid = stories.id
         WHERE stories.published_at >= :since AND {OF_TOPICS}
         ORDER BY shared DESC, stories.id DESC
         LIMIT :limit
        """,
        {
            "asked": json.dumps(asked),
            "since": to_seconds(since),
            "before": story.id,
            "looked_at": LOOKED_AT,
            "topics": json.dumps(sorted(topics)),
            **seen.values(languages, sight),
            "limit": CANDIDATES,
        },
    )
    return tuple((story_of(row), tuple(row[11].split())) for row in rows)


def story_of(row: aiosqlite.Row) -> Story:
    """Return the story of a row of `COLUMNS`."""
    return Story(
        id=StoryId(row[0]),
        topic=TopicSlug(row[1]),
        other_topics=tuple(TopicSlug(slug) for slug in json.loads(row[8])),
        language=cast(Language, row[2]),
        title=row[3],
        summary=row[4],
        url=row[5],
        source=row[6],
        published_at=from_seconds(row[7]),
        other_sources=tuple(json.loads(row[9])),
        feed_id=FeedId(row[10]),
    )
