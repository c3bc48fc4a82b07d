"""Rows of stories as readers see them: the columns and joins that several statements share.

A story is shown by its newest article that the reader may see, or it is not shown at all. One that
turned out to be an earlier story (`same_as`) is shown by the articles of that one.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import cast

import aiosqlite

from bot.model import FeedId, Language, Picture, Story, StoryId, TopicSlug, Visibility
from bot.storage.subscribers.visibility import visibility_condition
from bot.storage.times import from_seconds

# The story whose articles show a row of `stories`.
TOLD_AS = "coalesce(stories.same_as, stories.id)"

# The newest of a story in which followed words are looked for.
MAX_OTHER_TEXTS = 16

# The source of the article `version` of the feed `other`.
_TELLER = "coalesce(version.own_source, other.source)"


@dataclass(frozen=True, slots=True, kw_only=True)
class StorySelect:
    """The columns that `read_story` reads, the joins of a `stories` row, and their parameters.

    `newer_chapter` selects the visible chapters after it, as `newer`.
    """

    columns: str
    joins: str
    source_count: str
    newer_chapter: str
    params: Mapping[str, str | int]


def select_stories(languages: Collection[Language], visibility: Visibility) -> StorySelect:
    """Return what shows each story by its newest visible article, and omits one that has none."""
    visible = visibility_condition("shown", "publisher", languages, visibility)
    # Whoever tells it, in any language, but for what nobody else may see and what is refused.
    tellers = f"""
                  FROM articles AS version JOIN feeds AS other ON other.id = version.feed_id
                 WHERE version.story_id = {TOLD_AS}
                   AND (other.private = 0
                        AND other.id NOT IN (SELECT value FROM json_each(:refused))
                        OR other.id IN (SELECT value FROM json_each(:own)))
    """
    return StorySelect(
        columns=f"""
               stories.id, stories.topic,
               iif(articles.language = 'other', stories.language, articles.language),
               articles.title, articles.summary, articles.url,
               coalesce(articles.own_source, feeds.source), articles.published_at,
               (SELECT json_group_array(topic) FROM story_topics
                 WHERE story_id = {TOLD_AS} AND story_topics.topic <> stories.topic),
               (SELECT json_group_array(source)
                  FROM (SELECT {_TELLER} AS source {tellers}
                           AND {_TELLER} <> coalesce(articles.own_source, feeds.source)
                         GROUP BY {_TELLER} ORDER BY min(version.id))),
               feeds.id, stories.storyline, stories.continues,
               (SELECT count(*) FROM stories AS chapter
                 WHERE chapter.storyline = stories.storyline AND chapter.id < stories.id
                   AND chapter.same_as IS NULL
                   AND EXISTS (SELECT 1
                                 FROM articles AS shown
                                 JOIN feeds AS publisher ON publisher.id = shown.feed_id
                                WHERE shown.story_id = chapter.id AND {visible.sql})),
               (SELECT json_group_array(json_array(title, summary))
                  FROM (SELECT version.title, version.summary {tellers}
                           AND version.id <> articles.id AND version.summary IS NOT NULL
                         ORDER BY version.id DESC LIMIT {MAX_OTHER_TEXTS})),
               NOT EXISTS (SELECT 1
                             FROM articles AS version
                             JOIN feeds AS other ON other.id = version.feed_id
                            WHERE version.story_id = {TOLD_AS} AND other.private = 0),
               iif(articles.picture_url IS NULL, NULL,
                   json_array(articles.picture_url, articles.picture_width,
                              articles.picture_height, articles.picture_of_page))
        """,
        joins=f"""
          JOIN articles ON articles.id = (
               SELECT shown.id
                 FROM articles AS shown JOIN feeds AS publisher ON publisher.id = shown.feed_id
                WHERE shown.story_id = {TOLD_AS} AND {visible.sql}
                ORDER BY shown.published_at DESC, shown.id DESC
                LIMIT 1)
          JOIN feeds ON feeds.id = feed_id
        """,
        newer_chapter=f"""
               SELECT 1
                 FROM stories AS newer
                WHERE newer.storyline = stories.storyline AND newer.id > stories.id
                  AND newer.same_as IS NULL
                  AND EXISTS (SELECT 1
                                FROM articles AS shown
                                JOIN feeds AS publisher ON publisher.id = shown.feed_id
                               WHERE shown.story_id = newer.id AND {visible.sql})
        """,
        source_count=f"(SELECT count(DISTINCT {_TELLER}) {tellers})",
        params=visible.params,
    )


def read_story(row: aiosqlite.Row) -> Story:
    """Return the story of a row of `StorySelect.columns`."""
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
        storyline=StoryId(row[11]),
        continues=row[12] and StoryId(row[12]),
        earlier_count=row[13],
        other_texts=tuple((title, summary) for title, summary in json.loads(row[14])),
        is_private=bool(row[15]),
        picture=None if row[16] is None else _picture(*json.loads(row[16])),
    )


def _picture(url: str, width: int | None, height: int | None, is_of_page: int) -> Picture:
    return Picture(url=url, width=width, height=height, is_of_page=bool(is_of_page))
