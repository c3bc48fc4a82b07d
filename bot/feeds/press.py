"""Where what reads from publishers is put together: one guest, with one set of manners."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial

from bot.feeds.census import Census
from bot.feeds.fetch import fetch
from bot.feeds.isolation import open_workers, there
from bot.feeds.manners import GAP, Manners
from bot.feeds.outage import Outage
from bot.feeds.page_fetch import fetch_page
from bot.feeds.page_reader import PageReader
from bot.feeds.page_schedule import AGAIN_AFTER
from bot.feeds.parse import parse
from bot.feeds.poller import Note, Poller
from bot.feeds.session import open_http
from bot.model import Page
from bot.storage.database import Database


@asynccontextmanager
async def open_press(
    db: Database,
    read_page: Callable[..., Page],
    *,
    floor: timedelta,
    allow_private_addresses: bool,
    now: Callable[[], datetime],
    note: Note,
) -> AsyncIterator[tuple[Poller, PageReader]]:
    """Open the poller and the reader of pages; `note` is told how each poll went."""
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
        yield poller, page_reader
