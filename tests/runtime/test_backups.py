import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import SetupError
from bot.runtime import backups as module
from bot.runtime.backups import BackupWorker
from bot.storage.backups import copies
from bot.storage.backups.copies import verify
from bot.storage.backups.rotation import BackupFolder, parse_schedule
from bot.storage.database import Database
from tests.support.builders import publish, subscribe
from tests.support.fakes import FakeClock

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class Disk:
    """Free space, which a test sets; a lot until then."""

    def __init__(self) -> None:
        self.free = 10**12
        self.folders: list[Path] = []

    def __call__(self, folder: Path) -> int:
        self.folders.append(folder)
        return self.free


@pytest.fixture
def folder(tmp_path: Path) -> BackupFolder:
    return BackupFolder(tmp_path / "readalso.db")  # where the fixture `db` has it


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def worker(
    db: Database,
    folder: BackupFolder,
    clock: FakeClock,
    disk: Disk,
    monkeypatch: pytest.MonkeyPatch,
) -> BackupWorker:
    monkeypatch.setattr(module, "CHECK_INTERVAL", timedelta(0))
    return make_worker(folder, clock, disk)


def make_worker(
    folder: BackupFolder, clock: FakeClock, disk: Disk, schedule: str = "daily:3"
) -> BackupWorker:
    return BackupWorker(
        folder=folder, schedule=parse_schedule(schedule), now=clock, free_bytes=disk
    )


async def test_a_verified_copy_is_made_at_once_and_then_once_a_day(
    db: Database, worker: BackupWorker, folder: BackupFolder, clock: FakeClock
) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    for _ in range(50):
        await worker.step()
        clock.advance(hours=1)
    made = folder.copies()
    assert len(made) == 3
    assert {(verify(path).subscribers, verify(path).stories) for path in made.values()} == {(1, 1)}
    assert {path.stat().st_mode & 0o777 for path in made.values()} == {0o600}


async def test_the_last_three_days_are_kept(
    worker: BackupWorker, folder: BackupFolder, clock: FakeClock
) -> None:
    (folder.path).mkdir()
    (folder.path / "monday.db").touch()
    for _ in range(6):
        await worker.step()
        clock.advance(days=1)
    newest = clock() - DAY
    assert sorted(folder.copies()) == [newest - 2 * DAY, newest - DAY, newest]
    assert (folder.path / "monday.db").exists(), "the operator's own"


async def test_a_restart_makes_no_copy_before_its_time(
    db: Database, folder: BackupFolder, clock: FakeClock, disk: Disk, worker: BackupWorker
) -> None:
    await worker.step()
    clock.advance(hours=1)
    await make_worker(folder, clock, disk).step()
    assert len(folder.copies()) == 1


async def test_without_twice_the_size_free_there_is_no_copy_and_the_status_says_what_lacks(
    worker: BackupWorker, folder: BackupFolder, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    needed = 2 * copies.size_of(folder.database)
    disk.free = needed - 1
    await worker.step()
    status = worker.status()
    assert status is not None
    assert (status.exists, status.missing_bytes) == (False, 1)
    assert "a backup is made where" in caplog.text
    assert folder.copies() == {}
    disk.free = needed
    await worker.step()
    status = worker.status()
    assert status is not None
    assert (status.exists, status.missing_bytes) == (True, 0)
    assert set(disk.folders) == {folder.database.parent}


async def test_a_disk_that_fills_up_meanwhile_leaves_no_half_copy(
    worker: BackupWorker,
    folder: BackupFolder,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    await worker.step()
    assert "cannot be written: No space left on device" in caplog.text
    assert list(folder.path.iterdir()) == []
    monkeypatch.undo()
    await worker.back_up()
    assert len(folder.copies()) == 1


async def test_a_folder_that_cannot_be_made_is_logged_and_the_bot_goes_on(
    worker: BackupWorker, folder: BackupFolder, caplog: pytest.LogCaptureFixture
) -> None:
    folder.path.touch()
    await worker.step()
    assert "no backup: " in caplog.text


async def test_the_age_of_the_last_backup_is_told_and_two_days_without_one_are_late(
    worker: BackupWorker, clock: FakeClock, disk: Disk
) -> None:
    await worker.step()
    clock.advance(days=2)
    status = worker.status()
    assert status is not None
    assert (status.exists, status.age, status.is_late) == (True, 2 * DAY, False)
    assert worker.age() == 2 * 24 * 3600
    clock.advance(seconds=1)
    status = worker.status()
    assert status is not None
    assert status.is_late
    disk.free = 0
    await worker.step()
    status = worker.status()
    assert status is not None
    assert status.is_late
    disk.free = 10**12
    await worker.step()
    status = worker.status()
    assert status is not None
    assert not status.is_late


async def test_a_backup_that_never_was_is_missed_from_the_start_on(
    worker: BackupWorker, clock: FakeClock
) -> None:
    clock.advance(days=2, hours=1)
    status = worker.status()
    assert status is not None
    assert (status.exists, status.is_late) == (False, True)


async def test_when_backups_are_off_there_are_none_and_none_is_missed(
    db: Database, folder: BackupFolder, clock: FakeClock, disk: Disk, worker: BackupWorker
) -> None:
    off = make_worker(folder, clock, disk, "off")
    await off.step()
    clock.advance(days=9)
    assert (off.status(), off.age(), folder.path.exists()) == (None, None, False)
    assert off.lifetime == timedelta(days=30)


async def test_what_was_deleted_lives_on_as_long_as_the_longest_kept_copy(
    folder: BackupFolder, clock: FakeClock, disk: Disk
) -> None:
    assert make_worker(folder, clock, disk).lifetime == timedelta(days=30)
    assert make_worker(folder, clock, disk, "daily:3,weekly:8").lifetime == timedelta(weeks=9)


async def test_copies_from_before_a_migration_go_after_a_month(
    worker: BackupWorker, folder: BackupFolder, clock: FakeClock
) -> None:
    for days in (29, 31):
        copies.kept_name(folder.database, "before-migration", now=clock() - days * DAY).touch()
    kept = copies.kept_name(folder.database, "before-restore", now=clock() - 99 * DAY)
    kept.touch()
    await worker.step()
    assert len(copies.kept_files(folder.database, "before-migration")) == 1
    assert kept.exists(), "the operator's own"


async def test_what_a_killed_bot_left_of_a_copy_is_deleted_by_the_next(
    worker: BackupWorker, folder: BackupFolder, clock: FakeClock
) -> None:
    folder.path.mkdir()
    part = folder.path / f"{folder.file(clock() - DAY).name}.part"
    part.touch()
    await worker.step()
    assert list(folder.path.iterdir()) == [folder.file(clock())]


async def test_a_cancelled_backup_ends_and_leaves_nothing(
    db: Database, worker: BackupWorker, folder: BackupFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "_PAGES", 1)
    async with db.transaction() as tx:  # enough for the copy to last
        await tx.execute("CREATE TABLE bulk AS SELECT zeroblob(16000000) AS bytes")
    task = asyncio.ensure_future(worker.back_up())
    while not folder.path.exists() or not list(folder.path.iterdir()):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    while list(folder.path.iterdir()):
        await asyncio.sleep(0.01)


def test_a_copy_is_cancelled_while_it_is_verified_too(
    migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "_STEPS", 10)
    with pytest.raises(SetupError, match="interrupted"):
        verify(migrated, is_cancelled=lambda: True)
