import codecs
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ParseError
from bot.web.opml import MAX_BYTES, MAX_DEPTH, MAX_FEEDS, Outline, looks_like_opml, parse, write

A = Outline(url="https://a.example/rss", title="Вечір")
NESTED = """<opml version="1.1"><head><title>Mine</title></head><body>
  <outline text="News" language="uk-UA">
    <outline text="World/Europe">
      <outline type="rss" text="Вечір" xmlUrl="https://a.example/rss" topic="war"/>
    </outline>
    <outline title="Новый курьер" text="Курьер" xmlUrl="https://b.example" language="ru"/>
  </outline>
  <outline XMLURL="https://www.c.example/feed" pages="false"/>
</body></opml>"""


def opml(*outlines: str) -> bytes:
    return f"<opml version='2.0'><body>{''.join(outlines)}</body></opml>".encode()


def urls(document: bytes) -> list[str]:
    return [it.url for it in parse(document)]


def test_feeds_come_in_order_with_folders_and_attributes() -> None:
    assert parse(NESTED.encode()) == (
        Outline(
            url="https://a.example/rss",
            title="Вечір",
            folder="News/World-Europe",
            language="uk-UA",
            topic="war",
        ),
        Outline(url="https://b.example", title="Новый курьер", folder="News", language="ru"),
        Outline(url="https://www.c.example/feed", title="www.c.example", pages="false"),
    )


@pytest.mark.parametrize(
    "document",
    [
        b"\xef\xbb\xbf" + NESTED.encode(),
        codecs.BOM_UTF16_LE + NESTED.encode("utf-16-le"),
        ('<?xml version="1.0" encoding="windows-1251"?>' + NESTED).encode("cp1251"),
        ('\n <?xml version="1.0" encoding="utf-16"?>' + NESTED).encode(),
        ('<?xml version="1.0"?><!DOCTYPE opml><?style x?><!-- mine -->' + NESTED).encode(),
        NESTED.replace("<head>", "<head>\0\x0b").encode(),
        NESTED.replace("<opml", "<OPML").replace("</opml", "</OPML").encode(),
    ],
)
def test_a_file_may_have_any_encoding_and_preamble(document: bytes) -> None:
    assert parse(document) == parse(NESTED.encode())


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Bed &amp; Bridge", "Bed & Bridge"),
        ("Bed & Bridge", "Bed & Bridge"),
        ("Q&A", "Q&A"),
        ("Bed&nbsp;&mdash; &laquo;Bridge&raquo;", "Bed — «Bridge»"),
        ("&lt;Bridge&gt; &quot;1&apos;", "<Bridge> \"1'"),
        ("&LT;Bridge", "<Bridge"),
        ("&#1042;&#x432;&#X432; &#0;&#xd800;&#9999999;.", "Ввв ."),
        ("&nothing; there", "&nothing; there"),
        ("two\n  lines", "two lines"),
        ("long " * 100, "long " * 51 + "l"),
    ],
)
def test_invalid_entities_in_titles_are_repaired(written: str, title: str) -> None:
    (found,) = parse(opml(f'<outline xmlUrl="https://a.example" text="{written}"/>'))
    assert found.title == title


def test_an_unescaped_ampersand_leaves_an_address_as_it_is() -> None:
    address = "https://a.example/rss?a=1&b=2&copy=3"
    assert urls(opml(f"<outline xmlUrl='{address}'/>")) == [address]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (" https://a.example/rss ", ["https://a.example/rss"]),
        ("feed://a.example/rss", ["http://a.example/rss"]),
        ("feed:https://a.example/rss", ["https://a.example/rss"]),
        ("feed://https://a.example/rss", ["https://a.example/rss"]),
        ("", []),
        ("/etc/passwd", []),
        ("file:///etc/passwd", []),
        ("javascript:alert(1)", []),
        ("https://[::1", []),
        ("https://", []),
        ("https://a.example/a b", []),
        ("https://a.example/" + "a" * 2048, []),
    ],
)
def test_only_web_addresses_are_returned(address: str, expected: list[str]) -> None:
    assert urls(opml(f"<outline text='A' xmlUrl='{address}'/>")) == expected


def test_a_repeated_feed_is_returned_once() -> None:
    spellings = (
        "https://a.example/rss",
        "http://www.a.example/rss/",
        "https://a.example/rss?utm_source=x",
    )
    assert urls(opml(*(f"<outline xmlUrl='{it}'/>" for it in spellings))) == [spellings[0]]


def test_a_file_without_feeds_has_none() -> None:
    assert parse(opml("<outline text='a folder'/>")) == ()


LAUGHS = '<!DOCTYPE opml [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + NESTED
OUTSIDE = '<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + NESTED


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (b"", "not OPML: "),
        (b"\x89PNG\r\n\x1a\n\0\0", "not OPML: "),
        (b"https://a.example/rss", "not OPML: "),
        (b"<rss version='2.0'><channel/></rss>", "its first element should be <opml>"),
        (NESTED[:300].encode(), "not OPML: "),
        (LAUGHS.encode(), "it defines entities"),
        (LAUGHS.encode("utf-16"), "it defines entities"),
        (OUTSIDE.encode(), "it defines entities"),
        (opml("<outline>" * (MAX_DEPTH + 1) + "</outline>" * (MAX_DEPTH + 1)), "folders within"),
        (opml("<outline>" * 100_000 + "</outline>" * 100_000), "folders within each other"),
        (b" " * (MAX_BYTES + 1), "larger than 5 MB"),
    ],
)
def test_a_hostile_or_invalid_file_is_refused_in_one_sentence(
    document: bytes, complaint: str
) -> None:
    with pytest.raises(ParseError, match=complaint) as caught:
        parse(document)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_a_file_of_the_maximum_number_of_feeds_is_read() -> None:
    many = [Outline(url=f"https://a.example/{it}", title="A") for it in range(MAX_FEEDS)]
    assert parse(write(many, title="Many")) == tuple(many)


def test_a_written_file_is_valid_opml_2() -> None:
    written = write([A, Outline(url="https://b.example", title="B", folder="X")], title="Mine & co")
    assert written.decode() == (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        '<opml version="2.0">\n'
        "  <head>\n"
        "    <title>Mine &amp; co</title>\n"
        "  </head>\n"
        "  <body>\n"
        '    <outline type="rss" text="Вечір" title="Вечір" xmlUrl="https://a.example/rss"/>\n'
        '    <outline text="X" title="X">\n'
        '      <outline type="rss" text="B" title="B" xmlUrl="https://b.example"/>\n'
        "    </outline>\n"
        "  </body>\n"
        "</opml>\n"
    )


_TEXT = st.text(max_size=20)
_WORDS = _TEXT.map(lambda text: " ".join(text.split()))
# What looks like an entity is read as one: many write titles that are escaped twice.
_NAMES = st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="/&"), min_size=1)
_FOLDERS = st.lists(_NAMES.map(lambda it: it[:9]), max_size=3).map("/".join)
_OUTLINES = st.builds(
    Outline,
    url=st.integers(0, 99).map(lambda number: f"https://a.example/{number}?a=1&b=<'\""),
    title=st.text(
        st.characters(exclude_categories=["C", "Z"], exclude_characters="&"), min_size=1, max_size=9
    ),
    folder=_FOLDERS,
    language=st.sampled_from(["", "uk", "ru", "en"]),
    topic=st.sampled_from(["", "war"]),
    pages=st.sampled_from(["", "false"]),
)


@given(st.lists(_OUTLINES, unique_by=lambda it: it.url))
def test_a_written_file_is_parsed_unchanged(outlines: list[Outline]) -> None:
    found = parse(write(outlines, title="Mine"))
    assert {it.url: it for it in found} == {it.url: it for it in outlines}


@given(st.builds(Outline, url=_TEXT, title=_TEXT, folder=_TEXT), _TEXT)
def test_any_outlines_are_written_as_a_file_that_can_be_parsed(
    outline: Outline, title: str
) -> None:
    assert len(parse(write([outline], title=title))) <= 1


@given(st.binary(max_size=300) | _WORDS.map(opml))
def test_any_bytes_are_parsed_or_refused(document: bytes) -> None:
    with suppress(ParseError):
        parse(document)


@pytest.mark.parametrize(
    ("broken", "count", "title"),
    [
        ('text="Rock <3 roll" xmlUrl="https://b.example/rss"', 0, "Rock <3 roll"),
        ('text="X" fz:quick="no" xmlUrl="https://b.example/rss"', 0, "X"),
        ('text="X" text="Y" xmlUrl="https://b.example/rss"', 0, "X"),
        ('text="A &amp;amp; B" xmlUrl="https://b.example/rss"', 0, "A & B"),
        ('text="a"b" xmlUrl="https://b.example/rss"', 1, None),
        ('text="X" xmlUrl=https://b.example/rss', 1, None),
        ('text="X" xmlUrl="javascript:alert(1)"', 1, None),
        ('text="X" xmlUrl="https://user:secret@b.example/rss"', 1, None),
    ],
)
def test_a_broken_outline_loses_itself_at_most_and_is_counted(
    broken: str, count: int, title: str | None
) -> None:
    found = parse(opml(f'<outline xmlUrl="https://a.example" text="Good"/><outline {broken}/>'))
    assert [outline.title for outline in found] == ["Good", *([title] if title else [])]
    assert found.broken == count


@pytest.mark.parametrize(
    ("content", "is_opml"),
    [
        (b'<?xml version="1.0"?>\n<!-- mine --><opml version="2.0">', True),
        ("<OPML>".encode("utf-16"), True),
        (b"<rss><channel/></rss>", False),
        (b" " * 5000 + b"<opml>", False),
        (b"", False),
    ],
)
def test_an_opml_file_is_known_by_its_beginning(content: bytes, is_opml: bool) -> None:
    assert looks_like_opml(content) == is_opml


@pytest.mark.parametrize("listed", [MAX_FEEDS, MAX_FEEDS + 1, 15_000])
def test_of_a_list_beyond_the_limit_as_many_are_taken_and_the_others_counted(listed: int) -> None:
    many = (f"<outline xmlUrl='https://a.example/{number}'/>" for number in range(listed))
    outlines = parse(opml(*many, "<outline xmlUrl='https://a.example/1'/>"))
    assert len(outlines) == MAX_FEEDS
    assert outlines[-1].url == f"https://a.example/{MAX_FEEDS - 1}"
    assert outlines.left_out == listed - MAX_FEEDS
