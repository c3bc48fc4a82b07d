"""The tables `tellings` and `telling_keys`: what articles say, and which tell the same."""

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import cast

import aiosqlite

from bot.model import (
    ArticleId,
    ArticleLanguage,
    ArticleSignature,
    CandidateStory,
    Language,
    StoryId,
)
from bot.storage.times import from_seconds, to_seconds

# Of tellings that share keys; the true one is among the first 20 nearly always.
MAX_CANDIDATES = 40
# Of a story: its first tellings stand for it, whatever is added later. Those that share keys
# alone would make any large story look like the article.
FIRST = 16


async def add(
    tx: aiosqlite.Connection, article_id: ArticleId, telling: ArticleSignature, keys: Iterable[str]
) -> None:
    """Store what is compared of an article, and by what it is found; or store it anew."""
    await tx.execute(
        "INSERT OR REPLACE INTO tellings (article_id, fingerprint, vector) VALUES (?, ?, ?)",
        (article_id, telling.fingerprint, telling.vector),
    )
    await tx.executemany(
        "INSERT OR IGNORE INTO telling_keys (key, article_id) VALUES (?, ?)",
        [(key, article_id) for key in keys],
    )


async def find_candidates(
    db: aiosqlite.Connection, weights: Mapping[str, float], *, since: datetime
) -> tuple[CandidateStory, ...]:
    """Return the stories opened since whose tellings share keys of the most weight in all.

    By `MOST` tellings at most; each story with its first tellings, `FIRST` at most, in order.
    """
    rows = await db.execute_fetchall(
        """
        WITH asked AS MATERIALIZED (
             SELECT key, value AS weight FROM json_each(:weights)),
             alike AS MATERIALIZED (
             SELECT article_id, sum(weight) AS shared
               FROM asked CROSS JOIN telling_keys USING (key)
              WHERE article_id >= (SELECT lead_id FROM stories
                                    WHERE opened_at >= :since ORDER BY opened_at, id LIMIT 1)
              GROUP BY article_id ORDER BY shared DESC, article_id DESC LIMIT :most),
             found AS MATERIALIZED (
             SELECT DISTINCT story_id FROM alike JOIN articles ON id = article_id),
             told AS MATERIALIZED (
             SELECT story_id, article_id, articles.language, fingerprint, vector,
                    row_number() OVER (PARTITION BY story_id ORDER BY article_id) AS place
               FROM found CROSS JOIN articles USING (story_id)
               JOIN tellings ON article_id = articles.id)
        SELECT story_id, stories.published_at, told.language, fingerprint, vector,
               (SELECT json_group_array(DISTINCT source)
                  FROM articles AS other JOIN feeds ON feeds.id = other.feed_id
                 WHERE other.story_id = told.story_id)
          FROM told
          JOIN stories ON stories.id = story_id
         WHERE place <= :first
         ORDER BY story_id, place
        """,
        {
            "weights": json.dumps(dict(weights)),
            "since": to_seconds(since),
            "most": MAX_CANDIDATES,
            "first": FIRST,
        },
    )
    return tuple(
        _story(StoryId(story_id), list(found))
        for story_id, found in groupby(rows, key=lambda row: int(row[0]))
    )


async def find_exact(
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


async def is_first_in_language(
    db: aiosqlite.Connection, story_id: StoryId, *, language: Language, source: str
) -> bool:
    """Return whether nobody was owed the story in this language, and the source is new to it.

    What was told so far was told in other languages, by private feeds, or was backlog, if only at
    first.
    """
    rows = await db.execute_fetchall(
        """
        SELECT 1
          FROM articles JOIN feeds ON feeds.id = feed_id
         WHERE story_id = :story_id AND articles.language = :language AND private = 0
           AND (source = :source
                OR backlog = 0
                   -- A source that was not new to it told it to nobody either.
                   AND source NOT IN (
                       SELECT feeds.source
                         FROM articles AS earlier JOIN feeds ON feeds.id = earlier.feed_id
                        WHERE earlier.story_id = :story_id AND earlier.language = :language
                          AND earlier.backlog = 1 AND earlier.id < articles.id))
         LIMIT 1
        """,
        {"story_id": story_id, "language": language, "source": source},
    )
    return not list(rows)


async def sources(db: aiosqlite.Connection, ids: Collection[StoryId]) -> dict[StoryId, int]:
    """Return how many sources have told each of the stories."""
    rows = await db.execute_fetchall(
        """
        SELECT story_id, count(DISTINCT source)
          FROM articles JOIN feeds ON feeds.id = feed_id
         WHERE story_id IN (SELECT value FROM json_each(?))
         GROUP BY story_id
        """,
        (json.dumps(list(ids)),),
    )
    return {StoryId(row[0]): row[1] for row in rows}


def _story(story_id: StoryId, rows: list[aiosqlite.Row]) -> CandidateStory:
    return CandidateStory(
        story_id=story_id,
        published_at=from_seconds(rows[0][1]),
        sources=frozenset(json.loads(rows[0][5])),
        signatures=tuple(
            (
                cast(ArticleLanguage, row[2]),
                ArticleSignature(fingerprint=row[3], vector=row[4]),
            )
            for row in rows
        ),
    )
