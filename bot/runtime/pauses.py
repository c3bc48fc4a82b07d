"""Worker that ends the pauses of chats at the time that they named."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.storage.database import Database
from bot.storage.subscribers import absences
from bot.text.safe import counted

log = logging.getLogger(__name__)

CHECK_INTERVAL = timedelta(seconds=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseWorker:
    """Ends the pauses whose time is over."""

    db: Database
    now: Callable[[], datetime]
    interval: timedelta = CHECK_INTERVAL

    async def step(self) -> bool:
        """End what is over, and rest until the next time."""
        async with self.db.transaction() as tx:
            ended = await absences.end_pauses(tx, now=self.now())
        if ended:
            log.info("%s ended", counted(ended, "pause"))
        await asyncio.sleep(self.interval.total_seconds())
        return True
