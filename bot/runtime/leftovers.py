"""Worker that deletes what chats that left have left behind, and all trace of it from the file.

SQLite overwrites what is deleted (`secure_delete`), in its log too once that is emptied.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.storage.database import Database
from bot.storage.subscribers import leftovers

INTERVAL = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftoverWorker:
    """Deletes leftovers, and empties the database's log."""

    db: Database
    now: Callable[[], datetime]
    interval: timedelta = INTERVAL

    async def step(self) -> bool:
        """Delete what is left, and rest until the next time."""
        async with self.db.transaction() as tx:
            await leftovers.delete(tx, now=self.now())
        await self.db.empty_log()
        await asyncio.sleep(self.interval.total_seconds())
        return True
