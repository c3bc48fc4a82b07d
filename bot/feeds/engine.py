"""Feed engine: all that requests documents from publishers, on one session and one limiter."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from bot.feeds.discovery.feed_finder import find_feed
from bot.feeds.formats.parse import parse
from bot.feeds.formats.robots_txt import is_allowed
from bot.feeds.http.client import open_http
from bot.feeds.http.fetch import fetch_feed, fetch_page
from bot.feeds.http.host_limiter import MIN_INTERVAL, HostLimiter, OfflineDetector
from bot.feeds.http.robots_cache import RobotsRules, fetch_robots
from bot.feeds.page_fetcher import FetchPage, PageFetcher, ReadPage
from bot.feeds.page_policy import RETRY_INTERVAL
from bot.feeds.polling.poller import OnPoll, Poller, SubscriberCounter
from bot.isolation.pool import Runner
from bot.model import ArticlePage, DiscoveryFailure, FoundFeed
from bot.storage.queues.poison_guard import PoisonGuard


class FeedEngine(NamedTuple):
    """The poller, the page fetcher, and the search for the feed at a typed address."""

    poller: Poller
    page_fetcher: PageFetcher
    find_feed: Callable[[str], Awaitable[FoundFeed | DiscoveryFailure]]


@asynccontextmanager
async def open_feed_engine(  # noqa: PLR0913
    guard: PoisonGuard,
    pool: Runner,
    share: Runner,
    read_page: Callable[..., ArticlePage],
    *,
    floor: timedelta,
    allow_private_addresses: bool,
    obey_robots: bool,
    now: Callable[[], datetime],
    on_poll: OnPoll,
) -> AsyncIterator[FeedEngine]:
    """Open the HTTP session; `on_poll` is called after each poll.

    Documents are read in the pool, those that people bring in its `share`.
    """
    # With a floor of seconds somebody is trying the bot out: the other intervals shrink, too.
    host_limiter = HostLimiter(now=now, min_interval=min(MIN_INTERVAL, floor / 10))
    offline_detector = OfflineDetector()
    db = guard.db
    async with open_http(allow_private_addresses=allow_private_addresses) as http:

        def page_access(runner: Runner) -> tuple[FetchPage, ReadPage]:
            fetch, checks = partial(fetch_robots, http), runner.wrap(is_allowed)
            robots = RobotsRules(fetch=fetch, is_allowed=checks, now=now) if obey_robots else None
            return partial(fetch_page, http, robots=robots), runner.wrap(read_page)

        fetch_public, read_public = page_access(pool)
        poller = Poller(
            db=db,
            guard=guard,
            fetch=partial(fetch_feed, http),
            parse=pool.wrap(parse),
            parse_private=share.wrap(parse),
            floor=floor,
            now=now,
            host_limiter=host_limiter,
            subscriber_counter=SubscriberCounter(db=db, now=now),
            offline_detector=offline_detector,
            on_poll=on_poll,
        )
        page_fetcher = PageFetcher(
            db=db,
            guard=guard,
            fetch=fetch_public,
            read=read_public,
            private_access=page_access(share),
            now=now,
            host_limiter=host_limiter,
            offline_detector=offline_detector,
            retry_interval=min(RETRY_INTERVAL, floor / 10),
        )

        async def find(address: str) -> FoundFeed | DiscoveryFailure:
            return await find_feed(
                http,
                address,
                parse=share.wrap(parse),
                now=now(),
                run=share.run,
                turn=host_limiter.turn,
            )

        yield FeedEngine(poller=poller, page_fetcher=page_fetcher, find_feed=find)
