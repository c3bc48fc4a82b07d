import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from bot.model import EditorLink
from bot.web.html import (
    MAX_BLOCK_LINKS,
    MAX_CHARS,
    MAX_DEPTH,
    MAX_LINKS,
    after_read_also,
    all_links,
    editor_links,
    editor_links_in,
    parse_html,
    plain_links,
)

URL = "https://www.courier.example/news/bridge-opens"
OLD_BRIDGE = "Старий міст зачинено на ремонт"
NEWS = "Новий міст через Веснянку відкрили сьогодні зранку в Дніпрогаї."


def links(markup: str) -> tuple[EditorLink, ...]:
    return editor_links(html.document_fromstring(f"<body>{markup}</body>"), url=URL)


def link(path: str = "/news/old", title: str = OLD_BRIDGE) -> str:
    return f'<a href="{path}">{title}</a>'


def offered(path: str = "/news/old", title: str = OLD_BRIDGE) -> EditorLink:
    return EditorLink(title=title, url=f"https://www.courier.example{path}")


@pytest.mark.parametrize(
    "block",
    [
        f"<p>Читайте також: {link()}</p>",
        f"<p><b>Читайте також:</b> {link()}</p>",
        f"<p>Також читайте {link()}</p>",
        f"<p>Read also: {link()}</p>",
        f"<h3>ЧИТАЙТЕ ТАКЖЕ</h3>\n<ul>\n<li><strong>{link()}<br></strong></li>\n</ul>",
        f"<aside><span>Смотрите также</span>{link()}<span>12:30</span></aside>",
        f"<p>{link(title=f'Читайте також: {OLD_BRIDGE}')}</p>",
        f'<a href="/news/old"><div>Читайте также</div><div>{OLD_BRIDGE}</div></a>',
        f"<div>По теме:<br>{link(path='old')}</div>",
        f"<div>Читайте також</div><div>{link(path=' //courier.example/news/old#top ')}</div>",
    ],
)
def test_links_under_read_also_are_the_editors(block: str) -> None:
    (found,) = links(f"<p>{NEWS}</p>{block}<p>{NEWS}</p>")
    assert found.title == OLD_BRIDGE
    assert found.url.removeprefix("https://").removeprefix("www.") == "courier.example/news/old"


def test_an_inline_link_comes_after_those_under_read_also_and_has_no_title() -> None:
    found = links(f"<p>{NEWS} {link('/news/mayor', 'мер')}</p><p>Читайте також: {link()}</p>")
    assert found == (offered(), offered("/news/mayor", ""))


def test_the_article_goes_on_after_read_also() -> None:
    block = f"<p>Читайте також: {link()}</p><p>{NEWS} {link('/news/mayor', 'мер')}</p>"
    assert links(f"{block}<p>{link('/news/menu')}</p>") == (
        offered(),
        offered("/news/mayor", ""),
    )


def test_a_menu_has_no_editor_links() -> None:
    assert links(f"<nav><ul><li>{link()}</li><li>{link('/news/b')}</li></ul></nav>") == ()


def test_a_long_list_under_read_also_is_not_the_editors() -> None:
    few = "".join(f"<li>{link(f'/news/{number}')}</li>" for number in range(MAX_BLOCK_LINKS))
    assert len(links(f"<p>Читайте також</p>{few}")) == MAX_BLOCK_LINKS
    assert links(f"<p>Читайте також</p>{few}<li>{link()}</li>") == ()


@pytest.mark.parametrize(
    "href",
    [
        "",
        "#comments",
        "/",
        "/news/bridge-opens/",
        "/news/bridge-opens#photo",
        "https://ads.example/news/old",
        "https://courier.example.evil/news/old",
        "javascript:alert(1)",
        "mailto:editor@courier.example",
        "http://[/news/old",
        "/" + "x" * 3000,
    ],
)
def test_a_link_to_another_site_or_the_same_page_is_left_out(href: str) -> None:
    assert links(f"<p>Читайте також: {link(href)}</p>") == ()


def test_sites_of_one_country_are_not_one_site() -> None:
    tree = html.document_fromstring(
        f"<p>Читайте також: {link('https://b.com.ua/news')} {link('https://m.a.com.ua/news')}</p>"
    )
    (found,) = editor_links(tree, url="https://www.a.com.ua/bridge")
    assert found.url == "https://m.a.com.ua/news"


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/privacy", OLD_BRIDGE),
        ("/ua/privacy-policy.html", OLD_BRIDGE),
        ("/terms-of-use", OLD_BRIDGE),
        ("/about-us/", OLD_BRIDGE),
        ("/page/17", "Політика конфіденційності сайту"),
        ("/page/17", "Политика конфиденциальности сайта"),
        ("/page/17", "Our privacy policy and cookies"),
        ("/page/17", "Згода на обробку персональних даних"),
    ],
)
def test_a_page_about_the_site_is_no_link_of_an_editor(path: str, title: str) -> None:
    assert links(f"<p>Читайте також: {link(path, title)}</p>") == ()
    assert links(f"<p>{NEWS} {link(path, title)}</p>") == ()


def test_a_story_about_privacy_is_one() -> None:
    assert links(f"<p>Read also: {link('/news/privacy-law-passed-in-lakeside')}</p>") != ()


def named(title: str = OLD_BRIDGE, url: str = "") -> EditorLink:
    return EditorLink(title=title, url=url)


@pytest.mark.parametrize(
    "lines",
    [
        f"Читайте також: {OLD_BRIDGE}",
        f"Читайте также: {OLD_BRIDGE}",
        f"ЧИТАЙТЕ ТАКОЖ — {OLD_BRIDGE}",
        f"Також читайте: {OLD_BRIDGE}",
        f"Read also: {OLD_BRIDGE}",
        f"Read more: {OLD_BRIDGE}",
        f"👉 Смотрите также {OLD_BRIDGE}",
        f"Читайте також\n\n{OLD_BRIDGE}",
        f"ЧИТАЙТЕ ТАКЖЕ:\n• {OLD_BRIDGE}",
    ],
)
def test_a_read_also_line_of_a_plain_text_is_a_link_without_an_address(lines: str) -> None:
    assert plain_links(f"{NEWS}\n{lines}\n{NEWS}", url=URL) == (named(),)
    assert plain_links(f"{NEWS}\n{lines}", url="") == (named(),)


def test_a_read_also_line_may_have_the_address_of_its_site() -> None:
    line = f"Читайте також: {OLD_BRIDGE}"
    found = plain_links(f"{line} https://courier.example/news/old.\n", url=URL)
    assert found == (named(url="https://courier.example/news/old"),)
    assert plain_links(f"{line} https://ads.example/news/old", url=URL) == (named(),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        NEWS,
        f"Читайте також:\n{NEWS}",
        "Читайте також: Відео",
        "Читайте також: Політика конфіденційності сайту",
        "Read more: our privacy policy and terms of use",
        f"{NEWS} Читайте також: {OLD_BRIDGE}",
        "Читайте також\n" + f"{OLD_BRIDGE}\n" * (MAX_BLOCK_LINKS + 1),
    ],
)
def test_other_lines_name_no_link(text: str) -> None:
    assert plain_links(text, url=URL) == ()


def test_a_text_names_what_its_markup_does_not_link() -> None:
    text = f"Читайте також: {OLD_BRIDGE}\nЧитайте також: {OLD_BRIDGE} удруге"
    assert all_links((offered(),), text, url=URL) == (offered(), named(f"{OLD_BRIDGE} удруге"))


def test_a_button_is_no_headline() -> None:
    assert links(f"<p>Читайте також: {link(title='Відео')}</p>") == ()


def test_a_repeated_link_is_returned_once() -> None:
    assert links(f"<p>Читайте також: {link()} {link()}</p><p>{NEWS} {link()}</p>") == (offered(),)


def test_the_number_of_links_is_limited() -> None:
    said = "".join(f"<p>{NEWS} {link(f'/news/{number}')}</p>" for number in range(99))
    assert len(links(said)) == MAX_LINKS


@given(
    st.lists(
        st.sampled_from(
            (
                "<p>",
                "</p>",
                "<a href='/news/x'>",
                "</a>",
                "<li>",
                "Читайте також: ",
                NEWS,
                "<br>",
                "<a>",
            )
        )
    )
)
def test_broken_markup_gives_distinct_links_of_the_site(pieces: list[str]) -> None:
    found = links("".join(("<p>", *pieces)))
    assert [each.url for each in found] in ([], ["https://www.courier.example/news/x"])


def test_the_markup_of_a_feed_has_editor_links_too() -> None:
    markup = f'<p>{NEWS}</p><p>Read also: <a href="/news/old">The old bridge closes</a></p>'
    assert editor_links_in(markup, url=URL) == (
        EditorLink(title="The old bridge closes", url="https://www.courier.example/news/old"),
    )
    assert editor_links_in("", url=URL) == ()


@pytest.mark.parametrize(
    "href",
    [
        "'/news/old'",
        "/news/old",
        "https://www.courier.example/news/old",
        "'HTTPS://WWW.Courier.EXAMPLE/news/old'",
        "'https://m.courier.example/news/old'",
        "'https://www&#46;courier.example/news/old'",
        "'https://www.cour\nier.example/news/old'",
        "'https://www.cour\u200bier.example/news/old'",
        "'https://other.example:80@courier.example/news/old'",
        "'https:\\\\courier.example\\news\\old'",
        "'//courier.example/news/old'",
        "'https://other.example/news/old'",
        "'https://courier.example.org/news/old'",
        "'https://notcourier.example?courier.example'",
        "'https://[bad/news/old'",
    ],
)
@pytest.mark.parametrize("url", [URL, "https://[bad/news/1"])
def test_no_link_of_a_feed_is_lost_for_looking_at_its_hosts_first(href: str, url: str) -> None:
    strange = '<a data-href="https://far.example/" href="https://far.example/2">Elsewhere</a>'
    markup = f"<p>Read also: {strange} <a href={href}>The old bridge closes for repairs</a></p>"
    tree = html.document_fromstring(markup)
    assert editor_links_in(markup, url=url) == editor_links(tree, url=url)


@pytest.mark.parametrize(
    ("line", "headline"),
    [
        ("Читайте також: Міст закрили", "Міст закрили"),
        ("Читайте такожМіст закрили", "Міст закрили"),
        ("Также читайте — мост закрыли", "мост закрыли"),
        ("READ ALSO", ""),
        ("Міст закрили. Читайте також", None),
        ("", None),
    ],
)
def test_the_text_after_read_also_is_returned(line: str, headline: str | None) -> None:
    assert after_read_also(line) == headline


def depth(tree: html.HtmlElement) -> int:
    levels = [(tree, 1)]
    deepest = 0
    while levels:
        element, level = levels.pop()
        deepest = max(deepest, level)
        levels += [(child, level + 1) for child in element]
    return deepest


def test_invisible_elements_are_removed() -> None:
    tree = parse_html(
        "<?xml version='1.0' encoding='x'?><p>Bridge\u202e</p><script>no</script><nav>no"
    )
    assert tree is not None
    assert tree.text_content() == "Bridge"


def test_an_empty_document_has_no_tree() -> None:
    assert parse_html("") is None
    assert parse_html("<!-- -->") is None


def test_size_and_depth_of_a_tree_are_limited() -> None:
    deep = parse_html("<div>" * 100_000 + "x")
    assert deep is not None
    assert depth(deep) <= MAX_DEPTH
    long = parse_html("<p>" + "a" * MAX_CHARS + "<p>end")
    assert long is not None
    assert "end" not in long.text_content()
