"""Table `articles`: the articles of feeds, and the queue of those that are not processed yet."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, cast

import aiosqlite

from bot.model import (
    Article,
    ArticleAnalysis,
    ArticleId,
    Entry,
    FeedId,
    Language,
    Picture,
    StoryId,
    TopicSlug,
)
from bot.storage.times import from_seconds, to_seconds

# A text with a clock or a counter in it changes without end. Source: the limit of lemon24/reader.
MAX_EDITS = 24
# Of the articles of a feed more may share a logo, but no picture.
MAX_REPEATS = 2
_LAST_PICTURES = 100
MAX_HEADLINES = 30


async def add(
    tx: aiosqlite.Connection,
    feed_id: FeedId,
    entry: Entry,
    *,
    canonical_url: str,
    backlog: bool,
    now: datetime,
) -> ArticleId:
    """Store a new entry; one of the backlog is shown on request and never delivered.

    The source that an aggregator names has the name that the catalogue gives it, if it does.
    """
    cursor = await tx.execute(
        """
        INSERT INTO articles (feed_id, guid, url, canonical_url, title, text, categories,
                              published_at, stored_at, backlog,
                              picture_url, picture_width, picture_height, own_source)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
                CASE WHEN ? IS NOT NULL
                     THEN coalesce((SELECT source FROM feeds
                                     WHERE domain = ? AND listed = 1 AND private = 0 LIMIT 1), ?)
                 END)
        """,
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
            backlog,
            *((found.url, found.width, found.height) if (found := entry.picture) else [None] * 3),
            *[entry.source] * 3,
        ),
    )
    assert cursor.lastrowid is not None
    return ArticleId(cursor.lastrowid)


async def edit(tx: aiosqlite.Connection, article_id: ArticleId, entry: Entry) -> bool:
    """Store the publisher's edit of the article; return whether title or text changed.

    An article of a story is queued for processing again. After `MAX_EDITS` it stays as it is.
    """
    cursor = await tx.execute(
        """
        UPDATE articles
           SET title = :title, text = :text, url = :url, edits = edits + 1,
               edited_at = iif(story_id IS NULL, edited_at, NULL)
         WHERE id = :id AND edits < :max_edits AND (title <> :title OR text <> :text)
        """,
        {
            "id": article_id,
            "title": entry.title,
            "text": entry.text,
            "url": entry.url,
            "max_edits": MAX_EDITS,
        },
    )
    return cursor.rowcount > 0


async def of_feed(
    db: aiosqlite.Connection, feed_id: FeedId, *, limit: int
) -> tuple[tuple[ArticleId, Entry], ...]:
    """Return the feed's articles as entries without text and categories, newest first."""
    rows = await db.execute_fetchall(
        """
        SELECT id, guid, url, title, published_at
          FROM articles
         WHERE feed_id = ?
         ORDER BY published_at DESC, id DESC
         LIMIT ?
        """,
        (feed_id, limit),
    )
    return tuple(
        (
            ArticleId(row[0]),
            Entry(
                guid=row[1],
                url=row[2],
                title=row[3],
                text="",
                categories=(),
                published_at=from_seconds(row[4]),
            ),
        )
        for row in rows
    )


async def by_ids(
    db: aiosqlite.Connection, article_ids: Iterable[ArticleId]
) -> dict[ArticleId, Entry]:
    """Return those of the articles that are stored, as entries without categories."""
    rows = await db.execute_fetchall(
        """
        SELECT id, guid, url, title, text, published_at
          FROM articles WHERE id IN (SELECT value FROM json_each(?))
        """,
        (json.dumps(list(article_ids)),),
    )
    return {
        ArticleId(row[0]): Entry(
            guid=row[1],
            url=row[2],
            title=row[3],
            text=row[4],
            categories=(),
            published_at=from_seconds(row[5]),
        )
        for row in rows
    }


async def newest_dates(
    db: aiosqlite.Connection, feed_id: FeedId, *, limit: int
) -> tuple[datetime, ...]:
    """Return the publication times of the feed's newest articles, newest first."""
    rows = await db.execute_fetchall(
        "SELECT published_at FROM articles WHERE feed_id = ? ORDER BY published_at DESC LIMIT ?",
        (feed_id, limit),
    )
    return tuple(from_seconds(row[0]) for row in rows)


async def unprocessed(
    db: aiosqlite.Connection, *, now: datetime, limit: int, private: bool | None = None
) -> tuple[Article, ...]:
    """Return articles that are not processed, in the order in which they were stored.

    Those whose pages are still awaited are skipped. Only those of private feeds, or of public
    ones; None: of both.
    """
    rows = await db.execute_fetchall(
        """
        SELECT articles.id, coalesce(own_source, feeds.source), feeds.language, feeds.topic,
               articles.url, canonical_url, title, articles.text, categories, published_at,
               backlog, story_id, coalesce(pages.text, ''), private
          FROM articles
          JOIN feeds ON feeds.id = feed_id
          LEFT JOIN pages ON pages.article_id = articles.id
         WHERE edited_at IS NULL AND NOT (pages.due_at IS NOT NULL AND pages.give_up_at > :now)
           AND private = coalesce(:private, private)
         ORDER BY articles.id
         LIMIT :limit
        """,
        {"now": to_seconds(now), "limit": limit, "private": private},
    )
    return tuple(
        Article(
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
            story_id=row[11] and StoryId(row[11]),
            page=row[12],
            private=bool(row[13]),
        )
        for row in rows
    )


class Headline(NamedTuple):
    """The headline of an article, and whose it is."""

    title: str
    feed_id: FeedId
    private: bool


async def headlines(db: aiosqlite.Connection, story_id: StoryId) -> tuple[Headline, ...]:
    """Return the headlines of the story, the newest `MAX_HEADLINES` first."""
    rows = await db.execute_fetchall(
        """
        SELECT title, feed_id, private FROM articles JOIN feeds ON feeds.id = feed_id
         WHERE story_id = ? ORDER BY articles.id DESC LIMIT ?
        """,
        (story_id, MAX_HEADLINES),
    )
    return tuple(Headline(row[0], FeedId(row[1]), bool(row[2])) for row in rows)


async def is_unchanged(db: aiosqlite.Connection, article: Article) -> bool:
    """Return whether title and text are still those that `article` has."""
    rows = await db.execute_fetchall(
        "SELECT 1 FROM articles WHERE id = ? AND title = ? AND text = ?",
        (article.id, article.title, article.text),
    )
    return bool(list(rows))


async def mark_processed(
    tx: aiosqlite.Connection,
    article_id: ArticleId,
    analysis: ArticleAnalysis,
    story_id: StoryId | None,
    *,
    now: datetime,
) -> None:
    """Store the analysis of the article; a `story_id` of None: it belongs to no story.

    A language of "other" does not replace one that is known: an edit may leave a headline that is
    too short for detection.
    """
    await tx.execute(
        """
        UPDATE articles
           SET edited_at = ?,
               language = iif(? <> 'other', ?, coalesce(language, 'other')),
               summary = ?, title_key = ?, story_id = ?,
               problem = NULL
         WHERE id = ?
        """,
        (
            to_seconds(now),
            analysis.language,
            analysis.language,
            analysis.summary,
            analysis.title_key,
            story_id,
            article_id,
        ),
    )


async def picture(db: aiosqlite.Connection, article_id: ArticleId) -> Picture | None:
    """Return the picture of the article; None: it has none."""
    rows = await db.execute_fetchall(
        """
        SELECT picture_url, picture_width, picture_height, picture_of_page
          FROM articles WHERE id = ? AND picture_url IS NOT NULL
        """,
        (article_id,),
    )
    found = (
        Picture(url=url, width=width, height=height, is_of_page=bool(is_of_page))
        for url, width, height, is_of_page in rows
    )
    return next(found, None)


async def add_picture(tx: aiosqlite.Connection, article_id: ArticleId, found: Picture) -> None:
    """Store the picture found on the article's page, unless its feed gave one with a size.

    Nor is one stored that `MAX_REPEATS` of the feed's last articles have: it is a logo.
    """
    await tx.execute(
        """
        UPDATE articles
           SET picture_url = :url, picture_width = :width, picture_height = :height,
               picture_of_page = 1
         WHERE id = :id AND (picture_url IS NULL OR picture_width IS NULL)
           AND :max_repeats > (
               SELECT count(*)
                 FROM (SELECT picture_url FROM articles AS other
                        WHERE other.feed_id = articles.feed_id AND other.id <> articles.id
                        ORDER BY published_at DESC LIMIT :last)
                WHERE picture_url = :url)
        """,
        {
            "url": found.url,
            "width": found.width,
            "height": found.height,
            "id": article_id,
            "max_repeats": MAX_REPEATS,
            "last": _LAST_PICTURES,
        },
    )
