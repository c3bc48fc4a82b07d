"""Schema migrations, forward only: all that a database lacks are applied in one transaction.

A verified copy of the database is made beside it before; the last `KEPT_COPIES` are kept.
"""

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot import clock
from bot.errors import LockedError, MigrationError
from bot.storage import lock
from bot.storage.backups import copies
from bot.storage.errors import error_text
from bot.storage.schema import MIGRATIONS, refuse_newer, scripts_in, version_of

# STRICT tables came with 3.37.
MIN_SQLITE_VERSION = (3, 37, 0)
KEPT_COPIES = 3

# A COMMIT inside a file would end the transaction that makes it atomic.
_FORBIDDEN = re.compile(r"^\s*(BEGIN|COMMIT|END|ROLLBACK|PRAGMA|VACUUM|ATTACH)\b", re.I | re.M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """Schema versions before and after; `copy` is the database as it was, None without one."""

    before: int
    after: int
    copy: Path | None = None

    @property
    def applied(self) -> int:
        """Return how many migrations were applied."""
        return self.after - self.before


def migrate(
    database: Path,
    migrations: Path = MIGRATIONS,
    *,
    is_locked: bool = False,
    now: Callable[[], datetime] = clock.now,
) -> Migration:
    """Apply the missing migrations, after a verified copy; create the database if there is none.

    `is_locked`: the caller holds the database lock. Otherwise it is taken to migrate: the schema
    must not change under a running bot.

    Raises:
        SetupError: if the database is newer than the code, of another program, in use, or cannot
            be copied or migrated; it is then as it was.
    """
    if sqlite3.sqlite_version_info < MIN_SQLITE_VERSION:
        raise MigrationError(f"SQLite {sqlite3.sqlite_version} is too old; 3.37 or newer is needed")
    scripts = scripts_in(migrations)
    _create(database)
    try:
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            before = version_of(connection)
            refuse_newer(database, before, newest=len(scripts))
            if before == len(scripts):
                return Migration(before=before, after=before)
            if before == 0 and connection.execute("SELECT 1 FROM sqlite_schema").fetchone():
                raise MigrationError(
                    f"{database} is the database of another program, and is left alone:"
                    " change DATABASE"
                )
            with nullcontext() if is_locked else lock.hold_lock(database):
                if before == 0:
                    # Before the first table; an older database gets it by `prune --vacuum`.
                    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
                with _copied_before(database, now()) if before else nullcontext() as copy:
                    _apply(connection, scripts, before)
                return Migration(before=before, after=len(scripts), copy=copy)
    except LockedError as error:
        raise MigrationError(f"{error}: stop that one before the schema changes") from None
    except sqlite3.Error as error:
        raise MigrationError(error_text(database, error)) from error


def _create(database: Path) -> None:
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        if not database.exists():
            # What people read is private; SQLite gives its other files the same mode.
            database.touch(mode=0o600)
    except OSError as error:
        raise MigrationError(f"{database}: it or its folder cannot be made: {error}") from None


@contextmanager
def _copied_before(database: Path, now: datetime) -> Iterator[Path]:
    """Yield a verified copy of the database beside it; keep the last ones if the block succeeds.

    A block that raises has changed nothing: its copy is deleted.
    """
    needed = copies.needed_bytes(database)
    free = shutil.disk_usage(database.parent).free
    if free < needed:
        raise MigrationError(
            f"{database}: to migrate it safely takes {needed / 1e6:,.1f} MB, and only"
            f" {free / 1e6:,.1f} MB are free: make room; nothing was changed"
        )
    copy = copies.kept_name(database, "before-migration", now=now)
    copies.copy_verified(database, copy)
    try:
        yield copy
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    for old in copies.kept_files(database, "before-migration")[:-KEPT_COPIES]:
        old.unlink(missing_ok=True)


def _apply(connection: sqlite3.Connection, scripts: list[Path], version: int) -> None:
    """Apply all scripts after the version, or none."""
    statements = []
    for number, script in enumerate(scripts[version:], start=version + 1):
        text = script.read_text(encoding="utf-8")
        if match := _FORBIDDEN.search(text):
            raise MigrationError(f"{script.name}: {match[1]} is not allowed in a migration")
        statements.append(f"{text}\n;PRAGMA user_version = {number};")
    # Tables are rebuilt by drop and rename; foreign keys are checked at the end instead.
    connection.execute("PRAGMA foreign_keys = OFF")
    try:
        # BEGIN belongs into the script: executescript() commits a transaction opened before it.
        connection.executescript("\n".join(["BEGIN IMMEDIATE;", *statements]))
        if broken := connection.execute("PRAGMA foreign_key_check").fetchone():
            raise MigrationError(
                f"the migrations after {version} leave a broken reference in {broken[0]};"
                " nothing was changed"
            )
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        failed = scripts[min(version_of(connection), len(scripts) - 1)]
        raise MigrationError(f"{failed.name}: {error}; nothing was changed") from error
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
