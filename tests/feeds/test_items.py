from datetime import datetime, timedelta

import pytest

from bot.feeds.items import Item, entries
from bot.model import Entry
from tests.fakes import NOON

URL = "https://courier.example/feeds/rss.xml"


def item(
    *,
    guid: str = "",
    link: str = "https://courier.example/bridge",
    title: str = "Bridge opens",
    bodies: tuple[str, ...] = ("The new bridge.",),
    categories: tuple[str, ...] = (),
    published_at: datetime | None = NOON - timedelta(hours=1),
) -> Item:
    return Item(
        guid=guid,
        link=link,
        title=title,
        bodies=bodies,
        categories=categories,
        published_at=published_at,
    )


def read(*items: Item) -> tuple[Entry, ...]:
    return entries(items, url=URL, fetched_at=NOON)


def test_an_item_becomes_an_entry() -> None:
    assert read(item(guid=" 7 ", categories=("World", "World", " ", "<b>Roads</b>"))) == (
        Entry(
            guid="7",
            url="https://courier.example/bridge",
            title="Bridge opens",
            text="The new bridge.",
            categories=("World", "Roads"),
            published_at=NOON - timedelta(hours=1),
        ),
    )


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("http://other.example/a?b=c#d", "http://other.example/a?b=c#d"),
        (" https://courier.example/\n\ta b ", "https://courier.example/a%20b"),
        ("/bridge", "https://courier.example/bridge"),
        ("bridge", "https://courier.example/feeds/bridge"),
        ("//cdn.example/a", "https://cdn.example/a"),
        ("courier.example/a", "https://courier.example/a"),
        ("www.courier.example/a", "https://www.courier.example/a"),
        ("courier.example.html", "https://courier.example/feeds/courier.example.html"),
        ("?id=7", "https://courier.example/feeds/rss.xml?id=7"),
    ],
)
def test_a_link_is_resolved_against_the_feed(link: str, expected: str) -> None:
    (entry,) = read(item(link=link))
    assert entry.url == expected


@pytest.mark.parametrize(
    "link",
    [
        "",
        "  ",
        "javascript:alert(1)",
        "mailto:editor@courier.example",
        "ftp://courier.example/a",
        "data:text/html,hello",
        "http://[broken/",
        "https://courier.example:port/",
        "https://courier.example/" + "a" * 2048,
    ],
)
def test_an_item_without_a_web_link_is_dropped(link: str) -> None:
    assert read(item(link=link)) == ()


def test_an_item_without_title_is_called_by_its_first_words() -> None:
    (entry,) = read(item(title=" <br>", bodies=("<p>Rain tomorrow.</p><p>Take a coat.</p>",)))
    assert (entry.title, entry.text) == ("Rain tomorrow.", "Rain tomorrow.\nTake a coat.")


def test_an_item_that_says_nothing_is_dropped() -> None:
    assert read(item(title="", bodies=())) == ()


def test_an_over_long_title_is_cut_at_a_word() -> None:
    (entry,) = read(item(title="слово " * 100))
    assert len(entry.title) <= 300
    assert entry.title.endswith("слово…")


def test_the_longest_body_is_the_text() -> None:
    (entry,) = read(item(bodies=("<p>Short.</p>", "<p>Long.</p><p>Longer.</p>", "")))
    assert entry.text == "Long.\nLonger."


def test_an_item_without_guid_is_known_by_its_link() -> None:
    (entry,) = read(item(guid=" "))
    assert entry.guid == entry.url


def test_an_over_long_guid_is_none() -> None:
    (entry,) = read(item(guid="g" * 5000))
    assert entry.guid == entry.url


def test_items_that_share_a_guid_are_told_apart_by_their_links() -> None:
    same = "https://courier.example/"
    read_entries = read(item(guid=same, link="/a"), item(guid=same, link="/b"), item(guid="c"))
    assert [entry.guid for entry in read_entries] == ["c", f"{same} {same}b", f"{same} {same}a"]


def test_an_item_that_stands_twice_keeps_its_guid() -> None:
    assert {entry.guid for entry in read(item(guid="7"), item(guid="7"))} == {"7"}


def test_the_oldest_comes_first_and_ties_are_turned_round() -> None:
    hour = timedelta(hours=1)
    read_entries = read(
        item(title="newest", published_at=NOON - hour),
        item(title="b", published_at=NOON - 2 * hour),
        item(title="a", published_at=NOON - 2 * hour),
        item(title="oldest", published_at=NOON - 3 * hour),
    )
    assert [entry.title for entry in read_entries] == ["oldest", "a", "b", "newest"]


@pytest.mark.parametrize("published_at", [None, NOON + timedelta(minutes=5)])
def test_a_missing_or_future_date_is_when_it_was_fetched(published_at: datetime | None) -> None:
    (entry,) = read(item(published_at=published_at))
    assert entry.published_at == NOON


def test_labels_are_few_and_short() -> None:
    (entry,) = read(item(categories=tuple(str(number) * 200 for number in range(10, 99))))
    assert len(entry.categories) == 20
    assert all(len(label) == 100 for label in entry.categories)
