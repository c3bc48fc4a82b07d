"""Classes of SQLite errors: transient (busy, or a disk that is full or fails) and corrupt."""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from bot.backoff import backoff
from bot.errors import SetupError

log = logging.getLogger(__name__)

T = TypeVar("T")

# Locked, or its disk is full or fails: https://sqlite.org/rescode.html.
_TRANSIENT = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
}
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
# Kinds of SQLITE_IOERR, by their extended codes, that no waiting mends: a file that ends too soon,
# a page with a wrong checksum, and a file system that is damaged itself.
_CORRUPT_IO = {
    sqlite3.SQLITE_IOERR_SHORT_READ,
    sqlite3.SQLITE_IOERR_DATA,
    sqlite3.SQLITE_IOERR_CORRUPTFS,
}

DAMAGE_CURE = (
    "keep it, put your newest backup in its place, and start again; docs/operations.md says how"
)

MIN_RETRY_WAIT = timedelta(seconds=1)
MAX_RETRY_WAIT = timedelta(seconds=30)


def is_transient(error: sqlite3.Error) -> bool:
    """Return whether the database is busy, or its disk full or failing."""
    return _code(error) in _TRANSIENT and not is_corrupt(error)


def is_corrupt(error: sqlite3.Error) -> bool:
    """Return whether the file is damaged, or is no database at all."""
    return _code(error) in _CORRUPT or _extended_code(error) in _CORRUPT_IO


def is_corrupt_error(error: Exception) -> bool:
    """Return whether the error is one of a damaged database."""
    return isinstance(error, sqlite3.Error) and is_corrupt(error)


def is_database_error(error: Exception) -> bool:
    """Return whether the database itself failed, and not the statement."""
    return isinstance(error, sqlite3.Error) and (is_transient(error) or is_corrupt(error))


async def retry_until_written(write: Callable[[], Awaitable[T]]) -> T:
    """Retry `write` with backoff while the database fails transiently; return its result."""
    attempt = 0
    while True:
        try:
            return await write()
        except sqlite3.Error as error:
            if not is_transient(error):
                raise
            log.warning("waiting for the database: %s", error)
        attempt += 1
        wait = backoff(attempt, first=MIN_RETRY_WAIT, longest=MAX_RETRY_WAIT)
        await asyncio.sleep(wait.total_seconds())


def error_text(database: Path, error: sqlite3.Error) -> str:
    """Return what is the matter with the file, and what to do."""
    return damage_text(database, str(error)) if is_corrupt(error) else f"{database}: {error}"


def damage_text(database: Path, problem: str) -> str:
    """Return that the file is damaged, in which way, and what to do."""
    return f"{database} is damaged ({problem}): {DAMAGE_CURE}"


@contextmanager
def command_errors(database: Path) -> Iterator[None]:
    """Turn every SQLite error of a command into a sentence; a command does not wait, as a bot does.

    Raises:
        SetupError: if there was one.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise SetupError(error_text(database, error)) from None


@contextmanager
def as_setup_error(database: Path) -> Iterator[None]:
    """Turn an error of a corrupt database into one that says what to do; re-raise all others.

    Raises:
        SetupError: if the file is damaged.
    """
    try:
        yield
    except (sqlite3.Error, ExceptionGroup) as error:
        cause = _first(error)
        if cause is not None and is_corrupt(cause):
            raise SetupError(error_text(database, cause)) from None
        raise


def _code(error: sqlite3.Error) -> int | None:
    code = _extended_code(error)
    return None if code is None else code & 0xFF


def _extended_code(error: sqlite3.Error) -> int | None:
    return getattr(error, "sqlite_errorcode", None)  # absent if the error is not SQLite's own


def _first(error: BaseException) -> sqlite3.Error | None:
    """Return the first SQLite error in `error`, which may be an exception group."""
    if isinstance(error, sqlite3.Error):
        return error
    if isinstance(error, BaseExceptionGroup):
        return next(filter(None, map(_first, error.exceptions)), None)
    return None
