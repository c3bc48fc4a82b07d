"""Documents and answers as publishers send them, read by the poller or the search, end to end.

Those of `cases/` were made after reports of other readers; all words and marks in them are our own.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Unpack

import aiohttp
import pytest
from aiohttp import web

from bot.feeds.discovery.feed_finder import discover
from bot.feeds.formats.parse import ParsedFeed, parse
from bot.feeds.http.fetch import fetch_feed
from bot.feeds.parser_pool import ParseOptions
from bot.feeds.polling.poller import Poller
from bot.model import Article
from bot.model.feeds import FeedDocument, FeedRequest
from bot.storage.database import Database
from bot.storage.stories import articles
from bot.web import opml
from bot.web.urls import without_tracking
from tests.feeds.conftest import Publisher, Wire
from tests.support.fakes import FakeClock
from tests.support.poller_setup import follow, item, make_poller, poll_all, rss

CASES = Path(__file__).parent / "cases"
EVENING = datetime(2026, 11, 30, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)
OLD = rss(item("Nothing much", EVENING - 30 * HOUR, guid="old"))


def case(name: str) -> bytes:
    return next(CASES.glob(f"{name}-*")).read_bytes()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(EVENING)


@pytest.fixture
def poller(db: Database, http: aiohttp.ClientSession, clock: FakeClock) -> Poller:
    return make_poller(db, http, clock)


async def told(
    poller: Poller, publisher: Publisher, clock: FakeClock, *documents: bytes | str
) -> list[Article]:
    """Let the documents be read one after another; return what of them is news."""
    await follow(poller.db, publisher.url())
    for document in documents:
        publisher.says(document, headers={"Content-Type": "application/rss+xml"})
        await poll_all(poller)
        clock.at += 7 * HOUR
    stored = await articles.unprocessed(poller.db.reader, now=clock.at, limit=99)
    return [article for article in stored if not article.backlog]


async def test_06_the_same_headline_is_told_twice_each_with_its_link_and_text(
    poller: Poller, publisher: Publisher, clock: FakeClock
) -> None:
    news = await told(poller, publisher, clock, OLD, case("06a"), case("06b"))
    alerts = [article for article in news if "Air raid" in article.title]
    names = [article.url.rpartition("/")[2] for article in alerts]
    assert names == ["1001-air-raid", "1044-air-raid"]
    assert ["noon" in article.text for article in alerts] == [True, False]


async def test_08_an_article_that_is_renamed_is_told_once(
    poller: Poller, publisher: Publisher, clock: FakeClock
) -> None:
    (article,) = await told(poller, publisher, clock, OLD, case("08a"), case("08b"))
    assert article.title == "Rivne: bridge over the Ustia opened after repair"


async def test_09_the_end_of_an_undated_list_is_no_news_and_its_beginning_is(
    poller: Poller, publisher: Publisher, clock: FakeClock
) -> None:
    assert await told(poller, publisher, clock, case("09a"), case("09b")) == []
    fresh = item("Trams run at night", None, guid="und-new")
    later = case("09b").decode().replace("<item>", f"{fresh}<item>", 1)
    assert [it.title for it in await told(poller, publisher, clock, later)] == [
        "Trams run at night"
    ]


@pytest.mark.parametrize("name", ["20", "22"])
def test_20_22_one_odd_outline_spoils_no_list(name: str) -> None:
    outlines = opml.parse(case(name))
    assert outlines[0].url == "https://good.example/rss"
    assert len(outlines) + outlines.broken == 2


@pytest.mark.parametrize("name", ["24", "26"])
async def test_24_26_a_server_is_understood_as_curl_understands_it(
    wire: Wire, http: aiohttp.ClientSession, name: str
) -> None:
    url = await wire.serve(case(name))
    document = await fetch_feed(http, FeedRequest(url=url))
    assert isinstance(document, FeedDocument)
    assert (b"Council votes" in document.body, document.complete) == (True, True)
    assert document.content_type == "text/xml"


async def test_28_a_cookie_check_is_passed_and_each_poll_begins_without(
    poller: Poller, publisher: Publisher, clock: FakeClock
) -> None:
    async def check(request: web.Request) -> web.Response:
        if "ok=1" in request.headers.get("Cookie", ""):
            return web.Response(text=OLD, content_type="text/xml")
        headers = {"Location": "/rss", "Set-Cookie": "ok=1; path=/"}
        return web.Response(status=302, headers=headers)

    await follow(poller.db, publisher.url())
    publisher.answers["/rss"] = check
    for _ in range(2):
        await poll_all(poller)
        clock.at += 24 * HOUR
    assert len(await articles.unprocessed(poller.db.reader, now=clock.at, limit=9)) == 1
    cookies = [request.headers.get("Cookie") for request in publisher.requests]
    assert cookies == [None, "ok=1"] * 2


async def test_29_what_is_new_behind_a_304_is_told_within_a_day(
    poller: Poller, publisher: Publisher, clock: FakeClock
) -> None:
    shown = OLD

    async def answer(request: web.Request) -> web.Response:
        headers = {"ETag": '"v1"'}
        if "If-None-Match" in request.headers:
            return web.Response(status=304, headers=headers)
        return web.Response(text=shown, headers=headers, content_type="text/xml")

    await follow(poller.db, publisher.url())
    publisher.answers["/rss"] = answer
    await poll_all(poller)
    clock.at += HOUR
    shown = rss(item("The ferry sails again", clock.at, guid="new"))
    for _ in range(24):
        clock.at += HOUR
        await poll_all(poller)
    stored = await articles.unprocessed(poller.db.reader, now=clock.at, limit=9)
    assert [it.title for it in stored if not it.backlog] == ["The ferry sails again"]


async def parse_here(document: bytes, **how: Unpack[ParseOptions]) -> ParsedFeed:
    return parse(document, **how)


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        ({"Link": '</the.atom>; rel="alternate"; type="application/atom+xml"'}, "/the.atom"),
        ({}, "/feed.xml"),
    ],
)
async def test_30_the_feed_of_a_page_that_names_none_is_found(
    publisher: Publisher, http: aiohttp.ClientSession, headers: dict[str, str], path: str
) -> None:
    publisher.says("<!doctype html><title>Courier</title>", path="/", headers=headers)
    publisher.says(OLD, path=path)
    found = await discover(http, publisher.url("/"), parse=parse_here, now=EVENING)
    assert (found.url, found.newest) == (publisher.url(path), ("Nothing much",))


@pytest.mark.parametrize("line", case("38").decode().splitlines()[1:])
def test_38_marks_of_origin_are_cut_off(line: str) -> None:
    link, expected = line.split("\t")
    assert without_tracking(link) == expected
