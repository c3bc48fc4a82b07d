"""Demand for feeds: the conditions that a feed has readers, is polled, and is due.

A feed has a reader if an active subscriber has added it, or, if it is public, reads its language
and follows its topic or a word. A feed without readers is polled once, and then no more.
"""

from datetime import datetime

from bot.storage.database import Condition
from bot.storage.times import to_seconds

_ACTIVE = "paused_at IS NULL AND gone_at IS NULL"

# Of a public feed in the row of `feeds`.
_IS_FOLLOWED = f"""
       (EXISTS (SELECT 1
                  FROM news_languages
                  JOIN subscribers USING (chat_id)
                  JOIN subscriptions USING (chat_id)
                 WHERE news_languages.language = feeds.language
                   AND (feeds.topic IS NULL OR subscriptions.topic = feeds.topic)
                   AND {_ACTIVE})
        OR EXISTS (SELECT 1
                     -- Few follow words: it begins with them.
                     FROM words CROSS JOIN subscribers USING (chat_id)
                     JOIN news_languages USING (chat_id)
                    WHERE words.muted = 0 AND news_languages.language = feeds.language
                      AND {_ACTIVE}))
"""
_IS_OWNED = f"""
       EXISTS (SELECT 1 FROM own_feeds JOIN subscribers USING (chat_id)
                WHERE own_feeds.feed_id = feeds.id AND {_ACTIVE})
"""
# The posts of a channel arrive by themselves.
_IS_ENABLED = """
       listed = 1 AND stopped IS NULL AND disabled_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM channel_sources WHERE channel_sources.feed_id = feeds.id)
"""


def has_readers() -> Condition:
    """Return the condition that somebody reads the feed in the row of `feeds`; for few feeds."""
    return Condition(sql=f"(private = 0 AND {_IS_FOLLOWED} OR {_IS_OWNED})")


def is_polled() -> Condition:
    """Return the condition that the feed is enabled and somebody reads it; for all feeds."""
    readers = _readers_of(_IS_ENABLED)
    return Condition(ctes=readers.ctes, sql=f"{_IS_ENABLED} AND {readers.sql}")


def is_due(now: datetime) -> Condition:
    """Return the condition that the feed is to be polled now; for all feeds.

    A feed that was never read needs no readers: there must be something to show to the first one.
    """
    overdue = f"{_IS_ENABLED} AND due_at <= :now"
    readers = _readers_of(overdue)
    return Condition(
        ctes=readers.ctes,
        sql=f"{overdue} AND (read_at IS NULL OR {readers.sql})",
        params={"now": to_seconds(now)},
    )


def _readers_of(feeds: str) -> Condition:
    """Return `has_readers` with CTEs that evaluate it per topic and language, not per feed."""
    return Condition(
        ctes=f"""
  WITH kinds AS MATERIALIZED (
           SELECT DISTINCT language, topic FROM feeds WHERE {feeds} AND private = 0),
       followed AS MATERIALIZED (SELECT * FROM kinds AS feeds WHERE {_IS_FOLLOWED})
        """,
        sql=f"""
       (private = 0 AND EXISTS (
            SELECT 1 FROM followed WHERE language = feeds.language AND topic IS feeds.topic)
        OR {_IS_OWNED})
        """,
    )
