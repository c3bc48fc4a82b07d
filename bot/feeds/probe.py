"""Can these feeds be read at this moment? Each is asked once, and nothing is stored."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp

from bot.errors import FeedError
from bot.feeds.http.fetch import fetch_feed
from bot.feeds.parser_pool import Parse
from bot.model.feeds import FeedDocument, FeedRequest

# Of different publishers mostly; a whole catalogue is through in a minute.
MAX_CONCURRENT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """How it went: `entries` with the newest date among them, or the problem in plain words."""

    url: str
    took: timedelta
    entries: int = 0
    newest_at: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prober:
    """Tries feeds out, some at once."""

    http: aiohttp.ClientSession
    parse: Parse
    now: Callable[[], datetime]

    async def all(self, urls: Iterable[str]) -> AsyncIterator[ProbeResult]:
        """Yield how it went with each of them, as it is known."""
        turns = asyncio.Semaphore(MAX_CONCURRENT)

        async def in_turn(url: str) -> ProbeResult:
            async with turns:
                return await self.one(url)

        for trial in asyncio.as_completed([in_turn(url) for url in urls]):
            yield await trial

    async def one(self, url: str) -> ProbeResult:
        """Return how it went with this one."""
        began_at = self.now()
        try:
            document = await fetch_feed(self.http, FeedRequest(url=url))
            assert isinstance(document, FeedDocument)  # as we sent no conditions
            contents = await self.parse(
                document.body,
                url=document.url,
                content_type=document.content_type,
                fetched_at=self.now(),
            )
        except FeedError as error:
            return ProbeResult(url=url, took=self.now() - began_at, problem=str(error))
        return ProbeResult(
            url=url,
            took=self.now() - began_at,
            entries=len(contents.entries),
            newest_at=max((it.published_at for it in contents.entries), default=None),
        )
