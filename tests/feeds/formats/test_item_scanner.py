import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ParseError
from bot.feeds.formats.item_scanner import (
    MAX_ITEMS,
    ItemSpans,
    digest,
    first_items,
    is_closed,
    sanitize,
    split_items,
    whole_items,
)

HEAD = '<rss version="2.0" xmlns:media="urn:m"><channel><title>Courier</title>'
TAIL = "</channel></rss>"


RSS = '<rss version="2.0"><channel><item><title>Bridge</title></item></channel></rss>'


def item(name: str) -> str:
    return f"<item><title>{name}</title></item>"


def cut(text: str, *, max_items: int = 9) -> ItemSpans:
    slices = split_items(text, max_items=max_items)
    assert slices is not None
    return slices


def test_a_feed_is_its_gaps_and_its_items() -> None:
    slices = cut(f"{HEAD}\n{item('a')} {item('b')}\n{TAIL}")
    assert slices.gaps == (f"{HEAD}\n", " ", f"\n{TAIL}")
    assert slices.items == (item("a"), item("b"))
    assert slices.complete


def test_a_feed_without_items_is_one_gap() -> None:
    assert cut(HEAD + TAIL) == ItemSpans(gaps=(HEAD + TAIL,), items=(), digests=(), complete=True)


@pytest.mark.parametrize(
    "written",
    [
        "<item>a</item>",
        "<item rdf:about='x>y'>a</item\n>",
        "<item/>",
        "<item rdf:about='x' />",
        "<ITEM>a</ITEM>",
        "<atom:entry>a</atom:entry>",
        "<entry\n>a</entry>",
        "<item><itemized/><items/><media:items>a</media:items></item>",
        "<item><!-- <item> </item> --></item>",
        "<item><![CDATA[ <item> </item> ]]></item>",
        "<item><?php <item> ?></item>",
        "<item><![CDATA[ <!-- ]]></item>",
        "<item><!-- <![CDATA[ --></item>",
    ],
)
def test_an_item_is_known_by_its_tags_and_by_nothing_else(written: str) -> None:
    slices = cut(f"{HEAD}{written}{written}{TAIL}")
    assert slices.items == (written, written)
    assert slices.complete


@pytest.mark.parametrize(
    "text",
    [
        "<item><item>a</item></item>",
        "<item>a<item>b</item>",
        "<item><entry>a</entry></item>",
        "<item>a</item><media:item>b</media:item>",
        "<item>a</item><ITEM>b</ITEM>",
        "<item>a</entry>",
        "a</item>",
        "<item>a</item></item>",
        "<item>a</item <item>b</item>",
    ],
)
def test_what_overlaps_or_differs_in_name_is_not_cut(text: str) -> None:
    assert split_items(HEAD + text + TAIL, max_items=9) is None


def test_what_is_known_is_left_out_and_the_rest_stays_as_it_was() -> None:
    slices = cut(f"{HEAD}\n{item('a')}<link/>{item('b')}{item('c')}\n{TAIL}")
    known = {digest(item("a")), digest(item("c"))}
    assert slices.without(known) == f"{HEAD}\n<link/>{item('b')}\n{TAIL}"
    assert slices.without(()) == f"{HEAD}\n{item('a')}<link/>{item('b')}{item('c')}\n{TAIL}"


def test_the_items_that_are_too_many_go_and_what_stands_between_stays() -> None:
    slices = cut(f"{HEAD}{item('a')}1{item('b')}2{item('c')}3{TAIL}", max_items=1)
    assert slices.items == (item("a"),)
    assert slices.without(()) == f"{HEAD}{item('a')}123{TAIL}"
    assert slices.complete


@pytest.mark.parametrize("other", [item("a "), item("A"), item("a").replace("<t", "<!---->\n<t")])
def test_a_digest_ignores_nothing(other: str) -> None:
    assert digest(item("a")) == digest(item("a"))
    assert len(digest(item("a"))) == 8
    assert digest(other) != digest(item("a"))


@pytest.mark.parametrize(
    "torn",
    [
        "<item><title>half",
        "<item",
        "<item>a</item",
        "<item><![CDATA[ a </item></channel></rss>",
        "<item><!-- a </item></channel></rss>",
        "<!-- a <item></item></channel></rss>",
        "",
        "</channel>",
        "</channel></rs",
    ],
)
def test_p39_of_a_document_that_ends_early_the_whole_items_count(torn: str) -> None:
    slices = cut(HEAD + item("a") + torn)
    assert slices.items == (item("a"),)
    assert not slices.complete
    assert "half" not in slices.without(())


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("<rss></rss>", True),
        ("<rss></RSS\n>", True),
        ("<rss version='2.0'/>", True),
        ("<rdf:RDF><a/></rdf:RDF>", True),
        ("<rss>", False),
        ("<rss><a/>", False),
        ("<rss></rs", False),
        ("<rss", False),
        ("text", False),
    ],
)
def test_a_document_is_closed_by_its_root(text: str, closed: bool) -> None:
    assert is_closed(text, after=0) is closed


@pytest.mark.parametrize(
    "flood",
    [
        "<item>" * 100_000,
        "<item/>" * 100_000,
        "</item>" * 100_000,
        "<item " * 100_000,
        "<!--" * 200_000,
        "<![CDATA[" * 100_000,
        "<!---->" * 100_000,
        "<" * 500_000,
        "<item>" + "<![CDATA[]]>" * 60_000,
        "<item></item" * 60_000,
        ("a" * 39 + ":") * 20_000,
    ],
    ids=lambda flood: flood[:14],
)
def test_the_time_to_cut_up_grows_with_the_length_alone(flood: str) -> None:
    began = time.process_time()
    split_items(HEAD + flood, max_items=300)
    # Linear time takes a third of a second, quadratic time minutes; the machine may be busy.
    assert time.process_time() - began < 10


_PIECES = st.sampled_from(
    ["<item>", "</item>", "<item/>", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "a", "</rss>"]
)


@given(st.lists(_PIECES, max_size=30))
def test_nothing_is_lost_and_nothing_is_added(pieces: list[str]) -> None:
    text = "<rss>" + "".join(pieces)
    slices = split_items(text, max_items=99)
    if slices is not None:
        whole = slices.without(())
        assert text.startswith(whole)
        assert not slices.complete or whole == text
        assert len(slices.gaps) == len(slices.items) + 1


def test_what_was_too_many_has_its_turn_when_the_others_are_known() -> None:
    written = [item(name) for name in "abcde"]
    text = f"{HEAD}{''.join(written)}{TAIL}"
    known: set[bytes] = set()
    seen = []
    for _ in range(3):
        slices = split_items(text, max_items=2, known=known)
        assert slices is not None
        assert slices.complete
        seen.append(len(slices.items))
        known.update(slices.digests)
    assert seen == [2, 4, 5]


@pytest.mark.parametrize(
    "before",
    [
        "",
        "\n \n",
        "garbage",
        "<!-- a comment -->",
        '<?xml-stylesheet href="style.xsl"?>',
        '<!DOCTYPE rss [<!ENTITY a "<b>lol</b>"> <!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE rss SYSTEM "file:///etc/passwd">',
    ],
)
def test_what_stands_before_the_root_goes(before: str) -> None:
    assert sanitize(before + RSS)[1] == RSS


@pytest.mark.parametrize(
    "root", ["<rss>", "<RSS version='2.0'>", "<feed xmlns='x'>", "<rdf:RDF\n>", "<atom:feed >"]
)
def test_a_feed_is_known_by_its_root(root: str) -> None:
    assert sanitize(root)[1] == root


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "an empty document"),
        (" \n", "an empty document"),
        ("<!DOCTYPE html><html><body>Sign in</body></html>", "not a feed: it is an HTML page"),
        ("\n<HTML lang='uk'>", "not a feed: it is an HTML page"),
        (f"<html><pre>{RSS}</pre></html>", "not a feed: it is an HTML page"),
        ("<opml><body/></opml>", "not a feed: neither RSS nor Atom nor JSON Feed"),
        ("502 Bad Gateway", "not a feed: neither RSS nor Atom nor JSON Feed"),
        ("x" * 70_000 + RSS, "not a feed: neither RSS nor Atom nor JSON Feed"),
    ],
)
def test_what_is_not_a_feed_is_refused_and_named(text: str, reason: str) -> None:
    with pytest.raises(ParseError, match=f"^{re.escape(reason)}$"):
        sanitize(text)[1]


@pytest.mark.parametrize(
    "tag",
    [
        "<a " + " ".join(f'b{number}="c"' for number in range(50_000)) + ">",
        "<a " + " ".join(f'b{number}=">"' for number in range(300)) + ">",
        "<a " + " ".join(f"b{number}='>' c{number}=d" for number in range(150)) + ">",
        "<a b='" + "c" * 40_000 + "'>",
    ],
    ids=["many attributes", "attributes that hide", "attributes that mix", "a long one"],
)
def test_a_tag_made_to_keep_the_parser_busy_is_refused(tag: str) -> None:
    with pytest.raises(ParseError, match="too large to be honest"):
        sanitize(RSS.replace("<item>", "<item>" + tag))[1]


def test_a_long_text_in_one_piece_is_no_tag() -> None:
    long = f"<rss><![CDATA[{'слово ' * 10_000}]]></rss>"
    assert sanitize(long)[1] == long


def test_only_the_first_items_are_kept_and_the_document_stays_whole() -> None:
    items = [f"<item><title>{number}</title></item>" for number in range(MAX_ITEMS + 5)]
    kept = "".join(items[:MAX_ITEMS])
    assert first_items(f"<rss>{''.join(items)}</rss>") == f"<rss>{kept}</rss>"
    assert first_items(f"<rss>{kept}</rss>") == f"<rss>{kept}</rss>"


@pytest.mark.parametrize("item", ["<item>", "<entry ", "<a:item/", "<ITEM", "<product\n"])
def test_too_many_items_without_an_end_are_cut_off(item: str) -> None:
    assert first_items("<rss>" + item * 1000) == "<rss>" + item * MAX_ITEMS


def test_too_many_empty_items_are_cut_out() -> None:
    assert first_items(f"<rss>{'<item/>' * 1000}</rss>") == f"<rss>{'<item/>' * MAX_ITEMS}</rss>"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("<rss><item>a</item><item>b", "<rss><item>a</item>"),
        ("<rss><item/><item", "<rss><item/>"),
        ("<feed><entry>a</entry >\n<entry>", "<feed><entry>a</entry >"),
        ("<rss><item>a", "<rss><item>a"),
    ],
)
def test_half_an_item_is_left_out(text: str, whole: str) -> None:
    assert whole_items(text) == whole


@pytest.mark.parametrize(
    ("written", "mended"),
    [
        ("&#1111;&#x457;&#38;&#x26;&amp;&#xZ;&#;", "&#1111;&#x457;&#38;&#x26;&amp;&#xZ;&#;"),
        ("&#55357;&#56832;", "😀"),
        ("&#xD83D;&#xde00;!", "😀!"),
        ("&#60;&#xD83D;&#XDE00;&#38;", "&lt;😀&amp;"),
        ("&#xD83D;", "\ufffd"),
        ("&#xDE00;&#xD83D;", "\ufffd\ufffd"),
        ("&#0;", "\ufffd"),
        ("&#x110000;&#9999999999;", "\ufffd\ufffd"),
    ],
)
def test_a_reference_to_no_character_is_repaired(written: str, mended: str) -> None:
    assert sanitize(RSS.replace("Bridge", written))[1] == RSS.replace("Bridge", mended)
