from datetime import timedelta

import pytest

from bot.model import FeedId, SilentJoins
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


@pytest.mark.parametrize(
    ("by_days_ago", "expected"),
    [
        # Of today and yesterday the larger; the mean of the days before, also of those without.
        ({0: 9, 1: 30, 2: 10, 3: 20, 5: 30}, (SilentJoins(30, 20),)),
        ({0: 70, 1: 30, 4: 3, 6: 3, 8: 3, 9: 900}, (SilentJoins(70, 3),)),
        # Two days say nothing of what is usual.
        ({0: 900, 2: 10, 3: 20}, ()),
        ({}, ()),
    ],
)
async def test_silent_joins_are_compared_with_the_week_before_yesterday(
    db: Database, by_days_ago: dict[int, int], expected: tuple[SilentJoins, ...]
) -> None:
    today = int(NOON.timestamp()) // 86400
    async with db.transaction() as tx:
        await tx.executemany(
            "INSERT INTO silent_joins (day, age, count) VALUES (?, 'older', ?)",
            [(today - days, count) for days, count in by_days_ago.items()],
        )
    assert await alarms.silent_joins(db.reader, now=NOON) == expected
