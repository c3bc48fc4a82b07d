import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import GoneError, ParseError
from bot.feeds.formats import parse as parse_module
from bot.feeds.formats import xml_items
from bot.feeds.formats.item_scanner import digest
from bot.feeds.formats.items import Item
from bot.feeds.formats.parse import ParsedFeed, parse
from bot.model import Entry, UpdatePeriod
from tests.support.fakes import NOON

URL = "https://courier.example/rss.xml"

ITEM = """
<item>
  <title>Bridge &amp;amp; road &lt;b&gt;open&lt;/b&gt; 🎉</title>
  <link>https://courier.example/bridge</link>
  <guid isPermaLink="false">7</guid>
  <description>In short.</description>
  <content:encoded><![CDATA[<p>The new bridge.</p><p>The road &mdash; too.</p>]]></content:encoded>
  <category>World</category>
  <category></category>
  <pubDate>Mon, 02 Mar 2026 10:00:00 EET</pubDate>
</item>
"""


def rss(*items: str, head: str = "", base: str = "") -> str:
    namespace = "http://purl.org/rss/1.0/modules/content/"
    channel = f"<channel><title>Courier</title>{head}{''.join(items)}</channel>"
    return f'<rss version="2.0" xmlns:content="{namespace}" {base}>{channel}</rss>'


def item(name: str, *, more: str = "") -> str:
    return f"<item><title>{name}</title><link>/{name}</link>{more}</item>"


def atom(*entries: str, base: str = "") -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {base}>{"".join(entries)}</feed>'


def contents(
    document: str | bytes,
    *,
    content_type: str | None = None,
    known: frozenset[bytes] = frozenset(),
    skew_hours: int = 0,
) -> ParsedFeed:
    body = document.encode() if isinstance(document, str) else document
    return parse(
        body,
        url=URL,
        content_type=content_type,
        fetched_at=NOON,
        known=known,
        skew_hours=skew_hours,
    )


def read(document: str | bytes, *, content_type: str | None = None) -> tuple[Entry, ...]:
    return contents(document, content_type=content_type).entries


def titles(found: ParsedFeed) -> list[str]:
    return [entry.title for entry in found.entries]


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The items that were parsed, in order."""
    texts: list[str] = []
    real = xml_items.read_item

    def counting(xml: str, *args: object, **options: object) -> Item:
        texts.append(xml)
        return real(xml, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(parse_module, "read_item", counting)
    return texts


BRIDGE = Entry(
    guid="7",
    url="https://courier.example/bridge",
    title="Bridge & road open 🎉",
    text="The new bridge.\nThe road — too.",
    categories=("World",),
    published_at=datetime(2026, 3, 2, 8, tzinfo=UTC),
)


def test_rss_is_read() -> None:
    assert read(rss(ITEM)) == (BRIDGE,)


def test_rss_in_windows_1251_is_read_in_spite_of_a_lying_header() -> None:
    item = "<item><title>Їхній міст відкрили</title><link>/a</link></item>"
    document = f'<?xml version="1.0" encoding="windows-1251"?>{rss(item)}'.encode("cp1251")
    (entry,) = read(document, content_type="text/xml; charset=iso-8859-1")
    assert entry.title == "Їхній міст відкрили"


def test_atom_is_read() -> None:
    (entry,) = read(
        """<feed xmlns="http://www.w3.org/2005/Atom"><title>Courier</title><entry>
        <title type="html">Bridge &lt;i&gt;opens&lt;/i&gt;</title>
        <link rel="self" href="/self"/><link rel="alternate" href="/bridge"/>
        <id>tag:courier.example,2026:7</id>
        <updated>2026-03-02T11:00:00+02:00</updated>
        <summary>In short.</summary><category term="roads" label="Roads"/>
        </entry></feed>"""
    )
    assert (entry.guid, entry.url) == (
        "tag:courier.example,2026:7",
        "https://courier.example/bridge",
    )
    assert (entry.title, entry.text) == ("Bridge opens", "In short.")
    assert entry.categories == ("roads",)
    assert entry.published_at == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_rdf_is_read() -> None:
    (entry,) = read(
        """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
        <channel rdf:about="https://courier.example"><title>Courier</title></channel>
        <item rdf:about="https://courier.example/a"><title>Bridge</title>
        <link>https://courier.example/a</link><dc:date>2026-03-02T09:00:00Z</dc:date></item>
        </rdf:RDF>"""
    )
    assert (entry.guid, entry.title) == ("https://courier.example/a", "Bridge")
    assert entry.published_at == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_json_feed_is_read() -> None:
    item = {"id": "7", "url": "/bridge", "title": "Bridge", "content_text": "Open."}
    document = {"version": "https://jsonfeed.org/version/1", "items": [item]}
    (entry,) = read("\n" + json.dumps(document), content_type="application/feed+json")
    assert (entry.guid, entry.url, entry.text) == ("7", "https://courier.example/bridge", "Open.")


def test_a_guid_that_is_no_address_does_not_become_a_link() -> None:
    assert read(rss("<item><title>Bridge</title><guid>12345</guid></item>")) == ()


def test_a_link_that_is_no_more_than_its_guid_is_a_link_still() -> None:
    item = "<item><title>Bridge</title><link>12345</link><guid>12345</guid></item>"
    (entry,) = read(rss(item))
    assert (entry.guid, entry.url) == ("12345", "https://courier.example/12345")


@pytest.mark.parametrize("guid", ["https://courier.example/a", "/a"])
def test_a_guid_that_is_an_address_stands_in_for_the_link(guid: str) -> None:
    (entry,) = read(rss(f"<item><title>Bridge</title><guid>{guid}</guid></item>"))
    assert (entry.guid, entry.url) == (guid, "https://courier.example/a")


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Mon, 02 Mar 2026 09:00:00 GMT", NOON - timedelta(hours=3)),
        ("Mon, 02 Marz 2026 09:00:00 GMT", NOON - timedelta(hours=3)),  # without its umlaut
        ("last week", NOON),
        ("9999-12-31T23:59:59-23:00", NOON),
        ("", NOON),
    ],
)
def test_a_date_that_nobody_can_read_is_when_it_was_fetched(date: str, expected: datetime) -> None:
    item = f"<item><title>a</title><link>/a</link><pubDate>{date}</pubDate></item>"
    (entry,) = read(rss(item))
    assert entry.published_at == expected


def test_a_feed_without_entries_is_a_feed() -> None:
    assert read(rss()) == ()


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("", "an empty document"),
        ("<!doctype html><p>404</p>", "it is an HTML page"),
        ("<RDF ><a/></RDF>", "neither RSS nor Atom nor JSON Feed"),
        ('{"error": 404}', "JSON of another kind"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "neither RSS nor Atom nor JSON Feed"),
    ],
)
def test_what_is_not_a_feed_is_refused(document: str | bytes, reason: str) -> None:
    with pytest.raises(ParseError, match=reason):
        read(document)


def test_broken_xml_is_read_as_far_as_it_goes() -> None:
    broken = ITEM.replace("In short.", "Black & white <br> and &nbsp; &undefined;")
    assert read(rss(broken)) == (BRIDGE,)


def test_entities_are_not_expanded_and_no_file_is_read() -> None:
    doctype = (
        '<!DOCTYPE rss [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">'
        '<!ENTITY file SYSTEM "file:///etc/hostname">]>'
    )
    item = "<item><title>a &lol2; &file; b</title><link>/a</link></item>"
    (entry,) = read(f'<?xml version="1.0"?>{doctype}{rss(item)}')
    assert entry.title in ("a &lol2; &file; b", "a b")


def test_a_body_full_of_comments_is_cheap() -> None:
    body = "&lt;!--" * 50_000
    item = f"<item><title>a</title><link>/a</link><description>{body}</description></item>"
    assert len(read(rss(item))) == 1


def test_known_items_are_not_parsed_again(parsed: list[str]) -> None:
    before = contents(rss(item("a"), item("b")))
    after = contents(rss(item("c"), item("a"), item("b")), known=frozenset(before.digests))
    assert titles(after) == ["c"]
    assert after.owners == (digest(item("c")),)
    assert after.digests == (digest(item("c")), *before.digests)
    assert (before.whole, after.whole) == (True, False)
    assert parsed == [item("a"), item("b"), item("c")]


def test_p10_a_document_of_known_items_is_not_parsed_at_all(parsed: list[str]) -> None:
    before = contents(rss(item("a"), item("b"), head="<ttl>60</ttl>"))
    moved = rss(item("b"), item("a"), head="<lastBuildDate>now</lastBuildDate><ttl>90</ttl>")
    after = contents(moved, known=frozenset(before.digests))
    assert parsed == [item("a"), item("b")]
    assert (after.entries, after.whole, after.complete) == ((), False, True)
    assert after.digests == before.digests[::-1]
    assert after.update_period == UpdatePeriod(every=timedelta(minutes=90))


def test_an_edited_item_is_new_by_its_digest() -> None:
    before = contents(rss(item("a"), item("b")))
    edited = item("a", more="<description>Edited.</description>")
    after = contents(rss(edited, item("b")), known=frozenset(before.digests))
    assert [entry.text for entry in after.entries] == ["Edited."]


@pytest.mark.parametrize(
    "odd",
    [
        rss(item("a"), item("b", more="<item/>")),
        rss(item("a"), item("b").replace("item>", "entry>")),
        rss(item("a"), item("b")).replace("</item>", ""),
    ],
    ids=["nested", "of two names", "never closed"],
)
def test_an_odd_document_is_parsed_whole_and_its_known_items_are_left_out(odd: str) -> None:
    whole = contents(odd)
    assert whole.entries
    assert len(whole.owners) == len(whole.entries)
    assert set(whole.owners) <= set(whole.digests)
    again = contents(odd, known=frozenset(whole.digests))
    assert (again.entries, again.whole, again.digests) == ((), True, whole.digests)


def test_a_broken_item_spoils_no_other() -> None:
    broken = '<item><title>c</titel><link>/c</lnk><x y="<"</item>'
    found = contents(rss(item("a"), broken, item("b")))
    assert {"a", "b"} <= set(titles(found))
    assert len(found.digests) == 3


def test_namespaces_and_bases_of_the_head_hold_for_new_items() -> None:
    base = 'xml:base="https://other.example/news/"'
    document = rss(item("a").replace("/a<", "a<"), ITEM, base=base)
    known = frozenset([digest(ITEM.strip())])
    assert [it.url for it in contents(document, known=known).entries] == [
        "https://other.example/news/a"
    ]
    known = frozenset(contents(document).digests[:1])
    assert contents(document, known=known).entries == (BRIDGE,)


def test_only_the_first_items_count() -> None:
    found = contents(rss(*(item(f"n{number}") for number in range(305))))
    assert len(found.entries) == len(found.digests) == 300
    assert found.complete


@pytest.mark.parametrize(
    ("last", "whole"),
    [
        ("<title>b", ["a"]),
        ("b</title>", ["a"]),
        ("/b</link>", ["a"]),
        ("/b</link></item", ["a"]),
        ("/b</link></item>", ["b", "a"]),
        ("<title>c", ["b", "a"]),
        ("/c</link></item>", ["c", "b", "a"]),
        ("</channel></rss", ["c", "b", "a"]),
    ],
)
def test_p39_of_a_feed_cut_off_the_whole_items_count(last: str, whole: list[str]) -> None:
    document = rss(item("a"), item("b"), item("c"))
    torn = contents(document[: document.index(last) + len(last)])
    assert titles(torn) == whole
    assert not torn.complete
    assert contents(document).complete


def test_p39_an_odd_feed_cut_off_loses_its_half_item_too() -> None:
    document = rss(item("a", more="<item/>"), item("half"))
    torn = contents(document[: document.index("half</t") + 3])
    assert not torn.complete
    assert "half" not in " ".join(titles(torn))
    assert "ha" not in titles(torn)


def test_the_rhythm_of_the_feed_is_read() -> None:
    head = "<ttl>60</ttl><skipHours><hour>1</hour><hour>2</hour></skipHours>"
    expected = UpdatePeriod(every=timedelta(hours=1), skip_hours=frozenset({1, 2}))
    assert contents(rss(ITEM, head=head)).update_period == expected
    assert contents(rss(ITEM) + "").update_period == UpdatePeriod()
    assert contents(rss(item("a", more="<item/>"), head=head)).update_period == expected


def test_the_text_of_an_item_is_no_rhythm() -> None:
    assert contents(rss(item("a", more="<ttl>60</ttl>"), item("b"))).update_period == UpdatePeriod()


@pytest.mark.parametrize(
    ("dates", "lead"),
    [
        (["2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z"], -timedelta(hours=1)),
        (["2026-03-02T10:00:00Z", "2026-03-02T15:00:00Z"], timedelta(hours=3)),
        (["2026-03-02T15:00:00+03:00"], timedelta(0)),
        (["0001-01-01T00:00:00Z", "2026-03-02T11:00:00Z"], -timedelta(hours=1)),
        (["0001-01-01T00:00:00Z", "junk"], None),
        ([], None),
    ],
)
@pytest.mark.parametrize("skew_hours", [0, 3])
def test_i16_the_lead_is_that_of_the_newest_date_as_written(
    dates: list[str], lead: timedelta | None, skew_hours: int
) -> None:
    items = [item(f"n{date}", more=f"<pubDate>{date}</pubDate>") for date in dates]
    assert contents(rss(*items), skew_hours=skew_hours).lead == lead


def test_i16_known_items_lead_no_more() -> None:
    future = item("a", more="<pubDate>2026-03-02T15:00:00Z</pubDate>")
    now = item("b", more="<pubDate>2026-03-02T12:00:00Z</pubDate>")
    known = frozenset([digest(future)])
    assert contents(rss(now, future), known=known).lead == timedelta(0)


def test_i16_the_error_of_a_clock_is_taken_off() -> None:
    document = rss(item("a", more="<pubDate>2026-03-02T14:00:00Z</pubDate>"))
    (entry,) = contents(document, skew_hours=3).entries
    assert (entry.published_at, entry.dated) == (NOON - timedelta(hours=1), True)
    (entry,) = contents(document).entries
    assert (entry.published_at, entry.dated) == (NOON, False)


@pytest.mark.parametrize("date", ["сегодня, 10:00", "Сьогодні 10:00", "Mon, 02 Mar 2026 10:00"])
def test_a_near_day_is_counted_from_the_poll(date: str) -> None:
    (entry,) = read(rss(item("a", more=f"<pubDate>{date}</pubDate>")))
    assert (entry.published_at, entry.dated) == (NOON - timedelta(hours=2), True)


def test_i22_a_guid_that_is_no_permanent_link_is_never_a_link() -> None:
    guid = '<guid isPermaLink="false">https://courier.example/a</guid>'
    assert read(rss(f"<item><title>Bridge</title>{guid}</item>")) == ()


@pytest.mark.parametrize(
    ("base", "link", "url"),
    [
        ("", "/a", "https://courier.example/a"),
        ("", "a", "https://courier.example/a"),
        ('xml:base="https://other.example/x/"', "a", "https://other.example/x/a"),
        ('xml:base="/x/"', "a", "https://courier.example/x/a"),
        (
            'xml:base="javascript:alert(1)"',
            "https://courier.example/a",
            "https://courier.example/a",
        ),
    ],
)
def test_i23_a_link_is_resolved_against_its_base_or_the_feed(
    base: str, link: str, url: str
) -> None:
    entry = f'<entry><id>tag:e.example,2026:1</id><title>a</title><link href="{link}"/></entry>'
    (found,) = read(atom(entry, base=base))
    assert (found.url, found.guid) == (url, "tag:e.example,2026:1")


@pytest.mark.parametrize("guid", ["12345", "tag:e.example,2026:1", "urn:uuid:1", "x:y", "/a"])
@pytest.mark.parametrize("base", ["", 'xml:base="https://other.example/x/"'])
def test_i23_a_guid_is_no_address_to_be_resolved(guid: str, base: str) -> None:
    (entry,) = read(rss(item("a", more=f"<guid>{guid}</guid>"), base=base))
    assert entry.guid == guid


def test_i24_a_guid_is_stripped_and_unescaped_once_and_its_case_is_kept() -> None:
    (entry,) = read(rss(item("a", more="<guid>\n Https://E.example/?A=1&amp;amp;b=2\t</guid>")))
    assert entry.guid == "Https://E.example/?A=1&b=2"


@pytest.mark.parametrize("newest_first", [True, False])
def test_i25_of_two_atom_entries_of_one_id_the_newest_counts(newest_first: bool) -> None:
    editions = [
        f"<entry><id>tag:7</id><title>{hour}</title><link href='/a'/>"
        f"<published>2026-03-01T00:00:00Z</published>"
        f"<updated>2026-03-02T{hour}:00:00Z</updated></entry>"
        for hour in ("09", "08")
    ]
    found = contents(atom(*(editions if newest_first else editions[::-1])))
    assert titles(found) == ["09"]
    assert len(found.digests) == 2
    assert found.owners == (digest(editions[0]),)


def test_i25_items_of_rss_that_share_a_guid_are_all_kept() -> None:
    same = "<guid>7</guid><updated>2026-03-02T09:00:00Z</updated>"
    assert len(read(rss(item("a", more=same), item("b", more=same)))) == 2


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "utf-16"])
def test_i27_keys_do_not_depend_on_the_encoding(encoding: str) -> None:
    more = "<guid>tag:e.example,2026:7</guid>"
    document = rss(item("a", more=more).replace("<title>a", "<title>Їхній міст відкрили"))
    (entry,) = read(document.encode(encoding))
    assert (entry.guid, entry.url) == ("tag:e.example,2026:7", "https://courier.example/a")


def test_p49_an_expired_json_feed_is_gone() -> None:
    document = {"version": "https://jsonfeed.org/version/1.1", "expired": True, "items": []}
    with pytest.raises(GoneError):
        read(json.dumps(document))


def test_known_items_of_a_json_feed_are_left_out() -> None:
    items = [{"id": str(number), "url": f"/{number}", "title": str(number)} for number in range(3)]
    version = "https://jsonfeed.org/version/1.1"
    before = contents(json.dumps({"version": version, "items": items[1:]}))
    after = contents(
        json.dumps({"version": version, "items": items}, indent=1), known=frozenset(before.digests)
    )
    assert titles(after) == ["0"]
    assert after.digests[1:] == before.digests
    assert after.complete


SAMPLES: list[Callable[[], str]] = [
    lambda: rss(ITEM, *(item(name) for name in "abcdef")),
    lambda: rss(*(item("a", more=f"<guid>{n}</guid>") for n in range(6)), base='xml:base="/x/"'),
    lambda: atom(
        *(f"<entry><id>{n}</id><title>{n}</title><link href='{n}'/></entry>" for n in range(7))
    ),
    lambda: rss(item("a"), item("a"), item("b"), item("a")),
]


@given(st.sampled_from(SAMPLES), st.sets(st.integers(0, 6)))
def test_a_feed_read_in_two_steps_gives_what_one_step_gives(
    sample: Callable[[], str], first: set[int]
) -> None:
    document = sample()
    whole = contents(document)
    known = frozenset(it for place, it in enumerate(whole.digests) if place in first)
    rest = contents(document, known=known)
    owned = dict(zip(whole.owners, whole.entries, strict=True))
    assert dict(zip(rest.owners, rest.entries, strict=True)) == {
        owner: entry for owner, entry in owned.items() if owner not in known
    }
    assert rest.digests == whole.digests


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_title_is_one_line_without_controls(title: str) -> None:
    escaped = title.replace("&", "&amp;").replace("<", "&lt;")
    for entry in read(rss(f"<item><title>{escaped}</title><link>/a</link></item>")):
        assert entry.title == " ".join(entry.title.split())
        assert not any(ord(letter) < 32 for letter in entry.title)


def test_a_base_within_a_base_is_relative_to_it() -> None:
    feed = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.example/dir/">
        <title>News</title>
        <entry xml:base="sub/"><id>1</id><title>Bridge</title><link href="post.html"/></entry>
        <entry xml:base="http://[oops"><id>2</id><title>Road</title><link href="two.html"/></entry>
        </feed>"""
    found = parse(feed.encode(), url=URL, content_type=None, fetched_at=NOON)
    assert {entry.title: entry.url for entry in found.entries} == {
        "Bridge": "https://base.example/dir/sub/post.html",
        "Road": "https://base.example/dir/two.html",
    }


FEED_END = re.compile(rb"(?=</(?:rss|feed|rdf:RDF)>\s*\Z)")
FEEDS = Path(__file__).parents[1]
# More of them, where they are at hand.
DOCUMENTS = (
    *sorted(FEEDS.glob("**/cases/*.xml")),
    *sorted((FEEDS.parents[2] / "shared/cases/feeds").glob("*.xml")),
)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_feed_read_whole_and_item_by_item_has_the_same_entries(path: Path) -> None:
    document = path.read_bytes()
    # Items of two names: such a feed is not split. The logos of one are not known.
    whole = FEED_END.sub(b"<product/>", document)
    if whole == document:
        pytest.skip("it breaks off")
    split, unsplit = (
        [replace(entry, picture=None) for entry in contents(each).entries]
        for each in (document, whole)
    )
    assert split == unsplit
