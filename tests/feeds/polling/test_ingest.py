"""What of a document is new, and what of that is news; the numbers are those of docs/feeds.md.

Each test publishes documents one after the other and looks at what was stored.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import aiohttp
import pytest

from bot.feeds.polling import ingest
from bot.feeds.polling.poller import Poller
from bot.storage.database import Database
from bot.storage.feeds import feeds, known_items
from tests.feeds.conftest import Publisher
from tests.support.fakes import NOON, FakeClock
from tests.support.poller_setup import follow, item, make_poller, news, poll_all, rss, stored

HOUR = timedelta(hours=1)
Publish = Callable[..., Awaitable[None]]

TITLES = [
    f"The {place} council votes on its new budget {number}"
    for number, place in enumerate(("harbour", "lakeside", "mountain", "river") * 5)
]


READ_ALSO = '&lt;p&gt;Read also: &lt;a href="/old/{}"&gt;The {} bridge closes&lt;/a&gt;&lt;/p&gt;'


@pytest.fixture
def poller(db: Database, http: aiohttp.ClientSession, clock: FakeClock) -> Poller:
    return make_poller(db, http, clock)


@pytest.fixture
async def publish(poller: Poller, db: Database, publisher: Publisher, clock: FakeClock) -> Publish:
    """Publish a document in the one feed, and let it be polled, `after` the last one."""
    await follow(db, publisher.url())

    async def publish(
        *items: str, after: timedelta = 12 * HOUR, content_type: str = "application/rss+xml"
    ) -> None:
        clock.at += after
        publisher.says(rss(*items).encode(), headers={"Content-Type": content_type})
        await poll_all(poller)

    return publish


def items(
    prefix: str = "https://courier.example/", *, date: datetime = NOON, new: str = ""
) -> list[str]:
    """Return ten items that differ from each other, and from call to call as told."""
    return [
        item(
            title,
            date - number * HOUR,
            guid=f"{prefix}{new}{number}",
            link=f"{prefix}{new}{number}",
        )
        for number, title in enumerate(TITLES[:10])
    ]


async def test_i02_items_without_guids_are_known_by_their_links(
    publish: Publish, db: Database
) -> None:
    await publish(item("Bridge opens"), item("Road closes"))
    await publish(item("Ferry sails"), item("Bridge opens"), item("Road closes"))
    assert await news(db) == ["Ferry sails"]
    assert len(await stored(db)) == 3


async def test_i03_two_items_of_one_guid_are_two(publish: Publish, db: Database) -> None:
    others = items()
    await publish(*others)
    twins = [item("Bridge opens at noon", guid="7"), item("Road closes at midnight", guid="7")]
    await publish(*twins, *others)
    assert sorted(await news(db)) == ["Bridge opens at noon", "Road closes at midnight"]
    await publish(item("Ferry sails at dawn", guid="7"), *twins, *others)
    await publish(*twins, *others)
    assert len(await news(db)) == 3


async def test_i03_the_twin_may_come_a_day_later(publish: Publish, db: Database) -> None:
    others = items()
    await publish(item("Bridge opens at noon", guid="7"), *others)
    await publish(
        item("Road closes at midnight", NOON + 20 * HOUR, guid="7"),
        item("Bridge opens at noon", guid="7"),
        *others,
    )
    assert await news(db) == ["Road closes at midnight"]
    assert "Bridge opens at noon" in await stored(db)


async def test_i04_in_a_feed_where_all_guids_are_equal_links_identify(
    publish: Publish, db: Database
) -> None:
    old = [item(title, guid="https://courier.example/") for title in TITLES[:6]]
    await publish(*old)
    for number in range(6, 9):
        old.insert(0, item(TITLES[number], NOON + number * HOUR, guid="https://courier.example/"))
        await publish(*old[:6], after=6 * HOUR)
    assert await news(db) == TITLES[6:9]


async def test_i04_in_a_feed_where_all_links_are_equal_guids_identify_and_make_stories(
    publish: Publish, db: Database
) -> None:
    front = "https://courier.example/"
    old = [item(title, guid=str(number), link=front) for number, title in enumerate(TITLES[:6])]
    await publish(*old)
    for number in range(6, 9):
        fresh = item(TITLES[number], NOON + number * HOUR, guid=str(number), link=front)
        old = [fresh, *old[:5]]
        await publish(*old, after=6 * HOUR)
    assert await news(db) == TITLES[6:9]
    pages = {article.canonical_url for article in (await stored(db)).values()}
    assert len(pages) == len(await stored(db))


@pytest.mark.parametrize(
    "moved",
    [
        "http://courier.example/",
        "https://www.courier.example/",
        "https://news.courier.example/",
        "https://mayak.example/",
    ],
)
async def test_i05_a_feed_that_moves_to_another_scheme_or_host_repeats_nothing(
    publish: Publish, db: Database, moved: str
) -> None:
    few = 4  # so few that no burst of known titles is seen in them
    await publish(*items()[:few])
    await publish(*items(moved)[:few])
    assert await news(db) == []
    assert len(await stored(db)) == few


async def test_i05_new_keys_of_a_known_entry_are_learnt(publish: Publish, db: Database) -> None:
    old, new = "https://courier.example/old", "https://courier.example/new"
    await publish(item("Bridge opens for all", guid="n1001", link=old))
    await publish(item("Bridge opens for all", guid="n1002", link=old))
    await publish(item("The mayor explains the new tram", NOON + 30 * HOUR, guid="n1002", link=new))
    assert await news(db) == []
    assert len(await stored(db)) == 1


async def test_i06_tracking_in_a_link_makes_no_news(publish: Publish, db: Database) -> None:
    link = "https://courier.example/bridge?utm_campaign="
    await publish(item("Bridge opens", link=link + "a"))
    await publish(item("Bridge opens for all", link=link + "b"))
    assert await news(db) == []


async def test_i07_an_edit_changes_the_stored_article_and_is_no_news(
    publish: Publish, db: Database
) -> None:
    await publish(item("Bridge opens", guid="7", link="https://courier.example/7", text="Old."))
    await publish(
        item(
            "Bridge opens, three hurt",
            NOON + 9 * HOUR,
            guid="7",
            link="https://courier.example/7",
            text="New.",
        )
    )
    assert await news(db) == []
    (article,) = (await stored(db)).values()
    assert (article.title, article.text) == ("Bridge opens, three hurt", "New.")
    assert article.published_at == NOON


async def test_i09_the_first_poll_is_silent(publish: Publish, db: Database) -> None:
    await publish(*items(), item("Undated", None))
    assert await news(db) == []
    assert len(await stored(db)) == 11


async def test_i11_after_a_long_absence_the_three_newest_are_news_and_the_rest_is_backlog(
    publish: Publish, db: Database
) -> None:
    await publish(*items())
    late = NOON + 5 * 24 * HOUR
    fresh = [
        item(title, late - number * HOUR, guid=f"n{number}")
        for number, title in enumerate(TITLES[10:18])
    ]
    await publish(*fresh, after=5 * 24 * HOUR)
    assert await news(db) == [TITLES[12], TITLES[11], TITLES[10]]
    assert len(await stored(db)) == 18


async def test_i11_of_a_feed_found_at_another_domain_with_nothing_known_three_are_news(
    publish: Publish, poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    await publish(*items())
    fresh = [item(title, NOON + HOUR, guid=f"n{title}") for title in TITLES[10:15]]
    publisher.says(rss(*fresh), path="/mirror")
    elsewhere = publisher.url("/mirror").replace("127.0.0.1", "localhost")
    publisher.says(status=302, headers={"Location": elsewhere})
    clock.advance(hours=12)
    await poll_all(poller)
    assert len(await news(db)) == 3
    assert len(await stored(db)) == 15


async def test_i11_where_guids_are_believed_no_more_three_are_news(
    publish: Publish, db: Database
) -> None:
    await publish(*items())
    fresh = [item(title, NOON + HOUR, guid="all alike") for title in TITLES[10:15]]
    await publish(*fresh)
    assert len(await news(db)) == 3
    assert len(await stored(db)) == 15


async def test_i12_a_publisher_that_issues_all_guids_and_links_anew_repeats_nothing(
    publish: Publish, db: Database
) -> None:
    await publish(*items())
    await publish(*items(new="a"))
    later = NOON + 36 * HOUR
    await publish(*items("https://mayak.example/", new="b", date=later))
    assert await news(db) == []
    assert len(await stored(db)) == 10


async def test_i12_what_is_new_in_such_a_document_is_news(publish: Publish, db: Database) -> None:
    await publish(*items())
    fresh = item("A storm reaches the southern coast at night", NOON + 11 * HOUR, guid="fresh")
    await publish(fresh, *items(new="a", date=NOON))
    assert await news(db) == ["A storm reaches the southern coast at night"]


async def test_i13_a_genuine_burst_is_delivered_in_order(publish: Publish, db: Database) -> None:
    await publish(*items())
    burst = [
        item(title, NOON + 10 * HOUR - number * timedelta(minutes=1), guid=f"n{number}")
        for number, title in enumerate(TITLES[10:20])
    ]
    await publish(*burst, *items())
    assert await news(db) == TITLES[10:20][::-1]


async def test_i14_an_item_that_leaves_and_returns_is_no_news(
    publish: Publish, db: Database
) -> None:
    everything = items()
    await publish(*everything)
    await publish(*everything[5:])
    await publish(*everything[:5])
    await publish(*everything[::-1])
    assert await news(db) == []
    assert len(await stored(db)) == 10


async def test_i16_a_clock_that_is_hours_ahead_is_learnt_and_corrected(
    publish: Publish, db: Database, clock: FakeClock
) -> None:
    for number in range(5):
        ahead = clock.at + 6 * HOUR + 2 * HOUR - timedelta(minutes=5)
        await publish(item(TITLES[number], ahead, guid=str(number)), after=6 * HOUR)
    last = (await stored(db))[TITLES[4]]
    assert last.published_at == clock.at - timedelta(minutes=5)


async def test_i17_an_item_dated_in_the_future_is_sent_when_seen_and_once(
    publish: Publish, db: Database
) -> None:
    await publish(*items())
    soon = item("Elections will be held on Sunday", NOON + 40 * HOUR, guid="soon")
    await publish(soon, *items())
    await publish(soon.replace("Sunday", "Monday"), *items(), after=36 * HOUR)
    assert len(await news(db)) == 1


async def test_i18_an_archive_shown_again_is_backlog(publish: Publish, db: Database) -> None:
    await publish(*items())
    await publish(item("From the archive", NOON - 72 * HOUR, guid="old"), *items())
    assert await news(db) == []
    assert (await stored(db))["From the archive"].backlog


async def test_i19_an_item_without_a_date_is_dated_when_first_seen(
    publish: Publish, db: Database, clock: FakeClock
) -> None:
    await publish(*items())
    await publish(item("Undated news", None), *items())
    seen_at = clock()
    await publish(item("Undated news", None), item("Newer", clock()), *items())
    assert (await stored(db))["Undated news"].published_at == seen_at
    assert "Undated news" in await news(db)


async def test_i27_another_claim_of_the_encoding_makes_no_news(
    publish: Publish, db: Database
) -> None:
    cyrillic = [
        item(f"Міст відкрито, їде {number}-й трамвай", guid=f"міст{number}") for number in range(9)
    ]
    await publish(*cyrillic)
    for charset in ("iso-8859-1", "windows-1251", "utf-7", "koi8-r"):
        await publish(
            *cyrillic,
            item(charset, guid=charset),
            after=6 * HOUR,
            content_type=f"text/xml; charset={charset}",
        )
    assert await news(db) == ["iso-8859-1", "windows-1251", "utf-7", "koi8-r"]


async def test_i28_a_document_that_breaks_off_removes_nothing(
    publish: Publish, db: Database, publisher: Publisher, poller: Poller, clock: FakeClock
) -> None:
    await publish(*items())
    whole = rss(*items())
    clock.advance(hours=12)
    publisher.says(whole[: len(whole) // 2])
    await poll_all(poller)
    await publish(*items())
    assert await news(db) == []
    assert len(await stored(db)) == 10


async def test_articles_from_before_aliases_were_kept_are_known(
    publish: Publish, db: Database
) -> None:
    old = items()[:3]  # so few that no burst of known titles is seen in them
    await publish(*old)
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM aliases")
        await tx.execute("DELETE FROM documents")
    await publish(item("A storm reaches the coast", NOON + 20 * HOUR, guid="new"), *old)
    assert await news(db) == ["A storm reaches the coast"]
    assert len(await stored(db)) == 4


async def test_what_stands_in_a_document_twice_with_two_texts_is_one_article(
    publish: Publish, db: Database
) -> None:
    await publish(*items())
    twins = [item("A storm reaches the coast", NOON, guid="7", text=text) for text in ("a", "b")]
    await publish(*twins, *items())
    assert await news(db) == ["A storm reaches the coast"]


async def test_of_a_document_its_items_are_remembered_and_none_that_have_left_it(
    publish: Publish, db: Database
) -> None:
    for shown in (items(), items()[:4]):
        await publish(*shown)
        (feed,) = await feeds.due(db.reader, now=NOON + 99 * HOUR, limit=9)
        assert len(ingest.unpack_items(await known_items.load(db.reader, feed.id))) == len(shown)


async def test_i15_news_comes_in_the_order_of_its_dates_however_the_document_is_sorted(
    publish: Publish, db: Database
) -> None:
    await publish(*items())
    fresh = [
        item(TITLES[10 + number], NOON + hours * HOUR, guid=f"n{number}")
        for number, hours in enumerate((5, 2, 9, 1))
    ]
    await publish(*items(), *fresh)
    assert await news(db) == [TITLES[13], TITLES[11], TITLES[10], TITLES[12]]


async def test_i09_the_first_reading_of_a_long_feed_is_silent_to_its_end(
    publish: Publish, db: Database
) -> None:
    long = [item(f"Report {number}", NOON - HOUR, guid=f"n{number}") for number in range(700)]
    for _ in range(3):
        await publish(*long, after=HOUR)
    assert len(await stored(db)) == 700
    assert await news(db) == []
    await publish(item("Bridge", NOON + 4 * HOUR), *long, after=HOUR)
    assert await news(db) == ["Bridge"]


async def test_i09_a_long_feed_that_words_all_items_anew_each_time_is_read_to_an_end(
    publish: Publish, db: Database
) -> None:
    for views in range(3):
        long = [
            item(f"Report {number}", NOON - HOUR, guid=f"n{number}", text=f"{views} views")
            for number in range(400)
        ]
        await publish(*[item("Bridge", NOON)][: views // 2], *long, after=HOUR)
    assert await news(db) == ["Bridge"]


async def linked(db: Database) -> list[tuple[str, str]]:
    rows = await db.reader.execute_fetchall("SELECT title, canonical_url FROM own_links")
    return [(row[0], row[1]) for row in rows]


async def test_the_editors_links_in_a_feeds_text_are_kept_and_change_with_it(
    poller: Poller, db: Database, publisher: Publisher, clock: FakeClock
) -> None:
    async def publish(written: str) -> None:
        clock.advance(hours=12)
        publisher.says(rss(written))
        await poll_all(poller)

    await follow(db, publisher.url())
    await publish(item("Bridge", guid="1", text=READ_ALSO.format(1, "old")))
    assert await linked(db) == [("The old bridge closes", "courier.example/old/1")]
    await publish(item("Bridge", guid="1", text="It opened." + READ_ALSO.format(2, "second")))
    assert await linked(db) == [("The second bridge closes", "courier.example/old/2")]
    await publish(item("Bridge", guid="1", text="It opened, and nothing more is said of it."))
    assert await linked(db) == [("The second bridge closes", "courier.example/old/2")]


async def test_pages_are_enqueued_for_teasers_of_feeds_whose_pages_are_wanted(
    poller: Poller, db: Database, publisher: Publisher
) -> None:
    await follow(db, publisher.url())  # whose pages are not
    publisher.says(rss(item("Bridge")))
    await poll_all(poller)
    assert list(await db.reader.execute_fetchall("SELECT * FROM pages")) == []
