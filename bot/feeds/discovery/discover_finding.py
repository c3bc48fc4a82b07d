"""Which feed does a reader mean by an address? Found for him, or the reason why not."""

from datetime import datetime

import aiohttp

from bot.errors import FeedError
from bot.feeds.discovery import discover as search
from bot.feeds.discovery.discover import discover
from bot.feeds.parser_pool import Parse
from bot.model import FoundFeed, NoFeed
from bot.web.domains import domain_of

_REASONS: dict[str, NoFeed] = {
    search.NOT_AN_ADDRESS: "not an address",
    search.PRIVATE: "private",
    search.UNKNOWN: "unknown",
    search.NOT_FOUND: "not found",
    search.GONE: "gone",
    search.NEEDS_LOGIN: "needs login",
    search.REFUSED: "refused",
    search.CHALLENGE: "challenge",
    search.NO_FEED: "no feed",
    search.TOO_HEAVY: "too heavy",
}


async def find_feed(
    http: aiohttp.ClientSession, address: str, *, parse: Parse, now: datetime
) -> FoundFeed | NoFeed:
    """Return the feed at the address, or that the page there leads to, or why there is none."""
    try:
        found = await discover(http, address, parse=parse, now=now)
    except FeedError as error:
        return _REASONS.get(str(error), "unreadable")
    return FoundFeed(
        url=found.url, domain=domain_of(found.url), title=found.title, newest=found.newest
    )
