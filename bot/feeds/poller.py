"""The worker that reads feeds: what is due is fetched, parsed and stored.

A poll is one transaction: the articles, the validators of the document they came in and
the time of the next poll. Cut off anywhere, the poll has not happened and happens again.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import aiohttp

from bot.errors import BusyError, FeedError
from bot.feeds.fetch import Document, Validators, fetch
from bot.feeds.parse import parse
from bot.feeds.schedule import next_poll
from bot.feeds.urls import canonical, cleaned
from bot.model import Entry, Feed
from bot.storage import articles, feeds
from bot.storage.database import Database

log = logging.getLogger(__name__)

# What a known feed shows for the first time at that age is its archive, not news.
NEWS_FOR = timedelta(hours=48)
# All that a feed holds when we first see it was there before us.
_ALL_OF_IT = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poller:
    """Polls the feeds that are due, the longest due first, one at a time of each host.

    `step` is one lane and may run several times at once: a slow server holds up its lane,
    and nobody else. `floor` is the shortest interval of a feed, `jitter` gives numbers from
    0 to 1, and of the feeds that are due `batch` are looked at.
    """

    db: Database
    http: aiohttp.ClientSession
    floor: timedelta
    now: Callable[[], datetime]
    parse: Callable[..., tuple[Entry, ...]] = parse
    jitter: Callable[[], float] = random.random
    batch: int = 100
    _busy: set[str] = field(default_factory=set, init=False)
    _choosing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def step(self) -> bool:
        """Poll one feed; return whether one was due."""
        feed = await self._choose()
        if feed is None:
            return False
        try:
            await self._poll(feed)
        finally:
            self._busy.discard(_host(feed))
        return True

    async def _choose(self) -> Feed | None:
        """Return the feed that is due longest of those whose host is free; the host is taken."""
        async with self._choosing:
            # As it was before we looked: a poll that ends meanwhile has left the feed due in
            # what we read.
            busy = frozenset(self._busy)
            due = await feeds.due(self.db.reader, now=self.now(), limit=self.batch)
            feed = next((feed for feed in due if _host(feed) not in busy), None)
            if feed is not None:
                self._busy.add(_host(feed))
            return feed

    async def _poll(self, feed: Feed) -> None:
        try:
            await self._read(feed)
        except FeedError as error:
            log.warning("%s: %s", feed.url, error)
            await self._record_failure(feed, error)
        except Exception as error:  # one feed must not stop the news; it is recorded there
            log.exception("%s: unexpected", feed.url)
            await self._record_failure(feed, error)

    async def _read(self, feed: Feed) -> None:
        answer = await fetch(self.http, feed)
        entries = await self._entries(feed, answer) if isinstance(answer, Document) else ()
        await self._store(feed, entries, answer.validators)

    async def _entries(self, feed: Feed, document: Document) -> tuple[Entry, ...]:
        # In a thread: a large feed takes a tenth of a second and more.
        return await asyncio.to_thread(
            self.parse,
            document.body,
            url=feed.url,
            content_type=document.content_type,
            fetched_at=self.now(),
        )

    async def _store(self, feed: Feed, entries: Iterable[Entry], validators: Validators) -> None:
        now = self.now()
        keyed = [
            (replace(entry, url=cleaned(entry.url)), canonical(entry.url)) for entry in entries
        ]
        async with self.db.transaction() as tx:
            new = await articles.store(
                tx,
                feed.id,
                keyed,
                backlog_before=now - NEWS_FOR if feed.read_before else _ALL_OF_IT,
                now=now,
            )
            due_at = next_poll(now=now, floor=self.floor, failures=0, jitter=self.jitter())
            await feeds.record_success(tx, feed.id, validators=validators, now=now, due_at=due_at)
        if new:
            log.info("%s: %d new", feed.url, new)

    async def _record_failure(self, feed: Feed, error: Exception) -> None:
        due_at = next_poll(
            now=self.now(),
            floor=self.floor,
            failures=feed.failures + 1,
            jitter=self.jitter(),
            retry_after=error.retry_after if isinstance(error, BusyError) else timedelta(0),
        )
        problem = (
            str(error) if isinstance(error, FeedError) else f"unexpected {type(error).__name__}"
        )
        async with self.db.transaction() as tx:
            await feeds.record_failure(tx, feed.id, problem=problem, due_at=due_at)


def _host(feed: Feed) -> str:
    return urlsplit(feed.url).netloc.lower()
