"""Feed readers under test: each polls all feeds once a pass and reports its cost per poll."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import feedparser
import reader

from benchmarks.cpu import cpu_seconds
from benchmarks.ours import Fetch, open_poller
from benchmarks.recording import RECORDED_AT
from bot.feeds.http.host_limiter import MIN_INTERVAL
from bot.model.feeds import FeedDocument, FeedRequest, NotModified
from tests.support.fakes import FakeClock

# Seconds of the processor per poll, by the feed's address.
Costs = Mapping[str, float]
Pass = Callable[[], Awaitable[Costs]]
Contender = Callable[[Sequence[str], Path], AbstractAsyncContextManager[Pass]]

# Longer than the longest interval: all feeds are due again.
BETWEEN_PASSES = timedelta(hours=30)


@asynccontextmanager
async def plain_feedparser(urls: Sequence[str], _: Path) -> AsyncIterator[Pass]:
    """`feedparser.parse(url)` with the validators that it returned last; nothing is stored."""
    last = dict.fromkeys(urls, feedparser.FeedParserDict())

    async def poll_all() -> Costs:
        costs = {}
        for url in urls:
            began = time.process_time()
            etag, modified = last[url].get("etag"), last[url].get("modified")
            last[url] = feedparser.parse(url, etag=etag, modified=modified)
            costs[url] = time.process_time() - began
        return costs

    yield poll_all


@asynccontextmanager
async def lemon24_reader(urls: Sequence[str], folder: Path) -> AsyncIterator[Pass]:
    """`reader` of PyPI, a library for feed readers, with its own storage."""
    library = reader.make_reader(str(folder / "reader.db"))
    for url in urls:
        library.add_feed(url)

    async def poll_all() -> Costs:
        costs = {}
        for url in urls:
            began = time.process_time()
            with suppress(reader.UpdateError):  # it refuses a few, after the same work
                library.update_feed(url)
            costs[url] = time.process_time() - began
        return costs

    try:
        yield poll_all
    finally:
        library.close()


@asynccontextmanager
async def readalso(urls: Sequence[str], folder: Path) -> AsyncIterator[Pass]:
    """Our own poller whole, from the request to the committed transaction."""
    clock = FakeClock(RECORDED_AT)
    asked: list[str] = []

    def noting(fetch: Fetch) -> Fetch:
        async def noted(request: FeedRequest) -> FeedDocument | NotModified:
            asked.append(request.url)
            return await fetch(request)

        return noted

    async with open_poller(urls, folder, clock, watch=noting) as poller:

        async def poll_all() -> Costs:
            costs = {}
            clock.at += BETWEEN_PASSES
            began = cpu_seconds()
            while await poller.step():
                ended = cpu_seconds()
                costs[asked[-1]] = ended - began
                # All of them live on one host, which is asked with a pause.
                clock.at += MIN_INTERVAL
                began = cpu_seconds()
            return costs

        yield poll_all
