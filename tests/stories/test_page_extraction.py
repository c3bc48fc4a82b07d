import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import OwnLink, Page
from bot.stories.page_extraction import MAX_BYTES, MAX_TEXT_CHARS, decode, read_page

URL = "https://courier.example/news/bridge-opens"
TITLE = "Новий міст через Веснянку відкрили"
LEAD = "У Дніпрогаї першими пройшли ним будівельники разом із родинами та друзями."
SECOND = "Споруда завдовжки 640 метрів має чотири смуги, трамвайну колію та велодоріжку."
ARTICLE = f"""<!DOCTYPE html>
<html><head><title>{TITLE} | Кур'єр</title><meta property="og:title" content="{TITLE}"></head>
<body><nav><a href="/">Головна</a> <a href="/sport">Спорт</a></nav>
<article><h1>{TITLE}!</h1><p>{LEAD}</p>
<p>Читайте також: <a href="/news/old">Старий міст зачинено на ремонт</a></p>
<p>{SECOND}</p><script>var x = "{SECOND}";</script></article>
<footer>© Кур'єр, усі права захищено</footer></body></html>"""


def test_a_page_is_its_headline_its_text_and_its_editors_links() -> None:
    page = read_page(ARTICLE.encode(), url=URL, content_type="text/html")
    assert page.title == TITLE
    assert LEAD in page.text.splitlines()
    assert page.text.count(SECOND) == 1
    assert "Головна" not in page.text
    assert "права захищено" not in page.text
    assert page.links == (
        OwnLink(title="Старий міст зачинено на ремонт", url="https://courier.example/news/old"),
    )


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ('<meta property="og:title" content=" Міст &amp; ріка ">', "Міст & ріка"),
        ('<meta property="og:title" content=" "><title>Міст</title>', "Мер відкрив міст"),
        ("<title>Міст</title>", "Мер відкрив міст"),
        ("", "Мер відкрив міст"),
    ],
)
def test_the_headline_is_what_the_page_calls_itself(head: str, title: str) -> None:
    markup = f"<head>{head}</head><h1>\n</h1><h1>Мер <b>відкрив</b>\nміст</h1><p>{LEAD}</p>"
    assert read_page(markup.encode(), url=URL, content_type=None).title == title


def test_a_page_without_a_headline_is_called_by_its_title() -> None:
    page = read_page(b"<title>Bridge \n opens</title><p>x</p>", url=URL, content_type=None)
    assert page.title == "Bridge opens"


@pytest.mark.parametrize(
    ("document", "content_type"),
    [
        ("Привіт, світе".encode(), None),
        ("Привіт, світе".encode(), "text/html; charset=windows-1251"),
        ("Привіт, світе".encode("utf-8-sig"), None),
        ("Привіт, світе".encode("utf-16"), None),
        ("Привіт, світе".encode("utf-16-be").join((b"\xfe\xff", b"")), None),
        ("Привіт, світе".encode("cp1251"), None),
        ("Привіт, світе".encode("cp1251"), "text/html; charset=rot13"),
        ("Привіт, світе".encode("cp1251"), "text/html; charset=no-such"),
        ("Привіт, світе".encode("koi8-u"), 'text/html; charset="KOI8-R"'),
        ("Привіт, світе".encode("cp1251"), "text/html; charset=Windows-1251"),
    ],
)
def test_bytes_are_read_in_their_encoding_whatever_is_claimed(
    document: bytes, content_type: str | None
) -> None:
    assert decode(document, content_type=content_type) == "Привіт, світе"


def test_a_page_may_say_its_encoding_itself() -> None:
    document = '<meta http-equiv="x" content="text/html; charset=koi8-u"><p>Міст'.encode("koi8-u")
    assert decode(document, content_type=None).endswith("Міст")
    assert decode("<p>Café, «bière»".encode("cp1252"), content_type=None) == "<p>Café, «bière»"


def test_an_xhtml_page_is_a_page() -> None:
    document = f'<?xml version="1.0" encoding="windows-1251"?>\n<html><body><p>{LEAD}</p></body>'
    assert read_page(document.encode("cp1251"), url=URL, content_type=None).text == LEAD


@pytest.mark.parametrize(
    "document",
    [b"", b"   ", b"\x89PNG\r\n\0\0\0", b"<!-- -->", b"<html></html>", "🎉".encode()[:2], b"<" * 9],
)
def test_what_is_no_page_says_nothing_worth_reading(document: bytes) -> None:
    page = read_page(document, url=URL, content_type=None)
    assert (page.title, page.links) == ("", ())
    assert len(page.text) <= len(document)


def test_a_picture_is_an_empty_page() -> None:
    assert read_page(b"\x89PNG\0" * 99, url=URL, content_type="text/html") == Page()


def test_marks_that_turn_the_writing_round_do_not_come_through() -> None:
    document = f"<h1>Міст\u202eвідкрили</h1><p>\u2066{LEAD}\x07</p>".encode()
    page = read_page(document, url=URL, content_type=None)
    assert page.title == "Мiствідкрили".replace("i", "і")
    assert "\u2066" not in page.text
    assert "\x07" not in page.text


@pytest.mark.parametrize(
    "document",
    [
        b"<div>" * 400_000 + b"x",
        b"<p>x" + b"<br>" * 400_000,
        b"<" * MAX_BYTES,
        b"&lt;" * 500_000,
    ],
    ids=["deep", "breaks", "angles", "entities"],
)
def test_a_page_made_to_harm_is_read_in_part(document: bytes) -> None:
    page = read_page(document, url=URL, content_type=None)
    assert len(page.text) <= MAX_TEXT_CHARS


def test_what_is_beyond_the_limit_is_not_read() -> None:
    document = f"<p>{LEAD}</p><!--{'x' * MAX_BYTES}--><p>{SECOND}</p>".encode()
    assert SECOND not in read_page(document, url=URL, content_type=None).text


@settings(max_examples=50)
@given(st.binary(max_size=500), st.text(max_size=20))
def test_any_bytes_are_read_without_an_error(document: bytes, content_type: str) -> None:
    page = read_page(b"<p>" + document, url=URL, content_type=content_type)
    assert len(page.text) <= MAX_TEXT_CHARS
