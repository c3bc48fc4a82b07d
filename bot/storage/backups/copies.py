"""Backup of a database in use, and verification of a copy.

A copy appears atomically: it is written under another name, verified, and renamed.
"""

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.errors import SetupError, file_problem
from bot.storage.errors import DAMAGE_CURE, is_corrupt
from bot.storage.schema import newest_schema

_SUFFIXES = ("-wal", "-shm")
_STAMP = "%Y%m%dT%H%M%S"
# How often a copy looks whether it is cancelled: every so many pages, or steps of SQLite.
_PAGES, _STEPS = 2000, 1_000_000

IsCancelled = Callable[[], bool]


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSummary:
    """Row counts of a verified database, and the size of its file."""

    schema: int
    subscribers: int
    articles: int
    stories: int
    deliveries: int
    size_bytes: int


def backup(database: Path, file: Path, *, is_cancelled: IsCancelled = _never) -> BackupSummary:
    """Copy a snapshot of the database into a new file, and verify the copy.

    Other connections may read and write meanwhile. `is_cancelled` is called in its thread.

    Raises:
        SetupError: if the file exists already, or the copy fails, is damaged or was cancelled.
    """
    if not database.exists():
        raise SetupError(f"{database}: there is no such database; nothing to back up")
    if file.exists():
        raise SetupError(f"{file}: there is such a file already, and it is not overwritten")
    with atomic_file(file) as part:
        copy_snapshot(database, part, is_cancelled)
        try:
            return verify(part, name=database, is_cancelled=is_cancelled)
        except SetupError as error:
            # A copy is page by page: what is damaged in it is damaged in the database.
            cure = "" if is_cancelled() else f"; {DAMAGE_CURE}"
            raise SetupError(f"{error}{cure}") from None


def copy_verified(database: Path, file: Path) -> None:
    """Copy the database, of any schema, and check the integrity of the copy.

    Raises:
        SetupError: if the copy fails or is damaged.
    """
    with atomic_file(file) as part:
        copy_snapshot(database, part)
        with _opened(part, name=database) as connection:
            _check_integrity(connection, name=database)


def verify(
    file: Path, *, name: Path | None = None, is_cancelled: IsCancelled = _never
) -> BackupSummary:
    """Check the integrity of the database in the file, and return its summary.

    `name` is the path shown in errors, if it is another one.

    Raises:
        SetupError: if the file is damaged, or no database of this ReadAlso or an older one.
    """
    name = name or file
    if not file.is_file():
        raise SetupError(f"{name}: there is no such file")
    with _opened(file, name=name) as connection:
        connection.set_progress_handler(is_cancelled, _STEPS)
        _check_integrity(connection, name=name)
        schema, newest = connection.execute("PRAGMA user_version").fetchone()[0], newest_schema()
        if not 0 < schema <= newest:
            raise SetupError(
                f"{name}: its schema is {schema}, and this ReadAlso knows 1 to {newest}:"
                " it is of another program, or of a newer ReadAlso"
            )
        subscribers, articles, stories, deliveries = connection.execute(
            """
            SELECT (SELECT count(*) FROM subscribers), (SELECT count(*) FROM articles),
                   (SELECT count(*) FROM stories), (SELECT count(*) FROM deliveries)
            """
        ).fetchone()
    return BackupSummary(
        schema=schema,
        subscribers=subscribers,
        articles=articles,
        stories=stories,
        deliveries=deliveries,
        size_bytes=file.stat().st_size,
    )


def kept_name(database: Path, reason: str, *, now: datetime) -> Path:
    """Return the path to keep a replaced database at: beside it, with the reason and the time."""
    return database.with_name(f"{database.name}.{reason}-{now.strftime(_STAMP)}")


def kept_files(database: Path, reason: str) -> list[Path]:
    """Return the files of such names beside the database, the oldest first."""
    name = re.compile(rf"{re.escape(f'{database.name}.{reason}-')}\d{{8}}T\d{{6}}")
    return sorted(path for path in database.parent.iterdir() if name.fullmatch(path.name))


def needed_bytes(database: Path) -> int:
    """Return what must be free for a copy: its size, and as much again for writes meanwhile."""
    return 2 * size_of(database)


def size_of(database: Path) -> int:
    """Return the size of the database in bytes, with what its log holds."""
    paths = (database, *companions(database))
    return sum(path.stat().st_size for path in paths if path.exists())


@contextmanager
def atomic_file(file: Path) -> Iterator[Path]:
    """Yield the path of a temporary file; sync it and rename it to `file` when the block ends."""
    part = file.with_name(f"{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        # Private, like the database.
        part.touch(mode=0o600)
        yield part
        _sync(part)
        part.replace(file)
        _sync(file.parent)
    except OSError as error:
        raise SetupError(f"{file}: cannot be written: {file_problem(file, error)}") from None
    finally:
        for path in (part, *companions(part)):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def copy_snapshot(source: Path, target: Path, is_cancelled: IsCancelled = _never) -> None:
    """Copy one snapshot: a transaction keeps the writes of others out of it."""

    def stop_if_cancelled(*_: int) -> None:
        if is_cancelled():
            raise SetupError(f"{source}: the copy was cancelled")

    try:
        with (
            closing(_connect(source, "rw")) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.execute("PRAGMA busy_timeout = 5000")
            old.execute("BEGIN")
            old.execute("SELECT 1 FROM sqlite_schema").fetchone()
            old.backup(new, pages=_PAGES, progress=stop_if_cancelled)
            # A single file that can be copied anywhere, without the files of a WAL.
            new.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        cure = f"; {DAMAGE_CURE}" if is_corrupt(error) else ""
        raise SetupError(f"{source}: cannot be copied: {error}{cure}") from None


def _connect(file: Path, mode: str) -> sqlite3.Connection:
    """Open an existing file, which others may write meanwhile."""
    uri = f"{file.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None)


@contextmanager
def _opened(file: Path, *, name: Path) -> Iterator[sqlite3.Connection]:
    """Open the file for reading; errors show it as `name`."""
    try:
        with closing(_connect(file, "ro")) as connection:
            yield connection
    except sqlite3.Error as error:
        raise SetupError(f"{name}: cannot be read as a database: {error}") from None


def _check_integrity(connection: sqlite3.Connection, *, name: Path) -> None:
    # Not quick_check: up to SQLite 3.40 it reports sound WITHOUT ROWID tables as damaged.
    problem = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if problem != "ok":
        raise SetupError(f"{name}: is damaged: {problem}")


def companions(database: Path) -> tuple[Path, ...]:
    """Return the paths of the files that SQLite keeps beside a database."""
    return tuple(database.with_name(database.name + suffix) for suffix in _SUFFIXES)


def _sync(path: Path) -> None:
    """Flush the file or folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
