from datetime import timedelta

from bot.model import ChatId
from bot.storage.database import Database
from bot.storage.feeds import searches
from bot.storage.subscribers import subscribers
from tests.support.builders import subscribe
from tests.support.fakes import NOON

ANN, BOB = ChatId(1), ChatId(2)
MINUTE = timedelta(minutes=1)


async def add(db: Database, chat_id: ChatId, address: str) -> None:
    await subscribe(db, chat_id)
    async with db.transaction() as tx:
        await searches.add(tx, chat_id, address, asked_in=chat_id, message_id=7, now=NOON)


async def begin(
    db: Database, *busy: ChatId, after: timedelta = timedelta(0)
) -> searches.FeedSearch | None:
    is_due = await searches.is_any_due(db.reader, now=NOON + after, except_chats=busy)
    async with db.transaction() as tx:
        begun = await searches.begin_next(tx, now=NOON + after, except_chats=busy)
    assert is_due == (begun is not None)
    return begun


async def test_the_oldest_search_of_a_chat_that_is_not_busy_is_begun_and_counted(
    db: Database,
) -> None:
    for chat_id, address in ((ANN, "one.example"), (ANN, "two.example"), (BOB, "bob.example")):
        await add(db, chat_id, address)
    assert await begin(db) == searches.FeedSearch(1, ANN, ANN, 7, "one.example", 1)
    assert await begin(db, ANN) == searches.FeedSearch(3, BOB, BOB, 7, "bob.example", 1)
    assert await begin(db, ANN, BOB) is None
    assert await searches.count(db.reader, ANN) == 2


async def test_a_search_that_is_put_off_waits_and_one_that_is_answered_is_gone(
    db: Database,
) -> None:
    await add(db, ANN, "one.example")
    async with db.transaction() as tx:
        await searches.postpone(tx, 1, until=NOON + MINUTE)
    assert await begin(db) is None
    assert await begin(db, after=MINUTE) is not None
    async with db.transaction() as tx:
        await searches.delete(tx, 1)
    assert await begin(db, after=MINUTE) is None


async def test_a_chat_that_is_forgotten_is_not_searched_for(db: Database) -> None:
    await add(db, ANN, "one.example")
    async with db.transaction() as tx:
        await subscribers.forget(tx, ANN)
    assert await begin(db) is None
