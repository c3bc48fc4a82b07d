from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from bot.model import BackupStatus, ChatId
from bot.monitoring import alarm_worker as module
from bot.monitoring.alarm_worker import AlarmWorker
from bot.storage import alarms
from bot.storage.database import Database
from bot.storage.queues import attempts
from tests.support.builders import subscribe
from tests.support.fakes import FakeClock

ADA, BOB, NEW = ChatId(7), ChatId(8), ChatId(9)
GB = 1_000_000_000
FOLDER = Path("data")


class DiskUsage(NamedTuple):
    free: int
    total: int


@dataclass
class Server:
    """The disk and the state of the database."""

    free: int = 9 * GB
    error: str | None = None
    backup: BackupStatus | None = None

    def disk_usage(self, folder: Path) -> DiskUsage:
        assert folder == FOLDER
        return DiskUsage(free=self.free, total=10 * GB)

    def recent_database_error(self, within: timedelta) -> str | None:
        return self.error


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server()
    monkeypatch.setattr("shutil.disk_usage", server.disk_usage)
    return server


async def open_worker(db: Database, server: Server, clock: FakeClock) -> AlarmWorker:
    await subscribe(db, ADA)
    await subscribe(db, BOB, language="uk")
    return make_worker(db, server, clock)


def make_worker(db: Database, server: Server, clock: FakeClock) -> AlarmWorker:
    return AlarmWorker(
        db=db,
        admins=frozenset({ADA, BOB, NEW}),
        folder=FOLDER,
        recent_database_error=server.recent_database_error,
        backup_status=lambda: server.backup,
        now=clock,
    )


async def letters(db: Database, chat_id: ChatId = ADA) -> list[str]:
    rows = await db.reader.execute_fetchall(
        "SELECT html FROM notices JOIN letters ON letters.id = letter_id WHERE chat_id = ?"
        " ORDER BY notices.id",
        (chat_id,),
    )
    return [row[0] for row in rows]


async def test_what_is_set_aside_raises_an_alarm_until_it_is_put_back(
    db: Database, server: Server, clock: FakeClock
) -> None:
    worker = await open_worker(db, server, clock)
    row = attempts.QueueRow("articles", 1)
    async with db.transaction() as tx:
        await attempts.dead_letter(tx, row, reason="torn", now=clock())
    await worker.check()
    await worker.check()
    assert "Set aside after repeated failures:" in (await letters(db))[-1]
    async with db.transaction() as tx:
        await attempts.retry(tx, [row], now=clock())
    await worker.check()
    assert (await letters(db))[-1] == "🟢 Nothing is set aside any more."


async def test_each_admin_is_notified_once_of_an_alarm_and_once_of_its_end(
    db: Database, clock: FakeClock, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    worker = await open_worker(db, server, clock)
    await worker.check()
    server.free = GB // 10
    for _ in range(4):
        await worker.check()
    server.free = 9 * GB
    for _ in range(3):
        await worker.check()
    assert [html.partition(":")[0] for html in await letters(db)] == [
        "🔴 <b>The disk is nearly full",
        "🟢 There is room on the disk again",
    ]
    assert [html.partition(":")[0] for html in await letters(db, BOB)] == [
        "🔴 <b>Диск майже повний",
        "🟢 На диску знову є місце",
    ]
    # Who has not pressed /start cannot be written to.
    assert await letters(db, NEW) == []
    lines = caplog.messages
    assert lines[0].startswith("alarm: 🔴 The disk is nearly full: 100 MB are free.")
    assert lines[1] == "all clear: 🟢 There is room on the disk again: 9,000 MB."


async def test_what_a_single_check_finds_raises_no_alarm(
    db: Database, clock: FakeClock, server: Server
) -> None:
    worker = await open_worker(db, server, clock)
    for free in (0, 9 * GB, 0, 9 * GB):
        server.free = free
        await worker.check()
    assert await letters(db) == []


async def test_a_restart_repeats_no_alarm_and_forgets_none(
    db: Database, clock: FakeClock, server: Server
) -> None:
    worker = await open_worker(db, server, clock)
    server.free = 0
    await worker.check()
    await worker.check()
    again = make_worker(db, server, clock)
    await again.check()
    await again.check()
    assert len(await letters(db)) == 1
    server.free = 9 * GB
    await make_worker(db, server, clock).check()
    assert len(await letters(db)) == 2
    assert await alarms.active(db.reader) == frozenset()


async def test_an_error_of_the_database_is_reported_after_its_recovery(
    db: Database, clock: FakeClock, server: Server
) -> None:
    worker = await open_worker(db, server, clock)
    server.error = "database or disk is full"
    await worker.check()
    assert "database or disk is full" in (await letters(db))[0]
    server.error = None
    await worker.check()
    assert (await letters(db))[1] == "🟢 The database can be written again."


async def test_without_admins_an_alarm_is_only_logged(
    db: Database, clock: FakeClock, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.error = "disk I/O error"
    await make_worker(db, server, clock).check()
    assert "disk I/O error" in caplog.text
    assert await alarms.active(db.reader) == {"database"}


async def test_a_step_is_a_check(
    db: Database, clock: FakeClock, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHECK_INTERVAL", timedelta(0))
    server.error = "disk I/O error"
    assert await make_worker(db, server, clock).step()
    assert await alarms.active(db.reader) == {"database"}


async def test_a_backup_that_is_missing_is_told_once_and_so_is_the_next_good_one(
    db: Database, clock: FakeClock, server: Server
) -> None:
    worker = await open_worker(db, server, clock)
    fresh = BackupStatus(exists=True, age=timedelta(0), is_late=False, missing_bytes=0)
    for status in (fresh, replace(fresh, missing_bytes=5), replace(fresh, is_late=True), fresh):
        server.backup = status
        await worker.check()
        await worker.check()
    assert [html.partition(".")[0] for html in await letters(db)] == [
        "🔴 <b>No room for a backup:</b> 1 MB more must be free",
        "🟢 There is a fresh backup again",
    ]
