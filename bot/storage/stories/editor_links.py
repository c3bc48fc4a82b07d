"""The table `own_links`: where the editors of newspapers send the readers of an article."""

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
from bot.storage.subscribers.visibility import SEEN, values

# Of all tellings of a story together: ten times what is shown.
MOST = 30


async def replace(
    tx: aiosqlite.Connection,
    article_id: ArticleId,
    links: Iterable[EditorLink],
    *,
    canonical: Callable[[str], str],
) -> None:
    """Let these be the article's own links, in their order; of two to one page the first counts."""
    await tx.execute("DELETE FROM own_links WHERE article_id = ?", (article_id,))
    await tx.executemany(
        """
        INSERT OR IGNORE INTO own_links (article_id, place, url, canonical_url, title)
        VALUES (?, ?, ?, ?, ?)
        """,
        [
            (article_id, place, link.url, canonical(link.url), link.title)
            for place, link in enumerate(links)
        ],
    )


async def titled(db: aiosqlite.Connection, article_id: ArticleId) -> tuple[EditorLink, ...]:
    """Return the article's own links that have a title, in their order."""
    rows = await db.execute_fetchall(
        "SELECT title, url FROM own_links WHERE article_id = ? AND title <> '' ORDER BY place",
        (article_id,),
    )
    return tuple(EditorLink(title=row[0], url=row[1]) for row in rows)


async def file(
    tx: aiosqlite.Connection,
    article_id: ArticleId,
    link: EditorLink,
    *,
    language: ArticleLanguage,
    topics: Collection[TopicSlug],
) -> None:
    """Note what the link leads to, by its title."""
    await tx.execute(
        """
        UPDATE own_links SET language = ?, topics = ?
         WHERE article_id = ? AND url = ? AND title = ?
        """,
        (language, json.dumps(list(topics)), article_id, link.url, link.title),
    )


async def of_story(
    db: aiosqlite.Connection,
    story_id: StoryId,
    *,
    languages: Collection[Language],
    sight: Visibility = PUBLIC_VISIBILITY,
) -> tuple[ResolvedLink, ...]:
    """Return the own links of the tellings that are seen, the first telling's first.

    Each with the newest story that has an article at its address, if there is one.
    """
    rows = await db.execute_fetchall(
        f"""
        SELECT own_links.title, own_links.url, seer.source, own_links.language, topics,
               (SELECT max(story_id) FROM articles AS linked
                 WHERE linked.canonical_url = own_links.canonical_url
                   AND linked.story_id IS NOT NULL)
          FROM articles AS seen
          JOIN own_links ON own_links.article_id = seen.id
          JOIN feeds AS seer ON seer.id = feed_id
         WHERE seen.story_id = :story_id AND {SEEN}
         ORDER BY seen.id, place
         LIMIT :most
        """,
        {"story_id": story_id, "most": MOST, **values(languages, sight)},
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
