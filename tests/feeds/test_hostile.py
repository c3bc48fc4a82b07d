"""No document hangs the bot, or takes another feed's place."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from bot.errors import FeedError
from bot.feeds.formats.parse import ParsedFeed
from bot.feeds.parser_pool import Parse, open_parsers
from bot.isolation.pool import WORKERS
from tests.support.fakes import NOON
from tests.support.hostile_feeds import INPUTS

HONEST = (
    b"<rss version='2.0'><channel><item><title>Honest news</title>"
    b"<link>https://honest.example/a</link></item></channel></rss>"
)
# With less than the bot has, the same is shown sooner.
TIME_LIMIT = timedelta(seconds=1)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def parse() -> AsyncIterator[Parse]:
    async with open_parsers(time_limit=TIME_LIMIT) as opened:
        await asyncio.gather(*(read(opened, HONEST) for _ in range(WORKERS)))
        yield opened


async def read(parse: Parse, document: bytes) -> ParsedFeed:
    return await parse(
        document, url="https://courier.example/rss", content_type=None, fetched_at=NOON
    )


def test_there_are_many_ways_to_harm() -> None:
    assert len(INPUTS) >= 80


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("name", INPUTS)
async def test_a_hostile_document_gives_entries_or_an_error_and_holds_nobody_up(
    parse: Parse, name: str
) -> None:
    document = INPUTS[name]()
    answers = await asyncio.gather(
        read(parse, document), read(parse, HONEST), return_exceptions=True
    )
    hostile, honest = answers
    assert isinstance(hostile, ParsedFeed | FeedError)
    assert isinstance(honest, ParsedFeed)
    assert [entry.title for entry in honest.entries] == ["Honest news"]
    if isinstance(hostile, ParsedFeed):
        assert len(hostile.entries) <= len(hostile.digests) <= 300
        assert all(entry.url.startswith(("http://", "https://")) for entry in hostile.entries)
        assert all(entry.title.isprintable() for entry in hostile.entries)
        assert not any("root:" in entry.text for entry in hostile.entries)
