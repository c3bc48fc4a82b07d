import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.feeds.discovery.autodiscovery import (
    MAX_TAGS,
    USUAL_PATHS,
    FeedLinks,
    Tag,
    find_feed_links,
    header_feeds,
    tags,
)

SITE = "https://site.example/"
USUALLY = tuple(f"https://site.example{path}" for path in USUAL_PATHS)


MIB = 1024 * 1024


def read(page: str, *, url: str = SITE) -> FeedLinks:
    return find_feed_links(page, url=url)


def alternate(href: str, *, kind: str = "application/rss+xml", more: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" href="{href}" {more}>'


@pytest.mark.parametrize(
    "kind",
    [
        "application/rss+xml",
        "application/atom+xml",
        "application/feed+json",
        "Application/RSS+XML; charset=utf-8",
        "text/xml",
    ],
)
def test_a_declared_feed_is_seen_by_its_type(kind: str) -> None:
    assert read(alternate("/f", kind=kind)).declared == ("https://site.example/f",)


@pytest.mark.parametrize(
    "tag",
    [
        alternate("/f", kind="text/html"),
        alternate("/f", kind="application/json"),
        alternate("/f", kind="application/json+oembed"),
        '<link rel="stylesheet" type="text/xml" href="/f">',
        alternate(""),
        alternate("javascript:alert(1)"),
        alternate("http://["),
        alternate("file:///etc/passwd"),
        alternate("android-app://org.example/http/f"),
        alternate("/" + "f" * 3000),
        '<meta rel="alternate" type="application/rss+xml" href="/f">',
        "<!-- " + alternate("/f") + " -->",
    ],
)
def test_what_is_no_feed_is_not_declared(tag: str) -> None:
    assert read(tag).declared == ()


@pytest.mark.parametrize(
    "attributes",
    [
        'rel="alternate" type="application/rss"',
        'rel="alternate" type="rss+xml"',
        'rel="alternate" type="text/rss+xml"',
        'rel="alternate" type="application/x-rss+xml"',
        'rel="alternate" type="application/rss xml"',
        'rel="alternate" type="application/atom"',
        'rel="alternate" type="application/atom+xml; charset=utf-8"',
        'rel="ALTERNATE" type="APPLICATION/RSS+XML"',
        'rel="alternative" type="application/rss+xml"',
        'rel="alternate home" type="text/xml"',
        'rel="alternate"',
        'rel="alternate" type=""',
        'rel="feed"',
    ],
)
def test_a1_a_feed_may_be_declared_sloppily(attributes: str) -> None:
    assert read(f'<link {attributes} href="/news/rss">').declared == (f"{SITE}news/rss",)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ('<a.xml>; rel="alternate"; type="application/rss+xml"', ("a.xml",)),
        ('<a.xml>; type="application/rss+xml"; rel="alternate"', ("a.xml",)),
        ('<a,b.xml>; rel="alternate feed"', ("a,b.xml",)),
        ("<a.xml>; rel=feed, <b.xml>; rel=feed, <a.xml>; rel=feed", ("a.xml", "b.xml")),
        ('<feed.json>; rel=alternate; type="application/json"', ("feed.json",)),
        ('<wp-json/posts>; rel=alternate; type="application/json"', ()),
        ('<s.css>; rel="stylesheet"; type="text/xml"', ()),
        ('<javascript:1>; rel="feed"', ()),
        ("<http://[>; rel=feed, junk, <>", ()),
        ("", ()),
    ],
)
def test_a1_a_header_declares_feeds(header: str, found: tuple[str, ...]) -> None:
    assert header_feeds(header, url=SITE) == tuple(SITE + path for path in found)


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("rss.xml", "https://site.example/a/rss.xml"),
        ("../rss.xml", "https://site.example/rss.xml"),
        ("//feeds.example/f", "https://feeds.example/f"),
        ("http://other.example/f#top", "http://other.example/f"),
        ("feed://other.example/f", "http://other.example/f"),
        ("?feed=rss2&amp;x=1", "https://site.example/a/b?feed=rss2&x=1"),
    ],
)
def test_addresses_are_relative_to_the_page(href: str, url: str) -> None:
    assert read(alternate(href), url="https://site.example/a/b").declared == (url,)


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://cdn.example/x/", "https://cdn.example/x/rss"),
        ("/x/", "https://site.example/x/rss"),
        ("javascript:0", "https://site.example/rss"),
        ("", "https://site.example/rss"),
    ],
)
def test_a_base_is_minded_where_it_is_one(base: str, url: str) -> None:
    assert read(f'<base href="{base}">' + alternate("rss")).declared == (url,)


@pytest.mark.parametrize(
    "comments",
    [
        alternate("/x", more='title="The Courier » Comments Feed"'),
        alternate("/x", more='title="Кур\'єр » Канал коментарів"'),
        alternate("/x", more='title="Курьер » Лента комментариев"'),
        alternate("/comments/feed/"),
    ],
)
def test_feeds_of_comments_are_none(comments: str) -> None:
    assert read(comments + alternate("/feed/")).declared == ("https://site.example/feed/",)


def test_a_section_has_its_own_feed_first() -> None:
    page = alternate("/feed/") + alternate("/sport/football/feed/") + alternate("/sport/feed/")
    declared = read(page, url="https://site.example/sport/").declared
    assert [url.removeprefix(SITE) for url in declared] == [
        "sport/football/feed/",
        "sport/feed/",
        "feed/",
    ]


def test_an_article_has_the_feed_of_its_site_first() -> None:
    page = alternate("/feed/") + alternate("/2026/flood/feed/")
    article = '<meta property="og:type" content="article">' + page
    url = "https://site.example/2026/flood/"
    assert read(article, url=url).declared[0] == "https://site.example/feed/"


def test_of_several_languages_that_of_the_page_comes_first() -> None:
    page = (
        '<html lang="uk-UA">'
        + alternate("/ru/rss", more='hreflang="ru"')
        + alternate("/all")
        + alternate("/rss", more='hreflang="uk"')
    )
    declared = read(page, url="https://site.example/ru/").declared
    assert [url.removeprefix(SITE) for url in declared] == ["all", "rss", "ru/rss"]


@pytest.mark.parametrize(
    "href",
    [
        "/rss", "/feed/", "/news/atom.xml", "/index.xml", "/export/all.rss", "/?feed=rss2",
        "/x.php?type=rss", "https://www.site.example/rss.php",
    ],
)  # fmt: skip
def test_a_link_may_look_like_a_feed(href: str) -> None:
    assert len(read(f'<a href="{href}">x</a>').linked) == 1


@pytest.mark.parametrize(
    "link",
    [
        '<a href="/about">About</a>',
        '<a href="/feedback">Write to us</a>',
        '<a href="/x?utm_campaign=feed-part">x</a>',
        '<a href="https://social.example/dialog/feed?x=1">Share</a>',
        '<a href="https://rss.example/">x</a>',
        '<a href="/comments/rss">x</a>',
        '<a href="javascript:rss()">RSS</a>',
    ],
)
def test_other_links_do_not(link: str) -> None:
    assert read(link).linked == ()


def test_feeds_come_before_lists_of_feeds_and_those_of_others_last() -> None:
    page = (
        '<a href="https://friend.example/rss">x</a>'
        '<a href="/export/">RSS</a>'
        '<a href="https://feeds.site.example/rss">x</a>'
        '<a href="https://feeds.site.example/rss">x</a>'
    )
    assert read(page).linked == (
        "https://feeds.site.example/rss",
        "https://site.example/export/",
        "https://friend.example/rss",
    )


def test_what_is_declared_is_not_named_again() -> None:
    assert read(alternate("/rss") + '<a href="/rss">RSS</a>').linked == ()


@pytest.mark.parametrize(
    ("generator", "first"),
    [
        ("WordPress 6.8", "/feed/"),
        ("Blogger", "/feeds/posts/default"),
        ("Hugo 0.150.0", "/index.xml"),
        ("DataLife Engine (http://dle-news.ru)", "/rss.xml"),
        ("Something of our own", "/feed"),
    ],
)
def test_the_usual_place_depends_on_what_the_page_was_made_with(generator: str, first: str) -> None:
    page = f'<meta name="Generator" content="{generator}">'
    usual = read(page, url="https://site.example/a/b?c").usual
    assert usual[0] == f"https://site.example{first}"
    assert set(usual) >= set(USUALLY)


def test_a_login_page_asks_for_a_password_and_is_called_so() -> None:
    form = "<input type='password'>"
    assert read(form, url="https://site.example/login?next=/").asks_to_log_in
    assert not read(form).asks_to_log_in
    assert not read("", url="https://site.example/login").asks_to_log_in


@pytest.mark.parametrize("title", ["Just a moment...", "DDoS-Guard", "Трохи зачекайте…"])
def test_a_page_for_humans_only_is_known_by_its_title(title: str) -> None:
    assert read(f"<title>{title}</title>").challenge
    assert not read(f"<title>News: {title}</title>").challenge


def test_a_page_that_says_nothing_leaves_the_usual_places() -> None:
    assert read("") == FeedLinks(
        declared=(), linked=(), usual=USUALLY, asks_to_log_in=False, challenge=False
    )


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
    # Linear time takes a third of a second, quadratic time minutes; the machine may be busy.
    assert time.process_time() - began < 10
