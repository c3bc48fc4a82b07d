import pytest

from bot.model import ChatId, Quiet, Timetable
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot.storage.subscribers import subscribers_timetables as timetables
from tests.builders import WAR, subscribe

ANN, GROUP = ChatId(1), ChatId(-100)

BUSY = Timetable(
    when="digest",
    digest_at=(480, 1140),
    zone="+05:30",
    quiet=Quiet(since=1380, until=420, silently=True, urgent_from=3),
    per_day=20,
)


async def of(db: Database, chat_id: ChatId) -> Timetable:
    found = await subscribers.find(db.reader, chat_id)
    assert found is not None
    return found.timetable


async def test_who_has_chosen_nothing_gets_everything_at_once(db: Database) -> None:
    await subscribe(db, ANN, WAR)
    assert await of(db, ANN) == Timetable()
    assert Timetable().when == "at once"


@pytest.mark.parametrize("chosen", [BUSY, Timetable(when="hourly"), Timetable(zone="Asia/Tokyo")])
async def test_a_timetable_is_kept_as_it_was_chosen(db: Database, chosen: Timetable) -> None:
    await subscribe(db, ANN, WAR)
    for each in (BUSY, chosen):
        async with db.transaction() as tx:
            await timetables.put(tx, ANN, each)
    assert await of(db, ANN) == chosen


async def test_it_moves_with_a_group_and_goes_with_it(db: Database) -> None:
    await subscribe(db, ANN, WAR)
    async with db.transaction() as tx:
        await timetables.put(tx, ANN, BUSY)
        await subscribers.move(tx, ANN, GROUP)
    assert await of(db, GROUP) == BUSY
    async with db.transaction() as tx:
        await subscribers.forget(tx, GROUP)
    await subscribe(db, GROUP, WAR)
    assert await of(db, GROUP) == Timetable()
