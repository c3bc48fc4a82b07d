"""SQLite failed: is it busy, or its disk in trouble? That passes; damage does not."""

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
_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=30)


def is_transient(error: sqlite3.Error) -> bool:
    """Return whether the database is only busy, or its disk in trouble."""
    return _code(error) in _PASSING


def is_corrupt(error: sqlite3.Error) -> bool:
    """Return whether the file is damaged, or no database at all."""
    return _code(error) in _DAMAGED


def is_database_error(error: Exception) -> bool:
    """Return whether the database itself is to blame, and not what was to be written."""
    return isinstance(error, sqlite3.Error) and (is_transient(error) or is_corrupt(error))


async def retry_until_written(act: Callable[[], Awaitable[T]]) -> T:
    """Do it as soon as the database lets us: what it stands for must be neither lost nor redone."""
    attempt = 0
    while True:
        try:
            return await act()
        except sqlite3.Error as error:
            if not is_transient(error):
                raise
            log.warning("waiting for the database: %s", error)
        attempt += 1
        wait = backoff(attempt, first=FIRST_PAUSE, longest=LONGEST_PAUSE)
        await asyncio.sleep(wait.total_seconds())


def error_text(database: Path, error: sqlite3.Error) -> str:
    """Return what is the matter with the file, and what to do."""
    if is_corrupt(error):
        return (
            f"{database} is damaged ({error}): keep it, put your newest backup in its place, and"
            " start again; docs/operations.md says how"
        )
    return f"{database}: {error}"


@contextmanager
def as_setup_error(database: Path) -> Iterator[None]:
    """Turn damage into a sentence that says what to do; all else is a mistake of ours.

    Raises:
        SetupError: if the file is damaged.
    """
    try:
        yield
    except (sqlite3.Error, ExceptionGroup) as error:
        found = _first(error)
        if found is not None and is_corrupt(found):
            raise SetupError(error_text(database, found)) from None
        raise


def _code(error: sqlite3.Error) -> int | None:
    code = getattr(error, "sqlite_errorcode", None)  # none, where it is not SQLite's own
    return None if code is None else code & 0xFF


def _first(error: BaseException) -> sqlite3.Error | None:
    """Return the error of SQLite, be it alone or among those of a task group."""
    if isinstance(error, sqlite3.Error):
        return error
    if isinstance(error, BaseExceptionGroup):
        return next(filter(None, map(_first, error.exceptions)), None)
    return None
