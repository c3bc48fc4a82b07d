from datetime import UTC, datetime
from typing import Unpack, get_args

import aiohttp
import pytest

from bot.feeds.discovery import discover as search
from bot.feeds.discovery.discover_finding import find_feed
from bot.feeds.formats.parse import Contents, parse
from bot.feeds.parser_pool import How
from bot.model import FoundFeed, NoFeed
from tests.feeds.conftest import Publisher

NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour</title>
<item><title>First</title><link>https://harbour.example/1</link></item></channel></rss>"""


async def parse_here(document: bytes, **how: Unpack[How]) -> Contents:
    return parse(document, **how)


async def test_a_feed_is_found_with_its_domain_and_newest_titles(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(RSS)
    found = await find_feed(http, publisher.url(), parse=parse_here, now=NOW)
    assert isinstance(found, FoundFeed)
    assert (found.url, found.title, found.newest) == (publisher.url(), "Harbour", ("First",))
    assert found.domain in publisher.url()


@pytest.mark.parametrize(
    ("status", "reason"), [(404, "not found"), (403, "refused"), (401, "needs login")]
)
async def test_a_refusal_is_told_by_its_kind(
    publisher: Publisher, http: aiohttp.ClientSession, status: int, reason: NoFeed
) -> None:
    publisher.says("", status=status)
    assert await find_feed(http, publisher.url(), parse=parse_here, now=NOW) == reason


async def test_what_is_no_address_or_no_feed_is_told_so(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    assert await find_feed(http, "a b c", parse=parse_here, now=NOW) == "not an address"
    publisher.says("<!doctype html><html><body>Nothing here</body></html>")
    assert await find_feed(http, publisher.url(), parse=parse_here, now=NOW) == "no feed"


async def test_whatever_else_goes_wrong_the_site_cannot_be_read_now(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says("", status=500)
    assert await find_feed(http, publisher.url(), parse=parse_here, now=NOW) == "unreadable"


def test_each_sentence_for_a_person_has_its_reason() -> None:
    sentences = {
        getattr(search, name)
        for name in dir(search)
        if name.isupper() and isinstance(getattr(search, name), str)
    }
    assert len(sentences) == len(get_args(NoFeed)) - 1
