import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import aiohttp
import pytest
from aiohttp import web

from bot.feeds.fetch import open_http
from bot.feeds.poller import Poller
from bot.model import Article, Feed, ListedFeed
from bot.storage import articles, feeds
from bot.storage.database import Database
from tests.fakes import NOON, FakeClock
from tests.feeds.conftest import Publisher

FLOOR = timedelta(minutes=5)
RUIN = "Bridge <b>&amp;</b> road 🎉 " * 50


def rss(*items: tuple[str, datetime | None]) -> str:
    written = "".join(
        f"<item><title>{title}</title><link>/{number}/{title[:9].replace('<', '')}</link>"
        + (f"<pubDate>{date.isoformat()}</pubDate>" if date else "")
        + "</item>"
        for number, (title, date) in enumerate(items)
    )
    return f"<rss version='2.0'><channel>{written}</channel></rss>"


@pytest.fixture
def poller(db: Database, http: aiohttp.ClientSession, clock: FakeClock) -> Poller:
    return Poller(db=db, http=http, floor=FLOOR, now=clock, jitter=lambda: 0.0)


async def follow(db: Database, *urls: str) -> None:
    listed = [ListedFeed(url=url, source="Courier", language="en", topic=None) for url in urls]
    async with db.transaction() as tx:
        await feeds.sync(tx, listed, now=NOON)


async def poll_all(poller: Poller) -> None:
    while await poller.step():
        pass


async def until_asked(publisher: Publisher) -> None:
    while not publisher.requests:
        await asyncio.sleep(0.001)


async def stored(db: Database) -> dict[str, Article]:
    return {article.title: article for article in await articles.unread(db.reader, limit=999)}


async def row(db: Database, url: str) -> Feed:
    async with db.transaction() as tx:
        await tx.execute("UPDATE feeds SET due_at = 0 WHERE url = ?", (url,))
    return next(feed for feed in await feeds.due(db.reader, now=NOON, limit=99) if feed.url == url)


async def problem_and_due(db: Database, url: str) -> tuple[str | None, int]:
    found = await db.reader.execute_fetchall(
        "SELECT problem, due_at - ? FROM feeds WHERE url = ?", (int(NOON.timestamp()), url)
    )
    return next((line[0], line[1]) for line in found)


async def test_a_due_feed_brings_articles_and_is_due_again_later(
    poller: Poller, db: Database, publisher: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    url = publisher.url()
    await follow(db, url)
    publisher.says(rss(("Bridge", NOON), ("Road", NOON)), headers={"ETag": '"7"'})
    assert await poller.step()
    assert (await stored(db)).keys() == {"Bridge", "Road"}
    assert await problem_and_due(db, url) == (None, 15 * 60)
    assert f"{url}: 2 new" in caplog.messages
    assert not await poller.step()
    assert (await row(db, url)).etag == b'"7"'


async def test_addresses_are_stored_without_tracking_and_with_their_keys(
    poller: Poller, db: Database, publisher: Publisher
) -> None:
    await follow(db, publisher.url())
    link = "https://www.courier.example/a/?utm_source=rss"
    publisher.says(rss(("Bridge", NOON)).replace("/0/Bridge", link))
    await poller.step()
    article = (await stored(db))["Bridge"]
    assert article.url == "https://www.courier.example/a/"
    assert article.canonical_url == "courier.example/a"


async def test_all_that_a_feed_holds_at_first_is_backlog(
    poller: Poller, db: Database, publisher: Publisher
) -> None:
    await follow(db, publisher.url())
    soon = NOON + timedelta(minutes=30)
    publisher.says(rss(("Undated", None), ("Now", NOON), ("Soon", soon)))
    await poller.step()
    assert all(article.backlog for article in (await stored(db)).values())


async def test_later_only_what_is_old_is_backlog(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url())
    publisher.says(rss())
    await poller.step()
    clock.advance(hours=1)
    day = timedelta(days=1)
    publisher.says(rss(("Undated", None), ("New", NOON - day), ("Archive", NOON - 3 * day)))
    await poller.step()
    backlog = {title: article.backlog for title, article in (await stored(db)).items()}
    assert backlog == {"Undated": False, "New": False, "Archive": True}


async def test_a_second_look_adds_only_what_is_new(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url())
    publisher.says(rss(("Bridge", NOON)))
    await poller.step()
    clock.advance(hours=1)
    publisher.says(rss(("Bridge", NOON + timedelta(minutes=9)), ("Road", NOON)))
    await poller.step()
    assert (await stored(db)).keys() == {"Bridge", "Road"}


async def test_what_has_not_changed_moves_the_schedule_alone(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    url = publisher.url()
    await follow(db, url)
    publisher.says(rss(("Bridge", NOON)), headers={"ETag": '"7"', "Last-Modified": "then"})
    await poller.step()
    clock.advance(minutes=20)
    publisher.says(status=304, headers={"ETag": '"8"'})
    assert await poller.step()
    assert publisher.requests[-1].headers["If-None-Match"] == '"7"'
    assert await problem_and_due(db, url) == (None, 35 * 60)
    feed = await row(db, url)
    assert (feed.etag, feed.last_modified, feed.failures) == (b'"8"', b"then", 0)


@pytest.mark.parametrize(
    ("body", "status", "fact"),
    [
        ("", 200, "an empty document"),
        ("<html><body>Sign in</body></html>", 200, "not a feed: it is an HTML page"),
        ("hello", 200, "not a feed: neither RSS nor Atom nor JSON Feed"),
        ("", 404, "HTTP 404"),
    ],
)
async def test_a_feed_that_fails_is_named_and_harms_no_other(
    poller: Poller,
    db: Database,
    publisher: Publisher,
    caplog: pytest.LogCaptureFixture,
    body: str,
    status: int,
    fact: str,
) -> None:
    bad, good = publisher.url("/bad"), publisher.url("/good")
    await follow(db, bad, good)
    publisher.says(body, path="/bad", status=status)
    publisher.says(rss(("Bridge", NOON)), path="/good")
    await poll_all(poller)
    assert await problem_and_due(db, bad) == (fact, 30 * 60)
    assert await problem_and_due(db, good) == (None, 15 * 60)
    assert (await stored(db)).keys() == {"Bridge"}
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [(it.getMessage(), it.exc_info) for it in warnings] == [(f"{bad}: {fact}", None)]


async def test_failures_in_a_row_are_counted_and_forgotten(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    url = publisher.url()
    await follow(db, url)
    publisher.says(status=500)
    await poller.step()
    clock.advance(minutes=30)
    await poller.step()
    assert await problem_and_due(db, url) == ("HTTP 500", 90 * 60)
    clock.advance(minutes=60)
    publisher.says(rss(("Bridge", NOON)))
    await poller.step()
    assert await problem_and_due(db, url) == (None, 105 * 60)
    assert all(article.backlog for article in (await stored(db)).values())


async def test_a_server_gets_the_time_it_asks_for(
    poller: Poller, db: Database, publisher: Publisher
) -> None:
    await follow(db, publisher.url())
    publisher.says(status=429, headers={"Retry-After": "7200"})
    await poller.step()
    expected = ("HTTP 429, asks to wait 7200 s", 7200)
    assert await problem_and_due(db, publisher.url()) == expected


async def test_a_hung_server_is_left_and_harms_no_other(
    db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    slow, good = publisher.url("/slow"), publisher.url("/good").replace("127.0.0.1", "localhost")
    await follow(db, slow, good)
    publisher.answers["/slow"] = publisher.hang
    publisher.says(rss(("Bridge", NOON)), path="/good")
    patience = timedelta(seconds=0.3)
    async with open_http(allow_private_addresses=True, patience=patience) as http:
        poller = Poller(db=db, http=http, floor=FLOOR, now=clock)
        async with asyncio.TaskGroup() as lanes:
            lanes.create_task(poller.step())
            await until_asked(publisher)
            await poller.step()
            assert (await stored(db)).keys() == {"Bridge"}
            assert (await problem_and_due(db, slow))[0] is None
    assert (await problem_and_due(db, slow))[0] == "did not answer within 0.3 s"


async def test_a_title_full_of_markup_is_stored_readable(
    poller: Poller, db: Database, publisher: Publisher
) -> None:
    await follow(db, publisher.url())
    escaped = RUIN.replace("&", "&amp;").replace("<", "&lt;")
    publisher.says(rss((escaped, NOON), ("Half &lt;b", NOON), ("\ufffe<i/>\u202e", NOON)))
    await poller.step()
    ruin = next(title for title in await stored(db) if title.startswith("Bridge"))
    assert ruin.startswith("Bridge & road 🎉 Bridge & road 🎉")
    assert len(ruin) <= 300


async def test_the_unexpected_is_logged_whole_recorded_and_harms_no_other(
    poller: Poller, db: Database, publisher: Publisher, caplog: pytest.LogCaptureFixture
) -> None:
    def fragile(document: bytes, **_: object) -> tuple[()]:
        if document == b"poison":
            raise RecursionError("too deep")
        return ()

    bad, good = publisher.url("/bad"), publisher.url("/good")
    await follow(db, bad, good)
    publisher.says("poison", path="/bad")
    publisher.says("fine", path="/good")
    worker = partial(Poller, db=db, http=poller.http, floor=FLOOR, now=poller.now)
    await poll_all(worker(parse=fragile, jitter=lambda: 0.0))
    assert await problem_and_due(db, bad) == ("unexpected RecursionError", 30 * 60)
    assert await problem_and_due(db, good) == (None, 15 * 60)
    (record,) = (it for it in caplog.records if it.levelno >= logging.WARNING)
    assert (record.getMessage(), bool(record.exc_info)) == (f"{bad}: unexpected", True)


async def test_a_poll_cut_off_has_not_happened(
    poller: Poller, db: Database, publisher: Publisher
) -> None:
    url = publisher.url()
    await follow(db, url)
    publisher.says(rss(("Bridge", NOON)), headers={"ETag": '"7"'})
    async with db.transaction() as tx:
        await tx.execute(
            "CREATE TRIGGER fail BEFORE UPDATE ON feeds WHEN new.etag IS NOT NULL"
            " BEGIN SELECT raise(ABORT, 'the power went'); END"
        )
    await poller.step()
    assert await stored(db) == {}
    feed = await row(db, url)
    assert (feed.etag, feed.read_before, feed.failures) == (None, False, 1)


async def test_a_host_is_asked_one_thing_at_a_time_and_each_feed_once(
    poller: Poller, db: Database, publisher: Publisher
) -> None:
    at_once = most = 0

    async def answer(_: web.Request) -> web.Response:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        at_once -= 1
        return web.Response(text=rss())

    urls = [publisher.url(f"/{number}") for number in range(5)]
    publisher.answers.update({f"/{number}": answer for number in range(5)})
    await follow(db, *urls)
    async with asyncio.TaskGroup() as lanes:
        for _ in range(3):
            lanes.create_task(_until(poller, lambda: len(publisher.requests) >= len(urls)))
    assert most == 1
    assert len(publisher.requests) == 5
    assert not await feeds.due(db.reader, now=NOON, limit=9)


async def _until(poller: Poller, done: Callable[[], bool]) -> None:
    while not done():
        if not await poller.step():
            await asyncio.sleep(0.001)


async def test_feeds_of_busy_hosts_are_no_work_for_another_lane(
    db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await follow(db, publisher.url("/slow"), publisher.url("/waiting"))
    publisher.answers["/slow"] = publisher.hang
    patience = timedelta(seconds=0.3)
    async with open_http(allow_private_addresses=True, patience=patience) as http:
        poller = Poller(db=db, http=http, floor=FLOOR, now=clock)
        async with asyncio.TaskGroup() as lanes:
            lanes.create_task(poller.step())
            await until_asked(publisher)
            assert not await poller.step()


async def test_jitter_makes_the_interval_longer(
    poller: Poller, db: Database, publisher: Publisher
) -> None:
    await follow(db, publisher.url())
    publisher.says(rss())
    worker = Poller(db=db, http=poller.http, floor=FLOOR, now=poller.now, jitter=lambda: 1.0)
    await worker.step()
    assert await problem_and_due(db, publisher.url()) == (None, 990)
