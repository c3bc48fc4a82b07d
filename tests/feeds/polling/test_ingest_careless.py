"""Feeds of careless publishers, over several polls: what is told once, and what is not told."""

from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta

import aiohttp
import pytest

from bot.storage.database import Database
from tests.feeds.conftest import Publisher
from tests.support.fakes import NOON, FakeClock
from tests.support.poller_setup import follow, item, make_poller, news, poll_all, rss, stored

HOUR = timedelta(hours=1)
Publish = Callable[..., Awaitable[None]]
SITE = "https://courier.example"
PLACES = ["harbour", "lakeside", "mountain", "river", "forest", "island", "valley"]


@pytest.fixture
async def publish(
    db: Database, http: aiohttp.ClientSession, publisher: Publisher, clock: FakeClock
) -> Publish:
    """Publish a document in the one feed, and let it be polled, `after` the last one."""
    poller = make_poller(db, http, clock)
    await follow(db, publisher.url())

    async def publish(*items: str, after: timedelta = 7 * HOUR, body: str = "") -> None:
        clock.at += after
        publisher.says((body or rss(*items)).encode())
        await poll_all(poller)

    return publish


def stock(size: int, *, date: Callable[[int], datetime | None]) -> list[str]:
    return [
        item(f"The {PLACES[n % 7]} council meets for day {n}", date(n), guid=f"a{n}")
        for n in range(size)
    ]


FIRST_READINGS = {
    "empty": rss(),
    "cut off": rss(*stock(2, date=lambda n: NOON - n * HOUR / 9))[:-400],
    "cut off before anything": "<rss version='2.0'><channel><title>Courier",
    "without usable items": rss("<item><description></description></item>"),
}


@pytest.mark.parametrize("first", FIRST_READINGS)
@pytest.mark.parametrize(
    "date", [lambda n: NOON - n * HOUR / 9, lambda _: None, lambda _: NOON + 6 * HOUR]
)
async def test_the_stock_of_a_feed_that_was_empty_or_broken_at_first_is_backlog(
    publish: Publish, db: Database, first: str, date: Callable[[int], datetime | None]
) -> None:
    await publish(body=FIRST_READINGS[first])
    await publish(*stock(200, date=date))
    assert len(await stored(db)) == 200
    assert len(await news(db)) <= 3
    fresh = item("A bridge of two lanes opens in the north", NOON + 20 * HOUR, guid="new")
    before = len(await news(db))
    await publish(fresh, *stock(200, date=date))
    assert len(await news(db)) == before + 1


async def test_what_a_feed_that_was_empty_publishes_one_by_one_is_news(
    publish: Publish, db: Database
) -> None:
    await publish()
    await publish(item("The first post of a new blog", NOON + 8 * HOUR, guid="1"))
    assert await news(db) == ["The first post of a new blog"]


@pytest.mark.parametrize("date", [lambda n: NOON - n * HOUR / 9, lambda _: None])
async def test_a_stock_that_a_feed_brings_at_once_is_backlog(
    publish: Publish, db: Database, date: Callable[[int], datetime | None]
) -> None:
    own = [item(f"Own story {n} of our town", NOON - n * HOUR, guid=f"o{n}") for n in range(9)]
    await publish(*own)
    await publish(*stock(200, date=date), *own)
    assert len(await news(db)) <= 3


async def test_a_day_full_of_news_is_told_whole(publish: Publish, db: Database) -> None:
    own = [item(f"Own story {n} of our town", NOON - n * HOUR, guid=f"o{n}") for n in range(9)]
    await publish(*own)
    await publish(*stock(40, date=lambda n: NOON + 8 * HOUR + n * HOUR / 9), *own, after=8 * HOUR)
    assert len(await news(db)) == 40


SHORT, LONG = "Ferry sinks", "The harbour council votes on its new budget today"


def volatile(kind: str, n: int, place: int) -> dict[str, str]:
    """Return guid and link of the item at a place, as they are at the poll of that number."""
    page = f"{SITE}/story-{place}"
    session = f"{n * 7919 + place:08x}deadbeef"
    return {
        "utm": {"link": f"{page}?utm_source=rss&utm_content={n}", "guid": f"{page}?utm_c={n}"},
        "session": {"link": f"{page}?sid={session}", "guid": f"{page}?sid={session}"},
        "session in the path": {"link": f"{page};jsessionid={session}"},
        "random": {"link": f"{page}?rnd=0.{n}83492{place}", "guid": f"{n}-{place}"},
        "moment": {
            "link": f"{page}?_={1795943100 + 25200 * n}",
            "guid": f"{1795943100 + n}{place}",
        },
        "guid alone": {"link": page, "guid": f"{n}/{place}/{session}"},
        "both": {"link": f"{SITE}/r/{session}", "guid": f"g{session}"},
    }[kind]


KINDS = ["utm", "session", "session in the path", "random", "moment", "guid alone", "both"]
DATES: dict[str, Callable[[int, int], datetime | None]] = {
    "dated": lambda _, place: NOON - place * HOUR,
    "undated": lambda *_: None,
    "of one day": lambda *_: NOON.replace(hour=0),
    "dated at the poll": lambda n, _: NOON + n * 7 * HOUR,
}


@pytest.mark.parametrize(
    ("kind", "size", "words"),
    [*((kind, 2, SHORT) for kind in KINDS), ("both", 1, SHORT), ("both", 5, LONG)],
)
@pytest.mark.parametrize("dates", DATES)
async def test_a_small_feed_whose_keys_change_at_each_poll_repeats_nothing(
    publish: Publish, db: Database, kind: str, dates: str, size: int, words: str
) -> None:
    def document(n: int) -> Iterator[str]:
        for place in range(size):
            title = f"{words} at the {PLACES[place]}"
            text = f"All is well at the {PLACES[place]}, said the captain of the boat."
            yield item(title, DATES[dates](n, place), text=text, **volatile(kind, n, place))

    await publish(*document(1))
    for n in range(2, 4):
        await publish(*document(n))
    assert await news(db) == []
    assert len(await stored(db)) == size
    fresh = item("A bridge opens", NOON + 27 * HOUR, guid="new", text="Two lanes lead north.")
    await publish(fresh, *document(4))
    assert await news(db) == ["A bridge opens"]


async def test_two_alerts_of_one_headline_are_two(publish: Publish, db: Database) -> None:
    def alert(n: int) -> str:
        date = NOON + n * HOUR
        return item("Air raid alert", date, guid=f"alert-{n}", link=f"{SITE}/a/{n}")

    await publish(alert(0))
    await publish(alert(5), alert(0))
    await publish(alert(12))
    assert len(await news(db)) == 2
