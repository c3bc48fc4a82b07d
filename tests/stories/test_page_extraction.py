from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import ArticlePage, EditorLink, Picture
from bot.stories.page_extraction import (
    MAX_BYTES,
    MAX_TEXT_CHARS,
    MAX_WALL_CHARS,
    PageProblem,
    decode_page,
    extract_article,
    extract_page,
    longest_text,
    page_text_problem,
    wall_kind,
)
from tests.stories.builders import make_article

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


TITLE_FULL_TEXT = "Новий міст через Веснянку відкрили для пішоходів"
TEASER = "У Дніпрогаї відкрили новий міст через Веснянку, першими пройшли ним будівельники."
TEXT = f"""{TEASER}
Споруда завдовжки 640 метрів має чотири смуги, трамвайну колію та велодоріжку.
За словами мера Олега Ковганюка, рух автомобілів почнеться у грудні після випробувань.
Старий міст зачинять на ремонт, який триватиме до наступного літа, сказав він у понеділок."""
LINK = '<p>Читайте також: <a href="/news/old">Старий міст зачинено на ремонт</a></p>'

# What servers send instead of an article, in three languages.
WALLS = {
    PageProblem.CONSENT_WALL: (
        "We and our 842 partners store and access information on your device with cookies.",
        "This website uses cookies to give you the best experience.",
        "By clicking Accept you agree to our privacy policy and the use of cookies.",
        "Accept all cookies",
        "Ми використовуємо файли cookie, щоб покращити роботу сайту.",
        "Прийняти всі cookies",
        "Натискаючи кнопку, ви погоджуєтесь на обробку персональних даних.",
        "Мы используем файлы cookie для удобства пользователей.",
        "Продолжая пользоваться сайтом, вы соглашаетесь с политикой конфиденциальности.",
    ),
    PageProblem.SCRIPT_WALL: (
        "Please enable JavaScript to view this page.",
        "JavaScript is disabled in your browser.",
        "This site requires JavaScript.",
        "Будь ласка, увімкніть JavaScript у вашому браузері.",
        "Ваш браузер не підтримує JavaScript",
        "Для работы сайта включите JavaScript.",
        "В вашем браузере отключён JavaScript.",
    ),
    PageProblem.LOGIN_WALL: (
        "Log in to continue reading.",
        "Already have an account?",
        "Forgot your password?",
        "Увійдіть, щоб прочитати статтю.",
        "Щоб переглянути матеріал, авторизуйтесь.",
        "Забули пароль?",
        "Войдите, чтобы прочитать статью полностью.",
        "Чтобы продолжить, авторизуйтесь на сайте.",
        "Забыли пароль?",
    ),
    PageProblem.PAY_WALL: (
        "Subscribe to continue reading.",
        "This article is only for subscribers.",
        "Continue reading with a free trial",
        "You have read all your free articles this month.",
        "Оформіть передплату, щоб читати далі.",
        "Повний текст доступний лише для передплатників.",
        "Оформите подписку, чтобы читать без ограничений.",
        "Материал доступен только для подписчиков.",
    ),
    PageProblem.BOT_WALL: (
        "Checking your browser before accessing the site.",
        "Verify you are human by completing the action below.",
        "Just a moment...",
        "Підтвердьте, що ви не робот.",
        "Подтвердите, что вы не робот.",
        "Проверяем ваш браузер",
    ),
    PageProblem.ERROR_PAGE: (
        "404 Not Found",
        "The page you are looking for could not be found.",
        "Access denied",
        "Error 503",
        "Сторінку не знайдено",
        "Помилка 404",
        "Доступ заборонено",
        "Страница не найдена",
        "Ошибка 404",
        "Доступ запрещён",
    ),
}
EVERY_WALL = [(line, reason) for reason, lines in WALLS.items() for line in lines]

# Lines of articles that speak of the same things.
NEWS = [
    "Єврокомісія оштрафувала Google за те, як він збирав дані без згоди користувачів.",
    "The court said that the site had used no cookies without asking first.",
    "Разработчики JavaScript представили новую версию языка.",
    "Доступ до міста обмежено через обстріли, повідомив мер.",
    "Сторінку міністерства у Facebook зламали хакери.",
    "The page of the ministry was defaced by hackers on Monday.",
    "Поліція встановила 404 порушення за тиждень.",
    "He subscribed to the view that reading should be free.",
    "Абоненти скаржаться, що не можуть увійти до застосунку.",
    "Пользователи жалуются, что не могут войти в приложение.",
    "Компанія отримала 12 тисяч нових передплатників.",
]


def test_a_page_has_a_headline_a_text_and_editor_links() -> None:
    page = extract_page(ARTICLE.encode(), url=URL, content_type="text/html")
    assert page.title == TITLE
    assert LEAD in page.text.splitlines()
    assert page.text.count(SECOND) == 1
    assert "Головна" not in page.text
    assert "права захищено" not in page.text
    assert page.links == (
        EditorLink(title="Старий міст зачинено на ремонт", url="https://courier.example/news/old"),
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
def test_the_headline_is_taken_from_the_metadata(head: str, title: str) -> None:
    markup = f"<head>{head}</head><h1>\n</h1><h1>Мер <b>відкрив</b>\nміст</h1><p>{LEAD}</p>"
    assert extract_page(markup.encode(), url=URL, content_type=None).title == title


def test_a_page_without_a_headline_has_its_title() -> None:
    page = extract_page(b"<title>Bridge \n opens</title><p>x</p>", url=URL, content_type=None)
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
def test_a_page_is_decoded_in_its_charset_against_a_wrong_declaration(
    document: bytes, content_type: str | None
) -> None:
    assert decode_page(document, content_type=content_type) == "Привіт, світе"


def test_a_page_may_declare_its_charset_itself() -> None:
    document = '<meta http-equiv="x" content="text/html; charset=koi8-u"><p>Міст'.encode("koi8-u")
    assert decode_page(document, content_type=None).endswith("Міст")
    assert decode_page("<p>Café, «bière»".encode("cp1252"), content_type=None) == "<p>Café, «bière»"


def test_an_xhtml_page_is_a_page() -> None:
    document = f'<?xml version="1.0" encoding="windows-1251"?>\n<html><body><p>{LEAD}</p></body>'
    assert extract_page(document.encode("cp1251"), url=URL, content_type=None).text == LEAD


@pytest.mark.parametrize(
    "document",
    [b"", b"   ", b"\x89PNG\r\n\0\0\0", b"<!-- -->", b"<html></html>", "🎉".encode()[:2], b"<" * 9],
)
def test_a_document_without_an_article_has_no_text(document: bytes) -> None:
    page = extract_page(document, url=URL, content_type=None)
    assert (page.title, page.links) == ("", ())
    assert len(page.text) <= len(document)


def test_a_picture_is_an_empty_page() -> None:
    assert extract_page(b"\x89PNG\0" * 99, url=URL, content_type="text/html") == ArticlePage()


def test_direction_marks_are_removed() -> None:
    document = f"<h1>Міст\u202eвідкрили</h1><p>\u2066{LEAD}\x07</p>".encode()
    page = extract_page(document, url=URL, content_type=None)
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
def test_a_hostile_page_is_read_in_part(document: bytes) -> None:
    page = extract_page(document, url=URL, content_type=None)
    assert len(page.text) <= MAX_TEXT_CHARS


def test_bytes_beyond_the_limit_are_not_read() -> None:
    document = f"<p>{LEAD}</p><!--{'x' * MAX_BYTES}--><p>{SECOND}</p>".encode()
    assert SECOND not in extract_page(document, url=URL, content_type=None).text


@settings(max_examples=50)
@given(st.binary(max_size=500), st.text(max_size=20))
def test_any_bytes_are_read_without_an_error(document: bytes, content_type: str) -> None:
    page = extract_page(b"<p>" + document, url=URL, content_type=content_type)
    assert len(page.text) <= MAX_TEXT_CHARS


def html(text: str, title: str = TITLE_FULL_TEXT) -> bytes:
    body = "".join(f"<p>{line}</p>" for line in text.splitlines())
    return f"<html><h1>{title}</h1><article>{body}{LINK}</article></html>".encode()


def read(
    text: str, *, teaser: str = TEASER, title: str = TITLE_FULL_TEXT
) -> tuple[str, int, str | None]:
    page = extract_article(
        html(text), url=URL, content_type="text/html", title=title, teaser=teaser
    )
    return page.text, len(page.links), page.problem


def test_a_page_that_tells_more_than_its_feed_has_text_and_links() -> None:
    text, links, problem = read(TEXT)
    assert "рух автомобілів почнеться у грудні" in text
    assert (links, problem) == (1, None)
    assert read(TEXT, teaser="")[2] is None


def test_a_page_that_tells_no_more_has_only_links() -> None:
    assert read(f"{TEASER} Фото: Кур'єр") == ("", 1, None)
    assert read(TEXT, teaser=TEXT) == ("", 1, None)


@pytest.mark.parametrize("document", [b"", b"<html></html>", b"\x89PNG\0\0", b"<" * 2_000_000])
def test_a_page_without_text_is_a_problem(document: bytes) -> None:
    page = extract_article(
        document, url=URL, content_type="text/html", title=TITLE_FULL_TEXT, teaser=TEASER
    )
    assert (page.text, page.links, page.problem) == ("", (), PageProblem.NO_TEXT)


def test_a_page_of_another_article_is_a_problem() -> None:
    other = "\n".join(
        f"Збірна Вальмори з волейболу виграла {n} матч турніру та вийшла до фіналу кубка країни."
        for n in range(9)
    )
    assert read(other) == ("", 0, PageProblem.OTHER_ARTICLE)


@pytest.mark.parametrize(("line", "reason"), EVERY_WALL)
def test_a_wall_is_detected_by_its_demand(line: str, reason: PageProblem) -> None:
    assert wall_kind(line) == reason


@pytest.mark.parametrize("line", NEWS)
def test_news_about_walls_is_news(line: str) -> None:
    assert wall_kind(line) is None


@pytest.mark.parametrize(("line", "reason"), EVERY_WALL)
def test_a_wall_is_not_taken_for_the_article(line: str, reason: PageProblem) -> None:
    filler = "Зверніться до служби підтримки, якщо це повторюється. Дякуємо за розуміння."
    assert read(f"{line}\n{filler}") == ("", 0, reason)


@pytest.mark.parametrize(("line", "_reason"), EVERY_WALL)
def test_an_article_behind_a_wall_is_read_without_it(line: str, _reason: PageProblem) -> None:
    text, _, problem = read(f"{line}\n{TEXT}\n{line}")
    assert problem is None
    assert line not in text


def test_a_long_paragraph_is_no_wall() -> None:
    assert wall_kind("Accept all cookies. " + "a" * MAX_WALL_CHARS) is None


def test_a_repeated_teaser_outweighs_a_headline_in_other_words() -> None:
    assert page_text_problem("«Ми чекали на це десять років»", TEASER, TEXT) is None
    assert (
        page_text_problem("«Ми чекали на це десять років»", "Ура!", TEXT)
        is PageProblem.OTHER_ARTICLE
    )
    assert page_text_problem("🎉", "", TEXT) is None


def test_the_longer_of_feed_text_and_page_text_is_used() -> None:
    article = make_article(TITLE_FULL_TEXT, TEASER)
    assert longest_text(article) == article
    assert longest_text(replace(article, page=TEXT)).text == TEXT


def test_an_edited_text_replaces_a_page_that_no_longer_matches() -> None:
    article = replace(make_article(TITLE_FULL_TEXT, TEXT + TEXT), page=TEXT)
    assert longest_text(article).text == TEXT + TEXT
    other = "Збірна Вальмори виграла турнір"
    assert longest_text(replace(make_article(other, other), page=TEXT)).text == other


def picture_of(*tags: str) -> Picture | None:
    page = ARTICLE.replace("</head>", f"{''.join(tags)}</head>")
    return extract_page(page.encode(), url=URL, content_type="text/html; charset=utf-8").picture


def meta(name: str, content: str, *, attribute: str = "property") -> str:
    return f'<meta {attribute}="{name}" content="{content}">'


def test_a_page_has_the_picture_that_it_is_shared_with() -> None:
    width, height = meta("og:image:width", "1200"), meta("og:image:height", "630")
    assert picture_of(meta("og:image", "/i/bridge.jpg"), width, height) == Picture(
        url="https://courier.example/i/bridge.jpg", width=1200, height=630
    )


@pytest.mark.parametrize(
    "tags",
    [
        (meta("OG:Image", "/i/bridge.jpg"),),
        (meta("og:image", "/i/bridge.jpg", attribute="name"),),
        (meta("twitter:image", "/i/bridge.jpg", attribute="name"),),
        (meta("og:image:url", "/i/bridge.jpg"),),
        (meta("og:image:secure_url", "https://courier.example/i/bridge.jpg"),),
        (meta("twitter:image", "/other.jpg"), meta("og:image", "/i/bridge.jpg")),
        (meta("og:image", ""), meta("og:image", "/i/bridge.jpg")),
        (meta("og:image", "/favicon.png"), meta("og:image", "/i/bridge.jpg")),
        (meta("og:image", "data:image/png;base64,AA"), meta("og:image", "/i/bridge.jpg")),
        (meta("og:image", "https://me:secret@a.example/a.jpg"), meta("og:image", "/i/bridge.jpg")),
    ],
)
def test_the_picture_of_a_page_is_found_and_icons_are_none(tags: tuple[str, ...]) -> None:
    assert picture_of(*tags) == Picture(url="https://courier.example/i/bridge.jpg")


def test_a_page_may_have_no_picture() -> None:
    assert picture_of() is None
    tiny = (meta("og:image:width", "1"), meta("og:image:height", "1"))
    assert picture_of(meta("og:image", "/i.gif"), *tiny) is None


def test_a_page_that_is_not_the_article_gives_no_picture() -> None:
    page = f"<html><head>{meta('og:image', '/a.jpg')}</head><p>404 not found</p></html>"
    found = extract_article(
        page.encode(), url=URL, content_type="text/html", title=TITLE, teaser=LEAD
    )
    assert found.picture is None
