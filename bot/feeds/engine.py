"""Feed engine: all that requests documents from publishers, on one session and one limiter."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from bot.feeds.discovery.feed_finder import find_feed
from bot.feeds.formats.robots_txt import is_allowed
from bot.feeds.http.client import open_http
from bot.feeds.http.fetch import fetch_page
from bot.feeds.http.host_limiter import MIN_INTERVAL, HostLimiter, OfflineDetector
from bot.feeds.http.robots_cache import RobotsRules, fetch_robots
from bot.feeds.page_fetcher import FetchPage, PageFetcher, ReadPage
from bot.feeds.page_policy import RETRY_INTERVAL
from bot.feeds.polling.poller import OnPoll, Poller, SubscriberCounter
from bot.feeds.previews.channel_previews import open_previews
from bot.isolation.pool import Runner
from bot.model import ArticlePage, DiscoveryFailure, FoundFeed
from bot.storage.queues.poison_guard import PoisonGuard
from bot.web.channel_posts import username_in
from bot.web.domains import domain_of


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
    preview_url: str | None = None,
    now: Callable[[], datetime],
    on_poll: OnPoll,
) -> AsyncIterator[FeedEngine]:
    """Open the HTTP session; `on_poll` is called after each poll.

    Documents are read in the pool, those that people bring in its `share`. Preview pages of
    channels are below `preview_url`; None: they are not read.
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

        previews = open_previews(
            preview_url or "", http, db=db, share=share, host_limiter=host_limiter
        )
        parse_private = previews.parse_in(share)
        fetch_public, read_public = page_access(pool)
        poller = Poller(
            db=db,
            guard=guard,
            fetch=previews.fetch_feed,
            parse=previews.parse_in(pool),
            parse_private=parse_private,
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
            username = username_in(address)
            if preview_url and username:
                async with host_limiter.turn(domain_of(preview_url)):
                    return await previews.find(username, parse=parse_private, now=now())
            return await find_feed(
                http,
                address,
                parse=parse_private,
                now=now(),
                run=share.run,
                turn=host_limiter.turn,
            )

        yield FeedEngine(poller=poller, page_fetcher=page_fetcher, find_feed=find)
