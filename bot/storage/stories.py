"""The tables `stories` and `story_terms`: events, their leads, and what is related to what."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import cast

import aiosqlite

from bot.model import Article, Language, Reading, Story, StoryId, TopicSlug
from bot.storage.times import from_seconds, to_seconds

_COLUMNS = """
        SELECT stories.id, stories.topic, stories.language, articles.title, articles.summary,
               articles.url, feeds.source, stories.published_at
"""
_LEADS = "JOIN articles ON articles.id = lead_id JOIN feeds ON feeds.id = feed_id"


async def same(
    db: aiosqlite.Connection, *, canonical_url: str, title_key: str, title_since: datetime
) -> StoryId | None:
    """Return the newest story with an article at this URL or, since then, of these title words.

    An empty `title_key` equals none. None: nobody has told this yet.
    """
    rows = await db.execute_fetchall(
        """
        SELECT story_id FROM articles
         WHERE story_id IS NOT NULL AND canonical_url = :url
         UNION ALL
        SELECT story_id FROM articles
         WHERE story_id IS NOT NULL AND title_key <> '' AND title_key = :title_key
           AND published_at >= :since
         ORDER BY story_id DESC
         LIMIT 1
        """,
        {"url": canonical_url, "title_key": title_key, "since": to_seconds(title_since)},
    )
    return next((StoryId(row[0]) for row in rows), None)


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
    await tx.execute(
        "INSERT INTO story_terms (rowid, terms) VALUES (?, ?)",
        (cursor.lastrowid, " ".join(reading.terms)),
    )
    return StoryId(cursor.lastrowid)


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
         WHERE stories.topic IN (SELECT value FROM json_each(?))
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
    limit: int,
) -> tuple[tuple[Story, tuple[str, ...]], ...]:
    """Return earlier stories of these topics and languages with their stems, the most alike first.

    Alike by BM25 over `words`; earlier means opened before `story` was.
    """
    query = " OR ".join(f'"{word}"' for word in words if '"' not in word)
    if not query:
        return ()
    rows = await db.execute_fetchall(
        f"""
        {_COLUMNS}, story_terms.terms
          FROM story_terms JOIN stories ON stories.id = story_terms.rowid {_LEADS}
         WHERE story_terms MATCH ? AND story_terms.rowid < ?
           AND stories.topic IN (SELECT value FROM json_each(?))
           AND stories.language IN (SELECT value FROM json_each(?))
         ORDER BY bm25(story_terms)
         LIMIT ?
        """,
        (
            query,
            story.id,
            json.dumps(sorted(topics)),
            json.dumps(sorted(languages)),
            limit,
        ),
    )
    return tuple((_story(row), tuple(row[8].split())) for row in rows)


def _story(row: aiosqlite.Row) -> Story:
    return Story(
        id=StoryId(row[0]),
        topic=TopicSlug(row[1]),
        language=cast(Language, row[2]),
        title=row[3],
        summary=row[4],
        url=row[5],
        source=row[6],
        published_at=from_seconds(row[7]),
    )
