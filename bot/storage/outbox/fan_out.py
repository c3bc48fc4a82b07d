"""Fan-out: the rows of `deliveries` that a story adds for its readers.

The queries start from the story, so that most subscribers are never read.
"""

import json
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import aiosqlite

from bot.model import ArticleId, ChatId, FeedId, Language, Phrase, StoryId
from bot.ready_words.marks import marked_text
from bot.storage.outbox import due
from bot.storage.outbox.deliveries import FIRST
from bot.storage.outbox.loud_lines import LEARNT_LINE
from bot.storage.stories.story_rows import MAX_OTHER_TEXTS
from bot.storage.times import to_seconds
from bot.text.phrases import united

# So many confirm a publisher's own mark of urgent news.
MIN_MARKED_SOURCES = 2
# Between two chapters of a storyline that nobody asked to follow.
CHAPTER_GAP = timedelta(hours=1)


async def enqueue_story(  # noqa: PLR0913
    tx: aiosqlite.Connection,
    story_id: StoryId,
    language: Language,
    *,
    now: datetime,
    article_id: ArticleId | None = None,
    first_in_language: bool = True,
    is_sure_chapter: bool = False,
) -> int:
    """Add a pending delivery for each reader of the article who has none of the story yet.

    An `article_id` of None: the lead. Readers are subscribers who read its language, do not
    refuse its feed, and follow a topic of the story or a phrase in one of its articles; and those
    who have added its feed; but none who mutes a phrase in it. If the story is not
    `first_in_language`, only those of them who may have seen no article of it, or whose phrase
    comes with this article. Return how many were added.

    `is_sure_chapter`: if it is a chapter, it surely belongs to its storyline. Then those want it
    who follow that, whatever they mute; for others it waits until `CHAPTER_GAP` after an earlier
    one, unless they get no news at once. No other story waits for it.
    """
    if article_id is None:
        ((article_id,),) = await tx.execute_fetchall(
            "SELECT lead_id FROM stories WHERE id = ?", (story_id,)
        )
    texts = await _texts(tx, story_id, article_id)
    this, whole = texts[0], united(texts)
    cursor = await tx.execute(
        """
        INSERT OR IGNORE INTO deliveries (story_id, chat_id, owed_at, at_once, retry_at)
          WITH story AS MATERIALIZED (
             SELECT storyline, continues IS NOT NULL AS is_chapter
               FROM stories WHERE id = :story_id),
             article AS MATERIALIZED (
             SELECT feed_id, private FROM articles JOIN feeds ON feeds.id = feed_id
              WHERE articles.id = :article_id),
             phrases_in_story AS MATERIALIZED (
             SELECT id, instr(:stems, stems) OR (sounds <> '' AND instr(:sounds, sounds)) AS is_new
               FROM phrases
              WHERE anchor IN (SELECT value FROM json_each(:anchors))
                AND instr(:all_stems, stems)
              UNION
             SELECT id, instr(:stems, stems) OR instr(:sounds, sounds)
               FROM phrases
              WHERE sound_anchor IN (SELECT value FROM json_each(:sound_anchors))
                AND sound_anchor <> '' AND instr(:all_sounds, sounds)),
             topics_of_story AS MATERIALIZED (
             SELECT topic FROM story_topics WHERE story_id = :story_id UNION ALL SELECT ''),
             matches AS MATERIALIZED (
             SELECT chat_id, muted, is_new
               FROM phrases_in_story CROSS JOIN words ON phrase_id = phrases_in_story.id
              WHERE topic IN (SELECT topic FROM topics_of_story)),
             followers AS (
             SELECT chat_id FROM subscriptions WHERE topic IN (SELECT topic FROM topics_of_story)
              UNION
             SELECT chat_id FROM matches WHERE muted = 0),
             candidates AS (
             SELECT chat_id, 'article' AS sees FROM followers
              WHERE :first_in_language AND NOT (SELECT private FROM article)
              UNION
             -- Who refuses the feed of an earlier article may have seen none of the story.
             SELECT chat_id, 'article'
               FROM refusals JOIN articles USING (feed_id)
              WHERE NOT :first_in_language AND NOT (SELECT private FROM article)
                AND story_id = :story_id
                AND (EXISTS (SELECT 1 FROM subscriptions
                              WHERE subscriptions.chat_id = refusals.chat_id
                                AND topic IN (SELECT topic FROM topics_of_story))
                     OR chat_id IN (SELECT chat_id FROM matches WHERE muted = 0))
              UNION
             -- Whose phrase is new to the story may see it by an article in another language.
             SELECT chat_id, 'story' FROM matches
              WHERE muted = 0 AND is_new AND NOT (SELECT private FROM article)
              UNION
             SELECT chat_id, 'own' FROM own_feeds WHERE feed_id = (SELECT feed_id FROM article)
              UNION
             SELECT chat_id, 'storyline' FROM followed_storylines JOIN story USING (storyline)
              WHERE :is_sure_chapter AND :first_in_language AND NOT (SELECT private FROM article))
        SELECT :story_id, chat_id, :now,
               chat_id IN (SELECT chat_id FROM matches WHERE muted = 0),
               iif((SELECT is_chapter FROM story) AND :is_sure_chapter, coalesce((
                   SELECT max(iif(state = 'pending' AND retry_at > :now, retry_at,
                                  coalesce(done_at, owed_at) + :chapter_gap))
                     FROM story JOIN stories AS chapter USING (storyline)
                     JOIN deliveries ON deliveries.story_id = chapter.id
                    WHERE deliveries.chat_id = candidates.chat_id
                      AND state IN ('pending', 'sending', 'sent') AND chapter.id <> :story_id
                      AND NOT EXISTS (SELECT 1 FROM followed_storylines
                                       WHERE followed_storylines.chat_id = candidates.chat_id
                                         AND followed_storylines.storyline = story.storyline)
                      AND NOT EXISTS (SELECT 1 FROM timetables
                                       WHERE timetables.chat_id = candidates.chat_id
                                         AND mode NOT IN ('at once', 'everything'))), 0), 0)
          FROM candidates CROSS JOIN subscribers USING (chat_id)
         WHERE paused_at IS NULL AND gone_at IS NULL AND choosing_until <= :now
           AND (sees = 'own'
                OR sees <> 'story'
               AND EXISTS (SELECT 1 FROM news_languages
                            WHERE news_languages.chat_id = candidates.chat_id
                              AND news_languages.language = :language)
               AND NOT EXISTS (SELECT 1 FROM refusals
                                WHERE refusals.chat_id = candidates.chat_id
                                  AND feed_id = (SELECT feed_id FROM article))
                OR sees = 'story'
               AND EXISTS (SELECT 1
                             FROM articles JOIN feeds ON feeds.id = feed_id
                             JOIN news_languages USING (language)
                            WHERE story_id = :story_id AND private = 0
                              AND news_languages.chat_id = candidates.chat_id
                              AND NOT EXISTS (SELECT 1 FROM refusals
                                               WHERE refusals.chat_id = candidates.chat_id
                                                 AND refusals.feed_id = articles.feed_id)))
           AND (sees = 'storyline'
                OR chat_id NOT IN (SELECT chat_id FROM matches WHERE muted = 1 AND is_new))
           -- Nor a story that turned out to be this one.
           AND NOT EXISTS (SELECT 1 FROM stories JOIN deliveries ON story_id = stories.id
                            WHERE same_as = :story_id AND deliveries.chat_id = candidates.chat_id)
        """,
        {
            "story_id": story_id,
            "article_id": article_id,
            "language": language,
            "now": to_seconds(now),
            "chapter_gap": int(CHAPTER_GAP.total_seconds()),
            "first_in_language": first_in_language,
            "is_sure_chapter": is_sure_chapter,
            "stems": this.stems,
            "sounds": this.sounds,
            "all_stems": whole.stems,
            "all_sounds": whole.sounds,
            "anchors": json.dumps(sorted(set(whole.stems.split()))),
            "sound_anchors": json.dumps(sorted(set(whole.sounds.split()))),
        },
    )
    await due.make_story_due(tx, story_id, now=now)
    return cursor.rowcount


async def _texts(
    tx: aiosqlite.Connection, story_id: StoryId, article_id: ArticleId
) -> list[Phrase]:
    """Return the text of the article, then those of the newest public articles of its story."""
    rows = await tx.execute_fetchall(
        """
        SELECT title, coalesce(summary, '')
          FROM articles JOIN feeds ON feeds.id = feed_id
         WHERE articles.id = :article_id OR (story_id = :story_id AND private = 0)
         ORDER BY articles.id = :article_id DESC, articles.id DESC
         LIMIT :max_texts
        """,
        {"story_id": story_id, "article_id": article_id, "max_texts": 1 + MAX_OTHER_TEXTS},
    )
    return [marked_text(title, summary) for title, summary in rows]


async def enqueue_first(
    tx: aiosqlite.Connection, chat_id: ChatId, ids: Sequence[StoryId], *, now: datetime
) -> int:
    """Add deliveries of the stories that a chat begins with, in this order, each by itself.

    A delivery that exists is not added again; one that ended as gone is pending again. Return how
    many are pending now that were not.
    """
    cursor = await tx.execute(
        """
        INSERT INTO deliveries (story_id, chat_id, owed_at, at_once)
        SELECT stories.id, :chat_id, :now, :first
          FROM json_each(:ids) JOIN stories ON stories.id = value
         WHERE TRUE
         ORDER BY key
            ON CONFLICT (chat_id, story_id) DO UPDATE
           SET state = 'pending', owed_at = excluded.owed_at, at_once = :first, retry_at = 0,
               done_at = NULL, reason = NULL
         WHERE state = 'gone'
        """,
        {
            "chat_id": chat_id,
            "ids": json.dumps(list(ids)),
            "now": to_seconds(now),
            "first": FIRST,
        },
    )
    if cursor.rowcount:
        await due.recheck(tx, chat_id, now=now)
        await due.make_chat_due(tx, chat_id, now=now)
    return cursor.rowcount


async def hurry_marked(
    tx: aiosqlite.Connection, story_id: StoryId, *, public: bool, private_feeds: Collection[FeedId]
) -> None:
    """Let the story, which its publisher marked as urgent, come at once where that is confirmed.

    A `public` mark is confirmed by a second source, or by the reader's own feed that tells it too;
    the mark of one of `private_feeds` counts for those alone who have added that feed.
    """
    await tx.execute(
        """
        UPDATE deliveries SET at_once = 1
         WHERE story_id = :story_id AND state = 'pending' AND at_once = 0
           AND (:public AND (SELECT count(DISTINCT coalesce(own_source, source))
                               FROM articles JOIN feeds ON feeds.id = feed_id
                              WHERE story_id = :story_id AND private = 0) >= :min_sources
                OR chat_id IN (SELECT chat_id FROM own_feeds JOIN articles USING (feed_id)
                                WHERE articles.story_id = :story_id AND :public
                                UNION ALL
                               SELECT chat_id FROM own_feeds
                                WHERE feed_id IN (SELECT value FROM json_each(:private_feeds))))
        """,
        {
            "story_id": story_id,
            "public": public,
            "private_feeds": json.dumps(list(private_feeds)),
            "min_sources": MIN_MARKED_SOURCES,
        },
    )


async def release_urgent(tx: aiosqlite.Connection, story_id: StoryId, *, now: datetime) -> None:
    """Release the story to chats that get it at once: it may break their quiet hours or bundles.

    Enough sources have it, or a followed word or storyline brings it. Of a followed one the quiet
    hours are kept.
    """
    await tx.execute(
        f"""
        UPDATE subscribers
           SET held_until = 0, due_at = max(ready_at, :now)
         WHERE held_until > :now
           AND chat_id IN (
               SELECT deliveries.chat_id
                 FROM deliveries INDEXED BY deliveries_story JOIN timetables USING (chat_id)
                WHERE story_id = :story_id AND state = 'pending'
                  AND coalesce(urgent_from, iif(mode = 'calm', {LEARNT_LINE}, NULL))
                      <= (SELECT count(DISTINCT coalesce(own_source, source))
                                        FROM articles JOIN feeds ON feeds.id = feed_id
                                       WHERE articles.story_id = :story_id AND private = 0)
                UNION ALL
               SELECT chat_id FROM deliveries INDEXED BY deliveries_story
                WHERE story_id = :story_id AND state = 'pending' AND at_once
                UNION ALL
               SELECT deliveries.chat_id
                 FROM stories
                 JOIN followed_storylines USING (storyline)
                 JOIN deliveries ON deliveries.chat_id = followed_storylines.chat_id
                                AND deliveries.story_id = stories.id
                WHERE stories.id = :story_id AND continues IS NOT NULL AND state = 'pending')
        """,
        {"story_id": story_id, "now": to_seconds(now)},
    )
