"""Table `own_links`: the links that publishers put into their articles ("Read also")."""

import json
from collections.abc import Callable, Collection, Iterable
from typing import cast

import aiosqlite

from bot.model import (
    PUBLIC_VISIBILITY,
    ArticleId,
    ArticleLanguage,
    EditorLink,
    Language,
    ResolvedLink,
    StoryId,
    TopicSlug,
    Visibility,
)
from bot.storage.subscribers.visibility import visibility_condition

# Of all articles of a story together: ten times what is shown.
MAX_LINKS = 30

# Before the title, later the title key, that stands in the place of an address.
_TITLED = "title:"


async def replace(
    tx: aiosqlite.Connection,
    article_id: ArticleId,
    links: Iterable[EditorLink],
    *,
    canonical: Callable[[str], str],
) -> None:
    """Replace the article's links, in order; of two links to one page the first is stored.

    A link without an address is known by its title.
    """
    await tx.execute("DELETE FROM own_links WHERE article_id = ?", (article_id,))
    await tx.executemany(
        """
        INSERT OR IGNORE INTO own_links (article_id, place, url, canonical_url, title)
        VALUES (?, ?, ?, ?, ?)
        """,
        [
            (
                article_id,
                position,
                link.url,
                canonical(link.url) if link.url else f"{_TITLED}{link.title}",
                link.title,
            )
            for position, link in enumerate(links)
        ],
    )


async def titled(db: aiosqlite.Connection, article_id: ArticleId) -> tuple[EditorLink, ...]:
    """Return the article's links that have a title, in order."""
    rows = await db.execute_fetchall(
        "SELECT title, url FROM own_links WHERE article_id = ? AND title <> '' ORDER BY place",
        (article_id,),
    )
    return tuple(EditorLink(title=row[0], url=row[1]) for row in rows)


async def resolve(
    tx: aiosqlite.Connection,
    article_id: ArticleId,
    link: EditorLink,
    *,
    language: ArticleLanguage,
    topics: Collection[TopicSlug],
    title_key: str = "",
) -> None:
    """Store the language and the topics of what the link leads to, by its title.

    By its `title_key` a link without an address finds the story of that headline.
    """
    await tx.execute(
        """
        UPDATE OR IGNORE own_links
           SET language = ?, topics = ?,
               canonical_url = CASE url WHEN '' THEN ? ELSE canonical_url END
         WHERE article_id = ? AND url = ? AND title = ?
        """,
        (
            *(language, json.dumps(list(topics)), f"{_TITLED}{title_key or link.title}"),
            *(article_id, link.url, link.title),
        ),
    )


async def of_story(
    db: aiosqlite.Connection,
    story_id: StoryId,
    *,
    languages: Collection[Language],
    visibility: Visibility = PUBLIC_VISIBILITY,
) -> tuple[ResolvedLink, ...]:
    """Return the links of the story's visible articles, those of the first article first.

    Each with the newest story that has an article at its address, if there is one.
    """
    visible = visibility_condition("shown", "publisher", languages, visibility)
    rows = await db.execute_fetchall(
        f"""
        SELECT own_links.title, own_links.url, coalesce(shown.own_source, publisher.source),
               own_links.language, topics,
               coalesce(
               (SELECT max(linked.story_id)
                  FROM articles AS linked JOIN feeds AS other ON other.id = linked.feed_id
                 WHERE linked.canonical_url = own_links.canonical_url
                   AND linked.story_id IS NOT NULL
                   AND (other.private = 0 OR other.id IN (SELECT value FROM json_each(:own)))),
               (SELECT max(linked.story_id)
                  FROM articles AS linked JOIN feeds AS other ON other.id = linked.feed_id
                 WHERE own_links.url = ''
                   AND linked.title_key = substr(own_links.canonical_url, 1 + length(:titled))
                   AND linked.title_key <> '' AND linked.story_id IS NOT NULL
                   AND (other.private = 0 OR other.id IN (SELECT value FROM json_each(:own)))))
          FROM articles AS shown
          JOIN own_links ON own_links.article_id = shown.id
          JOIN feeds AS publisher ON publisher.id = feed_id
         WHERE shown.story_id = (SELECT coalesce(same_as, id) FROM stories WHERE id = :story_id)
           AND {visible.sql}
         ORDER BY shown.id, place
         LIMIT :max_links
        """,
        {**visible.params, "story_id": story_id, "max_links": MAX_LINKS, "titled": _TITLED},
    )
    return tuple(
        ResolvedLink(
            link=EditorLink(title=row[0], url=row[1], source=row[2]),
            language=row[3] and cast(ArticleLanguage, row[3]),
            topics=tuple(TopicSlug(slug) for slug in json.loads(row[4])),
            story_id=row[5] and StoryId(row[5]),
        )
        for row in rows
    )
