import re

import pytest

from bot.errors import ParseError
from bot.feeds.formats.item_scanner_screen import MAX_ITEMS, first_items, screen, whole_items

RSS = '<rss version="2.0"><channel><item><title>Bridge</title></item></channel></rss>'


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
    assert screen(before + RSS) == RSS


@pytest.mark.parametrize(
    "root", ["<rss>", "<RSS version='2.0'>", "<feed xmlns='x'>", "<rdf:RDF\n>", "<atom:feed >"]
)
def test_a_feed_is_known_by_its_root(root: str) -> None:
    assert screen(root) == root


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
        screen(text)


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
        screen(RSS.replace("<item>", "<item>" + tag))


def test_a_long_text_in_one_piece_is_no_tag() -> None:
    long = f"<rss><![CDATA[{'слово ' * 10_000}]]></rss>"
    assert screen(long) == long


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
def test_a_reference_to_no_character_is_mended(written: str, mended: str) -> None:
    assert screen(RSS.replace("Bridge", written)) == RSS.replace("Bridge", mended)
