"""Feed parser in the worker pool: `bot.feeds.formats.parse.parse` as an async function."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import NotRequired, Protocol, TypedDict, Unpack

from bot.feeds.formats.parse import ParsedFeed, parse
from bot.isolation.pool import TIME_LIMIT, open_pool


class ParseOptions(TypedDict):
    """The arguments of `parse` beside the document."""

    url: str
    content_type: str | None
    fetched_at: datetime
    known: NotRequired[frozenset[bytes]]
    skew_hours: NotRequired[int]


class Parse(Protocol):
    """`parse` as an async function."""

    def __call__(self, document: bytes, **options: Unpack[ParseOptions]) -> Awaitable[ParsedFeed]:
        """Return what is in the document.

        Raises:
            ParseError: if it is not a feed.
            GoneError: if it says that it has ended.
            KilledError: if parsing took too long or too much memory.
        """
        ...


@asynccontextmanager
async def open_parsers(*, time_limit: timedelta = TIME_LIMIT) -> AsyncIterator[Parse]:
    """Open a worker pool for parsing alone."""
    async with open_pool(time_limit=time_limit, preload=parse.__module__) as pool:
        yield pool.wrap(parse)
