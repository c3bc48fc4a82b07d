"""The tables `stories` and `story_terms`: events, their leads, and what is related to what."""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import cast

import aiosqlite

from bot.model import Article, Language, Reading, Story, StoryId, TopicSlug
from bot.storage.times import from_seconds, to_seconds

# Of stories sharing terms: far more than can be shown, few enough to compare one by one.
CANDIDATES = 40

_COLUMNS = """
        SELECT stories.id, stories.topic, stories.language, articles.title, articles.summary,
               articles.url, feeds.source, stories.published_at,
               (SELECT json_group_array(topic) FROM story_topics
                 WHERE story_id = stories.id AND story_topics.topic <> stories.topic)
"""
_OF_TOPICS = """
           EXISTS (SELECT 1 FROM story_topics
                    WHERE story_id = stories.id
                      AND story_topics.topic IN (SELECT value FROM json_each(?)))
"""
_LEADS = "JOIN articles ON articles.id = lead_id JOIN feeds ON feeds.id = feed_id"


async def same(
    db: aiosqlite.Connection,
    *,
    canonical_url: str,
    title_key: str,
    published_at: datetime,
    title_within: timedelta,
) -> StoryId | None:
    """Return the newest story with an article at this URL, or with these title words.

    Title words count between articles published within `title_within` of each other; an
    empty `title_key` equals none. None: nobody has told this yet.
    """
    rows = await db.execute_fetchall(
        """
        SELECT story_id FROM articles
         WHERE story_id IS NOT NULL AND canonical_url = :url
         UNION ALL
        SELECT story_id FROM articles
         WHERE story_id IS NOT NULL AND title_key <> '' AND title_key = :title_key
           AND published_at BETWEEN :since AND :until
         ORDER BY story_id DESC
         LIMIT 1
        """,
        {
            "url": canonical_url,
            "title_key": title_key,
            "since": to_seconds(published_at - title_within),
            "until": to_seconds(published_at + title_within),
        },
    )
    return next((StoryId(row[0]) for row in rows), None)


async def untold(db: aiosqlite.Connection, story_id: StoryId, *, source: str) -> bool:
    """Return whether the story is backlog to us all through, and new to this source.

    Then nobody was owed it; the source's telling is the first that is news.
    """
    rows = await db.execute_fetchall(
        """
        SELECT 1
          FROM articles JOIN feeds ON feeds.id = feed_id
         WHERE story_id = ? AND (backlog = 0 OR source = ?)
         LIMIT 1
        """,
        (story_id, source),
    )
    return not list(rows)


async def add(
    tx: aiosqlite.Connection,
    lead: Article,
    reading: Reading,
    topic: TopicSlug,
    *,
    now: datetime,
) -> StoryId:
    """Open a story; the caller marks the lead as read."""
    cursor = await tx.execute(
        """
        INSERT INTO stories (lead_id, topic, language, published_at, opened_at)
        VALUES (?, ?, ?, ?, ?)
        """,
        (lead.id, topic, reading.language, to_seconds(lead.published_at), to_seconds(now)),
    )
    assert cursor.lastrowid is not None
    await tx.executemany(
        "INSERT INTO story_topics (topic, story_id) VALUES (?, ?)",
        [(slug, cursor.lastrowid) for slug in (topic, *reading.others)],
    )
    await tx.execute(
        "INSERT INTO story_terms (rowid, terms) VALUES (?, ?)",
        (cursor.lastrowid, " ".join(reading.terms)),
    )
    return StoryId(cursor.lastrowid)


async def retell(tx: aiosqlite.Connection, article: Article, reading: Reading) -> None:
    """Let the story be found by what its lead says now, if the article is its lead."""
    await tx.execute(
        """
        UPDATE story_terms
           SET terms = ?
         WHERE rowid = (SELECT id FROM stories WHERE lead_id = ?)
        """,
        (" ".join(reading.terms), article.id),
    )


async def get(db: aiosqlite.Connection, story_id: StoryId) -> Story:
    """Return the story; it must exist."""
    rows = await db.execute_fetchall(
        f"{_COLUMNS} FROM stories {_LEADS} WHERE stories.id = ?", (story_id,)
    )
    (row,) = rows
    return _story(row)


async def newest(
    db: aiosqlite.Connection,
    *,
    topics: Collection[TopicSlug],
    languages: Collection[Language],
    limit: int,
) -> tuple[Story, ...]:
    """Return the newest stories of any of the topics in any of the languages, newest first."""
    rows = await db.execute_fetchall(
        f"""
        {_COLUMNS}
          FROM stories {_LEADS}
         WHERE {_OF_TOPICS}
           AND stories.language IN (SELECT value FROM json_each(?))
         ORDER BY stories.published_at DESC, stories.id DESC
         LIMIT ?
        """,
        (json.dumps(sorted(topics)), json.dumps(sorted(languages)), limit),
    )
    return tuple(_story(row) for row in rows)


async def terms(db: aiosqlite.Connection, story_id: StoryId) -> tuple[str, ...]:
    """Return the stems of the story's headline and summary."""
    rows = await db.execute_fetchall("SELECT terms FROM story_terms WHERE rowid = ?", (story_id,))
    return tuple(term for row in rows for term in row[0].split())


async def sharing_terms(
    db: aiosqlite.Connection,
    story: Story,
    *,
    words: Collection[str],
    topics: Collection[TopicSlug],
    languages: Collection[Language],
    since: datetime,
) -> tuple[tuple[Story, tuple[str, ...]], ...]:
    """Return earlier stories of these topics and languages with their stems, the most alike first.

    At most `CANDIDATES`. Alike by BM25 over `words`; earlier means opened before `story` was,
    and published at `since` or later.
    """
    query = " OR ".join(f'"{word}"' for word in words if '"' not in word)
    if not query:
        return ()
    rows = await db.execute_fetchall(
        f"""
        {_COLUMNS}, story_terms.terms
          FROM story_terms JOIN stories ON stories.id = story_terms.rowid {_LEADS}
         WHERE story_terms MATCH ?
           -- What was published since was opened since; the search need not go further back.
           AND story_terms.rowid >= (SELECT id FROM stories
                                      WHERE opened_at >= ? ORDER BY opened_at, id LIMIT 1)
           AND story_terms.rowid < ? AND stories.published_at >= ?
           AND {_OF_TOPICS}
           AND stories.language IN (SELECT value FROM json_each(?))
         ORDER BY bm25(story_terms)
         LIMIT ?
        """,
        (
            query,
            to_seconds(since),
            story.id,
            to_seconds(since),
            json.dumps(sorted(topics)),
            json.dumps(sorted(languages)),
            CANDIDATES,
        ),
    )
    return tuple((_story(row), tuple(row[9].split())) for row in rows)


def _story(row: aiosqlite.Row) -> Story:
    return Story(
        id=StoryId(row[0]),
        topic=TopicSlug(row[1]),
        others=tuple(TopicSlug(slug) for slug in json.loads(row[8])),
        language=cast(Language, row[2]),
        title=row[3],
        summary=row[4],
        url=row[5],
        source=row[6],
        published_at=from_seconds(row[7]),
    )
