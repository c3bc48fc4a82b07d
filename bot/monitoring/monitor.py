"""Monitor: hooks that the workers call, and the state behind `/healthz` and `/metrics`.

The tables are counted when an endpoint is requested, at most once in `TABLE_COUNTS_TTL`.
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
from bot.monitoring.activity_log import ActivityLog
from bot.monitoring.health import DatabaseFailing, Health, HealthProblem
from bot.monitoring.http import serve_monitoring
from bot.monitoring.metrics import Metrics, TableCollector
from bot.runtime.supervisor import Worker
from bot.storage.database import Database
from bot.storage.statistics import published_at, table_counts

log = logging.getLogger(__name__)

OFF = "off"
# Prometheus scrapes every 15 s or so; a client that asks more often gets the last counts.
TABLE_COUNTS_TTL = timedelta(seconds=10)
# Publication times kept in memory: more than the stories that are sent at one time.
MAX_CACHED_STORIES = 1000
LAG_INTERVAL = timedelta(seconds=0.5)


@dataclass(slots=True, kw_only=True)
class Monitor:
    """Hooks of the workers; each call costs microseconds.

    `database_error` returns why the database cannot be written, None while it can be.
    """

    db: Database
    metrics: Metrics
    tables: TableCollector
    health: Health
    now: Callable[[], datetime]
    database_error: Callable[[], str | None]
    monotonic: Callable[[], float] = monotonic
    activity: ActivityLog = field(default_factory=ActivityLog)
    _restarted_at: dict[str, float] = field(default_factory=dict)
    _published_at: dict[StoryId, datetime] = field(default_factory=dict)
    _counted_at: float | None = None
    _counting: asyncio.Lock = field(default_factory=asyncio.Lock)

    def watched(self, workers: Iterable[Worker]) -> list[Worker]:
        """Return the workers with their steps recorded, and those of the monitor itself."""
        workers = list(workers)
        for worker in workers:
            self.metrics.restarts.labels(worker.name)
        lag_worker = Worker(step=self.measure_lag, name="loop lag monitor", is_watched=False)
        log_worker = Worker(step=self.activity.step, name="activity log", is_watched=False)
        return [*map(self.health.watched, workers), lag_worker, log_worker]

    def record_poll(self, poll: Poll) -> None:
        """Count a poll."""
        self.metrics.record_poll(poll)
        is_well = poll.outcome in ("read", "unchanged")
        self.activity.counts.update(
            {"polls": 1, "failed polls": int(not is_well), "new articles": poll.news}
        )

    def record_api_call(self, method: str, outcome: str, wait: timedelta) -> None:
        """Count a call of the Bot API; all outcomes but "unreachable" are answers."""
        self.metrics.record_api_call(method, outcome, wait)
        self.activity.counts.update({"calls of Telegram": 1, "failed calls": int(outcome != "ok")})
        if outcome != "unreachable":
            self.health.record_answer()

    async def record_send(self, result: SendResult) -> None:
        """Count the deliveries of a message by their outcome, and measure their latency."""
        if isinstance(result.outcome, Sent):
            for story_id in dict.fromkeys(delivery.story_id for delivery in result.covered):
                if story_id in self._published_at:
                    continue
                instant = await published_at(self.db.reader, story_id)
                if instant is not None:
                    # The oldest entry makes room.
                    if len(self._published_at) >= MAX_CACHED_STORIES:
                        del self._published_at[next(iter(self._published_at))]
                    self._published_at[story_id] = instant
        self.metrics.record_send(result, self._published_at, now=self.now())
        name = "deliveries sent" if isinstance(result.outcome, Sent) else "deliveries not sent"
        self.activity.counts[name] += len(result.covered)

    def record_interrupted(self, count: int) -> None:
        """Count deliveries that the last shutdown interrupted."""
        self.metrics.repeats.inc(count)

    def record_restart(self, worker: str) -> None:
        """Count a restart of a worker that failed."""
        self.metrics.restarts.labels(worker).inc()
        self._restarted_at[worker] = self.monotonic()

    def restarted_workers(self, within: timedelta) -> tuple[str, ...]:
        """Return the names of the workers that were restarted at most this long ago."""
        since = self.monotonic() - within.total_seconds()
        return tuple(sorted(name for name, at in self._restarted_at.items() if at >= since))

    async def measure_lag(self) -> bool:
        """Sleep for `LAG_INTERVAL`, and record how much longer it took."""
        interval = LAG_INTERVAL.total_seconds()
        began_at = self.monotonic()
        await asyncio.sleep(interval)
        self.metrics.lag.observe(max(self.monotonic() - began_at - interval, 0))
        return True

    async def problems(self) -> list[HealthProblem]:
        """Return what is wrong now, the database first; empty while all is well."""
        error = self.database_error() or await self._count_tables()
        return [*([DatabaseFailing(error)] if error else []), *self.health.problems()]

    async def exposition(self) -> bytes:
        """Return all metrics in Prometheus's text format."""
        if error := await self._count_tables():
            log.warning("the tables cannot be counted: %s", error)
        return self.metrics.exposition()

    async def _count_tables(self) -> str | None:
        """Count the tables unless the last counts are fresh; return SQLite's error, if any."""
        ttl = TABLE_COUNTS_TTL.total_seconds()
        async with self._counting:
            if self._counted_at is not None and self.monotonic() - self._counted_at < ttl:
                return None
            try:
                self.tables.counts = await table_counts(self.db.reader)
            except sqlite3.Error as error:
                self.tables.counts = None
                return str(error)
            self.tables.counted_at, self._counted_at = self.now(), self.monotonic()
            return None


@asynccontextmanager
async def open_monitor(
    db: Database,
    *,
    listen: str,
    database: Path,
    now: Callable[[], datetime],
    database_error: Callable[[], str | None] = lambda: None,
    backup_age: Callable[[], float | None] = lambda: None,
) -> AsyncIterator[Monitor]:
    """Yield the monitor; serve its endpoints at `listen` during the block, unless it is "off".

    Raises:
        SetupError: if the address cannot be bound.
    """
    tables = TableCollector(
        free_bytes=lambda: shutil.disk_usage(database.parent).free,
        size_bytes=lambda: database.stat().st_size,
        backup_age=backup_age,
    )
    metrics = Metrics()
    metrics.registry.register(tables)
    monitor = Monitor(
        db=db,
        metrics=metrics,
        tables=tables,
        health=Health(monotonic=monotonic),
        now=now,
        database_error=database_error,
    )
    if listen == OFF:
        yield monitor
        return
    async with serve_monitoring(
        listen, problems=monitor.problems, metrics=monitor.exposition
    ) as address:
        log.info("health and metrics: %s/healthz, %s/metrics", address, address)
        yield monitor
