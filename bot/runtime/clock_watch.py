"""Worker that detects a change of the wall clock, and resets the waits when it was set back.

Without that, a row that is due by the old clock would wait for years.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.storage import clock_reset
from bot.storage.database import Database
from bot.storage.feeds import feeds

log = logging.getLogger(__name__)

CHECK_INTERVAL = timedelta(seconds=10)
# NTP corrects clocks by less than this all the time.
TOLERANCE = timedelta(minutes=1)


@dataclass(slots=True, kw_only=True)
class ClockWatch:
    """Compares the wall clock, `now`, with `monotonic`, in seconds.

    Overdue feeds are spread to `polls_per_second`.
    """

    db: Database
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    polls_per_second: int
    _began_at: datetime | None = field(default=None, init=False)

    async def step(self) -> bool:
        """Check once, and sleep until the next check."""
        began_at = self.now() - timedelta(seconds=self.monotonic())
        jump = began_at - (self._began_at or began_at)
        rounded = timedelta(seconds=round(abs(jump).total_seconds()))
        if jump >= TOLERANCE:
            log.warning("the clock was set forward by %s", rounded)
        elif jump <= -TOLERANCE:
            log.warning("the clock was set back by %s: what waits for it waits no more", rounded)
            await self._reset_waits()
        self._began_at = began_at
        await asyncio.sleep(CHECK_INTERVAL.total_seconds())
        return True

    async def check_at_start(self) -> None:
        """Reset the waits if the clock was set back since the last poll."""
        if await clock_reset.was_set_back(self.db.reader, now=self.now()):
            log.warning("the clock was set back since the last poll: what waits waits no more")
            await self._reset_waits()

    async def _reset_waits(self) -> None:
        async with self.db.transaction() as tx:
            await feeds.spread_overdue(tx, now=self.now(), per_second=self.polls_per_second)
            await clock_reset.reset_waits(tx, now=self.now())
