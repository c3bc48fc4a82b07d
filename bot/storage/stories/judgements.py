"""Table `judgements`: what readers report of stories, as rows that `make quality` reads.

Who reported is not kept, and nothing of feeds that a chat added for itself.
"""

from datetime import datetime

import aiosqlite

from bot.model import StoryId, Verdict
from bot.storage.times import to_seconds

# A table that anybody can write to must stay bounded.
MAX_ROWS = 10_000


async def add(
    tx: aiosqlite.Connection, story_id: StoryId, verdict: Verdict, *, now: datetime
) -> None:
    """Keep the verdict with the public articles of the story; a repeated one changes nothing."""
    await tx.execute(
        """
        INSERT OR IGNORE INTO judgements (verdict, url, topic, articles, judged_at)
        SELECT :verdict, lead.url, stories.topic,
               (SELECT json_group_array(json_array(title, coalesce(summary, '')))
                  FROM articles JOIN feeds ON feeds.id = feed_id
                 WHERE story_id = stories.id AND private = 0),
               :now
          FROM stories
          JOIN articles AS lead ON lead.id = lead_id
          JOIN feeds ON feeds.id = lead.feed_id
         WHERE stories.id = :story_id AND private = 0
           AND (SELECT count(*) FROM judgements) < :max_rows
        """,
        {
            "story_id": story_id,
            "verdict": verdict,
            "now": to_seconds(now),
            "max_rows": MAX_ROWS,
        },
    )
