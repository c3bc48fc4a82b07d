"""Exclusive lock of a database: one process runs the bot on it.

It is a `flock` on a file beside the database: the kernel releases it when the process ends, so that
no stale lock remains. On the database itself it would interfere with SQLite's own locks.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import LockedError, SetupError


@contextmanager
def hold_lock(database: Path) -> Iterator[None]:
    """Hold the lock of the database while the block runs; create its folder if needed.

    Raises:
        LockedError: if another process holds it.
        SetupError: if the lock file cannot be created.
    """
    path = database.with_name(f"{database.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Never deleted: a process that has opened it already would then lock a deleted file.
        file = path.open("a+", encoding="ascii", errors="replace")
    except OSError as error:
        raise SetupError(f"{path}: cannot be made: {error.strerror}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise LockedError(
                f"{database} is in use by another ReadAlso (process {file.read(20).strip()})"
            ) from None
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
