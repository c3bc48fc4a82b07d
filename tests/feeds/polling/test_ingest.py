"""What of a document is new, and what of that is news; the numbers are those of docs/feeds.md.

Each test publishes documents one after the other and looks at what was stored.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import aiohttp
import pytest

from bot.feeds.polling import ingest
from bot.feeds.polling.poller import Poller
from bot.model import Article
from bot.storage.database import Database
from bot.storage.feeds import feeds, known_items, polls
from bot.storage.feeds.polls import MISDATED
from bot.storage.stories import articles
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


async def unprocessed(db: Database) -> tuple[Article, ...]:
    return await articles.unprocessed(db.reader, now=NOON, limit=99)


async def problem(db: Database) -> str | None:
    (found,) = await polls.health(db.reader, limit=9)
    return found.problem


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
    await publish(item("Bridge is open, with a tram", NOON + 30 * HOUR, guid="n1002", link=new))
    assert await news(db) == []
    assert len(await stored(db)) == 1


@pytest.mark.parametrize(("guid", "page"), [("top", "p{}"), ("top", ""), ("", "")])
async def test_a_guid_or_address_that_serves_each_story_in_turn_loses_none(
    publish: Publish, db: Database, guid: str, page: str
) -> None:
    titles = ["Paper mill burns in port", "Parliament votes on pensions", "Bear seen in the park"]
    await publish(item("The first story of all"))
    for number, title in enumerate(titles):
        link = f"https://courier.example/{page.format(number)}"
        await publish(item(title, NOON + (6 + 7 * number) * HOUR, guid=guid, link=link))
    assert await news(db) == titles


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


@pytest.mark.parametrize(("days", "place"), [(3, 1), (3, 10), (8, 0), (400, 0)])
async def test_i18_an_archive_shown_again_is_backlog(
    publish: Publish, db: Database, days: int, place: int
) -> None:
    await publish(*items())
    archived = item("From the archive", NOON - days * 24 * HOUR, guid="old")
    await publish(*items()[:place], archived, *items()[place:])
    assert await news(db) == []
    assert (await stored(db))["From the archive"].backlog


@pytest.mark.parametrize("count", [1, 3, 4])
async def test_d2_what_is_new_is_never_silenced_as_a_whole_by_its_dates(
    publish: Publish, db: Database, count: int
) -> None:
    month = NOON - 4 * 24 * HOUR
    await publish(*(item(title, month, guid=f"o{title}") for title in TITLES[:8]))
    fresh = [item(title, month, guid=f"n{title}") for title in TITLES[10 : 10 + count]]
    await publish(*fresh, *(item(title, month, guid=f"o{title}") for title in TITLES[:8]))
    assert len(await news(db)) == min(count, 3)
    assert len(await stored(db)) == 8 + count
    assert await problem(db) == MISDATED
    today = item("The ferry sails at dawn", NOON + 13 * HOUR, guid="today")
    await publish(today, *fresh, after=2 * HOUR)
    assert await problem(db) is None


async def test_d2_old_dates_stay_old_beside_news_after_an_absence_and_at_first(
    publish: Publish, db: Database
) -> None:
    month = NOON - 4 * 24 * HOUR
    old = [item(title, month, guid=f"o{title}") for title in TITLES[:8]]
    await publish(*old)
    assert await news(db) == []
    fresh = item("The ferry sails at dawn", NOON, guid="today")
    await publish(fresh, item("From the archive", month, guid="x"), *old)
    assert await news(db) == ["The ferry sails at dawn"]
    late = item("A late report", NOON - HOUR, guid="late")
    await publish(late, fresh, *old, after=72 * HOUR)
    assert await news(db) == ["The ferry sails at dawn"]


UNDATED = [
    item(title, None, guid=f"und-{number}", text="A word.") for number, title in enumerate(TITLES)
]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        # One is withdrawn, or the list is shown longer: what comes up below is old.
        (UNDATED[:7], UNDATED[1:8], []),
        (UNDATED[:7], [*UNDATED[:3], *UNDATED[4:9]], []),
        (UNDATED[:5], UNDATED[:15], []),
        # What stands above, or below an item that is pinned, is news.
        (UNDATED[1:8], UNDATED[:7], [TITLES[0]]),
        (UNDATED[1:8], [UNDATED[1], UNDATED[0], *UNDATED[2:7]], [TITLES[0]]),
        (UNDATED[1:7], UNDATED[:8], [TITLES[0]]),
        # In a list without an order the place says nothing.
        (UNDATED[:4], [UNDATED[2], UNDATED[0], UNDATED[3], UNDATED[1], UNDATED[9]], [TITLES[9]]),
    ],
)
async def test_k3_in_an_undated_list_what_comes_up_below_is_old(
    publish: Publish, db: Database, before: list[str], after: list[str], told: list[str]
) -> None:
    await publish(*before)
    await publish(*after)
    assert await news(db) == told


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


ALERT = "Air raid alert is announced in Kyiv and several regions"


@pytest.mark.parametrize("page", ["{}-alert", "map"])
async def test_k1_the_same_headline_twice_a_day_is_two_articles(
    publish: Publish, db: Database, page: str
) -> None:
    def alert(number: int, hours: int, text: str) -> str:
        link = f"https://courier.example/{page.format(number)}"
        return item(ALERT, NOON + hours * HOUR, guid=f"st-{number}", link=link, text=text)

    await publish(*items())
    first = alert(1001, 2, "The alert began at noon because of missiles.")
    second = alert(1044, 11, "A second alert began in the evening because of drones.")
    await publish(first, *items()[:5])
    await publish(second, *items()[:4], after=11 * HOUR)
    await publish(second, *items()[:5], after=HOUR)
    assert await news(db) == [ALERT, ALERT]
    told = (await unprocessed(db))[-2:]
    assert len({article.canonical_url for article in told}) == 2
    assert [article.text[:7] for article in told] == ["The ale", "A secon"]


async def test_k1_one_page_with_another_guid_title_and_text_is_another_article(
    publish: Publish, db: Database
) -> None:
    page = "https://courier.example/today"
    await publish(*items())
    for number, (title, text) in enumerate(
        [
            ("Ferry sails again to the island", "The harbour office says that repairs are done."),
            ("Two theatres open their season", "Actors played before full houses on Sunday."),
        ]
    ):
        fresh = item(title, NOON + number * 9 * HOUR, guid=f"d{number}", link=page, text=text)
        await publish(fresh, *items())
    assert len(await news(db)) == 2
    assert len({article.canonical_url for article in await unprocessed(db)}) == 12


async def test_k1_a_guid_that_is_used_again_for_something_else_is_told(
    publish: Publish, db: Database
) -> None:
    await publish(*items())
    told = [
        item(
            "Ferry sails again to the island",
            NOON,
            guid="top",
            text="Repairs of the pier are done at last.",
        ),
        item(
            "Theatres open their season",
            NOON + 20 * HOUR,
            guid="top",
            text="Actors met large crowds on Sunday.",
        ),
    ]
    for fresh in (*told, told[1], told[0]):
        await publish(fresh, *items(), after=10 * HOUR)
    assert await news(db) == ["Ferry sails again to the island", "Theatres open their season"]


@pytest.mark.parametrize("title", ["Rain", "The council votes on the budget of the harbour"])
async def test_k1_guids_that_change_at_every_poll_make_one_article(
    publish: Publish, db: Database, title: str
) -> None:
    for number in range(8):
        text = f"The debate about the new quay goes on; {number} people have read this."
        guid = f"{number * 7919 + 1000003}"
        page = "https://courier.example/quay"
        await publish(item(title, NOON, guid=guid, link=page, text=text), after=HOUR)
    assert len(await stored(db)) == 1
    assert await news(db) == []


SLUG = "https://courier.example/news/{}"


@pytest.mark.parametrize(
    "name", ["728743-{}", "{}-728743.html", "{}?id=728743", "2026/03/728743/{}"]
)
@pytest.mark.parametrize("text", ["", "The bridge joins two districts."])
async def test_k2_an_article_that_is_renamed_around_its_number_is_told_once(
    publish: Publish, db: Database, name: str, text: str
) -> None:
    await publish(*items())
    for title, slug in (
        ("Mayor of Rivne opens a bridge after two years of repair", "mayor-of-rivne-opens-bridge"),
        ("Rivne: bridge over the Ustia opened", "rivne-bridge-over-ustia"),
    ):
        link = SLUG.format(name.format(slug))
        await publish(item(title, NOON + HOUR, guid=link, link=link, text=text), *items())
    assert len(await news(db)) == 1
    assert "Rivne: bridge over the Ustia opened" in await stored(db)


async def test_k2_a_number_that_other_items_share_is_no_article_number(
    publish: Publish, db: Database
) -> None:
    def in_section(slug: str, hours: int) -> str:
        link = SLUG.format(f"c-10023/{slug}")
        return item(f"Report on {slug}", NOON + hours * HOUR, guid=link, link=link)

    await publish(in_section("rain", 0), in_section("snow", 0), *items())
    await publish(in_section("fog", 9), in_section("rain", 0), in_section("snow", 0), *items())
    assert await news(db) == ["Report on fog"]


@pytest.mark.parametrize(
    "mark",
    [
        "#utm_source=rss", "?from=rss", "?ocid=rss", "?partner=rss", "?source=feed", "?rss=1",
        "?utm_medium=rss", "?ref=rss", "?cmp=rss", "/amp/", "?amp=1", "?at_medium=RSS#rss",
    ],
)  # fmt: skip
async def test_k1_marks_of_origin_are_no_other_page(
    publish: Publish, db: Database, mark: str
) -> None:
    page = "https://courier.example/bridge-opens"
    await publish(item("Bridge opens", NOON, link=page, text="It joins two districts."))
    await publish(
        item("Bridge open", NOON + HOUR, link=page + mark, text="It joins two districts.")
    )
    assert await news(db) == []
    assert len(await stored(db)) == 1
