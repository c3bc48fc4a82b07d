"""What becomes of an article whose feed only hints at it, over real HTTP and a real database."""

import asyncio
import logging
import sqlite3
from dataclasses import replace
from functools import partial
from typing import Unpack

import aiohttp
import pytest

from bot.errors import DisallowedError, KilledError
from bot.feeds.http.fetch import HtmlDocument, fetch_page
from bot.feeds.http.host_limiter import MIN_SILENT_DOMAINS
from bot.feeds.page_fetcher import NO_MORE, PageContext, PageFetcher
from bot.feeds.page_policy import (
    BACKOFF,
    MAX_FAILURES,
    MAX_WAIT,
    MIN_FULL_TEXT_LENGTH,
    RETRY_INTERVAL,
)
from bot.feeds.polling.poller import Poller
from bot.model import Article, ArticlePage, EditorLink, ListedFeed, Picture
from bot.storage.database import Database
from bot.storage.feeds import feeds, pages
from bot.storage.stories import articles, editor_links
from bot.web.domains import domain_of
from tests.feeds.conftest import Publisher
from tests.support.builders import guard_of, listed_feed, subscribe
from tests.support.fakes import NOON, FakeClock
from tests.support.poller_setup import health, item, make_poller, poll_all, rss

HTML = {"Content-Type": "text/html"}
TEXT = "The new bridge across the river was opened on Monday by the mayor and its builders."
LINK = EditorLink(title="The old bridge closes for repair", url="https://courier.example/old")


async def read(document: bytes, **about: Unpack[PageContext]) -> ArticlePage:
    """Read a page of a few words of our own: its text, or what is wrong with it."""
    said = document.decode()
    if said == "hang":
        raise KilledError("reading it took more than 5 s")
    problem = "its page wants a subscription" if said == "wall" else None
    return ArticlePage(text="" if problem else said, links=(LINK,), problem=problem)


def listed(publisher: Publisher, *, pages: bool) -> ListedFeed:
    feed = listed_feed(publisher.url(), topic=None, pages=pages)
    return replace(feed, domain=domain_of(feed.url))


@pytest.fixture
async def poller(
    db: Database, http: aiohttp.ClientSession, clock: FakeClock, publisher: Publisher
) -> Poller:
    """A poller that knows the feed and its first, old item."""
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed(publisher, pages=True)], now=NOON)
    await subscribe(db, 1)
    poller = make_poller(db, http, clock)
    publisher.says(rss(item("Old news", guid="0")))
    await poll_all(poller)
    clock.advance(hours=1)
    return poller


@pytest.fixture
def reader(
    db: Database, http: aiohttp.ClientSession, clock: FakeClock, poller: Poller
) -> PageFetcher:
    return PageFetcher(
        db=db,
        guard=guard_of(db),
        fetch=partial(fetch_page, http),
        read=read,
        now=clock,
        host_limiter=poller.host_limiter,
        offline_detector=poller.offline_detector,
    )


async def bring(poller: Poller, publisher: Publisher, *titles: str, text: str = "") -> None:
    """Let the feed bring news, each with a page of its own on the publisher's server."""
    clock = poller.now
    publisher.says(
        rss(
            *(
                item(title, clock(), guid=title, link=publisher.url(f"/{title}"), text=text)
                for title in titles
            )
        )
    )
    await poll_all(poller)


async def told(db: Database, clock: FakeClock) -> dict[str, Article]:
    """Return what the editor may read now."""
    unread = await articles.unprocessed(db.reader, now=clock(), limit=99)
    return {it.title: it for it in unread if not it.backlog}


async def reasons(db: Database) -> list[str | None]:
    rows = await db.reader.execute_fetchall("SELECT problem FROM pages ORDER BY article_id")
    return [row[0] for row in rows]


def pages_asked(publisher: Publisher) -> list[str]:
    return [it.path for it in publisher.requests if it.path != "/rss"]


async def test_the_page_of_a_teaser_is_read_and_kept_with_its_editors_links(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await bring(poller, publisher, "bridge")
    publisher.says(TEXT, path="/bridge", headers=HTML)
    assert await told(db, clock) == {}
    assert await reader.step()
    article = (await told(db, clock))["bridge"]
    assert article.page == TEXT
    assert await editor_links.titled(db.reader, article.id) == (LINK,)
    assert not await reader.step()
    assert await reasons(db) == [None]


async def test_news_is_not_held_up_for_longer_than_two_minutes(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await bring(poller, publisher, "bridge")
    clock.advance(seconds=MAX_WAIT.total_seconds() - 1)
    assert await told(db, clock) == {}
    clock.advance(seconds=1)
    assert (await told(db, clock))["bridge"].page == ""
    assert not await reader.step()
    assert pages_asked(publisher) == []


async def test_a_page_that_comes_too_late_is_kept_for_when_the_article_is_read_again(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await bring(poller, publisher, "bridge")
    publisher.says(TEXT, path="/bridge", headers=HTML)
    ((article_id,),) = await db.reader.execute_fetchall("SELECT article_id FROM pages")
    fetching = reader.fetch

    async def slow(url: str) -> HtmlDocument:
        sheet = await fetching(url)
        async with db.transaction() as tx:
            await pages.give_up(tx, article_id)
        return sheet

    assert await replace(reader, fetch=slow).step()
    assert (await told(db, clock))["bridge"].page == TEXT


async def test_a_long_text_in_the_feed_needs_no_page(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await bring(poller, publisher, "bridge", text="a" * MIN_FULL_TEXT_LENGTH)
    assert not await reader.step()
    assert (await told(db, clock)).keys() == {"bridge"}


async def test_backlog_and_feeds_whose_pages_are_not_wanted_ask_for_none(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    assert not await reader.step()  # the old item of the feed's first reading
    async with db.transaction() as tx:
        await feeds.sync(tx, [listed(publisher, pages=False)], now=NOON)
    await bring(poller, publisher, "bridge")
    assert not await reader.step()
    assert (await told(db, clock)).keys() == {"bridge"}


async def test_items_that_all_link_to_the_front_page_have_no_pages(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    link = publisher.url("/front")
    publisher.says(rss(*(item(f"News {n}", clock(), guid=f"{n}", link=link) for n in range(3))))
    await poll_all(poller)
    assert not await reader.step()
    assert len(await told(db, clock)) == 3


@pytest.mark.parametrize(
    ("body", "status", "headers", "words"),
    [
        ("", 403, HTML, "HTTP 403"),
        ("", 410, HTML, "HTTP 410: gone for good"),
        ("x", 200, {"Content-Type": "image/png"}, "not a page of HTML: image/png"),
        ("wall", 200, HTML, "its page wants a subscription"),
        ("hang", 200, HTML, "reading it took more than 5 s"),
    ],
)
async def test_an_article_whose_page_fails_keeps_the_feeds_text_and_the_reason(
    reader: PageFetcher,
    poller: Poller,
    db: Database,
    publisher: Publisher,
    clock: FakeClock,
    body: str,
    status: int,
    headers: dict[str, str],
    words: str,
) -> None:
    await bring(poller, publisher, "bridge", text="A bridge opens.")
    publisher.says(body, path="/bridge", status=status, headers=headers)
    await reader.step()
    article = (await told(db, clock))["bridge"]
    assert (article.text, article.page) == ("A bridge opens.", "")
    assert await reasons(db) == [words]


async def test_a_page_that_is_not_there_yet_is_retried_once(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await bring(poller, publisher, "bridge", "road")
    await reader.step()
    await reader.step()
    assert not await reader.step()
    assert await told(db, clock) == {}
    clock.advance(seconds=RETRY_INTERVAL.total_seconds())
    publisher.says(TEXT, path="/bridge", headers=HTML)
    await reader.step()
    await reader.step()
    assert {title: it.page for title, it in (await told(db, clock)).items()} == {
        "bridge": TEXT,
        "road": "",
    }
    assert not await reader.step()
    assert set(await reasons(db)) == {None, "HTTP 404"}


async def test_a_host_that_asks_for_silence_gets_it_for_its_feeds_too(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await bring(poller, publisher, "bridge", "road")
    publisher.says(status=429, path="/bridge", headers={"Retry-After": "7200"})
    publisher.says(status=429, path="/road", headers={"Retry-After": "7200"})
    await reader.step()
    assert not await reader.step()
    assert (await told(db, clock)).keys() == {"bridge", "road"}  # nobody waits two hours
    assert set(await reasons(db)) == {"HTTP 429, asks for 2 h", pages.HOST_BLOCKED}
    async with db.transaction() as tx:
        await feeds.poll_soon(tx, publisher.url(), now=clock(), floor=poller.floor)
    clock.advance(hours=1)
    assert not await poller.step()
    clock.advance(hours=1, seconds=1)
    assert await poller.step()


async def test_while_a_host_is_silent_beyond_its_time_no_page_is_waited_for(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await bring(poller, publisher, "bridge")
    publisher.says(status=429)
    clock.advance(seconds=1)
    async with db.transaction() as tx:
        await feeds.poll_soon(tx, publisher.url(), now=clock(), floor=poller.floor * 0)
    await poll_all(poller)
    assert (await told(db, clock)).keys() == {"bridge"}
    assert await reasons(db) == [pages.HOST_BLOCKED]
    assert not await reader.step()


async def test_a_moment_of_silence_is_waited_for(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await bring(poller, publisher, "bridge")
    publisher.says(status=503, path="/bridge", headers={"Retry-After": "20"})
    await reader.step()
    assert await told(db, clock) == {}
    clock.advance(seconds=20)
    publisher.says(TEXT, path="/bridge", headers=HTML)
    await reader.step()
    assert (await told(db, clock))["bridge"].page == TEXT


async def test_pages_of_a_feed_that_fail_in_a_row_back_off_for_a_day(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    titles = [f"news{number}" for number in range(MAX_FAILURES + 2)]
    for title in titles:
        publisher.says(status=403, path=f"/{title}")
    await bring(poller, publisher, *titles)
    while await reader.step():
        pass
    assert len(pages_asked(publisher)) == MAX_FAILURES
    assert (await told(db, clock)).keys() == set(titles)
    assert (await reasons(db)).count(pages.IN_BACKOFF) == 2
    trouble = (await health(db, publisher.url())).pages
    assert trouble is not None
    assert (trouble.problem, trouble.failures) == ("HTTP 403", MAX_FAILURES)
    assert trouble.until == clock() + BACKOFF
    clock.advance(hours=12)
    await bring(poller, publisher, "later")
    assert not await reader.step()
    clock.advance(hours=13)
    await bring(poller, publisher, "next day")
    publisher.says(TEXT, path="/next day", headers=HTML)
    assert await reader.step()
    assert (await health(db, publisher.url())).pages is None


async def test_a_good_page_between_bad_ones_forgives_them(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    titles = [f"news{number}" for number in range(2 * MAX_FAILURES - 1)]
    for title in titles:
        publisher.says(status=403, path=f"/{title}")
    publisher.says(TEXT, path=f"/{titles[MAX_FAILURES - 1]}", headers=HTML)
    await bring(poller, publisher, *titles)
    while await reader.step():
        pass
    assert len(pages_asked(publisher)) == len(titles)
    assert (await health(db, publisher.url())).pages is None


async def test_pages_that_add_nothing_to_the_feed_back_off_without_a_problem(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    titles = [f"news{number}" for number in range(MAX_FAILURES + 1)]
    for title in titles:
        publisher.says("", path=f"/{title}", headers=HTML)
    await bring(poller, publisher, *titles)
    while await reader.step():
        pass
    assert len(pages_asked(publisher)) == MAX_FAILURES
    assert set(await reasons(db)) == {NO_MORE, pages.IN_BACKOFF}
    assert (await health(db, publisher.url())).pages is None


async def test_that_we_are_offline_is_held_against_no_feed(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    nowhere = "http://127.0.0.1:9/a"
    publisher.says(
        rss(
            *(
                item(f"N{n}", clock(), guid=f"{n}", link=f"{nowhere}{n}")
                for n in range(MAX_FAILURES)
            )
        )
    )
    await poll_all(poller)
    for number in range(MIN_SILENT_DOMAINS):
        reader.offline_detector.note(f"{number}.example", answered=False)
    while await reader.step():
        pass
    assert set(await reasons(db)) == {"refused the connection"}
    assert (await health(db, publisher.url())).pages is None


async def test_a_domain_gets_one_request_at_a_time_be_it_feed_or_page(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await bring(poller, publisher, "bridge", "road")
    publisher.answers["/bridge"] = publisher.answers["/road"] = publisher.hang
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(reader.step())
        while not pages_asked(publisher):
            await asyncio.sleep(0.001)
        assert not await reader.step()
        async with db.transaction() as tx:
            await feeds.poll_soon(tx, publisher.url(), now=clock(), floor=poller.floor * 0)
        assert not await poller.step()
        publisher.closing.set()
        assert await first
    assert await poller.step()


async def test_after_a_kill_anywhere_a_page_is_fetched_again(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await bring(poller, publisher, "bridge")
    publisher.answers["/bridge"] = publisher.hang
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await reader.step()
    publisher.says(TEXT, path="/bridge", headers=HTML)
    async with db.transaction() as tx:
        await tx.execute(
            "CREATE TRIGGER fail BEFORE INSERT ON own_links"
            " BEGIN SELECT raise(ABORT, 'the power went'); END"
        )
    assert await reader.step()
    assert await told(db, clock) == {}  # neither text nor links: it is tried again
    async with db.transaction() as tx:
        await tx.execute("DROP TRIGGER fail")
    clock.advance(seconds=reader.retry_interval.total_seconds() + 1)
    assert await reader.step()
    assert (await told(db, clock))["bridge"].page == TEXT


async def test_that_the_database_fails_is_held_against_no_page(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await bring(poller, publisher, "bridge")
    publisher.says(TEXT, path="/bridge", headers=HTML)
    await db._writer.execute("PRAGMA query_only = ON")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await reader.step()
    await db._writer.execute("PRAGMA query_only = OFF")
    await reader.step()
    assert (await told(db, clock))["bridge"].page == TEXT


async def test_an_edit_of_the_item_keeps_the_page(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await bring(poller, publisher, "bridge", text="A bridge opens.")
    publisher.says(TEXT, path="/bridge", headers=HTML)
    await reader.step()
    clock.advance(hours=1)
    await bring(poller, publisher, "bridge", text="A bridge opens, at last.")
    article = (await told(db, clock))["bridge"]
    assert (article.text, article.page) == ("A bridge opens, at last.", TEXT)
    assert len(await editor_links.titled(db.reader, article.id)) == 1
    assert not await reader.step()


async def test_one_line_says_what_became_of_a_page(
    reader: PageFetcher,
    poller: Poller,
    publisher: Publisher,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    await bring(poller, publisher, "bridge", "road")
    publisher.says(TEXT, path="/bridge", headers=HTML)
    publisher.says(status=403, path="/road")
    await reader.step()
    await reader.step()
    told_more = f"{publisher.url('/bridge')}: told more: {len(TEXT)} characters, 1 links"
    assert told_more in caplog.messages
    assert f"{publisher.url('/road')}: page HTTP 403" in caplog.messages


@pytest.mark.parametrize(
    ("own", "expected"), [("", "og"), ("/own.jpg", "og"), ('/own.jpg" width="640', "own")]
)
async def test_a_page_that_is_read_anyway_gives_its_article_a_picture(
    reader: PageFetcher,
    poller: Poller,
    db: Database,
    publisher: Publisher,
    own: str,
    expected: str,
) -> None:
    async def read_picture(document: bytes, **about: Unpack[PageContext]) -> ArticlePage:
        return ArticlePage(picture=Picture(url="https://courier.example/og.jpg", width=1200))

    picture = f'&lt;img src="{own}"&gt;' if own else ""
    await bring(poller, publisher, "bridge", text=picture)
    publisher.says(TEXT, path="/bridge", headers=HTML)
    assert await replace(reader, read=read_picture).step()
    ((article_id,),) = await db.reader.execute_fetchall("SELECT article_id FROM pages")
    found = await articles.picture(db.reader, article_id)
    assert found is not None
    assert found.url.endswith(f"/{expected}.jpg")


async def test_a_picture_that_many_articles_of_a_feed_have_is_a_logo(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher
) -> None:
    logo = Picture(url="https://courier.example/logo.jpg")

    async def read_logo(document: bytes, **about: Unpack[PageContext]) -> ArticlePage:
        return ArticlePage(picture=logo, text=TEXT)

    titles = ("bridge", "ferry", "tram", "pier")
    await bring(poller, publisher, *titles)
    for title in titles:
        publisher.says(TEXT, path=f"/{title}", headers=HTML)
    fetcher = replace(reader, read=read_logo)
    while await fetcher.step():
        pass
    rows = await db.reader.execute_fetchall("SELECT picture_url FROM articles")
    assert [row[0] for row in rows].count(logo.url) == articles.MAX_REPEATS


async def test_a_page_that_robots_txt_forbids_is_given_up_at_once_and_is_no_silence(
    reader: PageFetcher, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    async def forbidden(_: str) -> HtmlDocument:
        raise DisallowedError("its robots.txt asks programs not to read it")

    await bring(poller, publisher, "bridge")
    assert await replace(reader, fetch=forbidden).step()
    assert (await told(db, clock))["bridge"].page == ""
    assert await reasons(db) == ["its robots.txt asks programs not to read it"]
    assert not reader.offline_detector.is_offline
