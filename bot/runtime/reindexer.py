"""Reindexer: worker that computes the search terms of stored stories anew when stems change."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

from bot.storage.database import Database
from bot.storage.stories import reindex
from bot.stories.related import terms

log = logging.getLogger(__name__)

# How long to sleep when no story is outdated: the stems change with an update of the bot.
_IDLE = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reindexer:
    """Replaces the search terms of outdated stories, the newest first, in small transactions.

    `pause` is between two transactions, for other writers.
    """

    db: Database
    batch: int = 20
    pause: timedelta = timedelta(milliseconds=20)

    async def step(self) -> bool:
        """Reindex one batch; return whether there was one, and sleep for a day if not."""
        stories = await reindex.outdated(self.db.reader, limit=self.batch)
        if not stories:
            await asyncio.sleep(_IDLE.total_seconds())
            return False
        found = [
            (
                story.id,
                terms(story.title, story.text),
                [term for other in story.others for term in terms(*other)],
            )
            for story in stories
        ]
        async with self.db.transaction() as tx:
            await reindex.replace_terms(tx, found)
        await asyncio.sleep(self.pause.total_seconds())
        return True
