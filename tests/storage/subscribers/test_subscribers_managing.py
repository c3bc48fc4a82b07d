from bot.model import ChatId, Managed
from bot.storage.database import Database
from bot.storage.subscribers import subscribers_managing as managing

NEWS = Managed(channel_id=ChatId(-1001), name="@harbour_news")
SPORT = Managed(channel_id=ChatId(-1002), name="Sport")


async def test_a_private_chat_speaks_of_the_last_channel_named_until_that_ends(
    db: Database,
) -> None:
    for managed in (NEWS, SPORT):
        async with db.transaction() as tx:
            await managing.begin(tx, ChatId(1), managed)
        assert await managing.find(db.reader, ChatId(1)) == managed
    assert await managing.find(db.reader, ChatId(2)) is None
    async with db.transaction() as tx:
        await managing.end(tx, ChatId(1))
    assert await managing.find(db.reader, ChatId(1)) is None


async def test_a_chat_that_is_forgotten_manages_no_more_nor_is_it_managed(db: Database) -> None:
    async with db.transaction() as tx:
        for manager, managed in ((1, NEWS), (2, NEWS), (3, SPORT), (4, SPORT)):
            await managing.begin(tx, ChatId(manager), managed)
        await managing.forget(tx, NEWS.channel_id)
        await managing.forget(tx, ChatId(3))
    left = [number for number in range(1, 5) if await managing.find(db.reader, ChatId(number))]
    assert left == [4]
