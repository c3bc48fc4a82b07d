"""The worker that notices when the clock is set: what waits for a time must not wait for years."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.storage import clock_reset
from bot.storage.database import Database
from bot.storage.feeds import feeds

log = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=10)
# Clocks are corrected by less than this all the time.
TOLERANCE = timedelta(minutes=1)


@dataclass(slots=True, kw_only=True)
class ClockWatch:
    """Compares the clock with one that never jumps, `monotonic`, in seconds.

    Of feeds that are overdue, so many `polls_per_second` begin.
    """

    db: Database
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    polls_per_second: int
    _began_at: datetime | None = field(default=None, init=False)

    async def step(self) -> bool:
        """Look once, and rest."""
        began_at = self.now() - timedelta(seconds=self.monotonic())
        by = began_at - (self._began_at or began_at)
        said = timedelta(seconds=round(abs(by).total_seconds()))
        if by >= TOLERANCE:
            log.warning("the clock was set forward by %s", said)
        elif by <= -TOLERANCE:
            log.warning("the clock was set back by %s: what waits for it waits no more", said)
            await self._begin_anew()
        self._began_at = began_at
        await asyncio.sleep(LOOK_EVERY.total_seconds())
        return True

    async def catch_up(self) -> None:
        """Do at the start what `step` does when the clock was set back."""
        if await clock_reset.was_set_back(self.db.reader, now=self.now()):
            log.warning("the clock was set back since the last poll: what waits waits no more")
            await self._begin_anew()

    async def _begin_anew(self) -> None:
        async with self.db.transaction() as tx:
            await clock_reset.reset_waits(tx, now=self.now())
            await feeds.spread_overdue(tx, now=self.now(), per_second=self.polls_per_second)
