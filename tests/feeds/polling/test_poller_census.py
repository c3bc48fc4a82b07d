from dataclasses import replace

from bot.feeds.polling.poller import COUNT_INTERVAL, SubscriberCounter
from bot.model import Feed, FeedId, FoundFeed
from bot.storage.database import Database
from bot.storage.feeds import own_feeds
from tests.support.builders import SPORT, WAR, subscribe
from tests.support.fakes import FakeClock

FEED = Feed(
    id=FeedId(1),
    listed_url="https://a.example/",
    url="https://a.example/",
    domain="a.example",
    source="A",
    language="en",
    topic=WAR,
)


async def test_p40_readers_are_those_of_the_language_and_the_topic(
    db: Database, clock: FakeClock
) -> None:
    await subscribe(db, 1, WAR, SPORT)
    await subscribe(db, 2, SPORT)
    await subscribe(db, 3, WAR, language="uk")
    subscriber_counter = SubscriberCounter(db=db, now=clock)
    kinds = (FEED, replace(FEED, topic=None), replace(FEED, language="ru"))
    assert [await subscriber_counter.readers(feed) for feed in kinds] == [1, 2, 0]


async def test_the_count_is_taken_anew_once_an_hour(db: Database, clock: FakeClock) -> None:
    subscriber_counter = SubscriberCounter(db=db, now=clock)
    assert await subscriber_counter.readers(FEED) == 0
    await subscribe(db, 1, WAR)
    assert await subscriber_counter.readers(FEED) == 0
    clock.at += COUNT_INTERVAL
    assert await subscriber_counter.readers(FEED) == 1


async def test_p40_readers_of_a_private_feed_are_those_who_have_added_it(
    db: Database, clock: FakeClock
) -> None:
    ann = await subscribe(db, 1, WAR)
    await subscribe(db, 2, WAR)
    found = FoundFeed(url="https://own.example/", domain="own.example", title="Own", newest=())
    async with db.transaction() as tx:
        feed_id = await own_feeds.add(tx, ann, found, language="en", now=clock())
    subscriber_counter = SubscriberCounter(db=db, now=clock)
    assert await subscriber_counter.readers(replace(FEED, id=feed_id, private=True)) == 1
