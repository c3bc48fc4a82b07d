"""Where what reads from publishers is put together: one guest, with one set of manners."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from bot.feeds.discovery.discover import find_feed
from bot.feeds.formats.parse import parse
from bot.feeds.http.client import open_http
from bot.feeds.http.fetch import fetch_feed, fetch_page
from bot.feeds.http.host_limiter import MIN_INTERVAL, HostLimiter, OfflineDetector
from bot.feeds.page_fetcher import PageFetcher
from bot.feeds.page_policy import RETRY_AFTER
from bot.feeds.polling.poller import Note, Poller, SubscriberCounter
from bot.isolation.pool import open_pool
from bot.model import ArticlePage, DiscoveryFailure, FoundFeed
from bot.storage.database import Database


class FeedEngine(NamedTuple):
    """The poller, the reader of pages, and what finds the feed at an address."""

    poller: Poller
    page_reader: PageFetcher
    find_feed: Callable[[str], Awaitable[FoundFeed | DiscoveryFailure]]


@asynccontextmanager
async def open_feed_engine(
    db: Database,
    read_page: Callable[..., ArticlePage],
    *,
    floor: timedelta,
    allow_private_addresses: bool,
    now: Callable[[], datetime],
    note: Note,
) -> AsyncIterator[FeedEngine]:
    """Open all that asks publishers for something; `note` is told how each poll went."""
    # Where somebody tries the bot out, all is quicker.
    host_limiter = HostLimiter(now=now, gap=min(MIN_INTERVAL, floor / 10))
    offline_detector = OfflineDetector()
    async with (
        open_http(allow_private_addresses=allow_private_addresses) as http,
        open_pool(preload=(parse,)) as pool,
    ):
        poller = Poller(
            db=db,
            fetch=partial(fetch_feed, http),
            parse=pool.wrap(parse),
            floor=floor,
            now=now,
            host_limiter=host_limiter,
            subscriber_counter=SubscriberCounter(db=db, now=now),
            offline_detector=offline_detector,
            note=note,
        )
        page_reader = PageFetcher(
            db=db,
            fetch=partial(fetch_page, http),
            read=pool.wrap(read_page),
            now=now,
            host_limiter=host_limiter,
            offline_detector=offline_detector,
            pause=min(RETRY_AFTER, floor / 10),
        )

        async def find(address: str) -> FoundFeed | DiscoveryFailure:
            return await find_feed(http, address, parse=pool.wrap(parse), now=now())

        yield FeedEngine(poller=poller, page_reader=page_reader, find_feed=find)
