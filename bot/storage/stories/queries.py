"""Tables `stories`, `articles`, `story_terms` and `saved`: what readers ask of the stories.

A story is shown by its first article that the reader may see, or it is not shown at all.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

import aiosqlite

from bot.model import (
    LANGUAGES,
    PUBLIC_VISIBILITY,
    ChatId,
    Coverage,
    FeedId,
    Language,
    Story,
    StoryId,
    TopicSlug,
    Visibility,
)
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


async def get(
    db: aiosqlite.Connection,
    story_id: StoryId,
    *,
    languages: Collection[Language] = LANGUAGES,
    visibility: Visibility = PUBLIC_VISIBILITY,
) -> Story | None:
    """Return the story by its first visible article; None: it has none."""
    stories = await visible_stories(db, [story_id], languages=languages, visibility=visibility)
    return next(iter(stories), None)


async def visible_stories(
    db: aiosqlite.Connection,
    ids: Collection[StoryId],
    *,
    languages: Collection[Language],
    visibility: Visibility = PUBLIC_VISIBILITY,
) -> tuple[Story, ...]:
    """Return the stories that have a visible article: most sources first, then the newest."""
    select = _select(languages, visibility)
    rows = await db.execute_fetchall(
        f"""
        SELECT {select.columns}
          FROM stories {select.joins}
         WHERE stories.id IN (SELECT value FROM json_each(:ids))
         ORDER BY (SELECT count(DISTINCT other.source)
                     FROM articles AS version JOIN feeds AS other ON other.id = version.feed_id
                    WHERE version.story_id = stories.id) DESC,
                  stories.published_at DESC
        """,
        {**select.params, "ids": json.dumps(list(ids))},
    )
    return tuple(_story(row) for row in rows)


async def newest(
    db: aiosqlite.Connection,
    *,
    topics: Collection[TopicSlug],
    languages: Collection[Language],
    limit: int,
    skipped: int = 0,
    visibility: Visibility = PUBLIC_VISIBILITY,
) -> tuple[Story, ...]:
    """Return the newest stories of any of the topics in any of the languages, newest first.

    Searches the newest `MAX_SCANNED` of these topics.
    """
    if not topics:
        return ()
    select = _select(languages, visibility)
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
         LIMIT :limit OFFSET :skipped
        """,
        {
            **select.params,
            **topic_params,
            "max_scanned": MAX_SCANNED,
            "limit": limit,
            "skipped": skipped,
        },
    )
    return tuple(_story(row) for row in rows)


async def search(
    db: aiosqlite.Connection,
    words: Sequence[Iterable[str]],
    *,
    languages: Collection[Language],
    limit: int,
    skipped: int = 0,
    visibility: Visibility = PUBLIC_VISIBILITY,
) -> tuple[Story, ...]:
    """Return the stories that have a term of each of the words, newest first.

    Searches the `MAX_SEARCHED` that were opened last: a word may be in every third story.
    """
    if not words:
        return ()
    query = " AND ".join(
        "({})".format(" OR ".join('"{}"'.format(term.replace('"', '""')) for term in terms))
        for terms in words
    )
    visible = visibility_condition("shown", "publisher", languages, visibility)
    select = _select(languages, visibility)
    rows = await db.execute_fetchall(
        f"""
        WITH matches AS MATERIALIZED (
             SELECT rowid AS story_id FROM story_terms WHERE story_terms MATCH :query
              ORDER BY rowid DESC LIMIT :max_searched),
             page AS MATERIALIZED (
             SELECT stories.id, stories.published_at
               FROM matches CROSS JOIN stories ON stories.id = matches.story_id
              WHERE EXISTS (SELECT 1 FROM articles AS shown JOIN feeds AS publisher
                                ON publisher.id = shown.feed_id
                             WHERE shown.story_id = stories.id AND {visible.sql})
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
        },
    )
    return tuple(_story(row) for row in rows)


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
    select = _select(languages, visibility)
    rows = await db.execute_fetchall(
        f"""
        SELECT {select.columns},
               (SELECT count(DISTINCT other.source)
                  FROM articles AS version JOIN feeds AS other ON other.id = version.feed_id
                 WHERE version.story_id = stories.id) AS source_count
          FROM stories {select.joins}
         WHERE stories.published_at >= :since
           AND EXISTS (SELECT 1 FROM story_topics
                        WHERE story_id = stories.id
                          AND story_topics.topic IN (SELECT value FROM json_each(:topics)))
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
    return tuple(_story(row) for row in rows)


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
    Earlier means opened before `story` was, and published at `since` or later.
    """
    weights = {f'"{word}"': weight for word, weight in words.items() if '"' not in word}
    select = _select(languages, visibility)
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
         WHERE stories.published_at >= :since
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
            "max_sharing": MAX_SHARING,
            "topics": json.dumps(sorted(topics)),
            "limit": MAX_CANDIDATES,
        },
    )
    return tuple((_story(row), tuple(row[11].split())) for row in rows)


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

    Each by an article in one of the languages, or by its first one if there is none.
    """
    every = replace(visibility, refused=frozenset())
    visible = visibility_condition("shown", "publisher", LANGUAGES, every)
    select = _select(LANGUAGES, every)
    rows = await db.execute_fetchall(
        f"""
        SELECT {select.columns}
          FROM saved JOIN stories ON stories.id = saved.story_id
          JOIN articles ON articles.id = (
               SELECT shown.id
                 FROM articles AS shown JOIN feeds AS publisher ON publisher.id = shown.feed_id
                WHERE shown.story_id = stories.id AND {visible.sql}
                ORDER BY shown.language NOT IN (SELECT value FROM json_each(:preferred)), shown.id
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
    return tuple(_story(row) for row in rows)


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
        SELECT title, articles.url, source, articles.language, published_at
          FROM articles JOIN feeds ON feeds.id = feed_id
         WHERE story_id = ? AND (private = 0 OR feeds.id IN (SELECT value FROM json_each(?)))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _StorySelect:
    """The columns that `_story` reads, the joins of a `stories` row that they need; with params."""

    columns: str
    joins: str
    params: Mapping[str, str | int]


def _select(languages: Collection[Language], visibility: Visibility) -> _StorySelect:
    """Return what shows each story by its first visible article, and omits one that has none."""
    visible = visibility_condition("shown", "publisher", languages, visibility)
    return _StorySelect(
        columns="""
               stories.id, stories.topic,
               iif(articles.language = 'other', stories.language, articles.language),
               articles.title, articles.summary, articles.url, feeds.source, stories.published_at,
               (SELECT json_group_array(topic) FROM story_topics
                 WHERE story_id = stories.id AND story_topics.topic <> stories.topic),
               (SELECT json_group_array(source)
                  FROM (SELECT other.source
                          FROM articles AS version JOIN feeds AS other ON other.id = feed_id
                         WHERE version.story_id = stories.id AND other.source <> feeds.source
                           AND (other.private = 0
                                OR other.id IN (SELECT value FROM json_each(:own)))
                         GROUP BY other.source ORDER BY min(version.id))),
               feeds.id
        """,
        joins=f"""
          JOIN articles ON articles.id = (
               SELECT min(shown.id)
                 FROM articles AS shown JOIN feeds AS publisher ON publisher.id = shown.feed_id
                WHERE shown.story_id = stories.id AND {visible.sql})
          JOIN feeds ON feeds.id = feed_id
        """,
        params={**visible.params, "own": json.dumps(sorted(visibility.own))},
    )


def _story(row: aiosqlite.Row) -> Story:
    """Return the story of a row of `_StorySelect.columns`."""
    return Story(
        id=StoryId(row[0]),
        topic=TopicSlug(row[1]),
        other_topics=tuple(TopicSlug(slug) for slug in json.loads(row[8])),
        language=cast(Language, row[2]),
        title=row[3],
        summary=row[4],
        url=row[5],
        source=row[6],
        published_at=from_seconds(row[7]),
        other_sources=tuple(json.loads(row[9])),
        feed_id=FeedId(row[10]),
    )
