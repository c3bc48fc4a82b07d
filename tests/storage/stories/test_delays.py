from datetime import timedelta

from bot.model import ChatId, FeedId
from bot.storage.database import Database
from bot.storage.outbox import deliveries
from bot.storage.stories import delays
from bot.storage.stories.delays import MIN_STORIES, SourceDelay
from tests.support.builders import publish, subscribe
from tests.support.fakes import NOON

WEEK = timedelta(days=7)


async def tell(db: Database, number: int, *, minutes: int, days: int = 0) -> None:
    """Publish a story and show it to two chats, to the second one an hour later."""
    published_at = NOON - timedelta(days=days)
    story_id = await publish(db, f"Bridge {number} opens", published_at=published_at)
    for chat, late in ((1, 0), (2, 60)):
        at = published_at + timedelta(minutes=minutes + late)
        async with db.transaction() as tx:
            await deliveries.mark_shown(tx, ChatId(chat), story_id, number, now=at)


async def test_the_delays_of_a_source_are_those_to_the_first_reader(db: Database) -> None:
    await subscribe(db, 1)
    await subscribe(db, 2)
    feeds = [FeedId(1), FeedId(2)]
    for number in range(1, MIN_STORIES):
        await tell(db, number, minutes=number)
    await tell(db, 99, minutes=1, days=8)
    assert await delays.of_feeds(db.reader, feeds, since=NOON - WEEK) == {}
    await tell(db, MIN_STORIES, minutes=30)
    await publish(db, "Nobody has had this")
    assert await delays.of_feeds(db.reader, feeds, since=NOON - WEEK) == {
        "The Harbour Courier": SourceDelay(
            half=timedelta(minutes=3), most=timedelta(minutes=MIN_STORIES - 1)
        )
    }
    assert await delays.of_feeds(db.reader, [], since=NOON - WEEK) == {}
