from datetime import timedelta

from bot.model import ListedFeed
from bot.storage import feeds
from bot.storage.database import Database
from tests.builders import SPORT, WAR, add_feed
from tests.fakes import NOON

URL = "https://courier.example/rss"


async def test_a_new_feed_is_due_at_once(db: Database) -> None:
    await add_feed(db)
    (feed,) = await feeds.due(db.reader, now=NOON, limit=9)
    assert (feed.url, feed.topic, feed.read_before) == (URL, WAR, False)


async def test_a_success_stores_validators_and_the_next_poll(db: Database) -> None:
    feed_id = await add_feed(db)
    later = NOON + timedelta(minutes=15)
    async with db.transaction() as tx:
        await feeds.record_failure(tx, feed_id, problem="HTTP 503", due_at=NOON)
        await feeds.record_success(
            tx, feed_id, validators=(b'W/"a b"', b"yesterday"), now=NOON, due_at=later
        )
    assert not await feeds.due(db.reader, now=NOON, limit=9)
    (feed,) = await feeds.due(db.reader, now=later, limit=9)
    assert (feed.etag, feed.last_modified) == (b'W/"a b"', b"yesterday")
    assert (feed.failures, feed.read_before) == (0, True)


async def test_failures_in_a_row_are_counted(db: Database) -> None:
    feed_id = await add_feed(db)
    async with db.transaction() as tx:
        for _ in range(3):
            await feeds.record_failure(tx, feed_id, problem="HTTP 503", due_at=NOON)
    (feed,) = await feeds.due(db.reader, now=NOON, limit=9)
    assert feed.failures == 3


async def test_a_feed_that_left_the_catalogue_rests_and_may_come_back(db: Database) -> None:
    feed_id = await add_feed(db)
    listed = ListedFeed(url=URL, source="Courier", language="en", topic=SPORT)
    async with db.transaction() as tx:
        await feeds.sync(tx, [], now=NOON)
    assert not await feeds.due(db.reader, now=NOON, limit=9)
    async with db.transaction() as tx:
        assert await feeds.sync(tx, [listed], now=NOON) == 1
    (feed,) = await feeds.due(db.reader, now=NOON, limit=9)
    assert (feed.id, feed.source, feed.topic) == (feed_id, "Courier", SPORT)


async def test_a_feed_may_have_no_usual_topic(db: Database) -> None:
    mixed = ListedFeed(url=URL, source="Courier", language="en", topic=None)
    async with db.transaction() as tx:
        await feeds.sync(tx, [mixed], now=NOON)
    (feed,) = await feeds.due(db.reader, now=NOON, limit=9)
    assert feed.topic is None
