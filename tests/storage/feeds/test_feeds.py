from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import ClockSkew, Feed, FeedId, PermanentRedirect, TopicSlug, UpdatePeriod
from bot.model.feeds import BusyDomains
from bot.storage.database import Database
from bot.storage.feeds import feeds, polls
from bot.storage.subscribers import absences
from tests.support.builders import SPORT, WAR, add_feed, listed_feed, subscribe
from tests.support.fakes import NOON

URL = "https://courier.example/rss"
MINUTE = timedelta(minutes=1)


async def due(
    db: Database, *, after: timedelta = timedelta(0), busy: BusyDomains | None = None
) -> list[str]:
    found = await feeds.due(db.reader, now=NOON + after, limit=999, busy=busy or BusyDomains())
    return [feed.url for feed in found]


async def only(db: Database) -> Feed:
    (feed,) = await feeds.due(db.reader, now=NOON, limit=9)
    return feed


async def save(db: Database, feed: Feed, **changes: object) -> None:
    async with db.transaction() as tx:
        await feeds.save(
            tx,
            replace(feed, **changes),  # type: ignore[arg-type] # a test names real fields
            checked_at=NOON,
            due_at=NOON,
            problem=None,
        )


async def test_a_new_feed_is_due_at_once(db: Database) -> None:
    await add_feed(db)
    feed = await only(db)
    assert (feed.url, feed.listed_url, feed.domain) == (URL, URL, "courier.example")
    assert (feed.topic, feed.read_at, feed.failures) == (WAR, None, 0)


async def test_all_that_a_poll_changes_is_stored(db: Database) -> None:
    await add_feed(db)
    await subscribe(db, 1)
    feed = replace(
        await only(db),
        etag=b'W/"a b"',
        last_modified=b"\xffyesterday",
        document_url="https://courier.example/feed",
        read_at=NOON - MINUTE,
        failures=2,
        parser_kills=1,
        update_period=UpdatePeriod(
            every=MINUTE, skip_hours=frozenset({0, 23}), skip_days=frozenset({6})
        ),
        redirect=PermanentRedirect(url="https://new.example/", since=NOON, sightings=3),
        clock_skew=ClockSkew(hours=2, sightings=1),
    )
    await save(db, feed)
    assert await only(db) == feed


async def test_a_feed_is_not_due_before_its_next_poll(db: Database) -> None:
    await add_feed(db)
    feed = await only(db)
    async with db.transaction() as tx:
        await feeds.save(tx, feed, checked_at=NOON, due_at=NOON + 1.5 * MINUTE, problem="HTTP 503")
    assert await due(db, after=1.4 * MINUTE) == []
    assert await due(db, after=1.5 * MINUTE) == [URL]


async def test_a_feed_that_was_stopped_is_not_due(db: Database) -> None:
    await add_feed(db)
    async with db.transaction() as tx:
        await feeds.save(
            tx, await only(db), checked_at=NOON, due_at=NOON, problem="HTTP 410", stop="gone"
        )
    assert await due(db) == []


async def test_a_feed_that_left_the_catalogue_is_not_polled_and_may_return(db: Database) -> None:
    feed_id = await add_feed(db)
    async with db.transaction() as tx:
        await feeds.sync(tx, [], now=NOON)
    assert not await due(db)
    async with db.transaction() as tx:
        assert await feeds.sync(tx, [listed_feed(URL, source="C", topic=SPORT)], now=NOON) == 1
    feed = await only(db)
    assert (feed.id, feed.source, feed.topic) == (feed_id, "C", SPORT)


async def test_feeds_of_busy_domains_are_skipped_however_many(db: Database) -> None:
    many = [listed_feed(f"https://hub.example/{number}") for number in range(50)]
    async with db.transaction() as tx:
        await feeds.sync(tx, [*many, listed_feed(URL)], now=NOON)
    assert await due(db, busy=BusyDomains(all=frozenset(["hub.example"]))) == [URL]


async def test_p28_no_feed_of_a_blocked_host_is_due(
    db: Database,
) -> None:
    here = [listed_feed(URL), listed_feed(URL + "/sport")]
    other = "https://post.example/rss"
    async with db.transaction() as tx:
        await feeds.sync(tx, [*here, listed_feed(other)], now=NOON)
        await feeds.block_host(tx, "courier.example", until=NOON + 5 * MINUTE)
        await feeds.block_host(tx, "courier.example", until=NOON + 2 * MINUTE)
    assert await due(db) == [other]
    assert await due(db, after=4 * MINUTE) == [other]
    assert len(await due(db, after=5 * MINUTE)) == 3


@pytest.mark.parametrize(
    ("topic", "language", "reads", "expected"),
    [
        (WAR, "en", (WAR,), True),
        (WAR, "en", (SPORT,), False),
        (None, "en", (SPORT,), True),
        (WAR, "uk", (WAR,), False),
    ],
)
async def test_p23_a_feed_without_readers_is_not_polled_again(
    db: Database,
    topic: TopicSlug | None,
    language: str,
    reads: tuple[TopicSlug, ...],
    expected: bool,
) -> None:
    listed = listed_feed(URL, topic=topic, language=language)  # type: ignore[arg-type]
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed], now=NOON)
    assert await due(db) == [URL], "the first time is free: so that whoever comes finds news"
    await save(db, await only(db), read_at=NOON)
    assert await due(db) == []
    await subscribe(db, 1, *reads)
    assert await due(db) == ([URL] if expected else [])


async def test_p23_readers_who_pause_or_block_the_bot_do_not_count(db: Database) -> None:
    await add_feed(db)
    await save(db, await only(db), read_at=NOON)
    for number in (1, 2):
        chat = await subscribe(db, number)
        assert await due(db) == [URL]
        async with db.transaction() as tx:
            if chat == 1:
                await absences.pause(tx, chat, now=NOON)
            else:
                await absences.mark_gone(tx, chat, now=NOON)
        assert await due(db) == []


async def test_p18_overdue_feeds_are_spread_over_time(db: Database) -> None:
    many = [listed_feed(f"https://{number}.example/rss") for number in range(200)]
    async with db.transaction() as tx:
        await feeds.sync(tx, many, now=NOON - 60 * MINUTE)
        await feeds.spread_overdue(tx, now=NOON, per_second=20)
    counts = [len(await due(db, after=timedelta(seconds=second))) for second in range(11)]
    assert counts[10] == 200
    assert 0 < counts[0] < 50
    assert counts == sorted(counts)


async def test_p18_a_few_overdue_feeds_are_not_spread(db: Database) -> None:
    await add_feed(db)
    async with db.transaction() as tx:
        await feeds.spread_overdue(tx, now=NOON, per_second=20)
    assert await due(db) == [URL]


async def test_p26_a_poll_on_request_obeys_the_floor(db: Database) -> None:
    await add_feed(db)
    feed = await only(db)
    async with db.transaction() as tx:
        await feeds.save(
            tx, feed, checked_at=NOON, due_at=NOON + 60 * MINUTE, problem=None, stop="gone"
        )
        for later in (1, 2):
            now = NOON + later * MINUTE
            assert await feeds.poll_soon(tx, URL, now=now, floor=5 * MINUTE) == NOON + 5 * MINUTE
        assert await feeds.poll_soon(tx, "https://no.example/", now=NOON, floor=MINUTE) is None
    assert await due(db, after=4 * MINUTE) == []
    assert await due(db, after=5 * MINUTE) == [URL]


async def test_p26_a_feed_that_is_due_sooner_is_not_postponed(db: Database) -> None:
    await add_feed(db)
    async with db.transaction() as tx:
        assert await feeds.poll_soon(tx, URL, now=NOON + MINUTE, floor=5 * MINUTE) == NOON


async def test_a_moved_feed_is_polled_at_its_new_url_and_may_move_back(db: Database) -> None:
    await add_feed(db)
    new = "https://new.example/rss"
    async with db.transaction() as tx:
        assert await feeds.relocate(tx, await only(db), new, domain="new.example") is None
        await feeds.sync(tx, [listed_feed(URL)], now=NOON)
    moved = await only(db)
    assert (moved.url, moved.listed_url, moved.domain, moved.redirect) == (
        new,
        URL,
        "new.example",
        None,
    )
    async with db.transaction() as tx:
        await feeds.relocate(tx, moved, URL, domain="courier.example")
    assert (await only(db)).url == URL


async def test_p30_two_feeds_at_one_url_are_merged_until_the_other_leaves(db: Database) -> None:
    other = "https://post.example/rss"
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed(URL), listed_feed(other)], now=NOON)
    first, second = await feeds.due(db.reader, now=NOON, limit=9)
    async with db.transaction() as tx:
        found = await feeds.relocate(tx, first, other, domain="post.example")
    assert found == second.id
    assert await due(db) == [other]
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed(URL), listed_feed(other)], now=NOON)
    assert await due(db) == [other]
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed(URL)], now=NOON)
    assert await due(db) == [other], "asked for where it moved, now that nobody else does"
    assert (await only(db)).id == FeedId(first.id)


async def test_p23_many_feeds_without_readers_cost_next_to_nothing(db: Database) -> None:
    many = [listed_feed(f"https://{number}.example/rss", topic=SPORT) for number in range(200)]
    readers = [(chat,) for chat in range(500)]
    async with db.transaction() as tx:
        await feeds.sync(tx, many, now=NOON)
        await tx.execute("UPDATE feeds SET read_at = 0")
        await tx.executemany(
            "INSERT INTO subscribers (chat_id, kind, language, joined_at)"
            " VALUES (?, 'private', 'en', 0)",
            readers,
        )
        await tx.executemany("INSERT INTO news_languages VALUES (?, 'en')", readers)
        await tx.executemany("INSERT INTO subscriptions VALUES (?, 'war')", readers)
        # Somebody reads of sports, and has no English.
        await tx.executemany(
            "INSERT INTO subscribers (chat_id, kind, language, joined_at)"
            " VALUES (-?, 'private', 'uk', 0)",
            readers[1:],
        )
        await tx.executemany("INSERT INTO news_languages VALUES (-?, 'uk')", readers[1:])
        await tx.executemany("INSERT INTO subscriptions VALUES (-?, 'sports')", readers[1:])
    thousands = 0

    def count() -> int:
        nonlocal thousands
        thousands += 1
        return 0

    await db.reader.set_progress_handler(count, 1000)
    assert await due(db) == []
    assert thousands < 50, "thousands of steps of SQLite's machine"


async def test_p18_feeds_without_readers_do_not_delay_others(db: Database) -> None:
    many = [listed_feed(f"https://{number}.example/rss", topic=SPORT) for number in range(2000)]
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed(URL), *many], now=NOON - 60 * MINUTE)
        await tx.execute("UPDATE feeds SET read_at = 0")
    await subscribe(db, 1)
    async with db.transaction() as tx:
        await feeds.spread_overdue(tx, now=NOON, per_second=20)
    assert await due(db, after=timedelta(seconds=1)) == [URL]


async def test_a_clock_that_was_set_back_delays_no_feed(db: Database) -> None:
    await add_feed(db)
    year = timedelta(days=365)
    async with db.transaction() as tx:
        await feeds.save(
            tx,
            await only(db),
            checked_at=NOON + year,
            due_at=NOON + year + 60 * MINUTE,
            problem=None,
        )
        await feeds.block_host(tx, "courier.example", until=NOON + year)
        await feeds.spread_overdue(tx, now=NOON, per_second=20)
    assert await due(db) == []
    assert await due(db, after=timedelta(hours=25)) == [URL]


async def test_a_block_of_a_host_outlives_a_restart(db: Database) -> None:
    await add_feed(db)
    async with db.transaction() as tx:
        await feeds.block_host(tx, "courier.example", until=NOON + 20 * 60 * MINUTE)
        await feeds.spread_overdue(tx, now=NOON, per_second=20)
    assert await due(db, after=19 * 60 * MINUTE) == []


async def test_p26_a_poll_on_request_is_not_delayed_by_a_clock_that_was_set_back(
    db: Database,
) -> None:
    await add_feed(db)
    year = timedelta(days=365)
    async with db.transaction() as tx:
        await feeds.save(
            tx, await only(db), checked_at=NOON + year, due_at=NOON + year, problem=None
        )
        assert await feeds.poll_soon(tx, URL, now=NOON, floor=5 * MINUTE) == NOON + 5 * MINUTE
    assert await due(db, after=5 * MINUTE) == [URL]


async def test_p30_a_merged_feed_is_not_polled_beside_the_other(
    db: Database,
) -> None:
    other = "https://post.example/rss"
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed(URL), listed_feed(other)], now=NOON)
    first, _ = await feeds.due(db.reader, now=NOON, limit=9)
    async with db.transaction() as tx:
        await feeds.relocate(tx, first, other, domain="post.example")
        assert await feeds.poll_soon(tx, URL, now=NOON, floor=MINUTE) == NOON
    assert await due(db) == [other]


async def switch_off(db: Database) -> FeedId:
    feed_id = await add_feed(db, URL)
    await subscribe(db, 1)
    async with db.transaction() as tx:
        assert await feeds.disable(tx, feed_id, now=NOON)
    return feed_id


async def is_polled(db: Database) -> bool:
    return bool(await feeds.due(db.reader, now=NOON + timedelta(days=9), limit=9))


async def test_a_disabled_feed_is_not_polled_and_its_health_says_so(db: Database) -> None:
    await switch_off(db)
    assert not await is_polled(db)
    (health,) = await polls.health(db.reader, limit=9)
    assert health.stop_reason == "disabled"


async def test_neither_the_catalogue_nor_a_running_poll_enables_a_disabled_feed(
    db: Database,
) -> None:
    feed_id = await add_feed(db, URL)
    (feed,) = await feeds.due(db.reader, now=NOON, limit=1)
    async with db.transaction() as tx:
        await feeds.disable(tx, feed_id, now=NOON)
        await feeds.save(tx, feed, checked_at=NOON, due_at=NOON, problem=None)
        await feeds.sync(tx, [], now=NOON)
        await feeds.sync(tx, [listed_feed(URL)], now=NOON)
        await feeds.spread_overdue(tx, now=NOON, per_second=20)
    assert not await is_polled(db)


async def test_a_disabled_feed_is_polled_again_on_request(db: Database) -> None:
    feed_id = await switch_off(db)
    assert await feeds.listed_url(db.reader, feed_id) == URL
    async with db.transaction() as tx:
        await feeds.poll_soon(tx, URL, now=NOON, floor=timedelta(minutes=5))
    assert await is_polled(db)


async def test_a_private_feed_cannot_be_disabled(db: Database) -> None:
    feed_id = await add_feed(db, URL)
    async with db.transaction() as tx:
        await tx.execute("UPDATE feeds SET private = 1")
        assert not await feeds.disable(tx, feed_id, now=NOON)
    assert await feeds.listed_url(db.reader, feed_id) is None


async def test_unhealthy_feeds_come_longest_failing_first_and_in_pages(
    db: Database,
) -> None:
    urls = [f"https://{name}.example/rss" for name in ("fine", "off", "once", "often", "own")]
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed(url) for url in urls], now=NOON)
        await tx.execute("UPDATE feeds SET problem = 'HTTP 503', failures = 1 WHERE id > 1")
        await tx.execute("UPDATE feeds SET failures = 9 WHERE url LIKE '%often%'")
        await tx.execute("UPDATE feeds SET private = 1 WHERE url LIKE '%own%'")
        await feeds.disable(tx, FeedId(2), now=NOON)
    assert await polls.count_unhealthy(db.reader) == 3
    found = await polls.unhealthy(db.reader, limit=9)
    assert [it.url for it in found] == [urls[3], urls[2], urls[1]]
    (third,) = await polls.unhealthy(db.reader, limit=9, skipped=2)
    assert third.url == urls[1]
