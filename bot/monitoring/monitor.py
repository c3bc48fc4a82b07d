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

from bot.delivery.outbox import Answer
from bot.model import Poll, Sent, StoryId
from bot.monitoring.health import Pulse
from bot.monitoring.http import listening
from bot.monitoring.metrics import Meters, TableMeters
from bot.runtime.supervisor import Worker
from bot.storage.database import Database
from bot.storage.statistics import levels, published_at

log = logging.getLogger(__name__)

OFF = "off"
# Prometheus asks every 15 s or so; whoever asks more often gets what was found just before.
KEPT_SECONDS = 10.0
# Stories whose dates are remembered: more than are sent at one time.
MOST_STORIES = 1000
LAG_EVERY_SECONDS = 0.5


@dataclass(slots=True, kw_only=True)
class Watch:
    """The hooks; each costs microseconds. `trouble` says what is wrong with the database, if so."""

    db: Database
    meters: Meters
    tables: TableMeters
    pulse: Pulse
    now: Callable[[], datetime]
    trouble: Callable[[], str | None] = lambda: None
    monotonic: Callable[[], float] = monotonic
    _published: dict[StoryId, datetime] = field(default_factory=dict)
    _read_at: float | None = None
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    def over(self, workers: Iterable[Worker]) -> list[Worker]:
        """Return the workers, watched, and one that watches the event loop."""
        return [*map(self.pulse.felt, workers), Worker(step=self.feel_lag)]

    def polled(self, poll: Poll) -> None:
        """Count a poll."""
        self.meters.polled(poll)

    def called(self, method: str, outcome: str, wait: timedelta) -> None:
        """Count a call of the Bot API; an outcome of "unreachable" is no answer."""
        self.meters.called(method, outcome, wait)
        if outcome != "unreachable":
            self.pulse.telegram_answered()

    async def answered(self, answer: Answer) -> None:
        """Count what became of deliveries."""
        if isinstance(answer.outcome, Sent):
            for delivery in answer.covered:
                await self._look_up(delivery.story_id)
        self.meters.answered(answer, self._published, now=self.now())

    def cut_off(self, count: int) -> None:
        """Count deliveries that the last end of the bot cut off."""
        self.meters.repeats.inc(count)

    async def feel_lag(self) -> bool:
        """Sleep a little, and note how much longer it took."""
        began_at = self.monotonic()
        await asyncio.sleep(LAG_EVERY_SECONDS)
        self.meters.lag.observe(max(self.monotonic() - began_at - LAG_EVERY_SECONDS, 0))
        return True

    async def complaints(self) -> list[str]:
        """Return what is wrong now, one clause each."""
        trouble = self.trouble() or await self._read_tables()
        return [*([f"the database: {trouble}"] if trouble else []), *self.pulse.complaints()]

    async def metrics(self) -> bytes:
        """Return all that is measured, as Prometheus reads it."""
        if trouble := await self._read_tables():
            log.warning("the tables cannot be counted: %s", trouble)
        return self.meters.text()

    async def _read_tables(self) -> str | None:
        """Look at the tables, unless that was done just now; return what kept us from it."""
        async with self._reading:
            if self._read_at is not None and self.monotonic() - self._read_at < KEPT_SECONDS:
                return None
            try:
                self.tables.levels = await levels(self.db.reader)
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
async def open_watch(
    db: Database,
    *,
    listen: str,
    database: Path,
    now: Callable[[], datetime],
    trouble: Callable[[], str | None] = lambda: None,
) -> AsyncIterator[Watch]:
    """Answer at `listen` while the block runs, unless it is "off"; yield the hooks.

    Raises:
        SetupError: if nothing can listen there.
    """
    tables = TableMeters(
        free_bytes=lambda: shutil.disk_usage(database.parent).free,
        size_bytes=lambda: database.stat().st_size,
    )
    meters = Meters()
    meters.registry.register(tables)
    pulse = Pulse(now=monotonic)
    watch = Watch(db=db, meters=meters, tables=tables, pulse=pulse, now=now, trouble=trouble)
    if listen == OFF:
        yield watch
        return
    async with listening(listen, complaints=watch.complaints, metrics=watch.metrics) as address:
        log.info("health and metrics: %s/healthz, %s/metrics", address, address)
        yield watch
