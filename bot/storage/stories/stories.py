"""Tables `stories`, `story_topics` and `story_terms`: opening a story, its topics and its terms.

What readers ask of them is in `queries`.
"""

from collections.abc import Collection
from datetime import datetime

import aiosqlite

from bot.model import Article, ArticleAnalysis, StoryId, TopicSlug
from bot.storage.times import to_seconds


async def add(
    tx: aiosqlite.Connection,
    lead: Article,
    analysis: ArticleAnalysis,
    topic: TopicSlug,
    *,
    now: datetime,
) -> StoryId:
    """Open a story; the caller marks the lead as processed. An empty topic: it has none."""
    language = lead.feed_language if analysis.language == "other" else analysis.language
    cursor = await tx.execute(
        """
        INSERT INTO stories (lead_id, topic, language, published_at, opened_at)
        VALUES (?, ?, ?, ?, ?)
        """,
        (lead.id, topic, language, to_seconds(lead.published_at), to_seconds(now)),
    )
    assert cursor.lastrowid is not None
    story_id = StoryId(cursor.lastrowid)
    await add_topics(tx, story_id, (topic, *analysis.other_topics))
    await tx.execute(
        # OR REPLACE: no cascade reaches the terms of a deleted story, and its id is given again.
        "INSERT OR REPLACE INTO story_terms (rowid, terms) VALUES (?, ?)",
        (story_id, " ".join(analysis.terms)),
    )
    return story_id


async def add_topics(
    tx: aiosqlite.Connection, story_id: StoryId, topics: Collection[TopicSlug]
) -> None:
    """Add the story to these topics."""
    await tx.executemany(
        """
        INSERT OR IGNORE INTO story_topics (topic, published_at, story_id)
        SELECT ?, published_at, id FROM stories WHERE id = ?
        """,
        [(topic, story_id) for topic in topics if topic],
    )


async def update_lead(
    tx: aiosqlite.Connection, article: Article, analysis: ArticleAnalysis
) -> None:
    """Replace the search terms of the story whose lead the article is, if it is one."""
    await tx.execute(
        """
        UPDATE story_terms
           SET terms = ?
         WHERE rowid = (SELECT id FROM stories WHERE lead_id = ?)
        """,
        (" ".join(analysis.terms), article.id),
    )


async def terms(db: aiosqlite.Connection, story_id: StoryId) -> tuple[str, ...]:
    """Return the stems of the story's headline and summary."""
    rows = await db.execute_fetchall("SELECT terms FROM story_terms WHERE rowid = ?", (story_id,))
    return tuple(term for row in rows for term in row[0].split())
