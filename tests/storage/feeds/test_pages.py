from datetime import timedelta

import pytest

from bot.model import ArticleId, FeedId
from bot.model.feeds import BusyDomains
from bot.storage.database import Database
from bot.storage.feeds import feeds, pages
from bot.storage.stories import articles
from tests.support.builders import add_article, entry, listed_feed
from tests.support.fakes import NOON

SECOND = timedelta(seconds=1)
LATER = NOON + 120 * SECOND
DOMAIN = "courier.example"


@pytest.fixture
async def article_id(db: Database) -> ArticleId:
    """An article of a feed whose pages are wanted, with its page owed since noon."""
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed(pages=True)], now=NOON)
        article_id = await add_article(tx, FeedId(1), entry("Bridge", url="https://c.example/1"))
        await pages.enqueue(tx, article_id, domain=DOMAIN, now=NOON, give_up_at=LATER)
    return article_id


async def is_read(db: Database, *, seconds: float) -> bool:
    at = NOON + seconds * SECOND
    return bool(await articles.unprocessed(db.reader, now=at, limit=9))


async def rows(db: Database) -> list[tuple[object, ...]]:
    found = await db.reader.execute_fetchall("SELECT due_at, attempts, problem, text FROM pages")
    return [tuple(row) for row in found]


async def test_a_due_page_comes_with_its_article(db: Database, article_id: ArticleId) -> None:
    (page,) = await pages.due(db.reader, now=NOON, limit=9)
    assert (page.article_id, page.feed_id, page.url) == (article_id, 1, "https://c.example/1")
    assert (page.title, page.text) == ("Bridge", "Bridge.")
    assert (page.domain, page.attempts, page.failures) == (DOMAIN, 0, 0)
    assert page.give_up_at == LATER


async def test_no_page_of_a_busy_or_blocked_domain_is_due_nor_one_given_up(
    db: Database, article_id: ArticleId
) -> None:
    assert not await pages.due(
        db.reader, now=NOON, busy=BusyDomains(all=frozenset([DOMAIN])), limit=9
    )
    assert not await pages.due(db.reader, now=NOON - SECOND, limit=9)
    assert not await pages.due(db.reader, now=LATER, limit=9)
    async with db.transaction() as tx:
        await feeds.block_host(tx, DOMAIN, until=NOON + 60 * SECOND)
        await pages.give_up_blocked(tx, DOMAIN)
    assert not await pages.due(db.reader, now=NOON + 59 * SECOND, limit=9)
    assert await pages.due(db.reader, now=NOON + 60 * SECOND, limit=9)


async def test_an_article_waits_until_its_page_is_there_or_given_up(
    db: Database, article_id: ArticleId
) -> None:
    assert not await is_read(db, seconds=119)
    assert await is_read(db, seconds=120)
    async with db.transaction() as tx:
        await pages.record(tx, article_id, text="All about it.", problem=None)
    (article,) = await articles.unprocessed(db.reader, now=NOON, limit=9)
    assert article.page == "All about it."
    assert await rows(db) == [(None, 1, None, "All about it.")]


async def test_a_page_that_is_retried_is_still_awaited(db: Database, article_id: ArticleId) -> None:
    async with db.transaction() as tx:
        await pages.retry(tx, article_id, at=NOON + 30 * SECOND, problem="HTTP 404")
    assert not await is_read(db, seconds=30)
    assert not await pages.due(db.reader, now=NOON + 29 * SECOND, limit=9)
    (page,) = await pages.due(db.reader, now=NOON + 30 * SECOND, limit=9)
    assert page.attempts == 1


async def test_the_page_of_a_processed_article_is_not_fetched(
    db: Database, article_id: ArticleId
) -> None:
    async with db.transaction() as tx:
        await pages.give_up(tx, article_id)
        await pages.retry(tx, article_id, at=NOON, problem="HTTP 404")
    assert not await pages.due(db.reader, now=NOON, limit=9)
    assert await rows(db) == [(None, 0, pages.TIMED_OUT, "")]


async def test_a_page_that_is_given_up_keeps_its_problem(
    db: Database, article_id: ArticleId
) -> None:
    async with db.transaction() as tx:
        await pages.retry(tx, article_id, at=LATER, problem="HTTP 404")
        await pages.give_up(tx, article_id)
        await pages.give_up(tx, article_id)
    assert await rows(db) == [(None, 1, "HTTP 404", "")]


async def test_no_page_is_queued_where_pages_are_not_wanted_in_backoff_or_blocked(
    db: Database, article_id: ArticleId
) -> None:
    async def owe(*, at: float = 0) -> bool:
        now = NOON + at * SECOND
        async with db.transaction() as tx:
            await tx.execute("DELETE FROM pages")
            await pages.enqueue(
                tx, article_id, domain=DOMAIN, now=now, give_up_at=now + 120 * SECOND
            )
        return bool(await rows(db))

    assert await owe()
    async with db.transaction() as tx:
        await pages.mark_failure(tx, FeedId(1), problem="x", backoff_until=NOON + 9 * SECOND)
    assert not await owe(at=8)
    assert await owe(at=9)
    async with db.transaction() as tx:
        await feeds.block_host(tx, DOMAIN, until=NOON + 200 * SECOND)
    assert not await owe(at=80)
    assert await owe(at=81)
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed(pages=False)], now=NOON)
    assert not await owe(at=999)


async def test_no_page_of_a_feed_in_backoff_is_awaited(db: Database, article_id: ArticleId) -> None:
    async with db.transaction() as tx:
        await pages.mark_failure(tx, FeedId(1), problem="HTTP 403", backoff_until=None)
    assert await pages.due(db.reader, now=NOON, limit=9)
    async with db.transaction() as tx:
        await pages.mark_failure(tx, FeedId(1), problem="HTTP 403", backoff_until=LATER)
    assert await rows(db) == [(None, 0, pages.IN_BACKOFF, "")]


async def test_a_page_is_deleted_with_its_article(db: Database, article_id: ArticleId) -> None:
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM articles")
    assert await rows(db) == []
