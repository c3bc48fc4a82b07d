"""Cache of the robots.txt of sites whose article pages are fetched: read once a day, and obeyed.

Source: RFC 9309. The rules are those of `bot.feeds.formats.robots_txt`.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp

from bot.errors import DisallowedError, FeedError, FetchError
from bot.feeds.http.body import BodyLimits, read_body
from bot.feeds.http.errors import status_error
from bot.feeds.http.redirects import FinalResponse, get_with_redirects

# The least that the standard demands.
MAX_BYTES = 500 * 1024
CACHE_TIME = timedelta(days=1)
# After a failure it is requested again as soon as an article may still wait for its page.
RETRY_TIME = timedelta(minutes=1)

_LIMITS = BodyLimits(on_the_wire=MAX_BYTES, unpacked=MAX_BYTES)
_MAX_CACHED_BYTES = 8 * 1024 * 1024
_DISALLOWED = "its robots.txt asks programs not to read it"
_UNREACHABLE = "its robots.txt cannot be read, so that it may not be read either"


async def fetch_robots(http: aiohttp.ClientSession, url: str) -> bytes:
    """Return the robots.txt at the URL; empty where the site has none.

    Raises:
        FetchError: if it cannot be had for any other reason.
    """

    async def read(response: aiohttp.ClientResponse, final: FinalResponse) -> bytes:
        status = response.status
        is_missing = 400 <= status < 500 and status != HTTPStatus.TOO_MANY_REQUESTS
        if is_missing:
            return b""
        if not 200 <= status < 300:
            raise await status_error(response, grace=final.grace)
        return (await read_body(response, grace=final.grace, limits=_LIMITS)).content

    headers = {"Accept": "text/plain, */*;q=0.5"}
    return await get_with_redirects(http, url, headers=lambda _: headers, read=read)


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsRules:
    """The rules of the sites visited last, each kept for a day.

    `fetch` returns the robots.txt at a URL, and `is_allowed` applies one to the URL of a page. A
    robots.txt that cannot be had forbids all, until it can.
    """

    fetch: Callable[[str], Awaitable[bytes]]
    is_allowed: Callable[..., Awaitable[bool]]
    now: Callable[[], datetime]
    _cache: OrderedDict[str, tuple[datetime, bytes | None]] = field(
        default_factory=OrderedDict, init=False
    )

    async def check(self, url: str) -> None:
        """Return if the page may be read.

        Raises:
            DisallowedError: if not.
        """
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        robots = await self._robots(site)
        if robots is None:
            raise DisallowedError(_UNREACHABLE)
        try:
            is_allowed = not robots or await self.is_allowed(robots, url=url)
        except FeedError:  # the rules are made to be hard to read
            is_allowed = False
        if not is_allowed:
            raise DisallowedError(_DISALLOWED)

    async def _robots(self, site: str) -> bytes | None:
        until, robots = self._cache.get(site, (self.now(), None))
        if until <= self.now():
            try:
                robots = await self.fetch(f"{site}/robots.txt")
            except FetchError:
                robots = None
            keep = RETRY_TIME if robots is None else CACHE_TIME
            self._cache[site] = (self.now() + keep, robots)
            size = sum(len(kept or b"") for _, kept in self._cache.values())
            while size > _MAX_CACHED_BYTES:
                _, (_, oldest) = self._cache.popitem(last=False)
                size -= len(oldest or b"")
        return robots
