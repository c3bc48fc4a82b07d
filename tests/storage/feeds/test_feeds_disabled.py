from datetime import timedelta

from bot.model import FeedId
from bot.storage.database import Database
from bot.storage.feeds import feeds, polls
from bot.storage.feeds import feeds_disabled as disabled
from tests.builders import add_feed, listed_feed, subscribe
from tests.fakes import NOON

URL = "https://courier.example/rss"


async def switch_off(db: Database) -> FeedId:
    feed_id = await add_feed(db, URL)
    await subscribe(db, 1)
    async with db.transaction() as tx:
        assert await disabled.disable(tx, feed_id, now=NOON)
    return feed_id


async def is_polled(db: Database) -> bool:
    return bool(await feeds.due(db.reader, now=NOON + timedelta(days=9), limit=9))


async def test_what_is_switched_off_is_polled_no_more_and_says_so(db: Database) -> None:
    await switch_off(db)
    assert not await is_polled(db)
    (health,) = await polls.health(db.reader, limit=9)
    assert health.stop == "disabled"


async def test_neither_the_catalogue_nor_a_poll_that_is_under_way_switches_it_on(
    db: Database,
) -> None:
    feed_id = await add_feed(db, URL)
    (feed,) = await feeds.due(db.reader, now=NOON, limit=1)
    async with db.transaction() as tx:
        await disabled.disable(tx, feed_id, now=NOON)
        await feeds.save(tx, feed, checked_at=NOON, due_at=NOON, problem=None)
        await feeds.sync(tx, [], now=NOON)
        await feeds.sync(tx, [listed_feed(URL)], now=NOON)
        await feeds.spread(tx, now=NOON, per_second=20)
    assert not await is_polled(db)


async def test_asked_for_it_is_polled_again(db: Database) -> None:
    feed_id = await switch_off(db)
    assert await disabled.address(db.reader, feed_id) == URL
    async with db.transaction() as tx:
        await feeds.hasten(tx, URL, now=NOON, floor=timedelta(minutes=5))
    assert await is_polled(db)


async def test_a_feed_that_only_some_chats_have_is_no_admins_business(db: Database) -> None:
    feed_id = await add_feed(db, URL)
    async with db.transaction() as tx:
        await tx.execute("UPDATE feeds SET private = 1")
        assert not await disabled.disable(tx, feed_id, now=NOON)
    assert await disabled.address(db.reader, feed_id) is None


async def test_those_in_trouble_come_the_longest_failing_first_and_page_by_page(
    db: Database,
) -> None:
    urls = [f"https://{name}.example/rss" for name in ("fine", "off", "once", "often", "own")]
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed(url) for url in urls], now=NOON)
        await tx.execute("UPDATE feeds SET problem = 'HTTP 503', failures = 1 WHERE id > 1")
        await tx.execute("UPDATE feeds SET failures = 9 WHERE url LIKE '%often%'")
        await tx.execute("UPDATE feeds SET private = 1 WHERE url LIKE '%own%'")
        await disabled.disable(tx, FeedId(2), now=NOON)
    assert await polls.count_troubled(db.reader) == 3
    found = await polls.troubled(db.reader, limit=9)
    assert [it.url for it in found] == [urls[3], urls[2], urls[1]]
    (third,) = await polls.troubled(db.reader, limit=9, skipped=2)
    assert third.url == urls[1]
