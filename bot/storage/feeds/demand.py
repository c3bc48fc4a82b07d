"""Is a feed read by somebody? What nobody reads is not polled, except for its very first time."""

_ACTIVE = "paused_at IS NULL AND gone_at IS NULL"

# Somebody reads what the listed feed is about, in its language, or follows words.
_READ = f"""
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
_OWNED = f"""
       EXISTS (SELECT 1 FROM own_feeds JOIN subscribers USING (chat_id)
                WHERE own_feeds.feed_id = feeds.id AND {_ACTIVE})
"""
READ_BY_SOMEBODY = f"(private = 0 AND {_READ} OR {_OWNED})"

# Polled at all, if somebody reads it.
IS_POLLED = "listed = 1 AND stopped IS NULL AND disabled_at IS NULL"
_WAITS = f"{IS_POLLED} AND due_at <= :now"


def _wanted(which: str) -> str:
    """Return a `WITH` that asks who reads once for each topic and language, not for each feed."""
    return f"""
  WITH kinds AS MATERIALIZED (
           SELECT DISTINCT language, topic FROM feeds WHERE {which} AND private = 0),
       wanted AS MATERIALIZED (SELECT * FROM kinds AS feeds WHERE {_READ})
"""


_IS_READ = f"""
       (private = 0 AND EXISTS (
            SELECT 1 FROM wanted WHERE language = feeds.language AND topic IS feeds.topic)
        OR {_OWNED})
"""
WANTED = _wanted(_WAITS)
# Of a feed in a statement that begins with `WANTED`.
IS_DUE = f"{_WAITS} AND (read_at IS NULL OR {_IS_READ})"
WANTED_OF_ALL = _wanted(IS_POLLED)
# Of a feed in a statement that begins with `WANTED_OF_ALL`.
IS_WANTED = f"{IS_POLLED} AND {_IS_READ}"
