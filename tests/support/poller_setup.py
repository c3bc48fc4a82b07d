"""What tests of the poller share: feeds to publish, a poller, and looks into the tables."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from html import escape
from typing import Unpack

import aiohttp

from bot.feeds.formats.parse import ParsedFeed, parse
from bot.feeds.http.fetch import fetch_feed
from bot.feeds.http.host_limiter import HostLimiter
from bot.feeds.parser_pool import ParseOptions
from bot.feeds.polling.poller import Poller, SubscriberCounter
from bot.model import Article, Feed, FeedHealth
from bot.storage.database import Database
from bot.storage.feeds import feeds, polls
from bot.storage.stories import articles
from tests.support.builders import guard_of, listed_feed, subscribe
from tests.support.fakes import NOON, FakeClock

FLOOR = timedelta(minutes=5)


@dataclass(slots=True)
class InlineParser:
    """Parses in the test's own process, and counts."""

    calls: int = 0
    parsed: list[str] = field(default_factory=list)

    async def __call__(self, document: bytes, **how: Unpack[ParseOptions]) -> ParsedFeed:
        self.calls += 1
        contents = parse(document, **how)
        self.parsed += [entry.title for entry in contents.entries]
        return contents


def make_poller(
    db: Database,
    http: aiohttp.ClientSession,
    clock: FakeClock,
    *,
    parser: InlineParser | None = None,
    min_interval: timedelta = timedelta(0),
) -> Poller:
    return Poller(
        db=db,
        guard=guard_of(db),
        fetch=partial(fetch_feed, http),
        parse=parser or InlineParser(),
        floor=FLOOR,
        now=clock,
        host_limiter=HostLimiter(now=clock, min_interval=min_interval),
        subscriber_counter=SubscriberCounter(db=db, now=clock),
        jitter=lambda: 0.0,
    )


def item(
    title: str,
    date: datetime | None = NOON,
    *,
    guid: str | None = None,
    link: str | None = None,
    text: str = "",
) -> str:
    slug = escape(title.replace(" ", "-"))
    return (
        f"<item><title>{escape(title)}</title>"
        f"<link>{link or f'https://courier.example/{slug}'}</link>"
        + (f"<guid isPermaLink='false'>{guid}</guid>" if guid is not None else "")
        + (f"<pubDate>{format_datetime(date)}</pubDate>" if date else "")
        + (f"<description>{text}</description>" if text else "")
        + "</item>"
    )


def rss(*items: str, head: str = "") -> str:
    return f"<rss version='2.0'><channel>{head}{''.join(items)}</channel></rss>"


async def follow(db: Database, *urls: str) -> None:
    """List the feeds, and let somebody read them."""
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed(url, topic=None) for url in urls], now=NOON)
    await subscribe(db, 1)


async def poll_all(poller: Poller) -> None:
    while await poller.step():
        pass


async def stored(db: Database) -> dict[str, Article]:
    return {
        article.title: article
        for article in await articles.unprocessed(db.reader, now=NOON, limit=9999)
    }


async def news(db: Database) -> list[str]:
    """Return the titles that will be pushed, in their order."""
    return [
        article.title
        for article in await articles.unprocessed(db.reader, now=NOON, limit=9999)
        if not article.backlog
    ]


async def row(db: Database, url: str) -> Feed:
    far = NOON + timedelta(days=999)
    return next(
        feed for feed in await feeds.due(db.reader, now=far, limit=99) if feed.listed_url == url
    )


async def health(db: Database, url: str) -> FeedHealth:
    return next(feed for feed in await polls.health(db.reader, limit=99) if feed.url == url)


async def problem_and_wait(db: Database, url: str, clock: FakeClock) -> tuple[str | None, float]:
    """Return what is wrong with the feed, and the minutes until it is asked again."""
    found = await health(db, url)
    return found.problem, (found.due_at - clock()) / timedelta(minutes=1)
