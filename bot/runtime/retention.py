"""The worker that lets old stories and articles go, once a day, a little at a time.

A running bot hardly notices: no transaction is long, and between two of them others have theirs.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import ArticleId, StoryId
from bot.storage import retention
from bot.storage.database import Database
from bot.storage.retention import Cutoff

log = logging.getLogger(__name__)

PRUNE_INTERVAL = timedelta(days=1)
# Each transaction takes some milliseconds with so many; docs/scale.md says how many.
STORIES, ARTICLES, DELIVERIES, KEYS = 10, 30, 300, 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionResult:
    """How much went."""

    stories: int
    articles: int
    deliveries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionWorker:
    """Lets go what is older than `keep`, but for what is owed, or held by another table.

    `pause` is what others have between two transactions, if they wait in another process.
    """

    db: Database
    keep: timedelta
    now: Callable[[], datetime]
    pause: timedelta = timedelta(milliseconds=20)

    async def step(self) -> bool:
        """Let go what is old now, and rest for a day."""
        gone = await self.prune()
        if gone.articles:
            log.info("%d articles and %d stories were old and went", gone.articles, gone.stories)
        await asyncio.sleep(PRUNE_INTERVAL.total_seconds())
        return True

    async def prune(self) -> RetentionResult:
        """Let go what is old now; cut off anywhere, what is left goes the next time."""
        age = await retention.cutoff(self.db.reader, before=self.now() - self.keep)
        stories, deliveries = await self._stories(age)
        # The lead of each story went with it.
        articles = stories + await self._articles(age)
        if articles:
            await self._keys()
        async with self.db.transaction() as tx:
            await retention.delete_polls(tx, age)
        return RetentionResult(stories=stories, articles=articles, deliveries=deliveries)

    async def _stories(self, age: Cutoff) -> tuple[int, int]:
        stories = deliveries = 0
        after: tuple[int, int] | None = (0, 0)
        while after is not None:
            async with self.db.transaction() as tx:
                chunk = await retention.take_stories(tx, age, after=after, limit=STORIES)
            await self._rest()
            if chunk.ids:
                deliveries += await self._deliveries(chunk.ids)
                async with self.db.transaction() as tx:
                    stories += await retention.delete_stories(tx, chunk.ids)
                await self._rest()
            after = chunk.next
        return stories, deliveries

    async def _deliveries(self, ids: tuple[StoryId, ...]) -> int:
        gone = 0
        while True:
            async with self.db.transaction() as tx:
                count = await retention.delete_deliveries(tx, ids, limit=DELIVERIES)
            await self._rest()
            gone += count
            if count < DELIVERIES:
                return gone

    async def _articles(self, age: Cutoff) -> int:
        gone, after = 0, ArticleId(0)
        while True:
            async with self.db.transaction() as tx:
                ids = await retention.delete_left_over(tx, age, after=after, limit=ARTICLES)
            await self._rest()
            gone += len(ids)
            if not ids:
                return gone
            after = ids[-1]

    async def _keys(self) -> None:
        after: tuple[str, int] | None = ("", 0)
        while after is not None:
            stale, after = await retention.stale_keys(self.db.reader, after=after, limit=KEYS)
            if stale:
                async with self.db.transaction() as tx:
                    await retention.delete_keys(tx, stale)
                await self._rest()

    async def _rest(self) -> None:
        await asyncio.sleep(self.pause.total_seconds())
