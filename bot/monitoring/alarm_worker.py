"""The worker that tells the admins when something is wrong, once, and when it is over, once.

What it says goes through the outbox, stored with the alarm itself: a restart repeats none.
"""

import asyncio
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import aiosqlite

from bot.i18n import Translator, speak
from bot.model import Alarm, ChatId
from bot.monitoring.alarms import AlarmInputs, active_alarms, cleared_text, raised_text
from bot.rendering.story import plain
from bot.storage import alarms as table
from bot.storage.database import Database
from bot.storage.outbox import notices
from bot.storage.statistics import due_since
from bot.storage.subscribers import subscribers

log = logging.getLogger(__name__)

CHECK_INTERVAL = timedelta(minutes=2)
# What the database suffered is told when it can be written again.
DATABASE_TROUBLE_KEPT = timedelta(minutes=10)


@dataclass(slots=True, kw_only=True)
class AlarmWorker:
    """Looks every two minutes; an alarm is raised when two looks in a row find it.

    `room` returns how many bytes are free on the database's disk, and how many it has;
    `database_problem` what the database suffered within the time given.
    """

    db: Database
    admins: frozenset[ChatId]
    room: Callable[[], tuple[int, int]]
    database_problem: Callable[[timedelta], str | None]
    now: Callable[[], datetime]
    _started_at: datetime | None = field(default=None, init=False)
    _suspected: frozenset[Alarm] = field(default=frozenset(), init=False)

    async def step(self) -> bool:
        """Look once, and rest."""
        await self.look()
        await asyncio.sleep(CHECK_INTERVAL.total_seconds())
        return True

    async def look(self) -> None:
        """Measure, and tell what has changed."""
        facts = await self._facts()
        before = await table.standing(self.db.reader)
        found = active_alarms(facts, before)
        # Of the database's trouble one sighting is enough: it is over when it can be told.
        new = found & (self._suspected | {"database"}) - before
        self._suspected = found
        if new or before - found:
            await self._tell(facts, new=new, over=before - found)

    async def _facts(self) -> AlarmInputs:
        now = self.now()
        self._started_at = self._started_at or now
        free_bytes, disk_bytes = self.room()
        return AlarmInputs(
            now=now,
            started_at=self._started_at,
            flow=await table.flow(self.db.reader),
            due_since=await due_since(self.db.reader),
            free_bytes=free_bytes,
            disk_bytes=disk_bytes,
            database_problem=self.database_problem(DATABASE_TROUBLE_KEPT),
        )

    async def _tell(
        self, facts: AlarmInputs, *, new: frozenset[Alarm], over: frozenset[Alarm]
    ) -> None:
        def said(say: Translator) -> list[str]:
            return [
                *(raised_text(it, facts, say) for it in sorted(new)),
                *(cleared_text(it, facts, say) for it in sorted(over)),
            ]

        async with self.db.transaction() as tx:
            await table.raise_(tx, new, now=facts.now)
            await table.clear(tx, over)
            await self._write(tx, said, now=facts.now)
        for alarm in sorted(new):
            log.error("alarm: %s", plain(raised_text(alarm, facts, speak("en"))))
        for alarm in sorted(over):
            log.warning("all clear: %s", plain(cleared_text(alarm, facts, speak("en"))))

    async def _write(
        self, tx: aiosqlite.Connection, said: Callable[[Translator], list[str]], *, now: datetime
    ) -> None:
        for admin, language in (await subscribers.languages_of(tx, self.admins)).items():
            for html in said(speak(language)):
                await notices.write(tx, html, [admin], now=now)


def room_at(folder: Path) -> tuple[int, int]:
    """Return how many bytes are free on the folder's disk, and how many it has."""
    usage = shutil.disk_usage(folder)
    return usage.free, usage.total
