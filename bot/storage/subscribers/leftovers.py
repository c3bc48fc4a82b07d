"""Deletion of what chats that left have left behind: phrases, private feeds, and their hosts.

Other chats may share them, so that no foreign key deletes them.
"""

from datetime import datetime

import aiosqlite

from bot.storage.times import to_seconds

# Not while one is in hand, or known to others: they have it in a message or among their saved
# stories. Nor with the newest article or story: SQLite would assign their ids again.
_UNOWNED_FEEDS = """
        SELECT id FROM feeds
         WHERE private = 1 AND id NOT IN (SELECT feed_id FROM own_feeds)
           AND NOT EXISTS (SELECT 1 FROM attempts WHERE queue = 'polls' AND key = feeds.id)
           AND NOT EXISTS (SELECT 1 FROM articles
                             JOIN attempts ON key = articles.id AND queue IN ('pages', 'articles')
                            WHERE feed_id = feeds.id)
           AND NOT EXISTS (SELECT 1 FROM articles JOIN stories ON lead_id = articles.id
                            WHERE feed_id = feeds.id
                              AND (EXISTS (SELECT 1 FROM deliveries WHERE story_id = stories.id)
                                   OR EXISTS (SELECT 1 FROM saved WHERE story_id = stories.id)
                                   OR stories.id = (SELECT max(id) FROM stories)))
           AND NOT EXISTS (SELECT 1 FROM articles
                            WHERE feed_id = feeds.id AND id = (SELECT max(id) FROM articles))
"""
_STATEMENTS = (
    # Keys of a private feed's articles begin with its source, and the next character is "}".
    f"""
    DELETE FROM telling_keys
     WHERE (key, article_id) IN (
           SELECT key, article_id
             FROM feeds
             CROSS JOIN telling_keys ON key BETWEEN source || '|' AND source || '}}'
             JOIN articles ON articles.id = article_id AND feed_id = feeds.id
            WHERE feeds.id IN ({_UNOWNED_FEEDS}))
    """,
    f"""
    DELETE FROM story_terms
     WHERE rowid IN (SELECT stories.id FROM stories JOIN articles ON articles.id = lead_id
                      WHERE feed_id IN ({_UNOWNED_FEEDS}))
    """,
    f"DELETE FROM feeds WHERE id IN ({_UNOWNED_FEEDS})",
    """
    DELETE FROM hosts
     WHERE max(ready_at, private_ready_at) <= :now
        OR ready_at = 0 AND domain NOT IN (SELECT domain FROM feeds)
    """,
    "DELETE FROM phrases WHERE id NOT IN (SELECT phrase_id FROM words)",
)


async def delete(tx: aiosqlite.Connection, *, now: datetime) -> None:
    """Delete the phrases that nobody follows or mutes, and the private feeds that nobody has."""
    for statement in _STATEMENTS:
        await tx.execute(statement, {"now": to_seconds(now)})
