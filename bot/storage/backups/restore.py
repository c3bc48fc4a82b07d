"""Restore of a backup in the place of the database."""

from datetime import datetime
from pathlib import Path

from bot.errors import LockedError, SetupError
from bot.storage import lock
from bot.storage.backups.copies import (
    atomic_file,
    companions,
    copy_snapshot,
    kept_name,
    verify,
)
from bot.storage.backups.departures import merge_lists


def restore(file: Path, database: Path, *, now: datetime) -> Path | None:
    """Replace the database by the copy; return where the old one is kept, if there was one.

    The departures listed beside the copy are first added to those known beside the database.

    Raises:
        SetupError: if the copy is damaged, a bot is running on the database, or the list of
            departures cannot be written; the old database is then in its place.
    """
    verify(file)
    try:
        with lock.hold_lock(database), atomic_file(database) as part:
            copy_snapshot(file, part)
            verify(part, name=file)
            # Before the copy takes its place: it may hold chats that asked to be forgotten.
            merge_lists(file, database)
            if not database.exists():
                return None
            kept = kept_name(database, "before-restore", now=now)
            _keep(database, kept)
            return kept
    except LockedError as error:
        raise SetupError(f"{error}: stop that one first") from None


def _keep(database: Path, kept: Path) -> None:
    """Give the old database and its companion files another name.

    It is not opened: SQLite would delete the log of a badly damaged one.
    """
    try:
        # The old database stays in place until the new one replaces it, even after a crash here.
        kept.hardlink_to(database)
    except OSError:  # not every file system has links
        database.replace(kept)
    for path, target in zip(companions(database), companions(kept), strict=True):
        if path.exists():
            path.replace(target)
