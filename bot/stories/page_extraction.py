"""What does an article's page say: its headline, its text, its editor's own links? Pure.

It may take a second of the processor: call it in a thread, or in a process that can be killed.
"""

import codecs
import re
import unicodedata

import trafilatura
from lxml import html

from bot.model import Page
from bot.web.html import own_links
from bot.web.html_markup import tree_of

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


def read_page(document: bytes, *, url: str, content_type: str | None) -> Page:
    """Return what the page says; of what is no page, nothing.

    What is beyond `MAX_BYTES` is not read. A `content_type` of None: the server said none.
    """
    marked = document.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if b"\0" in document and not marked:
        return Page()  # a picture, an archive
    tree = tree_of(decode(document[:MAX_BYTES], content_type=content_type))
    if tree is None:
        return Page()
    # In this order: to find the text, the tree is cut down to it.
    title, links = _title(tree), own_links(tree, url=url)
    return Page(title=title, text=_text(tree), links=links)


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
