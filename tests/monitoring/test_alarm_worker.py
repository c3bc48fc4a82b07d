from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import ChatId
from bot.monitoring import alarm_worker as module
from bot.monitoring.alarm_worker import AlarmWorker, room_at
from bot.storage import alarms
from bot.storage.database import Database
from tests.support.builders import subscribe
from tests.support.fakes import FakeClock

ADA, BOB, NEW = ChatId(7), ChatId(8), ChatId(9)
GB = 1_000_000_000


@dataclass
class Server:
    """What stands under the bot."""

    free: int = 9 * GB
    problem: str | None = None

    def room(self) -> tuple[int, int]:
        return self.free, 10 * GB

    def database_problem(self, within: timedelta) -> str | None:
        return self.problem


@pytest.fixture
def server() -> Server:
    return Server()


async def open_lookout(db: Database, server: Server, clock: FakeClock) -> AlarmWorker:
    await subscribe(db, ADA)
    await subscribe(db, BOB, language="uk")
    return watching(db, server, clock)


def watching(db: Database, server: Server, clock: FakeClock) -> AlarmWorker:
    return AlarmWorker(
        db=db,
        admins=frozenset({ADA, BOB, NEW}),
        room=server.room,
        database_problem=server.database_problem,
        now=clock,
    )


async def letters(db: Database, chat_id: ChatId = ADA) -> list[str]:
    rows = await db.reader.execute_fetchall(
        "SELECT html FROM notices JOIN letters ON letters.id = letter_id WHERE chat_id = ?"
        " ORDER BY notices.id",
        (chat_id,),
    )
    return [row[0] for row in rows]


async def test_each_admin_is_told_once_that_it_began_and_once_that_it_ended(
    db: Database, clock: FakeClock, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    lookout = await open_lookout(db, server, clock)
    await lookout.look()
    server.free = GB // 10
    for _ in range(4):
        await lookout.look()
    server.free = 9 * GB
    for _ in range(3):
        await lookout.look()
    assert [it.partition(":")[0] for it in await letters(db)] == [
        "🔴 <b>The disk is nearly full",
        "🟢 There is room on the disk again",
    ]
    assert [it.partition(":")[0] for it in await letters(db, BOB)] == [
        "🔴 <b>Диск майже повний",
        "🟢 На диску знову є місце",
    ]
    # Who has not pressed /start cannot be written to.
    assert await letters(db, NEW) == []
    said = [it.getMessage() for it in caplog.records]
    assert said[0].startswith("alarm: 🔴 The disk is nearly full: 100 MB are free.")
    assert said[1] == "all clear: 🟢 There is room on the disk again: 9,000 MB."


async def test_what_one_look_finds_and_the_next_does_not_is_no_alarm(
    db: Database, clock: FakeClock, server: Server
) -> None:
    lookout = await open_lookout(db, server, clock)
    for free in (0, 9 * GB, 0, 9 * GB):
        server.free = free
        await lookout.look()
    assert await letters(db) == []


async def test_a_restart_repeats_no_alarm_and_forgets_none(
    db: Database, clock: FakeClock, server: Server
) -> None:
    lookout = await open_lookout(db, server, clock)
    server.free = 0
    await lookout.look()
    await lookout.look()
    again = watching(db, server, clock)
    await again.look()
    await again.look()
    assert len(await letters(db)) == 1
    server.free = 9 * GB
    await watching(db, server, clock).look()
    assert len(await letters(db)) == 2
    assert await alarms.standing(db.reader) == frozenset()


async def test_what_the_database_suffered_is_told_as_soon_as_it_can_be(
    db: Database, clock: FakeClock, server: Server
) -> None:
    lookout = await open_lookout(db, server, clock)
    server.problem = "database or disk is full"
    await lookout.look()
    assert "database or disk is full" in (await letters(db))[0]
    server.problem = None
    await lookout.look()
    assert (await letters(db))[1] == "🟢 The database can be written again."


async def test_without_admins_the_log_alone_is_told(
    db: Database, clock: FakeClock, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.problem = "disk I/O error"
    await watching(db, server, clock).look()
    assert "disk I/O error" in caplog.text
    assert await alarms.standing(db.reader) == {"database"}


async def test_it_looks_again_after_a_while(
    db: Database, clock: FakeClock, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHECK_INTERVAL", timedelta(0))
    server.problem = "disk I/O error"
    assert await watching(db, server, clock).step()
    assert await alarms.standing(db.reader) == {"database"}


def test_room_is_that_of_the_disk(tmp_path: Path) -> None:
    free, every = room_at(tmp_path)
    assert 0 < free <= every
