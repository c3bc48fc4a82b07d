"""Tables `stories`, `articles`, `story_terms` and `saved`: what readers ask of the stories.

How a story is shown: see `story_rows`. Of a storyline a list has the newest chapter alone.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import aiosqlite

from bot.model import (
    LANGUAGES,
    PUBLIC_VISIBILITY,
    ChatId,
    Coverage,
    Language,
    Story,
    StoryId,
    TopicSlug,
    Visibility,
)
from bot.storage.stories.stories import terms_of_lead
from bot.storage.stories.story_rows import TOLD_AS, read_story, select_stories
from bot.storage.subscribers.visibility import visibility_condition
from bot.storage.times import from_seconds, to_seconds

# Of the stories that share terms: far more than can be shown, few enough to compare one by one.
MAX_CANDIDATES = 40
# Of the stories that share terms so many are read, whatever their topics and languages.
MAX_SHARING = 400
# Of the newest stories of the topics so many are read, whatever their languages: a reader of a
# language without news waits for an answer too.
MAX_SCANNED = 3000
# Of the stories that match a search: more than anybody pages through, visible or not.
MAX_SEARCHED = 1500
# Of a list without an end in time; in seconds.
_NO_END = 2**62


async def get(
    db: aiosqlite.Connection,
    story_id: StoryId,
    *,
    languages: Collection[Language] = LANGUAGES,
    visibility: Visibility = PUBLIC_VISIBILITY,
) -> Story | None:
    """Return the story by its newest visible article; None: it has none."""
    stories = await visible_stories(db, [story_id], languages=languages, visibility=visibility)
    return next(iter(stories), None)


async def exists(db: aiosqlite.Connection, story_id: StoryId) -> bool:
    """Return whether the story is stored, whoever may see it."""
    rows = await db.execute_fetchall("SELECT 1 FROM stories WHERE id = ?", (story_id,))
    return bool(list(rows))


async def visible_stories(
    db: aiosqlite.Connection,
    ids: Collection[StoryId],
    *,
    languages: Collection[Language],
    visibility: Visibility = PUBLIC_VISIBILITY,
) -> tuple[Story, ...]:
    """Return the stories that have a visible article: most sources first, then the newest."""
    select = select_stories(languages, visibility)
    rows = await db.execute_fetchall(
        f"""
        SELECT {select.columns}
          FROM stories {select.joins}
         WHERE stories.id IN (SELECT value FROM json_each(:ids))
         ORDER BY {select.source_count} DESC, stories.published_at DESC
        """,
        {**select.params, "ids": json.dumps(list(ids))},
    )
    return tuple(read_story(row) for row in rows)


async def newest(  # noqa: PLR0913
    db: aiosqlite.Connection,
    *,
    topics: Collection[TopicSlug],
    languages: Collection[Language],
    limit: int,
    skipped: int = 0,
    until: datetime | None = None,
    visibility: Visibility = PUBLIC_VISIBILITY,
) -> tuple[Story, ...]:
    """Return the newest stories of any of the topics in any of the languages, newest first.

    None that was opened after `until`: what arrives between two pages moves no page.
    Searches the newest `MAX_SCANNED` of these topics.
    """
    if not topics:
        return ()
    select = select_stories(languages, visibility)
    # A SELECT per topic: each is in order by itself, and SQLite merges them up to the limit.
    topic_params = {f"topic{position}": topic for position, topic in enumerate(sorted(topics))}
    of_topics = " UNION ".join(
        f"SELECT published_at, story_id FROM story_topics WHERE topic = :{name}"
        for name in topic_params
    )
    rows = await db.execute_fetchall(
        # In the order of the inner query: an ORDER BY would read all rows before the first.
        f"""
        SELECT {select.columns}
          FROM ({of_topics} ORDER BY published_at DESC, story_id DESC LIMIT :max_scanned) AS recent
         CROSS JOIN stories ON stories.id = recent.story_id {select.joins}
         WHERE stories.opened_at <= :until
           AND NOT EXISTS ({select.newer_chapter} AND newer.opened_at <= :until
                  AND EXISTS (SELECT 1 FROM story_topics
                               WHERE story_id = newer.id
                                 AND topic IN (SELECT value FROM json_each(:topics))))
         LIMIT :limit OFFSET :skipped
        """,
        {
            **select.params,
            **topic_params,
            "topics": json.dumps(sorted(topics)),
            "max_scanned": MAX_SCANNED,
            "limit": limit,
            "skipped": skipped,
            "until": to_seconds(until) if until else _NO_END,
        },
    )
    return tuple(read_story(row) for row in rows)


async def search(  # noqa: PLR0913
    db: aiosqlite.Connection,
    words: Sequence[Iterable[str]],
    *,
    languages: Collection[Language],
    limit: int,
    skipped: int = 0,
    until: datetime | None = None,
    visibility: Visibility = PUBLIC_VISIBILITY,
    without: Sequence[Iterable[str]] = (),
) -> tuple[Story, ...]:
    """Return the stories that have a term of each of the words, newest first.

    And of the words in `without` none; none of the stories was opened after `until`.

    Searches the `MAX_SEARCHED` that were opened last: a word may be in every third story.
    """
    if not words:
        return ()
    query = " AND ".join(map(_any_term, words))
    if without:
        query = f"({query}) NOT ({' OR '.join(map(_any_term, without))})"
    visible = visibility_condition("shown", "publisher", languages, visibility)
    select = select_stories(languages, visibility)
    rows = await db.execute_fetchall(
        f"""
        WITH matches AS MATERIALIZED (
             SELECT rowid AS story_id FROM story_terms WHERE story_terms MATCH :query
              ORDER BY rowid DESC LIMIT :max_searched),
             page AS MATERIALIZED (
             SELECT stories.id, stories.published_at
               FROM matches CROSS JOIN stories ON stories.id = matches.story_id
              WHERE stories.opened_at <= :until
                AND EXISTS (SELECT 1 FROM articles AS shown JOIN feeds AS publisher
                                ON publisher.id = shown.feed_id
                             WHERE shown.story_id = stories.id AND {visible.sql})
                AND NOT EXISTS ({select.newer_chapter} AND newer.opened_at <= :until
                            AND newer.id IN (SELECT story_id FROM matches))
              ORDER BY stories.published_at DESC, stories.id DESC
              LIMIT :limit OFFSET :skipped)
        SELECT {select.columns}
          FROM page CROSS JOIN stories ON stories.id = page.id {select.joins}
         ORDER BY stories.published_at DESC, stories.id DESC
        """,
        {
            **visible.params,
            **select.params,
            "query": query,
            "max_searched": MAX_SEARCHED,
            "limit": limit,
            "skipped": skipped,
            "until": to_seconds(until) if until else _NO_END,
        },
    )
    return tuple(read_story(row) for row in rows)


async def most_covered(
    db: aiosqlite.Connection,
    *,
    topics: Collection[TopicSlug],
    languages: Collection[Language],
    since: datetime,
    limit: int,
    visibility: Visibility = PUBLIC_VISIBILITY,
) -> tuple[Story, ...]:
    """Return the stories published since then: most sources first, then the newest."""
    select = select_stories(languages, visibility)
    rows = await db.execute_fetchall(
        f"""
        SELECT {select.columns}, {select.source_count} AS source_count
          FROM stories {select.joins}
         WHERE stories.published_at >= :since
           AND EXISTS (SELECT 1 FROM story_topics
                        WHERE story_id = stories.id
                          AND story_topics.topic IN (SELECT value FROM json_each(:topics)))
           AND NOT EXISTS ({select.newer_chapter} AND newer.published_at >= :since
                  AND EXISTS (SELECT 1 FROM story_topics
                               WHERE story_id = newer.id
                                 AND topic IN (SELECT value FROM json_each(:topics))))
         ORDER BY source_count DESC, stories.published_at DESC, stories.id DESC
         LIMIT :limit
        """,
        {
            **select.params,
            "topics": json.dumps(sorted(topics)),
            "since": to_seconds(since),
            "limit": limit,
        },
    )
    return tuple(read_story(row) for row in rows)


async def sharing_terms(  # noqa: PLR0913
    db: aiosqlite.Connection,
    story: Story,
    *,
    words: Mapping[str, float],
    topics: Collection[TopicSlug],
    languages: Collection[Language],
    since: datetime,
    visibility: Visibility = PUBLIC_VISIBILITY,
) -> tuple[tuple[Story, tuple[str, ...]], ...]:
    """Return earlier stories of these topics and languages with their terms, most similar first.

    At most `MAX_CANDIDATES`, of the `MAX_SHARING` that share most of `words`, by their weights.
    Earlier means opened before `story` was, and published at `since` or later; never a chapter of
    its own storyline.
    """
    weights = {f'"{word}"': weight for word, weight in words.items() if '"' not in word}
    select = select_stories(languages, visibility)
    rows = await db.execute_fetchall(
        f"""
        WITH similar AS MATERIALIZED (
             SELECT story_terms.rowid AS story_id, sum(weights.value) AS shared
               FROM json_each(:weights) AS weights
              CROSS JOIN story_terms ON story_terms MATCH weights.key
              -- What was published since was opened since; the search need not go further back.
              WHERE story_terms.rowid >= (SELECT id FROM stories
                                           WHERE opened_at >= :since ORDER BY opened_at, id LIMIT 1)
                AND story_terms.rowid < :before
              GROUP BY story_terms.rowid ORDER BY shared DESC, story_id DESC LIMIT :max_sharing)
        SELECT {select.columns}, story_terms.terms
          FROM similar CROSS JOIN stories ON stories.id = similar.story_id {select.joins}
          JOIN story_terms ON story_terms.rowid = stories.id
         WHERE stories.published_at >= :since AND stories.storyline <> :storyline
           AND EXISTS (SELECT 1 FROM story_topics
                        WHERE story_id = stories.id
                          AND story_topics.topic IN (SELECT value FROM json_each(:topics)))
         ORDER BY shared DESC, stories.id DESC
         LIMIT :limit
        """,
        {
            **select.params,
            "weights": json.dumps(weights),
            "since": to_seconds(since),
            "before": story.id,
            "storyline": story.storyline,
            "max_sharing": MAX_SHARING,
            "topics": json.dumps(sorted(topics)),
            "limit": MAX_CANDIDATES,
        },
    )
    return tuple((read_story(row), terms_of_lead(row[-1])) for row in rows)


async def newest_saved(
    db: aiosqlite.Connection,
    chat_id: ChatId,
    *,
    languages: Collection[Language],
    limit: int,
    skipped: int = 0,
    visibility: Visibility = PUBLIC_VISIBILITY,
) -> tuple[Story, ...]:
    """Return the stories that the chat saved, the last saved first; of refused sources too.

    Each by the newest article in one of the languages, or in any if there is none.
    """
    every = replace(visibility, refused=frozenset())
    visible = visibility_condition("shown", "publisher", LANGUAGES, every)
    select = select_stories(LANGUAGES, every)
    rows = await db.execute_fetchall(
        f"""
        SELECT {select.columns}
          FROM saved JOIN stories ON stories.id = saved.story_id
          JOIN articles ON articles.id = (
               SELECT shown.id
                 FROM articles AS shown JOIN feeds AS publisher ON publisher.id = shown.feed_id
                WHERE shown.story_id = {TOLD_AS} AND {visible.sql}
                ORDER BY shown.language NOT IN (SELECT value FROM json_each(:preferred)),
                         shown.published_at DESC, shown.id DESC
                LIMIT 1)
          JOIN feeds ON feeds.id = feed_id
         WHERE chat_id = :chat_id
         ORDER BY saved_at DESC, saved.story_id DESC
         LIMIT :limit OFFSET :skipped
        """,
        {
            **visible.params,
            **select.params,
            "chat_id": chat_id,
            "preferred": json.dumps(sorted(languages)),
            "limit": limit,
            "skipped": skipped,
        },
    )
    return tuple(read_story(row) for row in rows)


async def coverage(
    db: aiosqlite.Connection,
    story_id: StoryId,
    *,
    limit: int,
    visibility: Visibility = PUBLIC_VISIBILITY,
) -> tuple[Coverage, ...]:
    """Return the articles of the story in the order they were stored, of refused sources too."""
    rows = await db.execute_fetchall(
        """
        SELECT title, articles.url, coalesce(own_source, source), articles.language, published_at
          FROM articles JOIN feeds ON feeds.id = feed_id
         WHERE story_id = (SELECT coalesce(same_as, id) FROM stories WHERE id = ?)
           AND (private = 0 OR feeds.id IN (SELECT value FROM json_each(?)))
         ORDER BY articles.id
         LIMIT ?
        """,
        (story_id, json.dumps(sorted(visibility.own)), limit),
    )
    return tuple(
        Coverage(
            title=row[0],
            url=row[1],
            source=row[2],
            language=row[3],
            published_at=from_seconds(row[4]),
        )
        for row in rows
    )


def _any_term(terms: Iterable[str]) -> str:
    """Return the full-text query for any of the terms."""
    quoted = ('"{}"'.format(term.replace('"', '""')) for term in terms)
    return f"({' OR '.join(quoted)})"
