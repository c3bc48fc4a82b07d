import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from bot.runtime.database_recovery import DatabaseRecovery
from bot.runtime.supervisor import Worker
from bot.storage.database import Database, open_database


@dataclass
class Sleeper:
    """Records its calls without sleeping, and can release a lock meanwhile."""

    naps: list[float] = field(default_factory=list)
    until: int = 1
    frees: sqlite3.Connection | None = None

    async def __call__(self, seconds: float) -> None:
        self.naps.append(seconds)
        await asyncio.sleep(0)
        if len(self.naps) == self.until and self.frees:
            self.frees.rollback()


@asynccontextmanager
async def locked(tmp_path: Path) -> AsyncIterator[tuple[Database, sqlite3.Connection]]:
    """A database, and a second connection that holds its lock."""
    async with open_database(tmp_path / "x.db") as db:
        await db._writer.execute("PRAGMA busy_timeout = 0")
        with closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield db, other


async def test_all_workers_pause_until_the_database_can_be_written(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    steps: list[str] = []
    async with locked(tmp_path) as (db, other):
        sleeper = Sleeper(until=3, frees=other)
        database_recovery = DatabaseRecovery(probe=db.probe, monotonic=lambda: 0.0, sleep=sleeper)

        async def write() -> bool:
            async with db.transaction():
                steps.append(f"written after {len(sleeper.naps)} naps")
            return False

        async def ask() -> bool:
            steps.append(f"ran with {database_recovery.error}")
            return False

        writer, asker = (
            database_recovery.paused_on_failure(Worker(step=write)),
            database_recovery.paused_on_failure(Worker(step=ask)),
        )
        recovery = asyncio.ensure_future(writer.step())
        while not sleeper.naps:
            await asyncio.sleep(0)
        assert database_recovery.error == "database is locked"
        await asyncio.gather(asker.step(), writer.step(), recovery)
    assert sleeper.naps == [1, 2, 4]
    assert sorted(steps) == ["ran with None", "written after 3 naps"]
    assert recovery.result() is True  # it has work still
    assert caplog.text.count("the database cannot be written: database is locked") == 3
    assert "the database can be written again" in caplog.text


async def test_a_worker_that_fails_during_the_recovery_waits_for_its_end(tmp_path: Path) -> None:
    async with locked(tmp_path) as (db, other):
        sleeper = Sleeper(until=2, frees=other)
        database_recovery = DatabaseRecovery(probe=db.probe, monotonic=lambda: 0.0, sleep=sleeper)
        began = asyncio.Barrier(2)

        async def write() -> bool:
            await began.wait()
            async with db.transaction():
                pass
            return False

        worker = database_recovery.paused_on_failure(Worker(step=write))
        assert all(await asyncio.gather(worker.step(), worker.step()))
    assert sleeper.naps == [1, 2]


@pytest.mark.parametrize(("later", "nap"), [(1.0, 2.0), (61.0, 1.0)])
async def test_the_backoff_goes_on_when_the_database_fails_again_soon(
    tmp_path: Path, later: float, nap: float
) -> None:
    seconds = [0.0, later, later]
    async with locked(tmp_path) as (db, other):
        sleeper = Sleeper(until=1, frees=other)
        database_recovery = DatabaseRecovery(
            probe=db.probe, monotonic=lambda: seconds.pop(0), sleep=sleeper
        )

        async def write() -> bool:
            async with db.transaction():
                return False

        worker = database_recovery.paused_on_failure(Worker(step=write))
        assert await worker.step()
        other.execute("BEGIN IMMEDIATE")
        sleeper.until = 2
        assert await worker.step()
        assert not await worker.step()
    assert sleeper.naps == [1.0, nap]


async def test_an_error_that_is_not_transient_is_raised(tmp_path: Path) -> None:
    async with open_database(tmp_path / "x.db") as db:
        database_recovery = DatabaseRecovery(probe=db.probe, monotonic=lambda: 0.0)

        async def write() -> bool:
            async with db.transaction() as tx:
                await tx.execute("SELEKT 1")
            return False

        with pytest.raises(sqlite3.OperationalError, match="SELEKT"):
            await database_recovery.paused_on_failure(Worker(step=write)).step()


async def test_damage_found_by_the_probe_is_raised(tmp_path: Path) -> None:
    async with locked(tmp_path) as (db, _):

        async def probe() -> None:
            raise sqlite3.DatabaseError

        database_recovery = DatabaseRecovery(probe=probe, monotonic=lambda: 0.0, sleep=Sleeper())

        async def write() -> bool:
            async with db.transaction():
                return False

        with pytest.raises(sqlite3.DatabaseError):
            await database_recovery.paused_on_failure(Worker(step=write)).step()
        assert database_recovery.error is None


async def test_an_error_is_recent_for_a_while_after_the_recovery(tmp_path: Path) -> None:
    clock = [0.0]
    async with locked(tmp_path) as (db, other):
        database_recovery = DatabaseRecovery(
            probe=db.probe, monotonic=lambda: clock[0], sleep=Sleeper(frees=other)
        )
        assert database_recovery.recent_error(timedelta(minutes=10)) is None

        async def write() -> bool:
            await db.probe()
            return True

        paused = database_recovery.paused_on_failure(Worker(step=write))
        assert await paused.step()
    assert database_recovery.recent_error(timedelta(minutes=10)) == "database is locked"
    clock[0] = 601.0
    assert database_recovery.recent_error(timedelta(minutes=10)) is None
