"""What a poll does, over real HTTP and a real database; the numbers are those of docs/feeds.md."""

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.errors import FetchError, KilledError
from bot.feeds.formats.parse import ParsedFeed
from bot.feeds.http.client import open_http
from bot.feeds.polling.poller import MAX_INCREMENTAL_PARSES, Poller
from bot.model import ChatId, FoundFeed
from bot.model.feeds import FeedDocument, FeedRequest, NotModified
from bot.storage.database import Database
from bot.storage.feeds import feeds, own_feeds
from bot.storage.stories import articles
from bot.web.domains import domain_of
from tests.feeds.conftest import Publisher
from tests.support.builders import listed_feed, subscribe
from tests.support.fakes import NOON, FakeClock
from tests.support.poller_setup import (
    InlineParser,
    follow,
    health,
    item,
    make_poller,
    news,
    poll_all,
    problem_and_wait,
    row,
    rss,
    stored,
)

DOCUMENT = FeedDocument(
    url="",
    body=rss(item("Bridge")).encode(),
    content_type=None,
    validators=(None, None),
    fresh_for=timedelta(0),
    complete=True,
    partial=False,
    moved_to=None,
    status=200,
    received=0,
    conditional=False,
)
RUIN = "Bridge <b>&</b> road 🎉 " * 50
DAY = timedelta(days=1)


@pytest.fixture
def parser() -> InlineParser:
    return InlineParser()


@pytest.fixture
def poller(
    db: Database, http: aiohttp.ClientSession, clock: FakeClock, parser: InlineParser
) -> Poller:
    return make_poller(db, http, clock, parser=parser)


async def until_asked(publisher: Publisher) -> None:
    while not publisher.requests:
        await asyncio.sleep(0.001)


def conditions(request: web.Request) -> tuple[str | None, str | None]:
    return request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")


async def test_a_due_feed_brings_articles_and_is_due_again_later(
    poller: Poller,
    db: Database,
    publisher: Publisher,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    url = publisher.url()
    await follow(db, url)
    publisher.says(rss(item("Bridge"), item("Road")), headers={"ETag": '"7"'})
    assert await poller.step()
    assert (await stored(db)).keys() == {"Bridge", "Road"}
    assert await problem_and_wait(db, url, clock) == (None, 15)
    assert f"{url}: 2 new, 0 edited" in caplog.messages
    assert not await poller.step()
    assert (await row(db, url)).etag == b'"7"'


async def test_addresses_are_stored_without_tracking_and_with_their_keys(
    poller: Poller, db: Database, publisher: Publisher
) -> None:
    await follow(db, publisher.url())
    link = "https://www.courier.example/a/?utm_source=rss"
    publisher.says(rss(item("Bridge", link=link), item("Road")))
    await poller.step()
    article = (await stored(db))["Bridge"]
    assert article.url == "https://www.courier.example/a/"
    assert article.canonical_url == "courier.example/a"


async def test_p06_validators_are_stored_only_with_the_articles_of_their_document(
    poller: Poller, db: Database, publisher: Publisher
) -> None:
    url = publisher.url()
    await follow(db, url)
    publisher.says(rss(item("Bridge")), headers={"ETag": '"7"'})
    async with db.transaction() as tx:
        await tx.execute(
            "CREATE TRIGGER fail BEFORE UPDATE ON feeds WHEN new.etag IS NOT NULL"
            " BEGIN SELECT raise(ABORT, 'the power went'); END"
        )
    await poller.step()
    assert await stored(db) == {}
    feed = await row(db, url)
    assert (feed.etag, feed.read_at, feed.failures) == (None, None, 1)


async def test_p07_validators_are_not_sent_to_another_address(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url())
    publisher.says(rss(item("Bridge")), headers={"ETag": '"7"'})
    await poller.step()
    clock.advance(days=1)
    publisher.says(status=302, headers={"Location": "/new"})
    publisher.says(rss(item("Bridge")), path="/new")
    await poller.step()
    assert [(it.path, conditions(it)[0]) for it in publisher.requests[1:]] == [
        ("/rss", '"7"'),
        ("/new", None),
    ]


async def test_p08_a_restart_asks_nothing_unconditionally(
    poller: Poller,
    db: Database,
    publisher: Publisher,
    clock: FakeClock,
    http: aiohttp.ClientSession,
) -> None:
    await follow(db, publisher.url())
    publisher.says(rss(item("Bridge")), headers={"ETag": '"7"', "Last-Modified": "then"})
    await poller.step()
    publisher.says(status=304)
    for _ in range(3):
        clock.advance(hours=4)
        assert await make_poller(db, http, clock).step()
    assert [conditions(it) for it in publisher.requests] == [(None, None)] + [('"7"', "then")] * 3


class StuckServer:
    """Answers 304 to every conditional request, whatever its feed holds."""

    def __init__(self, *items: str) -> None:
        self.items = list(items)
        self.conditional: list[bool] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.conditional.append("If-None-Match" in request.headers)
        headers = {"ETag": '"v1"', "Content-Type": "text/xml"}
        if self.conditional[-1]:
            return web.Response(status=304, headers=headers)
        return web.Response(text=rss(*self.items), headers=headers)


async def test_n1_news_behind_a_304_that_lies_is_told_within_a_day_and_the_304_trusted_no_more(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    server = StuckServer(item("Bridge", NOON - timedelta(hours=20)))
    publisher.answers["/rss"] = server.answer
    await follow(db, publisher.url())
    await poller.step()
    clock.advance(hours=2)
    server.items.insert(0, item("Ferry", clock()))
    for _ in range(22):
        clock.advance(hours=1)
        await poll_all(poller)
    assert await news(db) == ["Ferry"]
    assert server.conditional.count(False) == 2
    server.items.insert(0, item("Tram", clock()))
    server.conditional.clear()
    for _ in range(6):
        clock.advance(hours=1)
        await poll_all(poller)
    assert await news(db) == ["Ferry", "Tram"]
    assert True not in server.conditional
    assert 1 <= len(server.conditional) <= 6


async def test_n1_a_busy_feed_is_checked_sooner_and_a_true_304_once_a_day(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    busy = [item(f"Report {n}", NOON - n * timedelta(minutes=20)) for n in range(12)]
    server = StuckServer(*busy)
    publisher.answers["/rss"] = server.answer
    await follow(db, publisher.url())
    await poller.step()
    asked = []
    for _ in range(4 * 50):
        clock.advance(minutes=15)
        before = server.conditional.count(False)
        await poll_all(poller)
        if server.conditional.count(False) > before:
            asked.append(clock() - NOON)
    hours = [round(at / timedelta(hours=1)) for at in asked]
    assert hours[0] <= 2
    assert len(hours) == 3
    assert hours[1] - hours[0] >= 24
    assert len(server.conditional) > 20


async def test_n1_news_that_came_after_the_last_304_is_no_lie(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    server = StuckServer(item("Bridge", NOON - timedelta(hours=20)))
    publisher.answers["/rss"] = server.answer
    await follow(db, publisher.url())
    await poller.step()
    clock.advance(hours=12)
    await poll_all(poller)
    clock.advance(hours=12)
    server.items.insert(0, item("Ferry", clock()))
    await poll_all(poller)
    clock.advance(hours=6)
    await poll_all(poller)
    assert await news(db) == ["Ferry"]
    assert server.conditional == [False, True, False, True]


async def test_p09_a_hundred_readers_are_one_poll(
    poller: Poller, db: Database, publisher: Publisher
) -> None:
    await follow(db, publisher.url())
    for chat in range(2, 100):
        await subscribe(db, chat)
    publisher.says(rss(item("Bridge")))
    await poll_all(poller)
    assert len(publisher.requests) == 1


async def test_p10_the_same_document_again_is_not_parsed(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock, parser: InlineParser
) -> None:
    await follow(db, publisher.url())
    publisher.says(rss(item("Bridge"), item("Road")))
    for _ in range(3):
        await poller.step()
        clock.advance(days=1)
    assert len(publisher.requests) == 3
    assert parser.calls == 1
    outcomes = [poll.outcome for poll in (await health(db, publisher.url())).polls]
    assert outcomes == ["unchanged", "unchanged", "read"]


async def test_p10_of_a_changed_document_only_new_items_are_parsed(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock, parser: InlineParser
) -> None:
    await follow(db, publisher.url())
    old = [item(f"Old news number {number}") for number in range(9)]
    publisher.says(rss(*old, head="<lastBuildDate>then</lastBuildDate>"))
    await poller.step()
    clock.advance(days=1)
    parser.parsed.clear()
    head = "<lastBuildDate>now</lastBuildDate>"
    publisher.says(rss(item("The newest", clock()), *old, head=head))
    await poller.step()
    assert parser.parsed == ["The newest"]
    assert await news(db) == ["The newest"]


async def test_p10_now_and_then_a_document_is_parsed_whole(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock, parser: InlineParser
) -> None:
    await follow(db, publisher.url())
    titles = ["Bridge", "Road"]
    for number in range(MAX_INCREMENTAL_PARSES + 3):
        publisher.says(rss(*map(item, titles), head=f"<lastBuildDate>{number}</lastBuildDate>"))
        await poller.step()
        clock.advance(days=1)
    assert parser.calls == MAX_INCREMENTAL_PARSES + 3
    assert sorted(parser.parsed) == sorted(titles * 2)
    assert (await stored(db)).keys() == set(titles)


async def test_p12_a_delta_adds_what_it_holds_and_forgets_nothing(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock, parser: InlineParser
) -> None:
    await follow(db, publisher.url())
    old = [item("Bridge is open again today"), item("Road is closed until the winter")]
    publisher.says(rss(*old), headers={"ETag": '"1"'})
    await poller.step()
    clock.advance(hours=12)
    publisher.says(
        rss(item("Ferry sails", clock())), status=226, headers={"ETag": '"2"', "IM": "feed"}
    )
    await poller.step()
    clock.advance(hours=12)
    parser.parsed.clear()
    publisher.says(rss(item("Ferry sails", NOON), *old), headers={"ETag": '"3"'})
    await poller.step()
    assert parser.parsed == ["Ferry sails"], "its date is another; the others are still known"
    assert await news(db) == ["Ferry sails"]
    assert len(await stored(db)) == 3


async def test_p17_the_next_poll_counts_from_the_end_of_the_last(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    async def slow(_: web.Request) -> web.Response:
        clock.advance(minutes=2)
        return web.Response(text=rss(item("Bridge")))

    await follow(db, publisher.url())
    publisher.answers["/rss"] = slow
    await poller.step()
    found = await health(db, publisher.url())
    assert found.polls[0].ended_at == NOON + timedelta(minutes=2)
    assert found.due_at >= found.polls[0].ended_at + timedelta(minutes=15)


async def test_p22_hours_to_skip_are_skipped(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url())
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(12, 20))
    publisher.says(rss(item("Bridge"), head=f"<skipHours>{hours}</skipHours>"))
    await poller.step()
    assert (await health(db, publisher.url())).due_at >= NOON + timedelta(hours=8)


async def test_p23_a_feed_is_read_once_for_whoever_comes_and_then_only_for_readers(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed_feed(publisher.url())], now=NOON)
    publisher.says(rss(item("Bridge")))
    for _ in range(3):
        await poll_all(poller)
        clock.advance(days=1)
    assert len(publisher.requests) == 1
    await subscribe(db, 1)
    await poll_all(poller)
    assert len(publisher.requests) == 2


async def test_p24_a_host_gets_one_request_at_a_time_and_each_feed_is_polled_once(
    poller: Poller, db: Database, publisher: Publisher
) -> None:
    at_once = most = 0

    async def answer(_: web.Request) -> web.Response:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.002)
        at_once -= 1
        return web.Response(text=rss())

    urls = [publisher.url(f"/{number}") for number in range(200)]
    publisher.answers.update({f"/{number}": answer for number in range(200)})
    await follow(db, *urls)
    async with asyncio.TaskGroup() as lanes:
        for _ in range(8):
            lanes.create_task(_until(poller, lambda: len(publisher.requests) >= len(urls)))
    assert most == 1
    assert len(publisher.requests) == 200
    assert not await feeds.due(db.reader, now=NOON, limit=9)


async def _until(poller: Poller, done: Callable[[], bool]) -> None:
    while not done():
        if not await poller.step():
            await asyncio.sleep(0.001)


async def test_p24_between_two_requests_to_a_host_there_is_a_pause(
    db: Database, http: aiohttp.ClientSession, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url("/1"), publisher.url("/2"))
    for path in ("/1", "/2"):
        publisher.says(rss(), path=path)
    poller = make_poller(db, http, clock, min_interval=timedelta(seconds=2))
    assert await poller.step()
    clock.advance(seconds=1.9)
    assert not await poller.step()
    clock.advance(seconds=0.1)
    assert await poller.step()


async def test_p25_a_hung_server_is_left_and_holds_up_no_other(
    db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    slow, good = publisher.url("/slow"), publisher.url("/good").replace("127.0.0.1", "localhost")
    waiting = publisher.url("/waiting")
    await follow(db, slow, waiting, good)
    publisher.answers["/slow"] = publisher.hang
    publisher.says(rss(item("Bridge")), path="/good")
    time_limit = timedelta(seconds=0.5)
    async with open_http(allow_private_addresses=True, time_limit=time_limit) as http:
        poller = make_poller(db, http, clock)
        async with asyncio.TaskGroup() as lanes:
            lanes.create_task(poller.step())
            await until_asked(publisher)
            assert await poller.step()
            assert (await stored(db)).keys() == {"Bridge"}
            assert not await poller.step(), "its own host waits"
    assert (await health(db, slow)).problem == "did not answer within 0.5 s"


async def test_p28_a_busy_server_is_left_alone_with_all_its_feeds_for_as_long_as_it_asks(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url("/1"), publisher.url("/2"))
    for path in ("/1", "/2"):
        publisher.says(path=path, status=429, headers={"Retry-After": "7200"})
    await poll_all(poller)
    assert [it.path for it in publisher.requests] == ["/1"]
    problem, minutes = await problem_and_wait(db, publisher.url("/1"), clock)
    assert problem == "HTTP 429, asks for 2 h"
    assert minutes >= 120
    clock.advance(minutes=119)
    assert not await poller.step()
    clock.advance(minutes=1)
    assert await poller.step()


async def test_p15_p28_a_server_that_asks_for_ten_days_gets_one(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url())
    publisher.says(status=429, headers={"Retry-After": "864000"})
    await poll_all(poller)
    clock.advance(days=1)
    assert await poller.step()


async def test_p28_too_many_requests_without_a_time_pause_the_host_for_a_while(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url("/1"), publisher.url("/2"))
    for path in ("/1", "/2"):
        publisher.says(path=path, status=429)
    await poll_all(poller)
    assert len(publisher.requests) == 1
    clock.advance(minutes=15)
    assert await poller.step()


async def move_for_good(
    poller: Poller, publisher: Publisher, clock: FakeClock, *, times: int, status: int = 301
) -> None:
    publisher.says(status=status, headers={"Location": "/new"})
    for number in range(times):
        clock.advance(hours=12)
        dated = item(f"Story number {number} of the harbour", clock())
        publisher.says(rss(dated, item("Bridge opens again for all")), path="/new")
        await poller.step()


async def test_p29_a_permanently_redirected_feed_is_polled_at_its_target(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url())
    publisher.says(rss(item("Bridge opens again for all")))
    await poller.step()
    await move_for_good(poller, publisher, clock, times=9)
    assert (await row(db, publisher.url())).url == publisher.url()
    await move_for_good(poller, publisher, clock, times=1)
    assert (await row(db, publisher.url())).url == publisher.url("/new")
    publisher.requests.clear()
    clock.advance(days=1)
    await poller.step()
    assert [it.path for it in publisher.requests] == ["/new"]


async def test_p29_a_temporary_redirect_is_followed_and_not_recorded(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url())
    publisher.says(rss(item("Bridge opens again for all")))
    await poller.step()
    await move_for_good(poller, publisher, clock, times=12, status=302)
    feed = await row(db, publisher.url())
    assert (feed.url, feed.redirect) == (publisher.url(), None)


async def test_p29_a_new_address_that_fails_was_not_for_good(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url())
    publisher.says(rss(item("Bridge opens again for all")))
    await poller.step()
    await move_for_good(poller, publisher, clock, times=10)
    publisher.says(status=404, path="/new")
    publisher.says(rss(item("Back at home", NOON + 9 * DAY)))
    for failures in range(6):
        there = publisher.url("/new") if failures < 5 else publisher.url()
        assert (await row(db, publisher.url())).url == there
        clock.advance(days=1)
        await poller.step()
    assert "Back at home" in await stored(db)


async def test_p30_two_feeds_that_move_to_one_address_become_one_and_repeat_nothing(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url(), publisher.url("/new"))
    publisher.says(rss(item("Bridge opens again for all")))
    publisher.says(rss(), path="/new")
    await poll_all(poller)
    publisher.says(status=301, headers={"Location": "/new"})
    publisher.says(rss(item("Bridge opens again for all")), path="/new")
    for _ in range(11):
        clock.advance(hours=12)
        await poll_all(poller)
    assert (await health(db, publisher.url())).stop_reason == "merged"
    before = len(await stored(db))
    publisher.requests.clear()
    clock.advance(days=1)
    await poll_all(poller)
    assert [it.path for it in publisher.requests] == ["/new"]
    assert len(await stored(db)) == before


async def test_p30_what_was_known_of_the_feed_that_moved_is_known_of_the_other(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    shown = ""

    async def answer(_: web.Request) -> web.Response:
        """Show what there is to those alone who come by the redirect."""
        is_redirected = [it.path for it in publisher.requests][-2:-1] == ["/rss"]
        return web.Response(text=rss(shown if is_redirected else ""))

    old, new = publisher.url(), publisher.url("/new")
    await follow(db, old, new)
    publisher.says(rss(item("Bridge opens again for all")))
    publisher.answers["/new"] = answer
    await poll_all(poller)
    shown = item("Bridge opens again for all")
    publisher.says(status=301, headers={"Location": "/new"})
    for _ in range(11):
        clock.advance(hours=12)
        await poll_all(poller)
    assert (await health(db, old)).stop_reason == "merged"
    clock.advance(days=1)
    publisher.says(rss(shown), path="/new")
    await poll_all(poller)
    assert (await health(db, new)).polls[0].outcome == "read"
    assert len(await articles.unprocessed(db.reader, now=clock(), limit=9)) == 1


@pytest.mark.parametrize("page", ["<html><body>Sign in</body></html>", rss(item("Other news"))])
async def test_p31_a_move_to_what_is_not_the_same_feed_is_not_remembered(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock, page: str
) -> None:
    await follow(db, publisher.url())
    publisher.says(rss(item("Bridge opens again for all")))
    await poller.step()
    publisher.says(status=301, headers={"Location": "/new"})
    publisher.says(page, path="/new")
    clock.advance(days=1)
    await poller.step()
    assert (await row(db, publisher.url())).redirect is None


async def test_p33_a_feed_that_is_gone_is_not_polled_until_the_operator_wants_it(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url())
    publisher.says(status=410)
    for _ in range(5):
        await poll_all(poller)
        clock.advance(days=9)
    assert len(publisher.requests) == 1
    found = await health(db, publisher.url())
    assert (found.stop_reason, found.polls[0].outcome) == ("gone", "gone")
    async with db.transaction() as tx:
        await feeds.poll_soon(tx, publisher.url(), now=clock(), floor=timedelta(minutes=5))
    publisher.says(rss(item("Bridge")))
    await poll_all(poller)
    assert (await health(db, publisher.url())).stop_reason is None


@pytest.mark.parametrize(
    ("body", "status", "fact"),
    [
        ("", 200, "an empty document"),
        ("<html><body>Sign in</body></html>", 200, "not a feed: it is an HTML page"),
        ("hello", 200, "not a feed: neither RSS nor Atom nor JSON Feed"),
        ("", 404, "HTTP 404"),
    ],
)
async def test_p34_p38_a_feed_that_is_none_is_named_and_harms_no_other(
    poller: Poller,
    db: Database,
    publisher: Publisher,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
    body: str,
    status: int,
    fact: str,
) -> None:
    bad, good = publisher.url("/bad"), publisher.url("/good")
    await follow(db, bad, good)
    publisher.says(body, path="/bad", status=status)
    publisher.says(rss(item("Bridge")), path="/good")
    await poll_all(poller)
    problem, minutes = await problem_and_wait(db, bad, clock)
    assert problem == fact
    assert 15 <= minutes <= 60
    assert (await health(db, good)).problem is None
    assert (await stored(db)).keys() == {"Bridge"}
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [(it.getMessage(), it.exc_info) for it in warnings] == [(f"{bad}: {fact}", None)]


async def test_p34_waits_grow_with_failures_in_a_row_and_a_success_forgets_them(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url())
    publisher.says(status=500)
    waits = []
    for _ in range(12):
        await poller.step()
        _, minutes = await problem_and_wait(db, publisher.url(), clock)
        waits.append(minutes)
        clock.advance(minutes=minutes)
    assert all(later >= earlier for earlier, later in pairwise(waits))
    assert waits[-1] == 24 * 60
    publisher.says(rss(item("Bridge")))
    await poller.step()
    found = await health(db, publisher.url())
    assert (found.problem, found.failures) == (None, 0)
    assert all(article.backlog for article in (await stored(db)).values())


async def test_p39_a_truncated_document_is_read_as_far_as_it_goes_and_requested_anew(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url())
    whole = rss(item("Bridge opens"), item("Road closes"), item("Ferry sails"))
    torn = whole[: whole.index("Ferry")]
    publisher.says(torn, headers={"ETag": '"7"'})
    await poller.step()
    assert (await stored(db)).keys() == {"Bridge opens", "Road closes"}
    found = await health(db, publisher.url())
    assert found.problem == "broke off in the middle; read as far as it went"
    assert found.polls[0].outcome == "torn"
    clock.advance(days=1)
    publisher.says(whole, headers={"ETag": '"7"'})
    await poller.step()
    assert conditions(publisher.requests[-1]) == (None, None)
    assert (await stored(db)).keys() == {"Bridge opens", "Road closes", "Ferry sails"}


async def test_p40_the_user_agent_has_the_number_of_readers(
    poller: Poller, db: Database, publisher: Publisher
) -> None:
    await follow(db, publisher.url())
    await subscribe(db, 2)
    publisher.says(rss())
    await poller.step()
    assert "; 2 subscribers)" in publisher.requests[0].headers["User-Agent"]


async def test_p48_each_poll_leaves_its_figures(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url())
    body = rss(item("Bridge"))
    publisher.says(body, headers={"ETag": '"7"'})
    await poller.step()
    clock.advance(days=1)
    publisher.says(status=304)
    await poller.step()
    clock.advance(days=1)
    publisher.says("no such page", status=404)
    await poller.step()
    failed, unchanged, first = (await health(db, publisher.url())).polls
    assert (first.status, first.received, first.conditional, first.news) == (
        200,
        len(body),
        False,
        1,
    )
    assert (unchanged.status, unchanged.received, unchanged.conditional, unchanged.news) == (
        304,
        0,
        True,
        0,
    )
    assert (failed.status, failed.received, failed.conditional, failed.news) == (404, 0, True, 0)


async def test_a_feed_that_kills_the_parser_twice_is_polled_once_a_day(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    async def killed(*_: object, **__: object) -> ParsedFeed:
        raise KilledError("reading it took more than 5 seconds")

    await follow(db, publisher.url())
    publisher.says(rss(item("Bridge")))
    worker = replace(poller, parse=killed)
    await poll_all(worker)
    assert (await problem_and_wait(db, publisher.url(), clock))[1] < 60
    clock.advance(hours=1)
    await poll_all(worker)
    assert await problem_and_wait(db, publisher.url(), clock) == (
        "quarantined, asked once a day: reading it took more than 5 seconds",
        24 * 60,
    )
    assert (await health(db, publisher.url())).polls[0].outcome == "killed"
    clock.advance(days=1)
    await poll_all(poller)
    assert (await health(db, publisher.url())).problem is None


async def test_a_title_full_of_markup_is_stored_readable(
    poller: Poller, db: Database, publisher: Publisher
) -> None:
    await follow(db, publisher.url())
    publisher.says(rss(item(RUIN), item("Half <b"), item("\ufffe<i/>\u202e")))
    await poller.step()
    ruin = next(title for title in await stored(db) if title.startswith("Bridge"))
    assert ruin.startswith("Bridge & road 🎉 Bridge & road 🎉")
    assert len(ruin) <= 300


async def test_the_unexpected_is_logged_whole_recorded_and_harms_no_other(
    poller: Poller, db: Database, publisher: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    async def fragile(document: bytes, **known: Any) -> ParsedFeed:
        if document == b"poison":
            raise RecursionError("too deep")
        return await poller.parse(document, **known)

    bad, good = publisher.url("/bad"), publisher.url("/good")
    await follow(db, bad, good)
    publisher.says("poison", path="/bad")
    publisher.says(rss(), path="/good")
    await poll_all(replace(poller, parse=fragile))
    assert (await health(db, bad)).problem == "unexpected RecursionError"
    assert (await health(db, good)).problem is None
    (record,) = (it for it in caplog.records if it.levelno >= logging.WARNING)
    assert (record.getMessage(), bool(record.exc_info)) == (f"{bad}: unexpected", True)


async def test_an_address_with_a_secret_in_it_is_not_fetched(
    poller: Poller, db: Database, publisher: Publisher
) -> None:
    url = publisher.url().replace("http://", "http://ann:secret@")
    await follow(db, url)
    await poll_all(poller)
    assert publisher.requests == []
    assert (await health(db, url)).problem is not None


async def test_the_rest_of_a_long_document_is_requested_though_nothing_in_it_is_new(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url())
    body = rss(*(item(f"Report {number}") for number in range(400)))

    async def answer(request: web.Request) -> web.Response:
        status = 304 if "If-None-Match" in request.headers else 200
        return web.Response(status=status, text=body, headers={"ETag": '"1"'})

    publisher.answers["/rss"] = answer
    for _ in range(3):
        await poll_all(poller)
        clock.advance(hours=12)
    assert len(await stored(db)) == 400
    assert "If-None-Match" in publisher.requests[2].headers


async def test_a_feed_that_is_found_at_two_mirrors_in_turn_keeps_its_news(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    mirrors = [publisher.base, publisher.base.replace("127.0.0.1", "localhost")]
    await follow(db, publisher.url())
    titles = [f"Report {number}" for number in range(30)]
    for number in range(3):
        clock.advance(hours=12)
        shown = [item(title, NOON) for title in titles[: 20 + 5 * number]]
        publisher.says(rss(*shown), path="/mirror")
        publisher.says(status=302, headers={"Location": f"{mirrors[number % 2]}/mirror"})
        await poll_all(poller)
    assert sorted(await news(db)) == sorted(titles[20:])


async def test_what_a_delta_holds_says_nothing_of_how_the_whole_feed_is_identified(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url())
    publisher.says(
        rss(*(item(f"Report {number}", guid=f"n{number}") for number in range(30))),
        headers={"ETag": '"1"'},
    )
    await poll_all(poller)
    clock.advance(hours=12)
    delta = [item(f"Flash {number}", clock()) for number in range(5)]
    publisher.says(rss(*delta), status=226, headers={"ETag": '"2"', "IM": "feed"})
    await poll_all(poller)
    assert len(await news(db)) == 5


async def test_our_own_outage_is_not_held_against_the_feeds(
    poller: Poller, db: Database, clock: FakeClock
) -> None:
    urls = [f"http://127.0.0.1:{port}/rss" for port in range(1, 13)]
    await follow(db, *urls)

    async def offline(_: FeedRequest) -> NotModified:
        raise FetchError("could not be reached")

    unplugged = replace(poller, fetch=offline)
    for _ in range(8):
        await poll_all(unplugged)
        clock.advance(days=1)
    waits = [(await problem_and_wait(db, url, clock))[1] + 24 * 60 for url in urls]
    assert max(waits[-2:]) <= 60


async def test_p34_failures_pile_up_where_others_answer_in_between(
    poller: Poller, db: Database, clock: FakeClock
) -> None:
    bad = [f"http://127.0.0.1:{port}/rss" for port in range(1, 13)]
    good = ["http://127.0.0.1:21/rss", "http://127.0.0.1:22/rss"]
    await follow(db, *bad[:6], good[0], *bad[6:], good[1])

    async def answer(request: FeedRequest) -> FeedDocument:
        if request.url in bad:
            raise FetchError("could not be reached")
        return replace(DOCUMENT, url=request.url)

    for _ in range(8):
        async with db.transaction() as tx:
            await tx.execute("UPDATE feeds SET due_at = id")  # so they are asked in their order
        await poll_all(replace(poller, fetch=answer))
        clock.advance(days=1)
    assert {(await health(db, url)).failures for url in bad} == {8}


async def test_that_the_database_fails_is_held_against_no_feed(
    db: Database, http: aiohttp.ClientSession, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url())
    publisher.says(rss(item("Bridge")))
    poller = make_poller(db, http, clock)
    await db._writer.execute("PRAGMA query_only = ON")
    polled = asyncio.ensure_future(poller.step())
    await asyncio.sleep(0.1)
    await db._writer.execute("PRAGMA query_only = OFF")
    # As far as it had come, it waits for the database, or is to be taken again.
    with suppress(sqlite3.OperationalError):
        await polled
    await poller.step()
    assert (await problem_and_wait(db, publisher.url(), clock))[0] is None
    assert set(await stored(db)) == {"Bridge"}


def elsewhere(publisher: Publisher, path: str) -> str:
    """Return an address of the same server by another name."""
    return publisher.url(path).replace("127.0.0.1", "localhost")


async def follow_by_domain(db: Database, *urls: str) -> None:
    """List the feeds under the domains of their addresses, and let somebody read them."""
    listed = [replace(listed_feed(url, topic=None), domain=domain_of(url)) for url in urls]
    async with db.transaction() as tx:
        await feeds.sync(tx, listed, now=NOON)
    await subscribe(db, 1)


async def test_a_server_that_is_redirected_to_is_blamed_for_its_own_answer(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    trap, paper = publisher.url("/trap"), publisher.url("/paper")
    await follow_by_domain(db, trap, paper, elsewhere(publisher, "/other"))
    publisher.says(status=302, headers={"Location": elsewhere(publisher, "/busy")}, path="/trap")
    publisher.says(status=429, headers={"Retry-After": "86400"}, path="/busy")
    publisher.says(rss(item("Bridge")), path="/paper")
    await poll_all(poller)
    assert (await stored(db)).keys() == {"Bridge"}
    assert "/other" not in {request.path for request in publisher.requests}
    assert (await problem_and_wait(db, trap, clock))[1] >= 24 * 60


async def test_what_a_redirect_target_refuses_without_a_time_is_not_asked_again_at_once(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await follow_by_domain(db, publisher.url("/trap"))
    publisher.says(status=302, headers={"Location": elsewhere(publisher, "/busy")}, path="/trap")
    publisher.says(status=429, path="/busy")
    await poll_all(poller)
    assert (await problem_and_wait(db, publisher.url("/trap"), clock))[1] >= 15


async def test_the_log_does_not_tell_the_address_of_a_feed_that_a_reader_wrote(
    poller: Poller, db: Database, publisher: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "bot")
    await follow_by_domain(db, publisher.url("/paper"))
    url, domain = publisher.url("/own?key=secret"), domain_of(publisher.url())
    async with db.transaction() as tx:
        own = FoundFeed(url=url, domain=domain, title="", newest=())
        await own_feeds.add(tx, ChatId(1), own, language="en", now=NOON)
        await tx.execute("UPDATE feeds SET due_at = due_at - 9")
    publisher.says(path="/own?key=secret", status=503)
    publisher.says(path="/own", status=503)
    await poll_all(poller)
    assert "feed 2: HTTP 503" in caplog.text
    assert "secret" not in caplog.text


async def test_what_a_private_feed_is_refused_silences_no_public_feed_of_its_host(
    poller: Poller, db: Database, publisher: Publisher
) -> None:
    await follow_by_domain(db, publisher.url("/paper"))
    for path in ("/own1", "/own2"):
        own = FoundFeed(
            url=publisher.url(path), domain=domain_of(publisher.url()), title="", newest=()
        )
        async with db.transaction() as tx:
            await own_feeds.add(tx, ChatId(1), own, language="en", now=NOON)
            await tx.execute("UPDATE feeds SET due_at = due_at - 9 WHERE private = 1")
        publisher.says(path=path, status=429, headers={"Retry-After": "86400"})
    publisher.says(rss(item("Bridge")), path="/paper")
    await poll_all(poller)
    assert [request.path for request in publisher.requests] == ["/own1", "/paper"]
