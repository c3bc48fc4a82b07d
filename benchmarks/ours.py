"""The bot's poller as the benchmarks run it: only the clock is a fake one."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from bot.feeds.http.client import open_http
from bot.feeds.http.fetch import fetch_feed
from bot.feeds.http.host_limiter import HostLimiter
from bot.feeds.parser_pool import open_parsers
from bot.feeds.polling.poller import Poller, SubscriberCounter
from bot.model import ChatId, ListedFeed, TopicSlug
from bot.model.feeds import FeedDocument, FeedRequest, NotModified
from bot.storage.database import Database, open_database
from bot.storage.feeds import feeds
from bot.storage.queues.poison_guard import PoisonGuard
from bot.storage.subscribers import subscribers
from bot.web.domains import domain_of
from tests.support.fakes import FakeClock

# The shortest interval, as the settings have it.
FLOOR = timedelta(minutes=5)

Fetch = Callable[[FeedRequest], Awaitable[FeedDocument | NotModified]]


@asynccontextmanager
async def open_poller(
    urls: Iterable[str],
    folder: Path,
    clock: FakeClock,
    *,
    watch: Callable[[Fetch], Fetch] = lambda fetch: fetch,
) -> AsyncIterator[Poller]:
    """Open a poller of the feeds, with a database in the folder; `watch` may wrap its fetch."""
    async with (
        open_database(folder / "readalso.db") as db,
        open_http(allow_private_addresses=True) as http,
        open_parsers() as parse,
    ):
        await _settle(db, urls, clock)
        yield Poller(
            db=db,
            guard=PoisonGuard(db=db, now=clock),
            fetch=watch(partial(fetch_feed, http)),
            parse=parse,
            floor=FLOOR,
            now=clock,
            host_limiter=HostLimiter(now=clock),
            subscriber_counter=SubscriberCounter(db=db, now=clock),
        )


async def _settle(db: Database, urls: Iterable[str], clock: FakeClock) -> None:
    """List the feeds, and let somebody read them all: what nobody reads is not polled."""
    listed = [
        ListedFeed(url=url, domain=domain_of(url), source=url, language="en", topic=None)
        for url in urls
    ]
    async with db.transaction() as tx:
        await feeds.sync(tx, listed, now=clock())
        await subscribers.join(tx, ChatId(1), kind="private", language="en", now=clock())
        await subscribers.set_topics(tx, ChatId(1), [TopicSlug("world")], wanted=True)
