import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ParseError
from bot.feeds.parse import parse
from bot.model import Entry
from tests.fakes import NOON

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


def rss(*items: str) -> str:
    namespace = "http://purl.org/rss/1.0/modules/content/"
    channel = f"<channel><title>Courier</title>{''.join(items)}</channel>"
    return f'<rss version="2.0" xmlns:content="{namespace}">{channel}</rss>'


def read(document: str | bytes, *, content_type: str | None = None) -> tuple[Entry, ...]:
    body = document.encode() if isinstance(document, str) else document
    return parse(body, url=URL, content_type=content_type, fetched_at=NOON)


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
        ("Mon, 02 Marz 2026 09:00:00 GMT", NOON - timedelta(hours=3)),  # as feedparser knows
        ("yesterday", NOON),
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


def test_a_feed_cut_off_in_the_middle_gives_its_whole_items() -> None:
    document = rss(ITEM, ITEM.replace("7", "8"))
    assert BRIDGE in read(document[: document.index("8")])


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


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_any_title_is_one_line_without_controls(title: str) -> None:
    escaped = title.replace("&", "&amp;").replace("<", "&lt;")
    for entry in read(rss(f"<item><title>{escaped}</title><link>/a</link></item>")):
        assert entry.title == " ".join(entry.title.split())
        assert not any(ord(letter) < 32 for letter in entry.title)
