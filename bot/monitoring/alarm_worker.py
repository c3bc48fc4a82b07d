"""Worker that raises and clears alarms, and notifies the admins once of each change.

The notices go through the outbox, in the transaction that stores the alarm: a restart repeats
none.
"""

import asyncio
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

from bot.i18n import speak
from bot.model import Alarm, BackupStatus, ChatId
from bot.monitoring.alarms import AlarmInputs, alarm_changes
from bot.rendering.story import to_plain_text
from bot.storage import alarms as table
from bot.storage.database import Database
from bot.storage.outbox import notices
from bot.storage.queues.attempts import count_dead_letters
from bot.storage.statistics import oldest_due_at
from bot.storage.subscribers import subscribers

log = logging.getLogger(__name__)

CHECK_INTERVAL = timedelta(minutes=2)
# An error of the database can be reported only after the recovery.
DATABASE_ERROR_TTL = timedelta(minutes=10)
RESTART_TTL = timedelta(minutes=10)


@dataclass(slots=True, kw_only=True)
class AlarmWorker:
    """Checks every `CHECK_INTERVAL`; raises an alarm that two checks in a row find.

    `folder` is on the disk of the database; `recent_database_error` returns the error of the
    database within a duration, `backup_status` None where backups are off.
    """

    db: Database
    admins: frozenset[ChatId]
    folder: Path
    recent_database_error: Callable[[timedelta], str | None]
    restarted_workers: Callable[[timedelta], tuple[str, ...]] = lambda _: ()
    backup_status: Callable[[], BackupStatus | None]
    now: Callable[[], datetime]
    _started_at: datetime | None = field(default=None, init=False)
    _suspected: frozenset[Alarm] = field(default=frozenset(), init=False)

    async def step(self) -> bool:
        """Check once, and sleep until the next check."""
        await self.check()
        await asyncio.sleep(CHECK_INTERVAL.total_seconds())
        return True

    async def check(self) -> None:
        """Measure, store which alarms were raised and cleared, and notify the admins of them."""
        now = self.now()
        self._started_at = self._started_at or now
        disk = shutil.disk_usage(self.folder)
        inputs = AlarmInputs(
            now=now,
            started_at=self._started_at,
            flow=await table.feed_flow(self.db.reader),
            due_since=await oldest_due_at(self.db.reader),
            free_bytes=disk.free,
            disk_bytes=disk.total,
            database_error=self.recent_database_error(DATABASE_ERROR_TTL),
            failed_workers=self.restarted_workers(RESTART_TTL),
            dead_letters=sum((await count_dead_letters(self.db.reader)).values()),
            backup=self.backup_status(),
            silent_joins=await table.silent_joins(self.db.reader, now=now),
        )
        before = await table.active(self.db.reader)
        changes = alarm_changes(inputs, before=before, suspected=self._suspected)
        self._suspected = changes.suspected
        if not changes.raised and not changes.cleared:
            return
        async with self.db.transaction() as tx:
            await table.raise_(tx, changes.raised, now=now)
            await table.clear(tx, changes.cleared)
            for admin, language in (await subscribers.languages_of(tx, self.admins)).items():
                for html in chain(*changes.texts(inputs, speak(language))):
                    await notices.enqueue(tx, html, [admin], now=now)
        raised, cleared = changes.texts(inputs, speak("en"))
        for html in raised:
            log.error("alarm: %s", to_plain_text(html))
        for html in cleared:
            log.warning("all clear: %s", to_plain_text(html))
