"""Is this database ours alone? One process runs the bot on it; the kernel watches over that.

The lock is on a file beside the database and ends with the process, however that ends: there
is no stale lock to clear away. On the database itself it would meddle with SQLite's own.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import LockedError, SetupError


@contextmanager
def hold_lock(database: Path) -> Iterator[None]:
    """Hold the database while the block runs; its folder is made if need be.

    Raises:
        LockedError: if another process holds it.
        SetupError: if the file of the lock cannot be made.
    """
    path = database.with_name(f"{database.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Never deleted: whoever had opened it before would then lock a file that is not there.
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
