"""Table `deliveries`: stories that a bundle told, and that many sources have told since.

Such a story is mentioned once more, by itself: its delivery is pending again, with its bundle.
"""

from datetime import datetime, timedelta

import aiosqlite

from bot.model import ChatId, StoryId
from bot.storage.outbox import due
from bot.storage.outbox.loud_lines import LEARNT_LINE
from bot.storage.times import to_seconds

# What a bundle told longer ago is mentioned no more.
MENTIONED_WITHIN = timedelta(days=1)


async def add(tx: aiosqlite.Connection, story_id: StoryId, *, now: datetime) -> None:
    """Let the story come again to calm chats whose bundle told it, now that enough sources do."""
    cursor = await tx.execute(
        f"""
        UPDATE deliveries INDEXED BY deliveries_bundled
           SET state = 'pending', owed_at = :now, done_at = NULL, message_id = NULL, attempts = 0,
               retry_at = 0
         WHERE story_id = :story_id AND state = 'sent' AND bundle_id IS NOT NULL
           AND message_id = bundle_id AND done_at > :since
           AND chat_id IN (SELECT chat_id FROM subscribers JOIN timetables USING (chat_id)
                            WHERE paused_at IS NULL AND gone_at IS NULL AND mode = 'calm')
           AND coalesce((SELECT urgent_from FROM timetables
                          WHERE timetables.chat_id = deliveries.chat_id), {LEARNT_LINE})
               <= (SELECT count(DISTINCT coalesce(own_source, source))
                     FROM articles JOIN feeds ON feeds.id = feed_id
                    WHERE articles.story_id = :story_id AND private = 0)
        """,
        {
            "story_id": story_id,
            "now": to_seconds(now),
            "since": to_seconds(now - MENTIONED_WITHIN),
        },
    )
    if cursor.rowcount:
        # The message that told it is not edited any more.
        await tx.execute(
            """
            DELETE FROM editable
             WHERE story_id = :story_id
               AND delivery_id IN (SELECT id FROM deliveries
                                    WHERE story_id = :story_id AND state = 'pending'
                                      AND bundle_id IS NOT NULL)
            """,
            {"story_id": story_id},
        )
        await due.make_story_due(tx, story_id, now=now)


async def end(tx: aiosqlite.Connection, chat_id: ChatId) -> None:
    """Mention nothing to the chat again that waits for it: another rhythm or a pause came between.

    What is being sent just now stays so.
    """
    await tx.execute(
        """
        UPDATE deliveries SET state = 'sent', done_at = owed_at
         WHERE chat_id = ? AND state = 'pending' AND bundle_id IS NOT NULL
        """,
        (chat_id,),
    )
