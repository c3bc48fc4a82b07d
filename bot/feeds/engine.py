"""Where what reads from publishers is put together: one guest, with one set of manners."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from bot.feeds.discovery.discover import find_feed
from bot.feeds.formats.parse import parse
from bot.feeds.http.client import open_http
from bot.feeds.http.fetch import fetch, fetch_page
from bot.feeds.http.host_limiter import GAP, Manners, Outage
from bot.feeds.page_fetcher import PageReader
from bot.feeds.page_policy import AGAIN_AFTER
from bot.feeds.parser_pool import open_workers, there
from bot.feeds.polling.poller import Census, Note, Poller
from bot.model import FoundFeed, NoFeed, Page
from bot.storage.database import Database


class Press(NamedTuple):
    """The poller, the reader of pages, and what finds the feed at an address."""

    poller: Poller
    page_reader: PageReader
    find_feed: Callable[[str], Awaitable[FoundFeed | NoFeed]]


@asynccontextmanager
async def open_press(
    db: Database,
    read_page: Callable[..., Page],
    *,
    floor: timedelta,
    allow_private_addresses: bool,
    now: Callable[[], datetime],
    note: Note,
) -> AsyncIterator[Press]:
    """Open all that asks publishers for something; `note` is told how each poll went."""
    # Where somebody tries the bot out, all is quicker.
    manners = Manners(now=now, gap=min(GAP, floor / 10))
    outage = Outage()
    async with (
        open_http(allow_private_addresses=allow_private_addresses) as http,
        open_workers() as run,
    ):
        poller = Poller(
            db=db,
            fetch=partial(fetch, http),
            parse=there(run, parse),
            floor=floor,
            now=now,
            manners=manners,
            census=Census(db=db, now=now),
            outage=outage,
            note=note,
        )
        page_reader = PageReader(
            db=db,
            fetch=partial(fetch_page, http),
            read=there(run, read_page),
            now=now,
            manners=manners,
            outage=outage,
            pause=min(AGAIN_AFTER, floor / 10),
        )

        async def find(address: str) -> FoundFeed | NoFeed:
            return await find_feed(http, address, parse=there(run, parse), now=now())

        yield Press(poller=poller, page_reader=page_reader, find_feed=find)
