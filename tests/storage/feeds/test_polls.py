from dataclasses import replace
from datetime import timedelta

from bot.model import FeedHealth, Poll
from bot.storage.database import Database
from bot.storage.feeds import feeds, polls
from tests.support.builders import add_feed, listed_feed, subscribe
from tests.support.fakes import NOON

POLL = Poll(
    outcome="read",
    ended_at=NOON,
    took=timedelta(milliseconds=250),
    status=200,
    received=81_000,
    conditional=False,
    news=3,
    problem=None,
)
FAILED = Poll(
    outcome="failed",
    ended_at=NOON,
    took=timedelta(seconds=10),
    status=None,
    received=0,
    conditional=True,
    news=0,
    problem="could not be reached",
)


async def test_the_health_of_a_feed_is_its_last_polls_newest_first(db: Database) -> None:
    feed_id = await add_feed(db)
    async with db.transaction() as tx:
        for poll in (POLL, FAILED):
            await polls.add(tx, feed_id, poll)
    (health,) = await polls.health(db.reader, limit=9)
    assert (health.url, health.source) == ("https://courier.example/rss", "The Harbour Courier")
    assert (health.stop_reason, health.failures, health.due_at, health.read_at) == (
        None,
        0,
        NOON,
        None,
    )
    assert health.polls == (FAILED, POLL)


async def test_the_health_of_a_feed_has_its_url_and_its_problem(db: Database) -> None:
    feed_id = await add_feed(db)
    (feed,) = await feeds.due(db.reader, now=NOON, limit=9)
    async with db.transaction() as tx:
        await feeds.relocate(tx, feed, "https://new.example/rss", domain="new.example")
        await feeds.save(
            tx,
            replace(feed, read_at=NOON - timedelta(days=1), failures=2),
            checked_at=NOON,
            due_at=NOON + timedelta(hours=1),
            problem="HTTP 404",
            stop="gone",
        )
    assert await polls.health(db.reader, limit=9) == (
        FeedHealth(
            id=feed_id,
            url="https://courier.example/rss",
            moved_to="https://new.example/rss",
            source="The Harbour Courier",
            failures=2,
            due_at=NOON + timedelta(hours=1),
            read_at=NOON - timedelta(days=1),
            problem="HTTP 404",
            stop_reason="gone",
            has_readers=False,
            polls=(),
        ),
    )


async def test_of_each_feed_the_last_polls_are_kept(db: Database) -> None:
    feed_id = await add_feed(db)
    async with db.transaction() as tx:
        for _ in range(polls.MAX_PER_FEED + 5):
            await polls.add(tx, feed_id, POLL)
        await polls.add(tx, feed_id, FAILED)
    (health,) = await polls.health(db.reader, limit=9)
    assert len(health.polls) == polls.MAX_PER_FEED
    assert health.polls[0] == FAILED


async def test_a_feed_of_a_blocked_host_is_not_due_before_the_block_ends(
    db: Database,
) -> None:
    feed_id = await add_feed(db)
    for hours, due_in in ((-1, 0), (2, 2)):
        async with db.transaction() as tx:
            await feeds.block_host(tx, "courier.example", until=NOON + timedelta(hours=hours))
        (health,) = await polls.health(db.reader, limit=9)
        assert (health.id, health.due_at) == (feed_id, NOON + timedelta(hours=due_in))


async def test_the_health_of_a_feed_says_whether_it_has_readers(db: Database) -> None:
    await add_feed(db)
    assert [it.has_readers for it in await polls.health(db.reader, limit=9)] == [False]
    await subscribe(db, 1)
    assert [it.has_readers for it in await polls.health(db.reader, limit=9)] == [True]


async def test_unhealthy_feeds_come_first(db: Database) -> None:
    urls = [f"https://{name}.example/" for name in ("fine", "failing", "gone")]
    async with db.transaction() as tx:
        await feeds.sync(tx, map(listed_feed, urls), now=NOON)
        await tx.execute("UPDATE feeds SET failures = 3 WHERE url LIKE '%failing%'")
        await tx.execute("UPDATE feeds SET stopped = 'gone' WHERE url LIKE '%gone%'")
    health = await polls.health(db.reader, limit=9)
    assert [(it.url, it.stop_reason) for it in health] == [
        (urls[2], "gone"),
        (urls[1], None),
        (urls[0], None),
    ]
