"""Copy a database while it is in use, verify a copy, and put one in its place.

A copy appears whole or not at all: it is made under another name, verified, and renamed.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.errors import LockedError, SetupError
from bot.storage import lock
from bot.storage.migrations import newest_schema

# What a writer of SQLite has beside its database.
_COMPANIONS = ("-wal", "-shm")


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupSummary:
    """What a database that was found sound holds, and how large its file is."""

    schema: int
    subscribers: int
    articles: int
    stories: int
    deliveries: int
    size_bytes: int


def backup(database: Path, file: Path) -> BackupSummary:
    """Copy the database, as it is at this moment, into a new file, and verify the copy.

    Whoever uses it goes on reading and writing meanwhile.

    Raises:
        SetupError: if there is a file already, or the copy cannot be made or is not sound.
    """
    if not database.exists():
        raise SetupError(f"{database}: there is no such database; nothing to back up")
    if file.exists():
        raise SetupError(f"{file}: there is such a file already, and it is not overwritten")
    with _whole_or_not_at_all(file) as made:
        _copy(database, made)
        return verify(made, called=file)


def restore(file: Path, database: Path, *, now: datetime) -> Path | None:
    """Put the copy in the database's place; return where the old one is kept, if there was one.

    Raises:
        SetupError: if the copy is not sound, or a bot is at work on the database.
    """
    verify(file)
    try:
        with lock.hold_lock(database), _whole_or_not_at_all(database) as made:
            _copy(file, made)
            verify(made, called=file)
            kept = set_aside_name(database, "before-restore", now=now)
            return _keep(database, kept) if database.exists() else None
    except LockedError as error:
        raise SetupError(f"{error}: stop that one first") from None


def verify(file: Path, *, called: Path | None = None) -> BackupSummary:
    """Return what the database in the file holds, after reading all of it.

    `called` is its name in the complaints.

    Raises:
        SetupError: if it is no sound database of a ReadAlso that is not newer than this one.
    """
    name = called or file
    if not file.is_file():
        raise SetupError(f"{name}: there is no such file")
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as it:
            # Not quick_check: up to SQLite 3.40 it finds fault with sound WITHOUT ROWID tables.
            problem = it.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if problem != "ok":
                raise SetupError(f"{name}: is damaged: {problem}")
            return _contents(it, name=name, size_bytes=file.stat().st_size)
    except sqlite3.Error as error:
        raise SetupError(f"{name}: cannot be read as a database: {error}") from None


def set_aside_name(database: Path, why: str, *, now: datetime) -> Path:
    """Return where a database is kept that gives way: beside it, with the reason and the time."""
    return database.with_name(f"{database.name}.{why}-{now:%Y%m%dT%H%M%S}")


def _contents(connection: sqlite3.Connection, *, name: Path, size_bytes: int) -> BackupSummary:
    schema = connection.execute("PRAGMA user_version").fetchone()[0]
    newest = newest_schema()
    if not 0 < schema <= newest:
        raise SetupError(
            f"{name}: its schema is {schema}, and this ReadAlso knows 1 to {newest}:"
            " it is of another program, or of a newer ReadAlso"
        )
    counted = connection.execute(
        """
        SELECT (SELECT count(*) FROM subscribers), (SELECT count(*) FROM articles),
               (SELECT count(*) FROM stories), (SELECT count(*) FROM deliveries)
        """
    ).fetchone()
    return BackupSummary(
        schema=schema,
        subscribers=counted[0],
        articles=counted[1],
        stories=counted[2],
        deliveries=counted[3],
        size_bytes=size_bytes,
    )


@contextmanager
def _whole_or_not_at_all(file: Path) -> Iterator[Path]:
    """Give the file its name once the block has made it, and it is on the disk."""
    made = file.with_name(f"{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        made.unlink(missing_ok=True)
        # It holds what the database holds: for our own user's eyes.
        made.touch(mode=0o600)
        yield made
        _settle(made)
        made.replace(file)
        _settle(file.parent)
    except OSError as error:
        raise SetupError(f"{file}: cannot be written: {error.strerror or error}") from None
    finally:
        for path in (made, *_beside(made)):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """Copy in one step: in several, each write of others would begin it anew."""
    try:
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True)) as old,
            closing(sqlite3.connect(target)) as new,
        ):
            old.execute("PRAGMA busy_timeout = 5000")
            old.backup(new)
            # One file that may be carried anywhere, and not the first of three.
            new.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise SetupError(f"{source}: cannot be copied: {error}") from None


def _keep(database: Path, kept: Path) -> Path:
    """Keep the old database under another name, with what its last writer left beside it.

    It is not opened for that: SQLite would delete the log of one that is too damaged.
    """
    try:
        # There is a database at every moment: whoever is killed here has the old one.
        kept.hardlink_to(database)
    except OSError:  # not every file system has links
        database.replace(kept)
    for path, name in zip(_beside(database), _beside(kept), strict=True):
        if path.exists():
            path.replace(name)
    return kept


def _beside(database: Path) -> tuple[Path, ...]:
    return tuple(database.with_name(database.name + ending) for ending in _COMPANIONS)


def _settle(path: Path) -> None:
    """Return when it is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
