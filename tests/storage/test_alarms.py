from datetime import timedelta

from bot.model import FeedId
from bot.storage import alarms
from bot.storage.database import Database
from bot.storage.feeds import feeds
from tests.support.builders import SPORT, WAR, listed_feed, receive, subscribe
from tests.support.fakes import NOON


async def test_an_alarm_is_active_until_it_is_cleared(db: Database) -> None:
    async with db.transaction() as tx:
        await alarms.raise_(tx, ["late", "disk"], now=NOON)
        await alarms.raise_(tx, ["late"], now=NOON + timedelta(hours=1))
    assert await alarms.active(db.reader) == {"late", "disk"}
    async with db.transaction() as tx:
        await alarms.clear(tx, ["late", "feeds"])
    assert await alarms.active(db.reader) == {"disk"}


async def test_an_empty_database_has_no_feed_flow(db: Database) -> None:
    found = await alarms.feed_flow(db.reader)
    assert (found.polled, found.failing, found.article_at) == (0, 0, None)


async def test_only_polled_feeds_with_readers_count(db: Database) -> None:
    await subscribe(db, 1, WAR)
    wanted = [listed_feed(f"https://{name}.example/rss") for name in ("a", "b", "c", "d")]
    unread = [listed_feed("https://e.example/rss", topic=SPORT)]
    async with db.transaction() as tx:
        await feeds.sync(tx, [*wanted, *unread], now=NOON)
        await tx.execute("UPDATE feeds SET failures = id - 1, problem = 'HTTP 503' WHERE id > 1")
        await feeds.disable(tx, FeedId(4), now=NOON)
    await receive(db, "Bridge opens")
    found = await alarms.feed_flow(db.reader)
    # The second has failed only once.
    assert (found.polled, found.failing, found.article_at) == (3, 1, NOON)
