"""What several commands share: errors as one sentence, topics, requests of feeds."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import click

from bot.errors import ReadAlsoError

if TYPE_CHECKING:
    from bot.feeds.discovery.discover import DiscoveredFeed
    from bot.feeds.probe import ProbeResult
    from bot.settings import Settings
    from bot.topics import Topics


@contextmanager
def exit_on_error() -> Iterator[None]:
    """End the command with exit code 1 and the message of a `ReadAlsoError`, no traceback."""
    try:
        yield
    except ReadAlsoError as error:
        raise click.ClickException(str(error)) from None


def topics_of(settings: "Settings") -> "Topics":
    """Return the topics of ReadAlso and those of the operator's file.

    Raises:
        SetupError: if the operator's file cannot be read.
    """
    from bot.resources import RESOURCES
    from bot.topics import read_topics

    return read_topics(RESOURCES / "topics.toml", *filter(None, [settings.topics]))


async def discover_feed(settings: "Settings", address: str) -> "DiscoveredFeed":
    """Return the feed at an address typed by the operator, or the one that its page names.

    Raises:
        FeedError: if there is none; the message says why.
    """
    from bot.clock import now
    from bot.feeds.discovery.discover import discover
    from bot.feeds.http.client import open_http
    from bot.feeds.parser_pool import open_parsers

    allow = settings.allow_private_addresses
    async with open_http(allow_private_addresses=allow) as http, open_parsers() as parse:
        return await discover(http, address, parse=parse, now=now())


@asynccontextmanager
async def probing(
    settings: "Settings", urls: Sequence[str]
) -> "AsyncIterator[AsyncIterator[ProbeResult]]":
    """Yield the results of requesting each feed once, in the order in which they come."""
    from bot.clock import now
    from bot.feeds.http.client import open_http
    from bot.feeds.parser_pool import open_parsers
    from bot.feeds.probe import Prober

    allow = settings.allow_private_addresses
    async with open_http(allow_private_addresses=allow) as http, open_parsers() as parse:
        yield Prober(http=http, parse=parse, now=now).all(urls)
