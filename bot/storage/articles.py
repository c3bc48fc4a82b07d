"""The table `articles`: what feeds brought, and what the editor has not read yet."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import cast

import aiosqlite

from bot.model import Article, ArticleId, Entry, FeedId, Language, Reading, StoryId, TopicSlug
from bot.storage.times import from_seconds, to_seconds


async def store(
    tx: aiosqlite.Connection,
    feed_id: FeedId,
    entries: Iterable[tuple[Entry, str]],
    *,
    backlog_before: datetime,
    now: datetime,
) -> int:
    """Store the entries, each with its canonical URL, that the feed has not had; return how many.

    What was published before `backlog_before` is marked as backlog: shown on request and
    never pushed.
    """
    rows = [
        (
            feed_id,
            entry.guid,
            entry.url,
            canonical_url,
            entry.title,
            entry.text,
            json.dumps(entry.categories, ensure_ascii=False),
            to_seconds(entry.published_at),
            to_seconds(now),
            entry.published_at < backlog_before,
        )
        for entry, canonical_url in entries
    ]
    cursor = await tx.executemany(
        """
        INSERT INTO articles (feed_id, guid, url, canonical_url, title, text, categories,
                              published_at, stored_at, backlog)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (feed_id, guid) DO NOTHING
        """,
        rows,
    )
    return cursor.rowcount


async def unread(db: aiosqlite.Connection, *, limit: int) -> tuple[Article, ...]:
    """Return articles that the editor has not read, in the order in which they were stored."""
    rows = await db.execute_fetchall(
        """
        SELECT articles.id, feeds.source, feeds.language, feeds.topic, articles.url,
               canonical_url, title, text, categories, published_at, backlog
          FROM articles JOIN feeds ON feeds.id = feed_id
         WHERE edited_at IS NULL
         ORDER BY articles.id
         LIMIT ?
        """,
        (limit,),
    )
    return tuple(_article(row) for row in rows)


async def mark_read(
    tx: aiosqlite.Connection,
    article_id: ArticleId,
    reading: Reading,
    story_id: StoryId | None,
    *,
    now: datetime,
) -> None:
    """Note what the editor made of the article; a `story_id` of None: it is no story for us."""
    await tx.execute(
        """
        UPDATE articles
           SET edited_at = ?, language = ?, summary = ?, title_key = ?, story_id = ?
         WHERE id = ?
        """,
        (
            to_seconds(now),
            reading.language,
            reading.summary,
            reading.title_key,
            story_id,
            article_id,
        ),
    )


async def mark_failed(
    tx: aiosqlite.Connection, article_id: ArticleId, *, problem: str, now: datetime
) -> None:
    """Note that the editor could not read the article, so that it is not tried for ever."""
    await tx.execute(
        "UPDATE articles SET edited_at = ?, problem = ? WHERE id = ?",
        (to_seconds(now), problem, article_id),
    )


def _article(row: aiosqlite.Row) -> Article:
    return Article(
        id=ArticleId(row[0]),
        source=row[1],
        feed_language=cast(Language, row[2]),
        feed_topic=row[3] and TopicSlug(row[3]),
        url=row[4],
        canonical_url=row[5],
        title=row[6],
        text=row[7],
        categories=tuple(json.loads(row[8])),
        published_at=from_seconds(row[9]),
        backlog=bool(row[10]),
    )
