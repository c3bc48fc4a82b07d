from bot.model import ChatId, Managed
from bot.storage import managing
from bot.storage.database import Database

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
