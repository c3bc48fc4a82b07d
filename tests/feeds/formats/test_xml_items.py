"""Feeds as publishers write them: each case with what a reader should see of it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.feeds.formats.parse import ParsedFeed, parse
from bot.model import Entry, Picture

CASES = Path(__file__).parent / "cases"
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
ATOM = "http://www.w3.org/2005/Atom"
MEDIA = "http://search.yahoo.com/mrss/"


def contents(document: str | bytes, *, url: str = "https://courier.example/rss") -> ParsedFeed:
    body = document.encode() if isinstance(document, str) else document
    return parse(body, url=url, content_type=None, fetched_at=NOON)


def case(name: str, **options: str) -> tuple[Entry, ...]:
    return contents((CASES / name).read_bytes(), **options).entries


def rss(*items: str, head: str = "") -> str:
    names = f'xmlns:media="{MEDIA}" xmlns:atom="{ATOM}" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    site = "<title>Courier</title><link>https://courier.example/</link>"
    return f'<rss version="2.0" {names}><channel>{site}{head}{"".join(items)}</channel></rss>'


def item(more: str = "", *, title: str = "Quay opens", link: str = "/n/1") -> str:
    return f"<item><title>{title}</title><link>{link}</link>{more}</item>"


def read(more: str = "", **fields: str) -> Entry:
    (entry,) = contents(rss(item(more, **fields))).entries
    return entry


def atom(more: str, *, language: str = "en") -> Entry:
    entry = f"<entry><id>urn:1</id><title>Quay opens</title>{more}</entry>"
    (found,) = contents(f'<feed xmlns="{ATOM}" xml:lang="{language}">{entry}</feed>').entries
    return found


@pytest.mark.parametrize(
    ("name", "title", "url", "text"),
    [
        ("02-media-description.xml", "Parliament adopts the budget of the railway", "/a/2",
         "Deputies voted for the railway budget on Monday."),
        ("03-escaped-cdata.xml", "Skaters of Brovary win three medals in Oslo", "/a/2",
         "They won gold and two bronzes."),
        ("04-lone-ampersands.xml", "Q&A with the R&D chief of AT&T about satellites",
         "/news.php?id=77&lang=uk&copy=1", "The chief spoke of M&A plans."),
        ("05-empty-link-permalink-guid.xml",
         "Divers raise a Cossack boat from the Dnipro near Zaporizhzhia", "/a/2",
         "The boat is three hundred years old."),
        ("10-atom-enclosure-as-text.xml", "A library in Nizhyn digitises letters of Gogol", "/a/2",
         "Two hundred letters."),
        ("12-rss-two-links.xml", "Weavers of Kosiv show carpets in Krakow", "/a/2", ""),
        ("13-yandex-full-text.xml", "Шахтарі Павлограда встановили рекорд видобутку", "/a/2",
         "Шахтарі видобули за добу двадцять тисяч тонн вугілля."),
        ("14-relative-link-feed-elsewhere.xml", "Sailors of Izmail repair a tugboat", "/news/1",
         ""),
        ("15-html-comment-before-root.xml", "Council votes", "/a/1", ""),
        ("37-figcaption.xml", "Lorries are stopped on the Odesa road because of snow", "/a/2",
         "Lorries may not use the road to Odesa until Tuesday."
         " The police opened places to wait."),
    ],
)  # fmt: skip
def test_a_case_of_a_publisher_is_read(name: str, title: str, url: str, text: str) -> None:
    (entry,) = case(name, url="https://elsewhere.example/feed.xml")
    assert (entry.title, entry.url, entry.text) == (title, f"https://courier.example{url}", text)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("06-lt-swallows.xml",
         "Boats leave when depth <d metres is measured. From Friday the night boat runs again."
         " Tickets are sold on board.\nThe pier stays open."),
        ("07-json-plain.json", "Press <map> twice.\nIf depth <d then wait."),
        ("08-cells.xml", "Pier Depth\nEast 2 14 m"),
        ("09-sup.xml", "There are 10⁶ cells in a litre."),
        ("10-fallback.xml", "The tug was launched at dawn."),
        ("14-c1.xml", "“Slow ahead” – and nobody moved."),
    ],
)  # fmt: skip
def test_the_text_of_a_peers_case_is_what_a_browser_shows(name: str, values: str) -> None:
    (entry,) = case(f"peers/{name}")
    assert entry.text == values


@pytest.mark.parametrize(
    ("name", "urls"),
    [
        ("01-atom-link-charset.xml", ["/n/2", "/n/1"]),
        ("02-doctype-html.xml", ["/n/1"]),
        ("11-json-id.json", ["/n/1"]),
        ("12-enclosure-only.xml", ["/ep12.mp3"]),
        ("13-link-uri.xml", ["/n/1"]),
        ("16-prefix.xml", ["/n/1"]),
    ],
)
def test_the_links_of_a_peers_case_are_found(name: str, urls: list[str]) -> None:
    assert [entry.url for entry in case(f"peers/{name}")] == [
        f"https://harbour.example{url}" for url in urls
    ]


@pytest.mark.parametrize(
    ("name", "dates"),
    [
        ("01-date-slashes.xml", [datetime(2026, 11, 30, 6, 50, tzinfo=UTC)]),
        ("peers/03-date-day-first.xml",
         [datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 24, 9, 40, tzinfo=UTC)]),
        ("peers/04-iso-utc.xml",
         [datetime(2026, 11, 29, 8, 5, tzinfo=UTC),
          datetime(2026, 11, 29, 21, 40, 12, tzinfo=UTC)]),
        ("peers/05-offset-glued.xml", [datetime(2026, 11, 30, 6, 10, tzinfo=UTC)] * 2),
        ("peers/18-impossible-day.xml", [None, None]),
    ],
)  # fmt: skip
def test_the_dates_of_a_case_are_read_whole_or_not_at_all(
    name: str, dates: list[datetime | None]
) -> None:
    assert [entry.published_at if entry.dated else None for entry in case(name)] == dates


def test_a_publishers_own_entity_is_its_text_and_c1_controls_are_letters() -> None:
    assert [entry.title for entry in case("peers/15-own-entity.xml")] == [
        "Harbour Gazette buys a tug"
    ]
    assert [entry.title for entry in case("peers/14-c1.xml")] == ["The pilot’s boat"]


@pytest.mark.parametrize("name", ["16-prefix.xml", "17-feed-title-image.xml"])
def test_the_feed_is_called_by_its_own_title(name: str) -> None:
    assert contents((CASES / "peers" / name).read_bytes()).title == "Harbour notes"


@pytest.mark.parametrize(
    ("links", "url"),
    [
        ('<link href="/a" type="text/html; charset=utf-8"/>', "/a"),
        ('<link href="/a.pdf" type="application/pdf"/>', "/a.pdf"),
        ('<link href="/a" type=""/>', "/a"),
        ('<link href="/a" rel="http://www.iana.org/assignments/relation/alternate"/>', "/a"),
        ('<link href="/a.pdf" type="application/pdf"/><link href="/a" type="text/html"/>', "/a"),
        ('<link href="/ru" hreflang="ru"/><link href="/en" hreflang="en-GB"/>', "/en"),
        ('<link href="/amp/a"/><link href="/a"/>', "/a"),
        ('<link href="https://m.courier.example/a"/><link href="/a"/>', "/a"),
        ('<link href="/a" media="handheld"/><link href="/b"/>', "/b"),
        ('<link rel="self" href="/self"/><link rel="via" href="/via"/>', "/via"),
        ('<link rel="enclosure" href="/a.mp3"/><content src="/page"/>', "/page"),
        ('<link href="/amp/a"/>', "/amp/a"),
        ('<link href="/"/><link href="/a"/>', "/a"),
        ('<link href="/"/>', "/"),
    ],
)
def test_the_link_of_an_atom_entry_is_taken_by_its_role(links: str, url: str) -> None:
    assert atom(links).url == f"https://courier.example{url}"


@pytest.mark.parametrize("front", ["https://courier.example", "http://courier.example/", "/"])
def test_the_first_page_of_a_site_is_the_link_of_an_item_where_there_is_no_other(
    front: str,
) -> None:
    own = "https://courier.example/real-story"
    assert read(f"<guid>{own}</guid>", link=front).url == own
    assert (
        read(f'<guid isPermaLink="false">{own}</guid>', link=front)
        .url.rstrip("/")
        .endswith(".example")
    )
    assert (
        read(f"<comments>{own}#comments</comments>", link=front)
        .url.rstrip("/")
        .endswith(".example")
    )


@pytest.mark.parametrize(
    ("more", "url"),
    [
        ("<link></link><guid>https://courier.example/g</guid>", "/g"),
        ('<link/><guid isPermaLink="FALSE">https://courier.example/g</guid>', "/"),
        ("<link>javascript:alert(1)</link>", "/"),
        ("<link>https://user:secret@courier.example/a</link>", "/"),
        ('<atom:link href="/atom"/>', "/atom"),
        ('<link url="/by-attribute"/>', "/by-attribute"),
        ("<comments>/talk</comments>", "/talk"),
        ('<media:content url="/film.mp4" type="video/mp4"/>', "/film.mp4"),
        ("<link>/amp/a</link><link>/a</link>", "/a"),
        ("<link> <![CDATA[ /a?b=1&c=2 ]]> </link>", "/a?b=1&c=2"),
    ],
)
def test_an_item_of_rss_has_a_link_while_there_is_anything_to_open(more: str, url: str) -> None:
    (entry,) = contents(rss(f"<item><title>Quay opens</title>{more}</item>")).entries
    assert entry.url == f"https://courier.example{url}"


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ("<description><![CDATA[a <![CDATA[b]]> c]]></description>", "a b c"),
        ("<description>&lt;![CDATA[&lt;p&gt;One.&lt;/p&gt;]]&gt;</description>", "One."),
        ("<description>Fish & chips, 3 < 4</description>", "Fish & chips, 3 < 4"),
        ("<description>Made by <b>hand</b>.<br>Twice.</description>", "Made by hand.\nTwice."),
        ("<description>caf&eacute; &mdash; open</description>", "café — open"),
        ("<!-- <description>No.</description> --><description>Yes.</description>", "Yes."),
        ("<description>&amp;lt;p&amp;gt;Twice.&amp;lt;/p&amp;gt;</description>", "Twice."),
        ("<media:group><media:description>Film.</media:description></media:group>", "Film."),
        ("<dc:description>Dublin.</dc:description>", "Dublin."),
        ("<fulltext>All of the text.</fulltext><description>Some.</description>",
         "All of the text."),
    ],
)  # fmt: skip
def test_xml_is_mended_and_a_text_is_taken_by_its_role(more: str, text: str) -> None:
    assert read(more).text == text


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ('<summary type="text">Press &lt;map&gt; &amp;amp; go</summary>', "Press <map> &amp; go"),
        ('<summary type="html">&lt;b&gt;Bold&lt;/b&gt; &amp;amp; so</summary>', "Bold & so"),
        ('<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One</p><p>Two &amp;'
         " 3</p></div></content>", "One\nTwo & 3"),
        ("<summary>Press &lt;map&gt; twice</summary>", "Press <map> twice"),
        ('<content type="image/png">iVBORw0KGgo=</content><summary>Seen.</summary>', "Seen."),
    ],
)  # fmt: skip
def test_the_text_of_an_atom_entry_is_read_by_its_kind(written: str, text: str) -> None:
    assert atom(f'<link href="/a"/>{written}').text == text


@pytest.mark.parametrize(
    ("title", "text", "headline", "below"),
    [
        ("🔥", "The mill burns. Nobody is hurt.", "🔥 The mill burns.", "Nobody is hurt."),
        ("@harbour", "The mill burns. Nobody is hurt.", "@harbour The mill burns.",
         "Nobody is hurt."),
        ("Just in:", "The mill burns.", "Just in: The mill burns.", ""),
        ("", "The mill burns. Nobody is hurt.", "The mill burns.", "Nobody is hurt."),
        ("", "One.\nTwo.", "One.", "Two."),
        ("Just in:", "Just in: the mill burns.", "Just in: the mill burns.", ""),
        ("The mill burns", "Nobody is hurt.", "The mill burns", "Nobody is hurt."),
    ],
)  # fmt: skip
def test_a_headline_that_says_nothing_takes_the_first_sentence(
    title: str, text: str, headline: str, below: str
) -> None:
    body = "".join(f"<p>{line}</p>" for line in text.split("\n"))
    entry = read(f"<description><![CDATA[{body}]]></description>", title=title)
    assert (entry.title, entry.text) == (headline, below)


@pytest.mark.parametrize(
    ("more", "labels"),
    [
        ("<category>Політика, Війна</category>", ("Політика", "Війна")),
        ("<category>Політика; Війна | Світ</category>", ("Політика", "Війна", "Світ")),
        ("<category>Doe, Jane</category><category>War</category>", ("Doe, Jane", "War")),
        ("<category>1,5 degrees</category>", ("1,5 degrees",)),
        ("<media:keywords>war, peace</media:keywords>", ("war", "peace")),
    ],
)
def test_a_list_of_labels_in_one_element_is_split(more: str, labels: tuple[str, ...]) -> None:
    assert read(more).categories == labels


@pytest.mark.parametrize(
    ("more", "picture"),
    [
        ('<media:content url="/a.jpg" medium="image" width="600" height="400"/>',
         Picture(url="https://courier.example/a.jpg", width=600, height=400)),
        ('<media:thumbnail url="/t.jpg" width="120px"/>',
         Picture(url="https://courier.example/t.jpg", width=120)),
        ('<enclosure url="/e.jpg" type="image/jpeg"/>', Picture(url="https://courier.example/e.jpg")),
        ('<media:content url="/s.jpg" type="image/jpeg" width="100"/>'
         '<media:content url="/l.jpg" type="image/jpeg" width="900"/>',
         Picture(url="https://courier.example/l.jpg", width=900)),
        ('<description>&lt;img src="/b.png?a=1&amp;amp;b=2"&gt;</description>',
         Picture(url="https://courier.example/b.png?a=1&b=2")),
        ('<enclosure url="/film.mp4" type="video/mp4"/>', None),
        ('<description>&lt;img src="/x.gif" width="1" height="1"&gt;</description>', None),
        ('<description>&lt;img src="/icons/rss.png"&gt;</description>', None),
        ('<media:content url="javascript:alert(1)" medium="image"/>', None),
        ('<media:content url="https://u:p@courier.example/a.jpg" medium="image"/>', None),
    ],
)  # fmt: skip
def test_a_picture_is_one_that_shows_something(more: str, picture: Picture | None) -> None:
    assert read(more).picture == picture


@pytest.mark.parametrize(("count", "has_picture"), [(2, True), (3, False)])
def test_a_picture_of_three_items_is_a_logo(count: int, has_picture: bool) -> None:
    thumbnail = '<media:thumbnail url="/logo.jpg"/>'
    full = thumbnail.replace("/logo", "https://courier.example/logo")
    items = [item(full, title=f"n{number}", link=f"/{number}") for number in range(count)]
    pictures = [entry.picture is not None for entry in contents(rss(*items)).entries]
    assert pictures == [has_picture] * count


def test_dropped_items_are_counted_with_their_reason() -> None:
    bare = '<rss version="2.0"><channel>{}</channel></rss>'
    unlinked = "<item><title>a{}</title></item>"
    silent = "<item><link>https://courier.example/a</link></item>"
    none = contents(bare.format("".join(unlinked.format(number) for number in range(20))))
    assert none.shortfall == "20 items, 0 usable: no links"
    some = contents(bare.format(unlinked + silent + item(link="https://courier.example/b")))
    assert some.dropped == (("no link", 1), ("neither title nor text", 1))
    assert some.shortfall == "3 items, 1 usable: 1 with no links, 1 with neither title nor text"
    assert contents(rss(item())).shortfall is None


@pytest.mark.parametrize(
    ("more", "source"),
    [
        ('<source url="https://www.herald.example/">The Herald</source>', "herald.example"),
        ('<source url="https://feeds.herald.example/rss">x</source>', "herald.example"),
        ('<source url="https://t.me/s/harbour">x</source>', "t.me/harbour"),
        (
            '<atom:source><atom:title>x</atom:title><atom:link href="https://herald.example/"/>'
            "</atom:source>",
            "herald.example",
        ),
        # A feed that names itself, a title that may be anybody's, and what is no address.
        ('<source url="https://www.courier.example/all">Courier</source>', None),
        ("<source>CNN</source>", None),
        ('<source url="javascript:1">x</source>', None),
        ('<source url="https://me:secret@herald.example/">x</source>', None),
        ('<source url="">x</source>', None),
        ("", None),
    ],
)
def test_an_item_of_an_aggregator_has_the_source_that_it_names(
    more: str, source: str | None
) -> None:
    assert read(more).source == source


@pytest.mark.parametrize("prefix", ["h", "xhtml", "html"])
def test_prefixed_xhtml_is_read_as_html(prefix: str) -> None:
    names = f'xmlns:{prefix}="http://www.w3.org/1999/xhtml"'
    inner = (
        "<style>p{color:red}</style><p>One.</p><script>run()</script>"
        "<table><tr><td>a</td><td>b</td></tr></table><p>The &lt;script&gt; tag.</p>"
    )
    prefixed = (
        inner.replace("</", f"</{prefix}:")
        .replace("<", f"<{prefix}:")
        .replace(f"<{prefix}:/{prefix}:", f"</{prefix}:")
    )
    channel = (
        f"<item><title>T</title><link>/1</link><{prefix}:body>{prefixed}</{prefix}:body></item>"
    )
    (in_rss,) = contents(f"<rss {names}><channel><title>C</title>{channel}</channel></rss>").entries
    content = f'<content type="xhtml"><{prefix}:div {names}>{prefixed}</{prefix}:div></content>'
    (in_atom,) = contents(
        f'<feed xmlns="{ATOM}"><title>C</title><entry><id>1</id><title>T</title>'
        f'<link href="/1"/>{content}</entry></feed>'
    ).entries
    assert in_rss.text == in_atom.text == "One.\na b\nThe <script> tag."


@pytest.mark.parametrize(
    ("fields", "address"),
    [
        *(
            (f"<link>{link}</link><guid>https://courier.example/g/1</guid>", "g/1")
            for link in [
                "#", "", "#top", "javascript:void(0)", "mailto:desk@courier.example", "tel:123",
                "about:blank", "null", "https://courier.example/undefined", "{{ item.url }}", "-",
                "http://", "htp://courier.example/1", "file:///C:/1.html", "tg://resolve?domain=x",
            ]
        ),
        ("<link>#</link><guid isPermaLink='false'>17</guid>", ""),
        ("<link>#</link>", ""),
        ("<guid isPermaLink='true'>/g/1</guid>", "g/1"),
        ("<url>https://courier.example/g/1</url>", "g/1"),
        *(
            (f"<link>{link}</link>", "g/1")
            for link in [
                "https://https://courier.example/g/1", "https:/courier.example/g/1",
                "https:///courier.example/g/1", "https:\\\\courier.example\\g\\1",
                "www.courier.example/g/1".removeprefix("www."), "//courier.example/g/1", "g/1",
                "https://courier.example/\n   g/1",
                "&lt;a href=\"https://courier.example/g/1\"&gt;Read&lt;/a&gt;",
                "https://courier.example/g/1 https://courier.example/g/2",
            ]
        ),
        ("<link>https://courier.example/?a=1&amp;amp;b=2</link>", "?a=1&b=2"),
        ("<link>https://courier.example/none</link>", "none"),
    ],
)  # fmt: skip
def test_an_address_is_mended_or_the_next_best_one_is_taken(fields: str, address: str) -> None:
    (entry,) = contents(rss(f"<item><title>Quay opens</title>{fields}</item>")).entries
    assert entry.url == f"https://courier.example/{address}"


def test_a_forgotten_scheme_of_another_site_is_added() -> None:
    assert read(link="www.herald.example/n/1").url == "https://www.herald.example/n/1"


def test_the_front_page_stands_for_an_item_and_a_channel_without_addresses() -> None:
    document = "<rss><channel><link>#</link><item><title>Quay opens</title></item></channel></rss>"
    assert contents(document).entries[0].url == "https://courier.example/"


@pytest.mark.parametrize(
    "title", ["null", "Untitled", "(no title)", "https://a.example/1", "Без назви"]
)
def test_a_title_that_a_program_wrote_for_none_gives_way_to_the_text(title: str) -> None:
    entry = read("<description>The quay opens. Boats come.</description>", title=title)
    assert (entry.title, entry.text) == ("The quay opens.", "Boats come.")
    assert read("<description>null</description>", title="Quay").text == ""


def test_an_unclosed_cdata_section_or_title_swallows_no_item() -> None:
    unclosed = item(title="<![CDATA[First of them")
    assert [
        entry.title
        for entry in contents(
            rss(
                unclosed,
                item(title="<![CDATA[Second]]>", link="/2"),
                item(title="Third", link="/3"),
            )
        ).entries
    ] == ["Third", "Second", "First of them"]
    assert [entry.title for entry in contents(rss(unclosed, item(link="/2"))).entries] == [
        "Quay opens",
        "First of them",
    ]
    (entry,) = contents(rss("<item><title>No end<link>/n/1</link></item>")).entries
    assert (entry.title, entry.url) == ("No end", "https://courier.example/n/1")
