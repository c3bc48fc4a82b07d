"""Extraction of an article's headline, text and editor's links from its page.

Extraction may take a second of CPU time: run it in a thread, or in a process that can be killed.
"""

import codecs
import re
from dataclasses import replace
from enum import StrEnum
from itertools import islice

from lxml import html

from bot.model import Article, ArticlePage, Picture
from bot.stories.boilerplate import paragraphs
from bot.text.normalization import normalize
from bot.text.stemming import snowball_stems
from bot.web.encoding import decode_bytes
from bot.web.html import all_links, editor_links, parse_html, visible
from bot.web.menus import drop_menus
from bot.web.pictures import PictureSource, choose_picture

# Ten times a news page; no article is longer.
MAX_BYTES = 2_000_000
# The limit of a feed's own text.
MAX_TEXT_CHARS = 65_536
MAX_TITLE_CHARS = 300

# The new words, each counted once, of a text that tells more than headline and teaser.
MIN_NEW_WORDS = 15
# This share of a headline's words occurs in the text of 96 to 99 articles in a hundred, and in
# that of 2 to 10 others of the same newspaper: articles_tsn_uk, articles_lenta_ru,
# articles_segodnya and summaries_en.
MIN_HEADLINE_SHARE = 0.3
# A teaser is the beginning of the article or repeats its words; a short one proves nothing.
MIN_TEASER_SHARE = 0.5
MIN_TEASER_WORDS = 6
# A wall is a line or two; an article about walls has longer paragraphs.
MAX_WALL_CHARS = 300
# A longer line without a comma or a stop is a menu of words.
MAX_BARE_CHARS = 300

_PUNCTUATION = frozenset(".,:;!?…—")
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*+["']?\s*+([\w.:-]{1,40})""", re.IGNORECASE)
_HEAD_BYTES = 4096
# Names of the metadata with a page's picture, the best first.
_PICTURES = (
    "og:image",
    "og:image:secure_url",
    "og:image:url",
    "twitter:image",
    "twitter:image:src",
)
_MAX_PICTURES = 10


class PageProblem(StrEnum):
    """Why the text of a page is not used; the values are stored with the page."""

    NO_TEXT = "its page has no text"
    NO_MORE = "its page tells no more than the feed"
    OTHER_ARTICLE = "its page tells of something else"
    CONSENT_WALL = "its page asks for consent"
    SCRIPT_WALL = "its page wants JavaScript"
    LOGIN_WALL = "its page wants its reader to log in"
    PAY_WALL = "its page wants a subscription"
    BOT_WALL = "its page asks whether a human reads"
    ERROR_PAGE = "its page is one of an error"


_WALLS = tuple(
    (problem, re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE))
    for problem, patterns in (
        (
            PageProblem.CONSENT_WALL,
            (
                r"\bwe\b.{0,60}\b(?:use|store|value)\b.{0,80}\b(?:cookies?|your privacy)\b",
                r"\b(?:this|our) (?:web)?site uses\b.{0,40}\bcookies\b",
                r"\baccept (?:all )?(?:the )?cookies\b|\bcookie (?:settings|preferences)\b",
                r"\bby (?:continuing|clicking)\b.{0,120}\b(?:cookies|privacy policy|terms of)\b",
                r"використову\w+.{0,60}\b(?:cookies?|кукі|куки)\b",
                r"(?:прийняти|приймаю) (?:всі |усі )?(?:файли )?(?:cookies?|кукі|куки)\b",
                r"погоджу(?:єтес[ья]|юся|юсь)\b.{0,120}(?:cookie|персональних даних"
                r"|політик\w+ конфіденційності)",
                r"использу\w+.{0,60}\b(?:cookies?|куки)\b",
                r"(?:принять|принимаю) (?:все )?(?:файлы )?(?:cookies?|куки)\b",
                r"(?:соглашаетесь|соглашаюсь|согласие)\b.{0,120}(?:cookie|персональных данных"
                r"|политик\w+ конфиденциальности)",
            ),
        ),
        (
            PageProblem.SCRIPT_WALL,
            (
                r"\b(?:enable|activate|turn on|allow|requires?|without)\b.{0,20}\bjavascript\b",
                r"\bjavascript\b.{0,30}\b(?:is|was|has been|must be|to be)\b.{0,20}"
                r"(?:disabled|enabled|required|blocked|off)\b",
                r"(?:ввімкн|увімкн|вимкн|потріб|не підтрим)\w*\b.{0,40}\b(?:javascript|js)\b",
                r"\bjavascript\b.{0,40}(?:вимкн|увімкн|ввімкн|не підтрим)",
                r"(?:включ|отключ|необходим|не поддерж)\w*\b.{0,40}\b(?:javascript|js)\b",
                r"\bjavascript\b.{0,40}(?:отключ|включ|не поддерж)",
            ),
        ),
        (
            PageProblem.LOGIN_WALL,
            (
                r"\b(?:log|sign) ?in\b.{0,20}\b(?:to|or)\b.{0,30}"
                r"\b(?:continue|read|view|access|comment|register|subscribe)",
                r"\balready (?:a (?:member|subscriber)|have an account|registered|subscribed)\b",
                r"\bforgot(?:ten)?(?: your)? password\b|\bcreate (?:a free|an|your) account\b",
                r"\b(?:увійдіть|авторизуйтес[ья]|зареєструйтес[ья])\b.{0,40}"
                r"(?:щоб|аби|будь ласка|або|акаунт|обліков)",
                r"\b(?:щоб|аби)\b.{0,60}\b(?:увійдіть|авторизуйтес[ья]|зареєструйтес[ья])\b",
                r"\bзабули пароль|\bувійти (?:через|за допомогою)\b",
                r"\b(?:войдите|авторизуйтесь|зарегистрируйтесь)\b.{0,40}"
                r"(?:чтобы|пожалуйста|или|аккаунт|уч[её]тн)",
                r"\bчтобы\b.{0,60}\b(?:войдите|авторизуйтесь|зарегистрируйтесь)\b",
                r"\bзабыли пароль|\bвойти (?:через|с помощью)\b",
            ),
        ),
        (
            PageProblem.PAY_WALL,
            (
                r"\bsubscribe\b.{0,30}\b(?:to (?:continue|keep|read|unlock|access)|for (?:full"
                r"|unlimited))\b",
                r"\b(?:article|content|story) is\b.{0,20}\b(?:for|to)\b.{0,20}"
                r"\b(?:subscribers|members)\b",
                r"^\W*(?:to )?(?:continue|keep) reading\b|\bunlock this (?:article|story)\b",
                r"\byou(?:['’]ve| have)\b.{0,40}\bfree (?:articles|stories)\b",
                r"\b(?:оформіть|придбайте|купіть)\b.{0,30}(?:підписк|передплат|доступ)",
                r"\bщоб (?:читати|прочитати|продовжити читання)\b.{0,60}"
                r"(?:підписк|передплат|доступ|оформіть)",
                r"(?:лише|тільки|виключно) для (?:передплатників|підписників)\b",
                r"\b(?:оформите|купите|приобретите)\b.{0,30}(?:подписк|доступ)",
                r"\bчтобы (?:читать|прочитать|продолжить чтение)\b.{0,60}"
                r"(?:подписк|доступ|оформите)",
                r"(?:только|исключительно) для подписчиков\b",
            ),
        ),
        (
            PageProblem.BOT_WALL,
            (
                r"\b(?:checking|verifying)\b.{0,20}\b(?:your browser|you are (?:a )?human)\b",
                r"\b(?:verify|confirm|prove)\b.{0,20}\b(?:human|not a robot)\b",
                r"^\W*just a moment\b|\bunusual traffic from\b|\bray id\b",
                r"(?:підтверд|довед|перевір)\w*\b.{0,40}(?:не робот|ви людина|ваш\w* браузер)",
                r"(?:подтверд|докаж|провер)\w*\b.{0,40}(?:не робот|вы человек|ваш\w* браузер)",
            ),
        ),
        (
            PageProblem.ERROR_PAGE,
            (
                r"^\W*(?:error )?(?:40[0-9]|50[0-9])\b.{0,60}$",
                r"\bpage\b.{0,40}\b(?:not found|cannot be found|could not be found|no longer"
                r" exists?|does(?: not|n['’]t) exist)\b",
                r"^\W*(?:access (?:is )?denied|access to this page)\b"
                r"|^\W*(?:the )?(?:web)?site is (?:temporarily unavailable|under maintenance)\b",
                r"\bсторінк\w+\b.{0,40}(?:не знайден|не існує|видален)",
                r"^\W*(?:помилка (?:40|50)\d|доступ (?:заборонен|обмежен)|сайт тимчасово не)",
                r"\bстраниц\w+\b.{0,40}(?:не найден|не существует|удален)",
                r"^\W*(?:ошибка (?:40|50)\d|доступ (?:запрещ|ограничен)|сайт временно не)",
            ),
        ),
    )
)


def extract_article(
    document: bytes, *, url: str, content_type: str | None, title: str, teaser: str
) -> ArticlePage:
    """Return the article on its page; its text is empty if it tells no more than the teaser.

    A page with a `problem` is not the article and has neither text nor links nor picture.
    """
    page = extract_page(document, url=url, content_type=content_type)
    text = without_walls(page.text)
    problem = page_text_problem(title, teaser, text)
    if problem is None or problem is PageProblem.NO_MORE:
        return replace(page, text="" if problem else text)
    wall = next(filter(None, map(wall_kind, page.text.splitlines())), problem)
    return ArticlePage(title=page.title, problem=wall.value)


def extract_page(document: bytes, *, url: str, content_type: str | None) -> ArticlePage:
    """Return the headline, text, links and picture of a page; an empty one if it is not HTML.

    Bytes beyond `MAX_BYTES` are not read. A `content_type` of None: the header is missing.
    """
    is_utf16 = document.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in document and not is_utf16:
        return ArticlePage()  # a picture, an archive
    tree = parse_html(decode_page(document[:MAX_BYTES], content_type=content_type))
    if tree is None:
        return ArticlePage()
    # A tenth of a second, which processes that read no pages save.
    import trafilatura

    # Before the text, as trafilatura removes everything else from the tree.
    title, links, picture = _headline(tree), editor_links(tree, url=url), _picture(tree, url)
    drop_menus(tree, title)
    extracted = trafilatura.extract(
        tree, fast=True, include_comments=False, include_tables=True, with_metadata=False
    )
    read = normalize("NFC", visible(str(extracted or "")))[:MAX_TEXT_CHARS]
    text = "\n".join(
        line
        for line in read.splitlines()
        if len(line) <= MAX_BARE_CHARS or not _PUNCTUATION.isdisjoint(line)
    )
    links = all_links(links, text, url=url)
    return ArticlePage(title=title, text=text, links=links, picture=picture)


def longest_text(article: Article) -> Article:
    """Return the article with the text that tells the most: its feed's or its page's."""
    is_page_better = (
        article.page and page_text_problem(article.title, article.text, article.page) is None
    )
    return replace(article, text=article.page) if is_page_better else article


def page_text_problem(title: str, teaser: str, text: str) -> PageProblem | None:
    """Return why the text of a page is not used; None: it tells more than the teaser."""
    text_stems = {stem for paragraph in paragraphs(text) for stem in snowball_stems(paragraph)}
    if not text_stems:
        return PageProblem.NO_TEXT
    headline, known = set(snowball_stems(title)), set(snowball_stems(teaser))
    has_teaser = len(known) >= MIN_TEASER_WORDS and len(
        known & text_stems
    ) >= MIN_TEASER_SHARE * len(known)
    if not has_teaser and len(headline & text_stems) < MIN_HEADLINE_SHARE * len(headline):
        return PageProblem.OTHER_ARTICLE
    n_new = len(text_stems - headline - known)
    has_more = n_new >= MIN_NEW_WORDS and len(text) > len(teaser)
    return None if has_more else PageProblem.NO_MORE


def without_walls(text: str) -> str:
    """Return the lines of a page's text that are no wall."""
    return "\n".join(line for line in text.splitlines() if not wall_kind(line))


def wall_kind(line: str) -> PageProblem | None:
    """Return the kind of consent, login, pay or other wall that a line is; None: it is none."""
    if len(line) > MAX_WALL_CHARS:
        return None
    return next((problem for problem, pattern in _WALLS if pattern.search(line)), None)


def decode_page(document: bytes, *, content_type: str | None) -> str:
    """Return the text of the bytes: as UTF-8 if valid, else in the declared or guessed charset."""
    header = (content_type or "").encode("ascii", "ignore")
    found = (_CHARSET.search(header), _CHARSET.search(document, 0, _HEAD_BYTES))
    return decode_bytes(document, declared=[match[1].decode() for match in found if match])


def _picture(tree: html.HtmlElement, url: str) -> Picture | None:
    """Return the picture in the page's metadata: that of Open Graph, or else of Twitter."""
    values: dict[str, list[str]] = {}
    for meta in tree.iter("meta"):
        name = str(meta.get("property") or meta.get("name") or "").strip().lower()
        if name in _PICTURES or name.startswith("og:image:"):
            values.setdefault(name, []).append(str(meta.get("content", "")))
    width, height = (values.get(f"og:image:{side}", [""])[0] for side in ("width", "height"))
    declared = (
        # Width and height are those of the first.
        PictureSource(url=address, width="" if number else width, height="" if number else height)
        for name in _PICTURES
        for number, address in enumerate(values.get(name, ()))
    )
    return choose_picture(islice(declared, _MAX_PICTURES), "", base=url, logos=())


def _headline(tree: html.HtmlElement) -> str:
    """Return the headline: of the Open Graph metadata, else the first h1, else the title."""
    candidates = (
        *tree.xpath("//meta[@property='og:title']/@content"),
        *(heading.text_content() for heading in tree.iter("h1")),
    )
    for candidate in candidates:
        if headline := normalize("NFC", " ".join(visible(str(candidate)).split())):
            return headline[:MAX_TITLE_CHARS]
    element = tree.find(".//title")
    title = "" if element is None else " ".join(visible(str(element.text_content())).split())
    return title[:MAX_TITLE_CHARS]
