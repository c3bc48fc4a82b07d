"""Feed probe: fetches and parses feeds once, without storing anything."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp

from bot.errors import FeedError
from bot.feeds.http.fetch import fetch_feed
from bot.feeds.parser_pool import Parse
from bot.model.feeds import FeedDocument, FeedRequest

# Mostly of different publishers; a whole catalogue takes a minute.
MAX_CONCURRENT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeResult:
    """The number of entries and their newest date, or the problem in plain words.

    `dropped` says which items are no entries.
    """

    url: str
    took: timedelta
    entries: int = 0
    newest_at: datetime | None = None
    dropped: str | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prober:
    """Probes feeds, up to `MAX_CONCURRENT` at once."""

    http: aiohttp.ClientSession
    parse: Parse
    now: Callable[[], datetime]

    async def all(self, urls: Iterable[str]) -> AsyncGenerator[ProbeResult, None]:
        """Yield the results as they come in."""
        slots = asyncio.Semaphore(MAX_CONCURRENT)

        async def probe(url: str) -> ProbeResult:
            async with slots:
                return await self.one(url)

        probes = [asyncio.ensure_future(probe(url)) for url in urls]
        try:
            for result in asyncio.as_completed(probes):
                yield await result
        finally:
            for task in probes:
                task.cancel()
            await asyncio.gather(*probes, return_exceptions=True)

    async def one(self, url: str) -> ProbeResult:
        """Return the result of one feed."""
        began_at = self.now()
        try:
            document = await fetch_feed(self.http, FeedRequest(url=url))
            assert isinstance(document, FeedDocument)  # the request has no validators
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
            dropped=contents.shortfall,
            newest_at=max((entry.published_at for entry in contents.entries), default=None),
        )
