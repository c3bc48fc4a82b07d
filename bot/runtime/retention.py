"""Retention worker: deletes old stories and articles once a day, in small transactions.

The bot works on meanwhile: no transaction is long, and other writers have theirs in between.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiosqlite

from bot.model import ArticleId
from bot.storage import retention
from bot.storage.database import Database
from bot.storage.retention import Cutoff
from bot.text.safe import counted

log = logging.getLogger(__name__)

RETENTION_INTERVAL = timedelta(days=1)
# Rows in a transaction, so that each takes some milliseconds; measured in docs/performance.md.
STORIES, ARTICLES, DELIVERIES, KEYS = 10, 30, 300, 1000
# Of 4 kB each, given back to the disk at a time.
PAGES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionResult:
    """Numbers of rows that were deleted, or would be."""

    stories: int
    articles: int
    deliveries: int


async def count_expired(reader: aiosqlite.Connection, *, before: datetime) -> RetentionResult:
    """Return what `prune` would delete; its deliveries are not counted."""
    cutoff = await retention.find_cutoff(reader, before=before)
    stories, articles = await retention.count_expired(reader, cutoff)
    return RetentionResult(stories=stories, articles=articles, deliveries=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionWorker:
    """Deletes what is older than `keep`, except what is owed or referred to by another table.

    `pause` is between two transactions, for writers of other processes.
    """

    db: Database
    keep: timedelta
    now: Callable[[], datetime]
    pause: timedelta = timedelta(milliseconds=20)

    async def step(self) -> bool:
        """Delete what is old, and sleep until the next day."""
        deleted = await self.prune()
        if deleted.articles:
            log.info(
                "%s and %s were old and went",
                counted(deleted.articles, "article"),
                counted(deleted.stories, "story", "stories"),
            )
        await asyncio.sleep(RETENTION_INTERVAL.total_seconds())
        return True

    async def prune(self) -> RetentionResult:
        """Delete what is old; the next call completes one that was interrupted."""
        cutoff = await retention.find_cutoff(self.db.reader, before=self.now() - self.keep)
        stories, deliveries = await self._delete_stories(cutoff)
        # Each story was deleted with its lead.
        articles = stories + await self._delete_articles(cutoff)
        if articles:
            # No foreign key cascades to the keys of their signatures.
            after: tuple[str, int] | None = ("", 0)
            while after is not None:
                stale, after = await retention.stale_keys(self.db.reader, after=after, limit=KEYS)
                if stale:
                    async with self._transaction() as tx:
                        await retention.delete_keys(tx, stale)
        async with self.db.transaction() as tx:
            await retention.delete_polls(tx, cutoff)
        has_more = True
        while has_more:
            has_more = await self.db.give_back(PAGES)
            await asyncio.sleep(self.pause.total_seconds())
        return RetentionResult(stories=stories, articles=articles, deliveries=deliveries)

    async def _delete_stories(self, cutoff: Cutoff) -> tuple[int, int]:
        """Delete stories, with their deliveries first; return the numbers of both."""
        stories = deliveries = 0
        after: tuple[int, int] | None = (0, 0)
        while after is not None:
            async with self._transaction() as tx:
                chunk = await retention.detach_stories(tx, cutoff, after=after, limit=STORIES)
            after = chunk.next
            if not chunk.ids:
                continue
            deleted = DELIVERIES
            while deleted == DELIVERIES:
                async with self._transaction() as tx:
                    deleted = await retention.delete_deliveries(tx, chunk.ids, limit=DELIVERIES)
                deliveries += deleted
            async with self._transaction() as tx:
                stories += await retention.delete_stories(tx, chunk.ids)
        return stories, deliveries

    async def _delete_articles(self, cutoff: Cutoff) -> int:
        deleted, after = 0, ArticleId(0)
        while True:
            async with self._transaction() as tx:
                ids = await retention.delete_orphans(tx, cutoff, after=after, limit=ARTICLES)
            if not ids:
                return deleted
            deleted += len(ids)
            after = ids[-1]

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        """Open a transaction, and sleep for `pause` after its commit."""
        async with self.db.transaction() as tx:
            yield tx
        await asyncio.sleep(self.pause.total_seconds())
