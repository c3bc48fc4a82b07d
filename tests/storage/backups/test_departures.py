import resource
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import SetupError
from bot.model import ChatId, ManagedChannel, RawUpdate, UpdateId
from bot.storage import updates
from bot.storage.backups.departures import DepartureList, forget_departed
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from tests.support.builders import publish, subscribe
from tests.support.fakes import NOON

ANN, BOB, COAST = ChatId(1), ChatId(2), ChatId(-1001234567890)
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def departures(tmp_path: Path) -> DepartureList:
    return DepartureList(tmp_path / "backups")


async def forget(db: Database, departures: DepartureList) -> int:
    async with db.transaction() as tx:
        return await forget_departed(tx, departures, now=LATER)


async def chats(db: Database, table: str = "subscribers") -> list[int]:
    rows = await db.reader.execute_fetchall(f"SELECT DISTINCT chat_id FROM {table} ORDER BY 1")
    return [row[0] for row in rows]


async def test_who_left_since_is_forgotten_with_all_that_was_owed(
    db: Database, departures: DepartureList
) -> None:
    for chat in (ANN, BOB):
        await subscribe(db, chat)
    await publish(db, "Bridge opens")
    departures.add(ANN, now=LATER)
    assert await forget(db, departures) == 1
    assert await chats(db) == await chats(db, "deliveries") == [BOB]
    assert await forget(db, departures) == 0


async def test_without_a_list_nobody_is_forgotten(db: Database, departures: DepartureList) -> None:
    await subscribe(db, ANN)
    assert await forget(db, departures) == 0
    assert await chats(db) == [ANN]
    assert not departures.folder.exists()


async def test_a_list_that_cannot_be_read_is_no_reason_to_send_to_who_left(
    db: Database, departures: DepartureList
) -> None:
    departures.path.mkdir(parents=True)
    with pytest.raises(SetupError, match=r"departures\.txt: cannot be read"):
        await forget(db, departures)


async def test_who_came_back_after_leaving_stays(db: Database, departures: DepartureList) -> None:
    departures.add(ANN, now=NOON - timedelta(days=1))
    departures.add(BOB, now=NOON)  # and joins in the same second
    for chat in (ANN, BOB):
        await subscribe(db, chat)
    assert await forget(db, departures) == 0
    assert await chats(db) == [ANN, BOB]


async def test_of_several_departures_the_last_counts(
    db: Database, departures: DepartureList
) -> None:
    for at in (NOON - timedelta(days=9), LATER, NOON - timedelta(days=5)):
        departures.add(ANN, now=at)
    await subscribe(db, ANN)
    assert await forget(db, departures) == 1


async def test_a_departure_by_a_clock_that_was_wrong_is_ignored(
    db: Database, departures: DepartureList
) -> None:
    departures.add(ANN, now=NOON + timedelta(days=3650))
    await subscribe(db, ANN)
    assert await forget(db, departures) == 0


async def test_what_the_chat_wrote_before_it_left_is_not_handled_any_more(
    db: Database, departures: DepartureList
) -> None:
    async with db.transaction() as tx:
        for number, chat in enumerate((ANN, BOB), start=1):
            update = RawUpdate(
                id=UpdateId(number),
                chat_id=chat,
                person_id=chat,
                kind="message",
                content='{"text": "/start"}',
            )
            await updates.store(tx, [update], now=NOON)
    departures.add(ANN, now=LATER)
    await forget(db, departures)
    waiting = await updates.first_waiting(db.reader, now=LATER)
    assert waiting is not None
    assert waiting.chat_id == BOB
    rows = await db.reader.execute_fetchall("SELECT content FROM updates WHERE update_id = 1")
    assert [row[0] for row in rows] == [None]


async def test_a_channel_that_left_is_managed_no_more(
    db: Database, departures: DepartureList
) -> None:
    await subscribe(db, ANN)
    async with db.transaction() as tx:
        channel = ManagedChannel(channel_id=COAST, name="@coast")
        await subscribers.start_managing(tx, ANN, channel)
    departures.add(COAST, now=LATER)
    assert await forget(db, departures) == 0
    assert await subscribers.find_managed(db.reader, ANN) is None
    assert await chats(db) == [ANN]


async def test_a_line_that_a_crash_cut_off_spoils_no_other(
    db: Database, departures: DepartureList
) -> None:
    departures.add(ANN, now=LATER)
    with departures.path.open("ab") as file:
        file.write(b"17724\xff")
    departures.add(BOB, now=LATER)
    assert len(departures.lines()) == 2
    for chat in (ANN, BOB):
        await subscribe(db, chat)
    assert await forget(db, departures) == 2


def test_a_departure_that_the_disk_holds_in_part_only_is_an_error(
    departures: DepartureList,
) -> None:
    departures.add(ANN, now=NOON)
    size = departures.path.stat().st_size
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, hard))
        with pytest.raises(OSError, match="File too large"):
            departures.add(BOB, now=NOON)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    departures.add(BOB, now=NOON)
    assert len(departures.lines()) == 2


async def test_lists_are_merged_and_a_second_merge_adds_nothing(
    departures: DepartureList, tmp_path: Path
) -> None:
    other = DepartureList(tmp_path / "usb-stick")
    departures.merge(other)
    assert not departures.folder.exists()
    departures.add(ANN, now=NOON)
    other.add(ANN, now=NOON)
    other.add(BOB, now=NOON)
    departures.merge(other)
    departures.merge(other)
    departures.merge(departures)
    assert len(departures.lines()) == 2
    assert len(departures.left_at()) == 2
