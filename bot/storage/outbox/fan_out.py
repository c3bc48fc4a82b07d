"""Fan-out: the rows of `deliveries` that a story adds for its readers.

The queries start from the story, so that most subscribers are never read.
"""

import json
from datetime import datetime

import aiosqlite

from bot.model import ArticleId, ChatId, Language, StoryId
from bot.storage.outbox import due
from bot.storage.times import to_seconds
from bot.text.phrases import story_text

# Of the newest stories of a chat's topics so many are read, whatever their languages.
MAX_SCANNED = 3000


async def enqueue_story(
    tx: aiosqlite.Connection,
    story_id: StoryId,
    language: Language,
    *,
    now: datetime,
    article_id: ArticleId | None = None,
    first_in_language: bool = True,
) -> int:
    """Add a pending delivery for each reader of the article who has none of the story yet.

    An `article_id` of None: the lead. Readers are subscribers who read its language, do not
    refuse its feed, and follow a topic of the story or a phrase in the article; and those who have
    added its feed; but none who mutes a phrase in it. If the story is not `first_in_language`,
    only those of them who may have seen no article of it. Return how many were added.
    """
    ((feed_id, private, title, summary),) = await tx.execute_fetchall(
        """
        SELECT feed_id, private, title, summary
          FROM articles JOIN feeds ON feeds.id = feed_id
         WHERE articles.id = coalesce(?, (SELECT lead_id FROM stories WHERE id = ?))
        """,
        (article_id, story_id),
    )
    text = story_text(title, summary or "")
    cursor = await tx.execute(
        """
        INSERT OR IGNORE INTO deliveries (story_id, chat_id, owed_at)
          WITH phrases_in_text AS MATERIALIZED (
             SELECT id FROM phrases
              WHERE anchor IN (SELECT value FROM json_each(:anchors))
                AND instr(:stems, stems)
              UNION
             SELECT id FROM phrases
              WHERE sound_anchor IN (SELECT value FROM json_each(:sound_anchors))
                AND sound_anchor <> '' AND instr(:sounds, sounds)),
             topics_of_story AS MATERIALIZED (
             SELECT topic FROM story_topics WHERE story_id = :story_id UNION ALL SELECT ''),
             matches AS MATERIALIZED (
             SELECT chat_id, muted
               FROM phrases_in_text CROSS JOIN words ON phrase_id = phrases_in_text.id
              WHERE topic IN (SELECT topic FROM topics_of_story)),
             followers AS (
             SELECT chat_id FROM subscriptions WHERE topic IN (SELECT topic FROM topics_of_story)
              UNION
             SELECT chat_id FROM matches WHERE muted = 0),
             candidates AS (
             SELECT chat_id, 0 AS owns FROM followers WHERE :first_in_language AND :private = 0
              UNION
             -- Who refuses the feed of an earlier article may have seen none of the story.
             SELECT chat_id, 0
               FROM refusals JOIN articles USING (feed_id)
              WHERE NOT :first_in_language AND :private = 0 AND story_id = :story_id
                AND (EXISTS (SELECT 1 FROM subscriptions
                              WHERE subscriptions.chat_id = refusals.chat_id
                                AND topic IN (SELECT topic FROM topics_of_story))
                     OR chat_id IN (SELECT chat_id FROM matches WHERE muted = 0))
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
           AND chat_id NOT IN (SELECT chat_id FROM matches WHERE muted = 1)
        """,
        {
            "story_id": story_id,
            "language": language,
            "now": to_seconds(now),
            "first_in_language": first_in_language,
            "feed_id": feed_id,
            "private": private,
            "stems": text.stems,
            "sounds": text.sounds,
            "anchors": json.dumps(sorted(set(text.stems.split()))),
            "sound_anchors": json.dumps(sorted(set(text.sounds.split()))),
        },
    )
    await due.make_story_due(tx, story_id, now=now)
    return cursor.rowcount


async def enqueue_latest(
    tx: aiosqlite.Connection, chat_id: ChatId, *, limit: int, since: datetime, now: datetime
) -> int:
    """Add deliveries of the newest stories of the chat's topics and languages, the oldest first.

    Searches the newest `MAX_SCANNED` stories of its topics. A delivery that exists is not added
    again; one that ended as gone is pending again. Return how many are pending now that were not.
    """
    cursor = await tx.execute(
        """
        INSERT INTO deliveries (story_id, chat_id, owed_at)
        SELECT id, :chat_id, :now
          FROM (SELECT story_id AS id, published_at
                  -- Starts from the topics, not from all stories, and stops at the limit.
                  FROM (SELECT DISTINCT story_id, published_at
                          FROM subscriptions CROSS JOIN story_topics USING (topic)
                         WHERE chat_id = :chat_id AND published_at >= :since
                         ORDER BY published_at DESC, story_id DESC
                         LIMIT :max_scanned) AS recent
                 WHERE EXISTS (
                       SELECT 1
                         FROM articles JOIN feeds ON feeds.id = feed_id
                        WHERE articles.story_id = recent.story_id AND private = 0
                          AND articles.language IN (SELECT language FROM news_languages
                                                     WHERE chat_id = :chat_id)
                          AND feeds.id NOT IN (SELECT feed_id FROM refusals
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
            "max_scanned": MAX_SCANNED,
            "now": to_seconds(now),
        },
    )
    if cursor.rowcount:
        await due.make_chat_due(tx, chat_id, now=now)
    return cursor.rowcount


async def release_urgent(tx: aiosqlite.Connection, story_id: StoryId, *, now: datetime) -> None:
    """Release the story to chats whose quiet hours it may break: enough sources have it."""
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
