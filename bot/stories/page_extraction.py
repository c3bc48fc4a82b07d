"""What does an article's page say: its headline, its text, its editor's own links? Pure.

It may take a second of the processor: call it in a thread, or in a process that can be killed.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace

import trafilatura
from lxml import html

from bot.model import Article, ArticlePage
from bot.stories.boilerplate import paragraphs
from bot.text.stemming import stems
from bot.web.html import own_links, tree_of

# News pages have a tenth of it; beyond is no article.
MAX_BYTES = 2_000_000
# As much as a feed's own text may have.
MAX_TEXT_CHARS = 65_536
MAX_TITLE_CHARS = 300

_CYRILLIC, _WESTERN = "cp1251", "cp1252"
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_HEAD_BYTES = 4096
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The codecs of Python that are character sets, by how their names begin.
_CHARACTER_SETS = ("cp", "iso8859", "koi8", "mac", "gb", "big5", "shift", "euc", "ascii")
# Names that pages write for the wider set that they mean.
_WIDER = {"ascii": _WESTERN, "iso8859-1": _WESTERN, "koi8-r": "koi8-u", "gb2312": "gb18030"}
# A larger share of unreadable letters among those beyond ASCII is another encoding.
_SLIPS = 0.05


# A page that tells more has so many more words than headline and teaser, each counted once.
MORE_WORDS = 15
# So much of a headline's words stands in the text of 96 to 99 articles in a hundred, and in that
# of 2 to 10 others of the same newspaper: articles_tsn_uk, articles_lenta_ru, articles_segodnya
# and summaries_en.
HEADLINE_SHARE = 0.3
# A teaser is the article's own beginning, or tells it in its words; a short one proves nothing.
TEASER_SHARE = 0.5
TEASER_WORDS = 6
# A wall speaks to its reader in a line or two; an article that speaks of walls has longer ones.
WALL_CHARS = 300

NO_TEXT = "its page has no text"
NO_MORE = "its page tells no more than the feed"
ANOTHER = "its page tells of something else"

_WALLS = tuple(
    (f"its page {reason}", re.compile("|".join(f"(?:{it})" for it in patterns), re.IGNORECASE))
    for reason, patterns in (
        (
            "asks for consent",
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
            "wants JavaScript",
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
            "wants its reader to log in",
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
            "wants a subscription",
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
            "asks whether a human reads",
            (
                r"\b(?:checking|verifying)\b.{0,20}\b(?:your browser|you are (?:a )?human)\b",
                r"\b(?:verify|confirm|prove)\b.{0,20}\b(?:human|not a robot)\b",
                r"^\W*just a moment\b|\bunusual traffic from\b|\bray id\b",
                r"(?:підтверд|довед|перевір)\w*\b.{0,40}(?:не робот|ви людина|ваш\w* браузер)",
                r"(?:подтверд|докаж|провер)\w*\b.{0,40}(?:не робот|вы человек|ваш\w* браузер)",
            ),
        ),
        (
            "is one of an error",
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


def read_page(document: bytes, *, url: str, content_type: str | None) -> ArticlePage:
    """Return what the page says; of what is no page, nothing.

    What is beyond `MAX_BYTES` is not read. A `content_type` of None: the server said none.
    """
    marked = document.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in document and not marked:
        return ArticlePage()  # a picture, an archive
    tree = tree_of(decode(document[:MAX_BYTES], content_type=content_type))
    if tree is None:
        return ArticlePage()
    # In this order: to find the text, the tree is cut down to it.
    title, links = _title(tree), own_links(tree, url=url)
    return ArticlePage(title=title, text=_text(tree), links=links)


def decode(document: bytes, *, content_type: str | None) -> str:
    """Return the text of the bytes: UTF-8 if they can be, else as the server or the page says."""
    for mark, encoding in _MARKS:
        if document.startswith(mark):
            return document.decode(encoding, "replace")
    text = document.decode("utf-8", "replace")
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    if text.count("\ufffd") <= beyond_ascii * _SLIPS:
        return text
    header = (content_type or "").encode("ascii", "ignore")
    said = (_CHARSET.search(header), _CHARSET.search(document, 0, _HEAD_BYTES))
    names = (_usable(match[1].decode()) for match in said if match)
    return document.decode(next(filter(None, names), "") or _guess(document), "replace")


def _usable(name: str) -> str:
    """Return the codec of that name if it is a character set, other than the UTF-8 it is not."""
    try:
        codec = codecs.lookup(name)
    except LookupError:
        return ""
    usable = codec.name.startswith(_CHARACTER_SETS)
    return _WIDER.get(codec.name, codec.name) if usable else ""


def _guess(document: bytes) -> str:
    """Tell Cyrillic, words of high bytes, from lone accented letters."""
    high = len(re.findall(rb"[\x80-\xff]", document))
    in_words = sum(map(len, re.findall(rb"[\x80-\xff]{3,}", document)))
    return _CYRILLIC if in_words * 2 >= high else _WESTERN


def _title(tree: html.HtmlElement) -> str:
    """Return the headline: what the page tells other sites, or else the largest on it."""
    found = (*tree.xpath("//meta[@property='og:title']/@content"), *map(_line, tree.iter("h1")))
    titles = (_clean(" ".join(str(each).split())) for each in found)
    return next((title for title in titles if title), _line(tree.find(".//title")))[
        :MAX_TITLE_CHARS
    ]


def _line(element: html.HtmlElement | None) -> str:
    return "" if element is None else " ".join(str(element.text_content()).split())


def _text(tree: html.HtmlElement) -> str:
    found = trafilatura.extract(
        tree, fast=True, include_comments=False, include_tables=True, with_metadata=False
    )
    return _clean(str(found or ""))[:MAX_TEXT_CHARS]


def _clean(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def read_full(
    document: bytes, *, url: str, content_type: str | None, title: str, teaser: str
) -> ArticlePage:
    """Return the article on its page; the text is empty where it tells no more than the teaser.

    A page with a `problem` is not the article: it has neither text nor links.
    """
    page = read_page(document, url=url, content_type=content_type)
    text = without_walls(page.text)
    problem = refusal(title, teaser, text)
    if problem is None or problem == NO_MORE:
        return replace(page, text="" if problem else text)
    return ArticlePage(
        title=page.title,
        problem=next(filter(None, map(wall_kind, page.text.splitlines())), problem),
    )


def longest_text(article: Article) -> Article:
    """Return the article with the text that tells the most: its feed's, or its page's."""
    is_better = article.page and refusal(article.title, article.text, article.page) is None
    return replace(article, text=article.page) if is_better else article


def refusal(title: str, teaser: str, text: str) -> str | None:
    """Return why the text of a page is not used, in plain words; None: it tells more."""
    said = set(_said(text))
    if not said:
        return NO_TEXT
    headline, told = set(stems(title)), set(stems(teaser))
    is_told = len(told) >= TEASER_WORDS and len(told & said) >= TEASER_SHARE * len(told)
    if not is_told and len(headline & said) < HEADLINE_SHARE * len(headline):
        return ANOTHER
    has_more = len(said - headline - told) >= MORE_WORDS and len(text) > len(teaser)
    return None if has_more else NO_MORE


def without_walls(text: str) -> str:
    """Return the lines of a page's text that want nothing of their reader."""
    return "\n".join(line for line in text.splitlines() if not wall_kind(line))


def wall_kind(line: str) -> str:
    """Return what a line that is none of the article's wants of its reader; empty: it is one."""
    if len(line) > WALL_CHARS:
        return ""
    return next((reason for reason, pattern in _WALLS if pattern.search(line)), "")


def _said(text: str) -> Iterator[str]:
    for paragraph in paragraphs(text):
        yield from stems(paragraph)
