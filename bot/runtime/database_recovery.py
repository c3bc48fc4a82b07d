"""Database recovery: all workers pause while SQLite cannot be written, with backoff.

The interrupted step has committed nothing and is repeated. Meanwhile no publisher and no Bot API
is asked for what cannot be stored.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.backoff import backoff
from bot.runtime.supervisor import Worker
from bot.storage.errors import is_transient

log = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=1)
MAX_PAUSE = timedelta(seconds=30)
# The backoff starts afresh after so long without a failure: a disk with a little room fails again
# at once.
STABLE_AFTER = timedelta(minutes=1)


@dataclass(slots=True, kw_only=True)
class DatabaseRecovery:
    """Pauses the workers during a transient failure of the database.

    `probe` writes a little; `monotonic` is in seconds. `error` is SQLite's message during a
    failure, else None.
    """

    probe: Callable[[], Awaitable[None]]
    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    error: str | None = None
    _failures: int = 0
    _recovered_at: float | None = None
    _last_error: str | None = None
    _writable: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Start with a writable database."""
        self._writable.set()

    def paused_on_failure(self, worker: Worker) -> Worker:
        """Return the worker with steps that wait while the database cannot be written."""

        async def step() -> bool:
            await self._writable.wait()
            try:
                return await worker.step()
            except sqlite3.Error as error:
                if not is_transient(error):
                    raise
                if self.error is None:
                    await self._recover(str(error))
                else:
                    await self._writable.wait()
                return True

        return replace(worker, step=step)

    def recent_error(self, within: timedelta) -> str | None:
        """Return the current error, or that of a recovery at most this long ago."""
        if self.error is not None or self._recovered_at is None:
            return self.error
        is_recent = self.monotonic() - self._recovered_at < within.total_seconds()
        return self._last_error if is_recent else None

    async def _recover(self, error: str) -> None:
        """Pause all workers, and probe with backoff until the database can be written."""
        self.error = error
        self._writable.clear()
        try:
            if (
                self._recovered_at is not None
                and self.monotonic() - self._recovered_at > STABLE_AFTER.total_seconds()
            ):
                self._failures = 0
            while self.error is not None:
                self._failures += 1
                self._last_error = self.error
                log.error("the database cannot be written: %s; all work waits for it", self.error)
                pause = backoff(self._failures, first=FIRST_PAUSE, longest=MAX_PAUSE)
                await self.sleep(pause.total_seconds())
                try:
                    await self.probe()
                    self.error = None
                except sqlite3.Error as failure:
                    if not is_transient(failure):
                        raise
                    self.error = str(failure)
            self._recovered_at = self.monotonic()
            log.warning("the database can be written again")
        finally:  # also when the task is cancelled: the others must not hang
            self.error = None
            self._writable.set()
