from bot.model import ChatId, StoryId
from bot.storage.database import Database
from bot.storage.outbox import deliveries, fan_out
from bot.storage.outbox import deliveries_shown as shown
from tests.builders import claim, publish, subscribe
from tests.fakes import NOON

ANN = ChatId(1)


async def rows(db: Database) -> list[tuple[str, int | None]]:
    found = await db.reader.execute_fetchall("SELECT state, message_id FROM deliveries")
    return [(row[0], row[1]) for row in found]


async def note(db: Database, story_id: StoryId, message_id: int = 5) -> None:
    async with db.transaction() as tx:
        await shown.note(tx, ANN, story_id, message_id, now=NOON)


async def test_what_was_shown_is_owed_no_more(db: Database) -> None:
    await subscribe(db, ANN)
    await note(db, await publish(db, "Bridge opens"))
    assert await rows(db) == [("sent", 5)]
    assert not (await deliveries.owed(db.reader, [ANN], now=NOON))[ANN]


async def test_what_was_shown_is_not_owed_later(db: Database) -> None:
    story_id = await publish(db, "Bridge opens")
    await subscribe(db, ANN)
    await note(db, story_id)
    async with db.transaction() as tx:
        assert await fan_out.enqueue(tx, story_id, "en", now=NOON) == 0


async def test_what_is_on_its_way_or_was_sent_stays_as_it_is(db: Database) -> None:
    await subscribe(db, ANN)
    story_id = await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await claim(tx)
    await note(db, story_id)
    assert await rows(db) == [("sending", None)]
