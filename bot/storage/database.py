"""Database connections: one writer behind a lock, one reader; and the type of shared conditions.

SQLite admits one writer at a time; the lock makes the others wait in order, without timeouts.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import aiosqlite

from bot.storage.errors import command_errors
from bot.storage.migrations import migrate
from bot.storage.schema import read_only_uri, require_current

log = logging.getLogger(__name__)

# How long a statement waits for another process.
_BUSY_MS = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A part of a WHERE clause that several statements share, with its parameters.

    `ctes` is the WITH clause that the statement must begin with; empty: it needs none.
    """

    sql: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    ctes: str = ""


@dataclass(frozen=True, slots=True)
class Database:
    """An open database: read by `reader`, write in a `transaction`."""

    reader: aiosqlite.Connection
    _writer: aiosqlite.Connection
    _lock: asyncio.Lock

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        """Commit what the block writes; roll back if it raises or is cancelled."""
        async with self._lock:
            try:
                # Inside the try: a task cancelled here has still queued its BEGIN.
                await self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
                await self._writer.commit()
            except BaseException:
                await self._writer.rollback()  # does nothing if BEGIN failed
                raise

    async def empty_log(self) -> bool:
        """Write the log into the file and empty it; return whether nobody was reading it."""
        async with self._lock:
            await self._writer.execute("PRAGMA busy_timeout = 0")
            try:
                ((busy, _, _),) = await self._writer.execute_fetchall(
                    "PRAGMA wal_checkpoint(TRUNCATE)"
                )
            finally:
                await self._writer.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        return not busy

    async def give_back(self, pages: int) -> bool:
        """Give up to that many free pages back to the disk; return whether more are left.

        Of a database that was made before there was `auto_vacuum`, all stay until a `vacuum`.
        """
        async with self._lock:
            await self._writer.execute_fetchall(f"PRAGMA incremental_vacuum({pages})")
            ((mode,),) = await self._writer.execute_fetchall("PRAGMA auto_vacuum")
            ((left,),) = await self._writer.execute_fetchall("PRAGMA freelist_count")
        return bool(mode and left)

    async def vacuum(self) -> None:
        """Give the freed room back to the disk; takes as much room as the data meanwhile.

        From then on `give_back` does it bit by bit.

        Raises:
            sqlite3.OperationalError: if another process writes for long, or the disk is full.
        """
        async with self._lock:
            await self._writer.execute("PRAGMA auto_vacuum = INCREMENTAL")
            await self._writer.execute("VACUUM")
        await self.empty_log()

    async def damage(self) -> str | None:
        """Return the first fault that SQLite finds in the whole file; None: there is none."""
        problem = None
        # Up to SQLite 3.40 the quick check reports sound WITHOUT ROWID tables as damaged, so that
        # the thorough one has the last word.
        for check in ("quick_check", "integrity_check"):
            ((problem,),) = await self.reader.execute_fetchall(f"PRAGMA {check}(1)")
            if problem == "ok":
                return None
        return problem

    async def probe(self) -> None:
        """Write the schema version that is there; raises where writing fails."""
        async with self.transaction() as tx:
            ((version,),) = await tx.execute_fetchall("PRAGMA user_version")
            await tx.execute(f"PRAGMA user_version = {version}")


@asynccontextmanager
async def open_database(path: Path, *, is_locked: bool = False) -> AsyncIterator[Database]:
    """Create or migrate the database at `path` and its folder, and open it.

    `is_locked`: the caller holds the database lock, as a long-running process should.

    Raises:
        MigrationError: if the file cannot be migrated to the schema of this version.
    """
    migration = await asyncio.to_thread(migrate, path, is_locked=is_locked)
    if migration.copy:
        log.warning(
            "%s: migrated from schema %d to %d; as it was before: %s",
            path,
            migration.before,
            migration.after,
            migration.copy,
        )
    async with _open(path) as db:
        yield db


@asynccontextmanager
async def open_current_database(path: Path) -> AsyncIterator[Database]:
    """Open a database that has the schema of this code, for a command that writes.

    Raises:
        SetupError: if there is none, or its schema is another one; nothing is created or migrated.
    """
    with command_errors(path):
        await asyncio.to_thread(require_current, path)
        async with _open(path) as db:
            yield db


@asynccontextmanager
async def open_reader(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    """Open a database that has the schema of this code, for a command that only reads.

    Raises:
        SetupError: if there is none, or its schema is another one; nothing is created or migrated.
    """
    with command_errors(path):
        await asyncio.to_thread(require_current, path)
        async with aiosqlite.connect(read_only_uri(path), uri=True) as connection:
            await connection.execute("PRAGMA busy_timeout = 5000")
            yield connection


@asynccontextmanager
async def _open(path: Path) -> AsyncIterator[Database]:
    async with _connect(path) as writer, _connect(path) as reader:
        await reader.execute("PRAGMA query_only = ON")
        yield Database(reader=reader, _writer=writer, _lock=asyncio.Lock())


@asynccontextmanager
async def _connect(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        # A text that a bad disk has changed is still one: a row must not fail all that are read.
        connection.text_factory = partial(str, encoding="utf-8", errors="replace")
        await connection.execute("PRAGMA journal_mode = WAL")
        # FULL: an acknowledged message is on the disk even if the power goes.
        await connection.execute("PRAGMA synchronous = FULL")
        await connection.execute("PRAGMA foreign_keys = ON")
        await connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        # What a chat asks to be forgotten is overwritten, not only unlinked.
        await connection.execute("PRAGMA secure_delete = ON")
        yield connection
