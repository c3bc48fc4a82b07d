"""The tables `stories` and `story_terms`: events, their leads, and what is related to what."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import cast

import aiosqlite

from bot.model import LANGUAGES, Article, ArticleId, Language, Reading, Story, StoryId, TopicSlug
from bot.storage.times import from_seconds, to_seconds

# Of stories sharing terms: far more than can be shown, few enough to compare one by one.
CANDIDATES = 40
# Of those sharing terms so many are looked at, whatever their topics and languages.
LOOKED_AT = 400

# A story as it is shown; `archive` reads it so too.
COLUMNS = """
        SELECT stories.id, stories.topic, told.language, articles.title, articles.summary,
               articles.url, feeds.source, stories.published_at,
               (SELECT json_group_array(topic) FROM story_topics
                 WHERE story_id = stories.id AND story_topics.topic <> stories.topic),
               (SELECT json_group_array(source)
                  FROM (SELECT other.source
                          FROM articles AS telling JOIN feeds AS other ON other.id = feed_id
                         WHERE telling.story_id = stories.id AND other.source <> feeds.source
                         GROUP BY other.source ORDER BY min(telling.id)))
"""
TOLD = """
          JOIN story_languages AS told ON told.story_id = stories.id
          JOIN articles ON articles.id = told.article_id
          JOIN feeds ON feeds.id = feed_id
"""
# The first telling in one of the languages.
SHOWN = """
           told.article_id = (SELECT min(article_id) FROM story_languages AS other
                               WHERE other.story_id = stories.id
                                 AND other.language IN (SELECT value FROM json_each(:languages)))
"""
OF_TOPICS = """
           EXISTS (SELECT 1 FROM story_topics
                    WHERE story_id = stories.id
                      AND story_topics.topic IN (SELECT value FROM json_each(:topics)))
"""


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
    story_id = StoryId(cursor.lastrowid)
    await tx.execute(
        "INSERT INTO story_languages (story_id, language, article_id) VALUES (?, ?, ?)",
        (story_id, reading.language, lead.id),
    )
    await file(tx, story_id, (topic, *reading.others))
    await tx.execute(
        # OR REPLACE: no cascade reaches the terms of a deleted story, and its id is given again.
        "INSERT OR REPLACE INTO story_terms (rowid, terms) VALUES (?, ?)",
        (story_id, " ".join(reading.terms)),
    )
    return story_id


async def file(tx: aiosqlite.Connection, story_id: StoryId, topics: Collection[TopicSlug]) -> None:
    """Let the story belong to these topics too."""
    await tx.executemany(
        "INSERT OR IGNORE INTO story_topics (topic, story_id) VALUES (?, ?)",
        [(topic, story_id) for topic in topics],
    )


async def tell(
    tx: aiosqlite.Connection, story_id: StoryId, article_id: ArticleId, language: Language
) -> bool:
    """Let the article show the story in its language; return False if an earlier one does."""
    cursor = await tx.execute(
        "INSERT OR IGNORE INTO story_languages (story_id, language, article_id) VALUES (?, ?, ?)",
        (story_id, language, article_id),
    )
    return cursor.rowcount > 0


async def retell(tx: aiosqlite.Connection, article: Article, reading: Reading) -> None:
    """Let the story be found by what its lead says now, if the article is its lead.

    If the article says it in another language now, the next telling shows it in the old one.
    """
    await tx.execute(
        """
        UPDATE story_terms
           SET terms = ?
         WHERE rowid = (SELECT id FROM stories WHERE lead_id = ?)
        """,
        (" ".join(reading.terms), article.id),
    )
    # What we cannot place is rather a headline too short to tell than a language of strangers.
    if reading.language == "other":
        return
    cursor = await tx.execute(
        "DELETE FROM story_languages WHERE article_id = ? AND language <> ? RETURNING language",
        (article.id, reading.language),
    )
    await tx.executemany(
        """
        INSERT INTO story_languages (story_id, language, article_id)
        SELECT story_id, language, id
          FROM articles
         WHERE story_id = ? AND language = ? AND id <> ?
         ORDER BY id
         LIMIT 1
        """,
        [(article.story_id, row[0], article.id) for row in await cursor.fetchall()],
    )


async def get(
    db: aiosqlite.Connection, story_id: StoryId, *, languages: Collection[Language] = LANGUAGES
) -> Story | None:
    """Return the story as it is told in one of the languages; None: in none of them."""
    return next(iter(await told(db, [story_id], languages=languages)), None)


async def told(
    db: aiosqlite.Connection, ids: Collection[StoryId], *, languages: Collection[Language]
) -> tuple[Story, ...]:
    """Return those told in one of the languages, by the most sources first, then the newest."""
    rows = await db.execute_fetchall(
        f"""
        {COLUMNS} FROM stories {TOLD}
         WHERE stories.id IN (SELECT value FROM json_each(:ids)) AND {SHOWN}
         ORDER BY (SELECT count(DISTINCT other.source)
                     FROM articles AS telling JOIN feeds AS other ON other.id = telling.feed_id
                    WHERE telling.story_id = stories.id) DESC,
                  stories.published_at DESC
        """,
        {"ids": json.dumps(list(ids)), "languages": json.dumps(sorted(languages))},
    )
    return tuple(story_of(row) for row in rows)


async def terms(db: aiosqlite.Connection, story_id: StoryId) -> tuple[str, ...]:
    """Return the stems of the story's headline and summary."""
    rows = await db.execute_fetchall("SELECT terms FROM story_terms WHERE rowid = ?", (story_id,))
    return tuple(term for row in rows for term in row[0].split())


async def sharing_terms(
    db: aiosqlite.Connection,
    story: Story,
    *,
    words: Mapping[str, float],
    topics: Collection[TopicSlug],
    languages: Collection[Language],
    since: datetime,
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
         WHERE stories.published_at >= :since AND {OF_TOPICS} AND {SHOWN}
         ORDER BY shared DESC, stories.id DESC
         LIMIT :limit
        """,
        {
            "asked": json.dumps(asked),
            "since": to_seconds(since),
            "before": story.id,
            "looked_at": LOOKED_AT,
            "topics": json.dumps(sorted(topics)),
            "languages": json.dumps(sorted(languages)),
            "limit": CANDIDATES,
        },
    )
    return tuple((story_of(row), tuple(row[10].split())) for row in rows)


def story_of(row: aiosqlite.Row) -> Story:
    """Return the story of a row of `COLUMNS`."""
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
        also_told_by=tuple(json.loads(row[9])),
    )
