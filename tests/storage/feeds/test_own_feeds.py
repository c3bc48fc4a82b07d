from datetime import timedelta

import pytest

from bot.model import ChatId, FeedId, FeedProblem, FoundFeed
from bot.storage.database import Database
from bot.storage.feeds import feeds, own_feeds
from bot.storage.subscribers import absences, export, subscribers
from tests.support.builders import listed_feed, subscribe
from tests.support.fakes import NOON

ANN, BOB, CAT = ChatId(1), ChatId(2), ChatId(3)


def found(url: str = "https://own.example/rss", title: str = "Own") -> FoundFeed:
    return FoundFeed(url=url, domain="own.example", title=title, newest=())


async def add(db: Database, chat_id: ChatId, own_feed: FoundFeed) -> FeedId:
    await subscribe(db, chat_id)
    async with db.transaction() as tx:
        return await own_feeds.add(tx, chat_id, own_feed, language="en", now=NOON)


async def row(db: Database, feed_id: FeedId, columns: str = "listed, private") -> tuple[int, ...]:
    rows = await db.reader.execute_fetchall(f"SELECT {columns} FROM feeds WHERE id = ?", (feed_id,))
    return next(tuple(row) for row in rows)


async def test_a_feed_that_two_chats_add_is_polled_once_and_until_both_have_removed_it(
    db: Database,
) -> None:
    feed_id = await add(db, ANN, found())
    assert await add(db, BOB, found()) == feed_id
    assert await own_feeds.count_readers(db.reader, feed_id) == 2
    for chat_id, listed in ((ANN, 1), (BOB, 0)):
        async with db.transaction() as tx:
            await own_feeds.remove(tx, chat_id, [feed_id])
        assert await row(db, feed_id) == (listed, 1)


async def test_a_feed_without_a_title_is_named_by_its_domain(db: Database) -> None:
    await add(db, ANN, found(title=""))
    (own_feed,) = await own_feeds.of_chat(db.reader, ANN)
    assert (own_feed.title, own_feed.url, own_feed.problem) == (
        "own.example",
        "https://own.example/rss",
        None,
    )


@pytest.mark.parametrize("first", ["Ann's neighbour, whom she hates", "The Harbour Courier", ""])
async def test_the_title_under_which_a_chat_lists_a_feed_is_seen_by_no_other_chat(
    db: Database, first: str
) -> None:
    await add(db, ANN, found(title=first))
    await add(db, BOB, found(title="Bob's"))
    await add(db, CAT, found(title=""))
    titles = [(await own_feeds.of_chat(db.reader, chat_id))[0].title for chat_id in (ANN, BOB, CAT)]
    assert titles == [first or "own.example", "Bob's", "own.example"]
    exports = [repr(await export.rows_of_chat(db.reader, chat_id)) for chat_id in (BOB, CAT)]
    assert not [one for one in exports if first and first in one]


async def test_a_listed_feed_that_is_added_stays_what_it_is(db: Database) -> None:
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed("https://own.example/rss")], now=NOON)
    feed_id = await add(db, ANN, found())
    assert await row(db, feed_id) == (1, 0)
    (own_feed,) = await own_feeds.of_chat(db.reader, ANN)
    assert own_feed.title == "The Harbour Courier"


async def test_an_added_feed_is_private_while_the_catalogue_does_not_list_it(db: Database) -> None:
    feed_id = await add(db, ANN, found())
    for listed, expected in (
        ([], (1, 1)),
        ([listed_feed("https://own.example/rss")], (1, 0)),
        ([], (1, 1)),
    ):
        async with db.transaction() as tx:
            await feeds.sync(tx, listed, now=NOON)
        assert await row(db, feed_id) == expected
    async with db.transaction() as tx:
        await subscribers.forget(tx, ANN)
        await feeds.sync(tx, [], now=NOON)
    assert await row(db, feed_id, "listed") == (0,)


async def test_where_a_feed_merges_with_another_its_owners_have_that_one(db: Database) -> None:
    feed_id = await add(db, ANN, found())
    other = await add(db, BOB, found("https://own.example/new"))
    (merging,) = [it for it in await feeds.due(db.reader, now=NOON, limit=9) if it.id == feed_id]
    async with db.transaction() as tx:
        assert await feeds.relocate(tx, merging, "https://own.example/new", domain="own.example")
    assert [it.id for it in await own_feeds.of_chat(db.reader, ANN)] == [other]


@pytest.mark.parametrize(
    ("stopped", "failures", "outcome", "status", "problem"),
    [
        (None, 0, "read", 200, None),
        ("gone", 1, "gone", 410, "gone"),
        (None, 9, "failed", 404, "not found"),
        (None, 9, "failed", 403, "refused"),
        (None, 9, "failed", 401, "refused"),
        (None, 9, "failed", 200, "not a feed"),
        (None, 9, "killed", 200, "too heavy"),
        (None, 9, "busy", 503, "broken"),
        (None, 9, "failed", None, "silent"),
    ],
)
async def test_the_problem_of_a_feed_is_the_outcome_of_its_last_poll(
    db: Database,
    stopped: str | None,
    failures: int,
    outcome: str,
    status: int | None,
    problem: FeedProblem | None,
) -> None:
    feed_id = await add(db, ANN, found())
    async with db.transaction() as tx:
        await tx.execute("UPDATE feeds SET stopped = ?, failures = ?", (stopped, failures))
        for poll_outcome, poll_status in (("read", 200), (outcome, status)):
            await tx.execute(
                "INSERT INTO polls (feed_id, outcome, ended_at, took_ms, status, received,"
                " conditional, news) VALUES (?, ?, 0, 0, ?, 0, 0, 0)",
                (feed_id, poll_outcome, poll_status),
            )
    (own_feed,) = await own_feeds.of_chat(db.reader, ANN)
    assert own_feed.problem == problem


async def test_chats_are_notified_of_a_dead_feed_once_and_again_after_it_recovered(
    db: Database,
) -> None:
    feed_id = await add(db, ANN, found())
    dead_at = NOON + own_feeds.DEAD_AFTER

    async def died(after: timedelta = timedelta(0)) -> list[ChatId]:
        chats = await own_feeds.newly_dead(db.reader, now=dead_at + after, limit=9)
        return [chat_id for chat_id, _ in chats]

    assert await died() == []
    async with db.transaction() as tx:
        await tx.execute("UPDATE feeds SET failures = 3")
    assert await died(-timedelta(seconds=1)) == []
    assert await died() == [ANN]
    async with db.transaction() as tx:
        await own_feeds.mark_notified(tx, ANN, feed_id, now=NOON)
        await own_feeds.clear_recovered(tx)
    assert await died() == []
    for failures, chats in ((0, []), (4, [ANN])):
        async with db.transaction() as tx:
            await tx.execute("UPDATE feeds SET failures = ?", (failures,))
            await own_feeds.clear_recovered(tx)
        assert await died() == chats
    async with db.transaction() as tx:
        await absences.pause(tx, ANN, now=NOON)
    assert await died() == []


async def test_a_feed_that_is_gone_is_dead_at_once_and_polled_when_added_again(
    db: Database,
) -> None:
    feed_id = await add(db, ANN, found())
    async with db.transaction() as tx:
        await tx.execute("UPDATE feeds SET stopped = 'gone'")
    assert [it[0] for it in await own_feeds.newly_dead(db.reader, now=NOON, limit=9)] == [ANN]
    assert await add(db, BOB, found()) == feed_id
    assert [feed.id for feed in await feeds.due(db.reader, now=NOON, limit=9)] == [feed_id]


@pytest.mark.parametrize(
    ("url", "source"),
    [("https://news.own.example/rss", "own.example"), ("https://t.me/s/harbour", "t.me/harbour")],
)
async def test_the_source_of_an_own_feed_is_by_its_address_whatever_it_calls_itself(
    db: Database, url: str, source: str
) -> None:
    ann = await subscribe(db, 1)
    async with db.transaction() as tx:
        await own_feeds.add(tx, ann, found(url, "CNN"), language="en", now=NOON)
    assert [feed.title for feed in await own_feeds.of_chat(db.reader, ann)] == ["CNN"]
    assert await sources_of_feeds(db) == {source}


async def test_a_feed_that_leaves_the_catalogue_has_the_source_of_its_address(
    db: Database,
) -> None:
    ann, url = await subscribe(db, 1), "https://own.example/rss"
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed(url, source="The Harbour Courier")], now=NOON)
        await own_feeds.add(tx, ann, found(url, "CNN"), language="en", now=NOON)
        await feeds.sync(tx, [listed_feed("https://other.example/")], now=NOON)
    assert "own.example" in await sources_of_feeds(db)
    assert [feed.title for feed in await own_feeds.of_chat(db.reader, ann)] == ["CNN"]
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed(url, source="The Harbour Courier")], now=NOON)
    assert "The Harbour Courier" in await sources_of_feeds(db)


async def sources_of_feeds(db: Database) -> set[str]:
    rows = await db.reader.execute_fetchall("SELECT source FROM feeds")
    return {row[0] for row in rows}
