"""Backup worker: copies the database into the folder `backups` by a schedule, and rotates them.

A copy is verified before it gets its name. It is made only where twice the size of the database
is free: a backup must not fill the disk that the bot writes to.
"""

import asyncio
import logging
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from bot.errors import SetupError
from bot.model import BackupStatus
from bot.storage.backups import copies, rotation
from bot.storage.backups.rotation import BackupFolder, BackupSchedule

log = logging.getLogger(__name__)

CHECK_INTERVAL = timedelta(minutes=10)
# A copy from before a migration serves to go back; later there are newer ones, and chats that
# were deleted since should not live on in it.
MIGRATION_COPY_LIFETIME = timedelta(days=30)


@dataclass(slots=True, kw_only=True)
class BackupWorker:
    """Backs up the database while the bot works; a `schedule` of None: backups are off.

    `missing_bytes` is what the disk lacked for the last attempt, 0 where that was not the trouble.
    """

    folder: BackupFolder
    schedule: BackupSchedule | None
    now: Callable[[], datetime]
    free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free
    missing_bytes: int = 0
    _started_at: datetime = field(init=False)

    def __post_init__(self) -> None:
        """Count the age of a backup that never was from now on."""
        self._started_at = self.now()

    async def step(self) -> bool:
        """Back up if a backup is due, delete old copies, and sleep until the next look."""
        try:
            if self.schedule and rotation.is_due(
                self.schedule, self.folder.copies().keys(), now=self.now()
            ):
                await self.back_up()
            self._delete_old()
        except (SetupError, OSError) as error:
            log.error("no backup: %s", error)
        await asyncio.sleep(CHECK_INTERVAL.total_seconds())
        return True

    async def back_up(self) -> None:
        """Make a verified copy; a cancelled one leaves nothing.

        Raises:
            SetupError: if it cannot be made; the message says why.
        """
        database, file = self.folder.database, self.folder.file(self.now())
        needed = copies.needed_bytes(database)
        free = self.free_bytes(database.parent)
        self.missing_bytes = max(needed - free, 0)
        if self.missing_bytes:
            raise SetupError(
                f"{self.folder.path}: a backup is made where {needed / 1e6:,.1f} MB are free, and"
                f" only {free / 1e6:,.1f} MB are: make room"
            )
        for part in self.folder.unfinished():
            part.unlink(missing_ok=True)
        cancelled = threading.Event()
        copy = partial(copies.backup, database, file, is_cancelled=cancelled.is_set)
        try:
            summary = await asyncio.to_thread(copy)
        finally:  # the thread of a cancelled step ends within moments
            cancelled.set()
        log.info("backup: %s, %.1f MB, verified", file, summary.size_bytes / 1e6)

    @property
    def lifetime(self) -> timedelta:
        """Return how long what was deleted may live on in copies."""
        kept = self.schedule.lifetime if self.schedule else timedelta(0)
        return max(kept, MIGRATION_COPY_LIFETIME)

    def age(self) -> float | None:
        """Return the age of the last good backup in seconds; None: backups are off."""
        status = self.status()
        return status.age.total_seconds() if status else None

    def status(self) -> BackupStatus | None:
        """Return how old the last good backup is, and if that is too old; None: they are off."""
        if self.schedule is None:
            return None
        now = self.now()
        newest_at = self.folder.newest_at(now=now)
        age = now - (newest_at or self._started_at)
        return BackupStatus(
            exists=newest_at is not None,
            age=age,
            is_late=age > 2 * self.schedule.interval,
            missing_bytes=self.missing_bytes,
        )

    def _delete_old(self) -> None:
        """Delete the copies that the schedule does not keep, and old ones of migrations."""
        if self.schedule:
            taken = self.folder.copies()
            for taken_at in taken.keys() - rotation.kept(self.schedule, taken, now=self.now()):
                taken[taken_at].unlink(missing_ok=True)
        oldest = copies.kept_name(
            self.folder.database, "before-migration", now=self.now() - MIGRATION_COPY_LIFETIME
        )
        for path in copies.kept_files(self.folder.database, "before-migration"):
            if path < oldest:
                path.unlink(missing_ok=True)
