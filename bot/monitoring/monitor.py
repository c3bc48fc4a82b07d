"""Whoever watches over the bot: hooks for its workers, and what is answered by HTTP.

The tables are read when somebody asks, and at most every few seconds.
"""

import asyncio
import logging
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from bot.delivery.outbox import SendResult
from bot.model import Poll, Sent, StoryId
from bot.monitoring.health import Health
from bot.monitoring.http import listening
from bot.monitoring.metrics import Metrics, TableCollector
from bot.runtime.supervisor import Worker
from bot.storage.database import Database
from bot.storage.statistics import published_at, table_counts

log = logging.getLogger(__name__)

OFF = "off"
# Prometheus asks every 15 s or so; whoever asks more often gets what was found just before.
KEPT_SECONDS = 10.0
# Stories whose dates are remembered: more than are sent at one time.
MOST_STORIES = 1000
LAG_EVERY_SECONDS = 0.5


@dataclass(slots=True, kw_only=True)
class Monitor:
    """The hooks; each costs microseconds. `trouble` says what is wrong with the database, if so."""

    db: Database
    metrics: Metrics
    tables: TableCollector
    health: Health
    now: Callable[[], datetime]
    trouble: Callable[[], str | None] = lambda: None
    monotonic: Callable[[], float] = monotonic
    _published: dict[StoryId, datetime] = field(default_factory=dict)
    _read_at: float | None = None
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    def watched(self, workers: Iterable[Worker]) -> list[Worker]:
        """Return the workers, watched, and one that watches the event loop."""
        return [*map(self.health.watched, workers), Worker(step=self.measure_lag)]

    def polled(self, poll: Poll) -> None:
        """Count a poll."""
        self.metrics.polled(poll)

    def called(self, method: str, outcome: str, wait: timedelta) -> None:
        """Count a call of the Bot API; an outcome of "unreachable" is no answer."""
        self.metrics.called(method, outcome, wait)
        if outcome != "unreachable":
            self.health.telegram_answered()

    async def answered(self, answer: SendResult) -> None:
        """Count what became of deliveries."""
        if isinstance(answer.outcome, Sent):
            for delivery in answer.covered:
                await self._look_up(delivery.story_id)
        self.metrics.answered(answer, self._published, now=self.now())

    def cut_off(self, count: int) -> None:
        """Count deliveries that the last end of the bot cut off."""
        self.metrics.repeats.inc(count)

    async def measure_lag(self) -> bool:
        """Sleep a little, and note how much longer it took."""
        began_at = self.monotonic()
        await asyncio.sleep(LAG_EVERY_SECONDS)
        self.metrics.lag.observe(max(self.monotonic() - began_at - LAG_EVERY_SECONDS, 0))
        return True

    async def problems(self) -> list[str]:
        """Return what is wrong now, one clause each."""
        trouble = self.trouble() or await self._read_tables()
        return [*([f"the database: {trouble}"] if trouble else []), *self.health.problems()]

    async def exposition(self) -> bytes:
        """Return all that is measured, as Prometheus reads it."""
        if trouble := await self._read_tables():
            log.warning("the tables cannot be counted: %s", trouble)
        return self.metrics.text()

    async def _read_tables(self) -> str | None:
        """Look at the tables, unless that was done just now; return what kept us from it."""
        async with self._reading:
            if self._read_at is not None and self.monotonic() - self._read_at < KEPT_SECONDS:
                return None
            try:
                self.tables.levels = await table_counts(self.db.reader)
            except sqlite3.Error as error:
                self.tables.levels = None
                return str(error)
            self.tables.at, self._read_at = self.now(), self.monotonic()
            return None

    async def _look_up(self, story_id: StoryId) -> None:
        if story_id in self._published:
            return
        found = await published_at(self.db.reader, story_id)
        if found is not None:
            if len(self._published) >= MOST_STORIES:
                del self._published[next(iter(self._published))]
            self._published[story_id] = found


@asynccontextmanager
async def open_monitor(
    db: Database,
    *,
    listen: str,
    database: Path,
    now: Callable[[], datetime],
    trouble: Callable[[], str | None] = lambda: None,
) -> AsyncIterator[Monitor]:
    """Answer at `listen` while the block runs, unless it is "off"; yield the hooks.

    Raises:
        SetupError: if nothing can listen there.
    """
    tables = TableCollector(
        free_bytes=lambda: shutil.disk_usage(database.parent).free,
        size_bytes=lambda: database.stat().st_size,
    )
    metrics = Metrics()
    metrics.registry.register(tables)
    health = Health(now=monotonic)
    watch = Monitor(db=db, metrics=metrics, tables=tables, health=health, now=now, trouble=trouble)
    if listen == OFF:
        yield watch
        return
    async with listening(listen, complaints=watch.problems, metrics=watch.exposition) as address:
        log.info("health and metrics: %s/healthz, %s/metrics", address, address)
        yield watch
