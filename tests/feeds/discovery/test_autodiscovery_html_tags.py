import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.discovery.autodiscovery_html_tags import MAX_TAGS, Tag, tags

MIB = 1024 * 1024


def hrefs(page: str) -> list[str]:
    return [tag.get("href") for tag in tags(page)]


def test_a_tag_has_its_attributes_and_the_text_behind_it() -> None:
    page = '<p>Look: <A HREF="/rss?a=1&amp;b=2" title=\'All "news"\' hidden> RSS &amp;\n more</a>'
    attributes = {"href": "/rss?a=1&b=2", "title": 'All "news"', "hidden": ""}
    assert list(tags(page)) == [Tag(name="a", attributes=attributes, text="RSS & more")]


@pytest.mark.parametrize(
    ("tag", "href"),
    [
        ("<a href=/rss>", "/rss"),
        ("<a href = '/rss' >", "/rss"),
        ("<link href='/rss'/>", "/rss"),
        ("<link\n\thref='/rss'\n/>", "/rss"),
        ("<a href='/a' href='/b'>", "/a"),
        ("<a =x href=/rss>", "/rss"),
        ("<a href=>", ""),
        ("<a href>", ""),
        ("<a title='>' href='/rss'>", "/rss"),
        ('<a href=" /rss ">', "/rss"),
        ('<a href="/rss>', '"/rss'),
        ("<a href='/rss'", "/rss"),
        ("<a/href='/rss'>", "/rss"),
    ],
)
def test_attributes_are_read_however_they_are_written(tag: str, href: str) -> None:
    assert hrefs(f"<p>{tag}") == [href]


@pytest.mark.parametrize(
    "page",
    [
        "<!-- <a href=/no> --><a href=/yes>",
        "<!--><a href=/yes><!---->",
        "<script>'<a href=/no>'</SCRIPT><a href=/yes>",
        "<style><a href=/no></style ><a href=/yes>",
        "<a href=/yes><!-- <a href=/no>",
        "<a href=/yes><script><a href=/no>",
        "<abbr href=/no><a href=/yes></a href=/no>",
        "< a href=/no><a href=/yes>",
    ],
)
def test_what_is_no_markup_holds_no_tags(page: str) -> None:
    assert [href for href in hrefs(page) if href] == ["/yes"]


@pytest.mark.parametrize("text", ["", "<", "<a", "<!--", "<!-", "no tags at all", "<title>"])
def test_a_page_may_end_anywhere(text: str) -> None:
    assert all(not tag.attributes for tag in tags(text))


@given(st.text(alphabet="<a>!-/'\"= \nhref&script"))
def test_any_text_is_a_page(text: str) -> None:
    assert all(tag.name in ("a", "script") for tag in tags(text))


def test_a_page_of_links_only_is_read_as_far_as_is_reasonable() -> None:
    assert len(list(tags("<a>" * (MAX_TAGS + 1)))) == MAX_TAGS


# Each makes a parser that goes back, or that looks ahead from every tag, work for hours.
FLOODS = {
    "tags": "<a>",
    "unclosed tags": "<a ",
    "brackets": "<",
    "unclosed quotes": '<a x="',
    "quotes of two kinds": "<a x=\"'",
    "spaces": "<a" + " " * MIB,
    "spaces before nothing": "<a x" + " " * MIB + "y",
    "attributes": "<a" + " b" * (MIB // 2),
    "equals signs": "<a" + " =" * (MIB // 2),
    "slashes": "<a" + "/" * MIB,
    "comments": "<!--",
    "nearly closed comments": "<!-- --",
    "scripts": "<script>",
    "ends of scripts": "<script></scrip",
    "entities": "<title>&amp",
}


@pytest.mark.parametrize("piece", FLOODS.values(), ids=FLOODS)
def test_no_page_takes_long(piece: str) -> None:
    page = (piece * (MIB // len(piece) + 1))[:MIB]
    began = time.process_time()
    assert len(list(tags(page))) <= MAX_TAGS
    assert time.process_time() - began < 1
