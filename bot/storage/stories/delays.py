"""Delays from publication to the first reader, of each source, from tables `deliveries` and others.

Of a source count the stories that it told first.
"""

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

import aiosqlite

from bot.model import FeedId
from bot.storage.times import to_seconds

# A source with fewer stories has no usual delay.
MIN_STORIES = 5
# Of a feed the newest so many are looked up, and the first messages of each.
_MAX_STORIES, _MAX_MESSAGES = 100, 20


class SourceDelay(NamedTuple):
    """Within what time half of a source's stories reached a reader, and nine of ten."""

    half: timedelta
    most: timedelta


async def of_feeds(
    db: aiosqlite.Connection, feeds: Collection[FeedId], *, since: datetime
) -> dict[str, SourceDelay]:
    """Return the delays since then of the sources of the feeds that have `MIN_STORIES`."""
    rows = await db.execute_fetchall(
        """
        SELECT source, delay
          FROM (SELECT feeds.source,
                       (SELECT min(done_at)
                          FROM (SELECT done_at FROM deliveries
                                 WHERE story_id = stories.id AND state = 'sent'
                                 ORDER BY id LIMIT :max_messages))
                       - articles.published_at AS delay
                  FROM json_each(:feeds) AS feed
                  JOIN feeds ON feeds.id = feed.value
                  JOIN articles
                    ON articles.id IN (SELECT id FROM articles
                                        WHERE feed_id = feed.value AND published_at > :since
                                        ORDER BY published_at DESC LIMIT :max_stories)
                  JOIN stories ON lead_id = articles.id
                 WHERE backlog = 0 AND own_source IS NULL)
         WHERE delay IS NOT NULL
         ORDER BY delay
        """,
        {
            "feeds": json.dumps(sorted(feeds)),
            "since": to_seconds(since),
            "max_stories": _MAX_STORIES,
            "max_messages": _MAX_MESSAGES,
        },
    )
    by_source: dict[str, list[int]] = defaultdict(list)
    for source, seconds in rows:
        by_source[source].append(max(seconds, 0))
    return {
        source: SourceDelay(
            half=timedelta(seconds=delays[(len(delays) - 1) // 2]),
            most=timedelta(seconds=delays[9 * (len(delays) - 1) // 10]),
        )
        for source, delays in by_source.items()
        if len(delays) >= MIN_STORIES
    }
