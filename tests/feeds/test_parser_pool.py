import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.errors import GoneError, ParseError
from bot.feeds.formats.item_scanner import digest
from bot.feeds.formats.parse import ParsedFeed
from bot.feeds.parser_pool import Parse, open_parsers
from bot.isolation.pool import WORKERS
from tests.support.fakes import NOON
from tests.support.hostile_feeds import INPUTS
from tests.support.worker_processes import memory_limit, ready_workers, workers_of

ITEM = b"<item><title>Bridge</title><link>/bridge</link></item>"
HONEST = b"<rss version='2.0'><channel>" + ITEM + b"</channel></rss>"
ENDLESS = INPUTS["an author of a megabyte"]()

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def read(parse: Parse, document: bytes, known: frozenset[bytes] = frozenset()) -> ParsedFeed:
    return await parse(
        document,
        url="https://courier.example/rss",
        content_type=None,
        fetched_at=NOON,
        known=known,
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def parse() -> AsyncIterator[Parse]:
    async with open_parsers(time_limit=timedelta(seconds=1)) as opened:
        await asyncio.gather(*(read(opened, HONEST) for _ in range(WORKERS)))
        yield opened


async def test_what_is_in_a_document_comes_back(parse: Parse) -> None:
    contents = await read(parse, HONEST)
    assert [entry.url for entry in contents.entries] == ["https://courier.example/bridge"]
    assert contents.digests == (digest(ITEM.decode()),)
    assert (await read(parse, HONEST, frozenset(contents.digests))).entries == ()


async def test_what_is_wrong_with_a_document_comes_back_as_itself(parse: Parse) -> None:
    with pytest.raises(ParseError, match="it is an HTML page"):
        await read(parse, b"<html>")
    with pytest.raises(GoneError, match="has ended"):
        await read(parse, b'{"version":"https://jsonfeed.org/version/1","expired":true,"items":[]}')


async def test_memory_has_a_bound(parse: Parse) -> None:
    workers = await ready_workers(lambda: read(parse, HONEST))
    assert all(int(memory_limit(process)) <= 512 * 2**20 for process in workers)


async def test_a_process_imports_nothing_that_parsing_does_not_need(parse: Parse) -> None:
    assert (await read(parse, HONEST)).entries
    for process in workers_of(os.getpid()):
        libraries = Path(f"/proc/{process}/maps").read_text()
        needless = ("_sqlite3", "_http_parser", "pydantic")
        assert not [name for name in needless if name in libraries]
