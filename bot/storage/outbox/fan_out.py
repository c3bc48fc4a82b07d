"""Whom is a story owed to? Asked from the story's side, so that most readers are not looked at."""

from datetime import datetime

import aiosqlite

from bot.model import ArticleId, ChatId, Language, StoryId
from bot.storage.subscribers import words
from bot.storage.times import to_seconds
from bot.text.phrases import text

# Of the newest of a chat's topics so many are looked at, whatever their languages.
LOOKED_AT = 3000

# What is owed now may be sent at once, unless the chat asked for, or is given, a pause.
_MAKE_DUE = """
        UPDATE subscribers SET due_at = max(ready_at, held_until, :now)
         WHERE (due_at IS NULL OR due_at > max(ready_at, held_until, :now))
"""


async def enqueue_story(
    tx: aiosqlite.Connection,
    story_id: StoryId,
    language: Language,
    *,
    now: datetime,
    article_id: ArticleId | None = None,
    anew: bool = True,
) -> int:
    """Owe the story to all whom its telling by the article is for, and who were never owed it.

    An `article_id` of None: the lead. Those are who read its language, do not refuse its feed,
    and follow a topic of the story or a word that it holds; and who have added its feed; but none
    who mutes a word that it holds. Not `anew`: only those who may have seen no telling so far.
    Return how many those are.
    """
    telling = await _telling(tx, story_id, article_id)
    values = {
        "story_id": story_id,
        "language": language,
        "now": to_seconds(now),
        "anew": anew,
        **telling,
    }
    cursor = await tx.execute(
        f"""
        INSERT OR IGNORE INTO deliveries (story_id, chat_id, owed_at)
          WITH {words.HELD},
             its_topics AS MATERIALIZED (
             SELECT topic FROM story_topics WHERE story_id = :story_id UNION ALL SELECT ''),
             said AS MATERIALIZED (
             SELECT chat_id, muted FROM held CROSS JOIN words ON phrase_id = held.id
              WHERE topic IN (SELECT topic FROM its_topics)),
             followers AS (
             SELECT chat_id FROM subscriptions WHERE topic IN (SELECT topic FROM its_topics)
              UNION
             SELECT chat_id FROM said WHERE muted = 0),
             candidates AS (
             SELECT chat_id, 0 AS owns FROM followers WHERE :anew AND :private = 0
              UNION
             -- They may have been shown none of the tellings before.
             SELECT chat_id, 0
               FROM refusals JOIN articles USING (feed_id)
              WHERE NOT :anew AND :private = 0 AND story_id = :story_id
                AND (EXISTS (SELECT 1 FROM subscriptions
                              WHERE subscriptions.chat_id = refusals.chat_id
                                AND topic IN (SELECT topic FROM its_topics))
                     OR chat_id IN (SELECT chat_id FROM said WHERE muted = 0))
              UNION
             SELECT chat_id, 1 FROM own_feeds WHERE feed_id = :feed_id)
        SELECT :story_id, chat_id, :now
          FROM candidates CROSS JOIN subscribers USING (chat_id)
         WHERE paused_at IS NULL AND gone_at IS NULL
           AND (owns
                OR EXISTS (SELECT 1 FROM news_languages
                            WHERE news_languages.chat_id = candidates.chat_id
                              AND news_languages.language = :language)
               AND NOT EXISTS (SELECT 1 FROM refusals
                                WHERE refusals.chat_id = candidates.chat_id
                                  AND feed_id = :feed_id))
           AND chat_id NOT IN (SELECT chat_id FROM said WHERE muted = 1)
        """,
        values,
    )
    await tx.execute(
        f"""
        {_MAKE_DUE}
           AND chat_id IN (SELECT chat_id FROM deliveries INDEXED BY deliveries_story
                            WHERE story_id = :story_id AND state = 'pending')
        """,
        values,
    )
    return cursor.rowcount


async def enqueue_latest(
    tx: aiosqlite.Connection, chat_id: ChatId, *, limit: int, since: datetime, now: datetime
) -> int:
    """Owe the chat the newest stories of its topics and languages, the oldest of them first.

    They are found among the newest `LOOKED_AT` of its topics. Return how many are owed now that
    were not. Asking twice owes nothing twice; what came while the chat was gone is owed again.
    """
    cursor = await tx.execute(
        """
        INSERT INTO deliveries (story_id, chat_id, owed_at)
        SELECT id, :chat_id, :now
          FROM (SELECT story_id AS id, published_at
                  -- From its topics, not from all stories; no more are asked than it takes.
                  FROM (SELECT DISTINCT story_id, published_at
                          FROM subscriptions CROSS JOIN story_topics USING (topic)
                         WHERE chat_id = :chat_id AND published_at >= :since
                         ORDER BY published_at DESC, story_id DESC
                         LIMIT :looked_at) AS its
                 WHERE EXISTS (
                       SELECT 1
                         FROM articles AS seen JOIN feeds AS seer ON seer.id = seen.feed_id
                        WHERE seen.story_id = its.story_id AND seer.private = 0
                          AND seen.language IN (SELECT language FROM news_languages
                                                 WHERE chat_id = :chat_id)
                          AND seer.id NOT IN (SELECT feed_id FROM refusals
                                               WHERE chat_id = :chat_id))
                 LIMIT :limit)
         WHERE TRUE
         ORDER BY published_at, id
            ON CONFLICT (chat_id, story_id) DO UPDATE
           SET state = 'pending', owed_at = excluded.owed_at, retry_at = 0,
               done_at = NULL, reason = NULL
         WHERE state = 'gone'
        """,
        {
            "chat_id": chat_id,
            "limit": limit,
            "since": to_seconds(since),
            "looked_at": LOOKED_AT,
            "now": to_seconds(now),
        },
    )
    if cursor.rowcount:
        values = {"chat_id": chat_id, "now": to_seconds(now)}
        await tx.execute(f"{_MAKE_DUE} AND chat_id = :chat_id", values)
    return cursor.rowcount


async def release_urgent(tx: aiosqlite.Connection, story_id: StoryId, *, now: datetime) -> None:
    """Look anew at chats whose quiet hours hold the story, if so many sources may break them."""
    await tx.execute(
        """
        UPDATE subscribers
           SET held_until = 0, due_at = max(ready_at, :now)
         WHERE held_until > :now
           AND chat_id IN (
               SELECT deliveries.chat_id
                 FROM deliveries INDEXED BY deliveries_story JOIN timetables USING (chat_id)
                WHERE story_id = :story_id AND state = 'pending'
                  AND urgent_from <= (SELECT count(DISTINCT source)
                                        FROM articles JOIN feeds ON feeds.id = feed_id
                                       WHERE articles.story_id = :story_id))
        """,
        {"story_id": story_id, "now": to_seconds(now)},
    )


async def _telling(
    tx: aiosqlite.Connection, story_id: StoryId, article_id: ArticleId | None
) -> dict[str, str | int]:
    """Return what tells whom the telling is for: whose it is, and what it says."""
    ((feed_id, private, title, summary),) = await tx.execute_fetchall(
        """
        SELECT feed_id, private, title, summary
          FROM articles JOIN feeds ON feeds.id = feed_id
         WHERE articles.id = coalesce(?, (SELECT lead_id FROM stories WHERE id = ?))
        """,
        (article_id, story_id),
    )
    says = text(title, summary or "")
    return {"feed_id": feed_id, "private": private, **words.values(says)}
