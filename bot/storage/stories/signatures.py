"""Tables `tellings` and `telling_keys`: article signatures, and search for the same story."""

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
    CandidateArticle,
    CandidateStory,
    ExactMatch,
    Language,
    StoryId,
)
from bot.storage.times import from_seconds, to_seconds

# Of articles that share keys. On marked days they hold an earlier telling of 986 in 1,000 articles
# that have one; the first 16 of 961.
MAX_CANDIDATES = 40
# Per story: its first articles stand for it, whatever is added later. Only those that share keys
# would make any large story similar to the article.
MAX_PER_STORY = 16

# Of an article that is not stored.
NO_ARTICLE = ArticleId(0)

# Articles of public feeds are evidence for all; those of a private feed for its own alone, so that
# nobody's own feed changes what others get.
_IS_EVIDENCE = """
               (feeds.private = 0
                OR feeds.id = (SELECT feed_id FROM articles AS judged
                                WHERE judged.id = :article_id))
"""
_IS_TOLD_PRIVATELY = """
               NOT EXISTS (SELECT 1
                             FROM articles AS other
                             JOIN feeds AS public ON public.id = other.feed_id
                            WHERE other.story_id = articles.story_id AND public.private = 0)
"""


async def add(
    tx: aiosqlite.Connection,
    article_id: ArticleId,
    signature: ArticleSignature,
    keys: Iterable[str],
) -> None:
    """Store or replace the signature of an article, and add the keys that find it."""
    await tx.execute(
        "INSERT OR REPLACE INTO tellings (article_id, fingerprint, vector) VALUES (?, ?, ?)",
        (article_id, signature.fingerprint, signature.vector),
    )
    await tx.executemany(
        "INSERT OR IGNORE INTO telling_keys (key, article_id) VALUES (?, ?)",
        [(key, article_id) for key in keys],
    )


async def find_candidates(
    db: aiosqlite.Connection,
    weights: Mapping[str, float],
    *,
    since: datetime,
    article_id: ArticleId = NO_ARTICLE,
) -> tuple[CandidateStory, ...]:
    """Return the stories opened since then with articles that share keys of the most weight.

    Of the `MAX_CANDIDATES` best articles; each story with the signatures of its first
    `MAX_PER_STORY` articles, in order, and their sources: those that are evidence for the article.
    """
    rows = await db.execute_fetchall(
        f"""
        WITH weights AS MATERIALIZED (
             SELECT key, value AS weight FROM json_each(:weights)),
             similar AS MATERIALIZED (
             SELECT article_id, sum(weight) AS shared
               FROM weights CROSS JOIN telling_keys USING (key)
              WHERE article_id >= (SELECT lead_id FROM stories
                                    WHERE opened_at >= :since ORDER BY opened_at, id LIMIT 1)
              GROUP BY article_id ORDER BY shared DESC, article_id DESC LIMIT :max_candidates),
             candidates AS MATERIALIZED (
             SELECT DISTINCT story_id FROM similar JOIN articles ON id = article_id),
             signatures AS MATERIALIZED (
             SELECT story_id, article_id, articles.language, articles.published_at,
                    coalesce(own_source, source) AS source, fingerprint, vector,
                    row_number() OVER (PARTITION BY story_id ORDER BY article_id) AS position
               FROM candidates CROSS JOIN articles USING (story_id)
               JOIN tellings ON article_id = articles.id
               JOIN feeds ON feeds.id = feed_id
              WHERE {_IS_EVIDENCE})
        SELECT story_id, stories.published_at,
               signatures.language, source, signatures.published_at, fingerprint, vector
          FROM signatures
          JOIN stories ON stories.id = story_id
         WHERE position <= :max_per_story
         ORDER BY story_id, position
        """,
        {
            "weights": json.dumps(dict(weights)),
            "since": to_seconds(since),
            "max_candidates": MAX_CANDIDATES,
            "max_per_story": MAX_PER_STORY,
            "article_id": article_id,
        },
    )
    return _by_story(rows)


async def of_stories(
    db: aiosqlite.Connection, story_ids: Iterable[StoryId]
) -> tuple[CandidateStory, ...]:
    """Return these stories with the signatures of their first `MAX_PER_STORY` public articles."""
    rows = await db.execute_fetchall(
        """
        WITH signatures AS MATERIALIZED (
             SELECT story_id, article_id, articles.language, articles.published_at,
                    coalesce(own_source, source) AS source, fingerprint, vector,
                    row_number() OVER (PARTITION BY story_id ORDER BY article_id) AS position
               FROM json_each(:ids) AS wanted
               CROSS JOIN articles ON story_id = wanted.value
               JOIN tellings ON article_id = articles.id
               JOIN feeds ON feeds.id = feed_id
              WHERE feeds.private = 0)
        SELECT story_id, stories.published_at,
               signatures.language, source, signatures.published_at, fingerprint, vector
          FROM signatures
          JOIN stories ON stories.id = story_id
         WHERE position <= :max_per_story
         ORDER BY story_id, position
        """,
        {"ids": json.dumps(list(story_ids)), "max_per_story": MAX_PER_STORY},
    )
    return _by_story(rows)


def _by_story(rows: Iterable[aiosqlite.Row]) -> tuple[CandidateStory, ...]:
    by_story = (list(of_story) for _, of_story in groupby(rows, key=lambda row: int(row[0])))
    return tuple(
        CandidateStory(
            story_id=StoryId(of_story[0][0]),
            published_at=from_seconds(of_story[0][1]),
            articles=tuple(
                CandidateArticle(
                    language=cast(ArticleLanguage, language),
                    source=source,
                    published_at=from_seconds(published_at),
                    signature=ArticleSignature(fingerprint=fingerprint, vector=vector),
                )
                for _, _, language, source, published_at, fingerprint, vector in of_story
            ),
        )
        for of_story in by_story
    )


async def find_exact(  # noqa: PLR0913
    db: aiosqlite.Connection,
    *,
    canonical_url: str,
    title_key: str,
    published_at: datetime,
    title_within: timedelta,
    article_id: ArticleId = NO_ARTICLE,
    private: bool = False,
) -> tuple[ExactMatch, ...]:
    """Return the stories with an article at this URL or with these title words, the newest first.

    Title words count between articles published within `title_within` of each other; an empty
    `title_key` matches none. Only articles that are evidence for the article count; or, if
    `private`, only stories that private feeds alone tell.
    """
    is_counted = _IS_TOLD_PRIVATELY if private else _IS_EVIDENCE
    rows = await db.execute_fetchall(
        f"""
        WITH found AS (
             SELECT id, 1 AS by_address FROM articles
              WHERE story_id IS NOT NULL AND canonical_url = :url
              UNION ALL
             SELECT id, 0 FROM articles
              WHERE story_id IS NOT NULL AND title_key <> '' AND title_key = :title_key
                AND published_at BETWEEN :since AND :until)
        SELECT story_id, min(by_address), title, text, coalesce(own_source, source), published_at
          FROM found
          JOIN articles USING (id)
          JOIN feeds ON feeds.id = feed_id
         WHERE articles.id <> :article_id AND {is_counted}
         GROUP BY story_id
         ORDER BY story_id DESC
         LIMIT :max_candidates
        """,
        {
            "url": canonical_url,
            "title_key": title_key,
            "since": to_seconds(published_at - title_within),
            "until": to_seconds(published_at + title_within),
            "article_id": article_id,
            "max_candidates": MAX_CANDIDATES,
        },
    )
    return tuple(
        ExactMatch(
            story_id=StoryId(row[0]),
            by_address=bool(row[1]),
            title=row[2],
            text=row[3],
            source=row[4],
            published_at=from_seconds(row[5]),
        )
        for row in rows
    )


async def is_first_in_language(
    db: aiosqlite.Connection, story_id: StoryId, *, language: Language, source: str
) -> bool:
    """Return whether the story was not fanned out in this language, and the source is new to it.

    Its articles so far are in other languages, of private feeds, or began as backlog.
    """
    rows = await db.execute_fetchall(
        """
        SELECT 1
          FROM articles JOIN feeds ON feeds.id = feed_id
         WHERE story_id = :story_id AND articles.language = :language AND private = 0
           AND (coalesce(own_source, source) = :source
                OR backlog = 0
                   -- A source that was not new to the story was not fanned out either.
                   AND coalesce(own_source, source) NOT IN (
                       SELECT coalesce(earlier.own_source, feeds.source)
                         FROM articles AS earlier JOIN feeds ON feeds.id = earlier.feed_id
                        WHERE earlier.story_id = :story_id AND earlier.language = :language
                          AND earlier.backlog = 1 AND earlier.id < articles.id))
         LIMIT 1
        """,
        {"story_id": story_id, "language": language, "source": source},
    )
    return not list(rows)


async def count_sources(db: aiosqlite.Connection, ids: Collection[StoryId]) -> dict[StoryId, int]:
    """Count the public sources of each of the stories."""
    rows = await db.execute_fetchall(
        """
        SELECT story_id, count(DISTINCT coalesce(own_source, source))
          FROM articles JOIN feeds ON feeds.id = feed_id
         WHERE private = 0 AND story_id IN (SELECT value FROM json_each(?))
         GROUP BY story_id
        """,
        (json.dumps(list(ids)),),
    )
    return {StoryId(row[0]): row[1] for row in rows}
