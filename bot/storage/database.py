"""Open the database: one writer behind a lock, a reader apart.

SQLite admits one writer anyway; the lock makes the others wait in our queue, not in its.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiosqlite

from bot.storage.migrations import migrate


@dataclass(frozen=True, slots=True)
class Database:
    """An open database: read by `reader`, write in a `transaction`."""

    reader: aiosqlite.Connection
    _writer: aiosqlite.Connection
    _lock: asyncio.Lock

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[aiosqlite.Connection]:
        """Commit all that the block writes, or, if it raises or is cancelled, nothing."""
        async with self._lock:
            try:
                # Inside the try: a task cancelled here has still queued its BEGIN.
                await self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
                await self._writer.commit()
            except BaseException:
                await self._writer.rollback()  # does nothing if BEGIN failed
                raise

    async def probe(self) -> None:
        """Write a little: it fails where writing fails."""
        async with self.transaction() as tx:
            ((version,),) = await tx.execute_fetchall("PRAGMA user_version")
            await tx.execute(f"PRAGMA user_version = {version}")


@asynccontextmanager
async def open_database(path: Path, *, held: bool = False) -> AsyncIterator[Database]:
    """Create or update the database at `path` and its folder, and open it.

    `held`: the caller holds its lock, as one who opens it for long should.

    Raises:
        MigrationError: if the file cannot be brought to the schema that we need.
    """
    await asyncio.to_thread(migrate, path, held=held)
    async with _connect(path) as writer, _connect(path) as reader:
        await reader.execute("PRAGMA query_only = ON")
        yield Database(reader=reader, _writer=writer, _lock=asyncio.Lock())


@asynccontextmanager
async def _connect(path: Path) -> AsyncIterator[aiosqlite.Connection]:
    async with aiosqlite.connect(path, isolation_level=None) as connection:
        await connection.execute("PRAGMA journal_mode = WAL")
        # FULL: an acknowledged message is on the disk even if the power goes.
        await connection.execute("PRAGMA synchronous = FULL")
        await connection.execute("PRAGMA foreign_keys = ON")
        await connection.execute("PRAGMA busy_timeout = 5000")
        yield connection
