import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from aiohttp import web

from bot.clock import now
from bot.feeds.engine import FeedEngine, open_feed_engine
from bot.feeds.http.host_limiter import MIN_INTERVAL
from bot.feeds.polling.poller import OnPoll
from bot.isolation.pool import PoolShare, open_pool
from bot.model import ChatId, FoundFeed, Poll
from bot.storage.database import Database
from bot.storage.feeds import feeds, own_feeds
from bot.stories.page_extraction import extract_article
from tests.feeds.previews.test_channel_page import post
from tests.support.builders import guard_of, listed_feed, subscribe
from tests.support.fakes import FakeClock
from tests.support.feed_server import Press


@asynccontextmanager
async def open_engine(
    db: Database,
    *,
    floor: timedelta,
    now: Callable[[], datetime],
    on_poll: OnPoll = lambda _: None,
    obey_robots: bool = True,
    preview_url: str | None = None,
) -> AsyncIterator[FeedEngine]:
    async with (
        open_pool() as pool,
        open_feed_engine(
            guard_of(db),
            pool,
            PoolShare(pool),
            extract_article,
            floor=floor,
            allow_private_addresses=True,
            obey_robots=obey_robots,
            preview_url=preview_url,
            now=now,
            on_poll=on_poll,
        ) as engine,
    ):
        yield engine


async def test_the_poller_and_the_page_fetcher_share_one_limiter(
    db: Database, press: Press, clock: FakeClock
) -> None:
    polls: list[Poll] = []
    await subscribe(db, 1)
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed(f"{press.url}/war")], now=clock())
    async with open_engine(db, floor=timedelta(minutes=5), now=clock, on_poll=polls.append) as (
        poller,
        page_fetcher,
        find_feed,
    ):
        assert poller.host_limiter is page_fetcher.host_limiter
        assert poller.offline_detector is page_fetcher.offline_detector
        assert poller.host_limiter.min_interval == MIN_INTERVAL
        assert await poller.step()
        assert await find_feed("a b c") == "not an address"
    assert [it.outcome for it in polls] == ["read"]


async def test_with_a_floor_of_seconds_all_intervals_are_shorter(
    db: Database, clock: FakeClock
) -> None:
    async with open_engine(db, floor=timedelta(seconds=2), now=clock) as (poller, page_fetcher, _):
        assert poller.host_limiter.min_interval == timedelta(seconds=0.2)
        assert page_fetcher.retry_interval == timedelta(seconds=0.2)


async def test_the_preview_of_a_channel_is_found_and_polled_as_a_feed(
    db: Database, press: Press, clock: FakeClock
) -> None:
    asked: list[str] = []
    await subscribe(db, 1)

    async def answer(request: web.Request) -> web.Response:
        asked.append(str(request.rel_url))
        if request.path == "/robots.txt":
            return web.Response(text="User-agent: *\nDisallow: /s/secret")
        if request.path == "/s/closed":
            raise web.HTTPFound("/closed")
        text = post(5, "Bridge opens<br/>It was shut.") if request.path == "/s/harbour_news" else ""
        return web.Response(text=f"<html>{text}</html>", content_type="text/html")

    press.any_other = answer
    async with open_engine(
        db, floor=timedelta(seconds=1), now=now, obey_robots=False, preview_url=press.url
    ) as (poller, _, find_feed):
        assert await find_feed("@secret") == "refused"
        assert await find_feed("@closed") == "no preview"
        found = await find_feed("t.me/Harbour_News")
        assert isinstance(found, FoundFeed)
        async with db.transaction() as tx:
            await own_feeds.add(tx, ChatId(1), found, language="en", now=now())
        while not await poller.step():
            await asyncio.sleep(0.01)
    rows = await db.reader.execute_fetchall("SELECT url, title FROM articles")
    assert [tuple(row) for row in rows] == [("https://t.me/harbour_news/5", "Bridge opens")]
    page = "/s/harbour_news"
    assert asked == ["/robots.txt", "/s/closed", "/closed", page, page]
