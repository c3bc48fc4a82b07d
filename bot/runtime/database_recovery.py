"""The database cannot be written: all workers wait until it can, and nobody is asked meanwhile.

What was under way has committed nothing, and is done again. Publishers and Telegram notice nothing
but that we are quiet: no loop asks them for what cannot be stored.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.runtime.supervisor import Step, Worker
from bot.storage.errors import is_transient

log = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=30)
# Fine for so long, it is trusted as before: a disk with room for a little fails again at once.
TRUSTED_AFTER = timedelta(minutes=1)


@dataclass(slots=True, kw_only=True)
class DatabaseRecovery:
    """Holds the workers while the database is in trouble that passes.

    `probe` writes a little; `now` is in seconds, of a clock that never jumps. `trouble` is the
    database's own words, None while all is well.
    """

    probe: Callable[[], Awaitable[None]]
    now: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    trouble: str | None = None
    _pause: timedelta = FIRST_PAUSE
    _mended_at: float | None = None
    _last: str | None = None
    _fine: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Begin with all well."""
        self._fine.set()

    def paused_on_failure(self, worker: Worker) -> Worker:
        """Return the worker, who rests as long as the database cannot be written."""
        return replace(worker, step=self._held(worker.step))

    def recent(self, within: timedelta) -> str | None:
        """Return the trouble there is, or that was mended less than so long ago."""
        mended_at = self._mended_at
        is_fresh = mended_at is not None and self.now() - mended_at < within.total_seconds()
        return self.trouble or (self._last if is_fresh else None)

    def _held(self, step: Step) -> Step:
        async def held() -> bool:
            await self._fine.wait()
            try:
                return await step()
            except sqlite3.Error as error:
                if not is_transient(error):
                    raise
                await self._mend(str(error))
                return True

        return held

    async def _mend(self, trouble: str) -> None:
        if self.trouble is not None:
            await self._fine.wait()
            return
        self.trouble = trouble
        self._fine.clear()
        try:
            await self._wait()
        finally:  # also when we are told to stop: then the others must not hang
            self.trouble = None
            self._fine.set()

    async def _wait(self) -> None:
        """Wait until the database can be written, ever longer between two attempts."""
        if self._mended_at is not None:
            fine_for = timedelta(seconds=self.now() - self._mended_at)
            self._pause = FIRST_PAUSE if fine_for > TRUSTED_AFTER else self._longer()
        while True:
            log.error("the database cannot be written: %s; all work waits for it", self.trouble)
            await self.sleep(self._pause.total_seconds())
            try:
                await self.probe()
            except sqlite3.Error as error:
                if not is_transient(error):
                    raise
                self.trouble = str(error)
                self._pause = self._longer()
            else:
                break
        self._mended_at = self.now()
        self._last = self.trouble
        log.warning("the database can be written again")

    def _longer(self) -> timedelta:
        return min(self._pause * 2, LONGEST_PAUSE)
