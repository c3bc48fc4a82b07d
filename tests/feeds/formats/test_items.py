from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.formats.items import Entries, FeedContext, Item, cut, entries
from bot.feeds.formats.visible_text import Field
from bot.model import EditorLink, Entry
from tests.support.fakes import NOON

URL = "https://courier.example/feeds/rss.xml"


def item(
    *,
    guid: str = "",
    link: str = "https://courier.example/bridge",
    title: str = "Bridge opens",
    bodies: tuple[str, ...] = ("The new bridge.",),
    categories: tuple[str, ...] = (),
    published_at: datetime | None = NOON - timedelta(hours=1),
    edited_at: datetime | None = None,
    digest: bytes | None = None,
) -> Item:
    said = repr((guid, link, title, bodies, edited_at))
    return Item(
        digest=said.encode() if digest is None else digest,
        guid=guid,
        links=(link,),
        title=Field(title),
        bodies=tuple(map(Field, bodies)),
        labels=categories,
        published_at=published_at,
        edited_at=edited_at,
    )


def read_all(*items: Item, clock_skew: timedelta = timedelta(0), site: str = "") -> Entries:
    feed = FeedContext(url=URL, site=site, fetched_at=NOON, clock_skew=clock_skew)
    return entries(items, feed)


def read(*items: Item, clock_skew: timedelta = timedelta(0), site: str = "") -> tuple[Entry, ...]:
    owned = read_all(*items, clock_skew=clock_skew, site=site).owned
    return tuple(entry for _, entry in owned)


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
    assert (entry.title, entry.text) == ("Rain tomorrow.", "Take a coat.")


def test_an_item_that_says_nothing_is_dropped() -> None:
    assert read(item(title="", bodies=())) == ()


def test_an_over_long_title_is_cut_at_a_word() -> None:
    (entry,) = read(item(title="слово " * 100))
    assert len(entry.title) <= 300
    assert entry.title.endswith("слово…")


@pytest.mark.parametrize(
    ("bodies", "summaries", "captions", "text"),
    [
        (["", "<p>The full text.</p>"], ["Brief."], ["Caption, and a long one."], "The full text."),
        (["Full text."], ["Brief."], [], "Full text."),
        (["First full text.", "Second full text, longer."], [], [], "First full text."),
        (["<img src='/a'>"], ["Brief."], ["Caption, and a long one."], "Brief."),
        (["More …"], ["A brief that says more."], [], "A brief that says more."),
        ([" "], ["<br>"], ["Caption."], "Caption."),
        ([], [], [], ""),
    ],
)
def test_a_text_is_taken_by_its_role(
    bodies: list[str], summaries: list[str], captions: list[str], text: str
) -> None:
    roles = {"bodies": bodies, "summaries": summaries, "captions": captions}
    fields = {role: tuple(map(Field, values)) for role, values in roles.items()}
    (entry,) = read(replace(item(), **fields))  # type: ignore[arg-type]
    assert entry.text == text


@pytest.mark.parametrize(
    ("written", "guid"),
    [
        ("", ""),
        (" \n", ""),
        ("\n tag:e.example,2026:7\t", "tag:e.example,2026:7"),
        ("https://e.example/?a=1&amp;b=2", "https://e.example/?a=1&b=2"),
        ("&amp;amp;", "&amp;"),
        ("Case-Kept", "Case-Kept"),
        ("и\u0306", "й"),
        ("g" * 5000, ""),
    ],
)
def test_i24_a_guid_has_one_spelling(written: str, guid: str) -> None:
    (entry,) = read(item(guid=written))
    assert entry.guid == guid


def test_items_that_share_a_guid_keep_it_both() -> None:
    assert [entry.guid for entry in read(item(guid="7", link="/a"), item(guid="7"))] == ["7", "7"]


def test_an_item_that_stands_twice_is_one_entry() -> None:
    assert len(read(item(guid="7"), item(guid="7"))) == 1


@pytest.mark.parametrize("turned", [False, True])
def test_i25_of_several_editions_the_newest_counts(turned: bool) -> None:
    editions = [
        item(guid="7", title="first", edited_at=NOON - timedelta(hours=2)),
        item(guid="7", title="second", edited_at=NOON - timedelta(hours=1)),
        item(guid="8", title="other", edited_at=NOON - timedelta(hours=3)),
        item(title="without guid", edited_at=NOON),
        item(title="another", edited_at=NOON),
    ]
    read_entries = read(*(editions[::-1] if turned else editions))
    assert {entry.title for entry in read_entries} == {"second", "other", "without guid", "another"}


def test_i25_of_editions_of_one_moment_the_first_counts() -> None:
    same = [item(guid="7", title=title, edited_at=NOON) for title in ("first", "second")]
    assert [entry.title for entry in read(*same)] == ["first"]


def test_entries_come_with_the_digests_of_their_items() -> None:
    hour = timedelta(hours=1)
    found = read_all(
        item(digest=b"new", title="new", published_at=NOON - hour),
        item(digest=b"none", title="none", link=""),
        item(digest=b"old", title="old", published_at=NOON - 2 * hour),
    )
    assert [(digest, entry.title) for digest, entry in found.owned] == [
        (b"old", "old"),
        (b"new", "new"),
    ]


def test_the_oldest_comes_first_and_ties_are_turned_round() -> None:
    hour = timedelta(hours=1)
    read_entries = read(
        item(title="newest", published_at=NOON - hour),
        item(title="b", published_at=NOON - 2 * hour),
        item(title="a", published_at=NOON - 2 * hour),
        item(title="oldest", published_at=NOON - 3 * hour),
    )
    assert [entry.title for entry in read_entries] == ["oldest", "a", "b", "newest"]


@pytest.mark.parametrize(
    ("published_at", "dated"),
    [
        (None, False),
        (NOON + timedelta(hours=2), False),
        (datetime(1, 1, 1, tzinfo=UTC), False),
        (NOON + timedelta(minutes=5), True),
    ],
)
def test_i19_a_missing_or_future_date_is_when_it_was_fetched(
    published_at: datetime | None, dated: bool
) -> None:
    (entry,) = read(item(published_at=published_at))
    assert (entry.published_at, entry.dated) == (NOON, dated)


def test_i16_the_error_of_a_clock_is_taken_off_every_date() -> None:
    (entry,) = read(item(published_at=NOON + timedelta(hours=2)), clock_skew=timedelta(hours=3))
    assert (entry.published_at, entry.dated) == (NOON - timedelta(hours=1), True)


def test_labels_are_few_and_short() -> None:
    (entry,) = read(item(categories=tuple(str(number) * 200 for number in range(10, 99))))
    assert len(entry.categories) == 20
    assert all(len(label) == 100 for label in entry.categories)


READ_ALSO = '<p>The new bridge.</p><p>Read also: <a href="/old">The old bridge closes</a></p>'


@pytest.mark.parametrize(
    "bodies",
    [
        (READ_ALSO, "The new bridge."),
        (READ_ALSO.replace("<", "&lt;").replace(">", "&gt;"), ""),
    ],
)
def test_the_editors_own_links_are_kept(bodies: tuple[str, ...]) -> None:
    (entry,) = read(item(bodies=bodies))
    assert entry.links == (
        EditorLink(title="The old bridge closes", url="https://courier.example/old"),
    )


@pytest.mark.parametrize("body", ["", "The new bridge.", "<a", "a &lt; b", "<a href='['>x</a>"])
def test_most_items_have_no_own_links(body: str) -> None:
    (entry,) = read(item(bodies=(body,)))
    assert entry.links == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one two", "one two"),
        ("one two three", "one two…"),
        ("one two, and", "one two…"),
        ("one twothree", "one…"),
        ("onetwothree", "onetwoth…"),
    ],
)
def test_a_long_title_ends_at_a_word(text: str, expected: str) -> None:
    assert cut(text, 9) == expected


@given(st.text(), st.integers(1, 50))
def test_a_cut_text_fits(text: str, length: int) -> None:
    assert len(cut(text, length)) <= length
