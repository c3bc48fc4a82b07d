"""Items to entries: title, text, link, guid and date of an item, as plain and safe text."""

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin, urlsplit

import nh3

from bot.feeds.formats.dates import sane
from bot.model import EditorLink, Entry
from bot.web.html import editor_links_in

MAX_TITLE_LENGTH = 300
# Of the first words of a post without a title, which become its title.
_MAX_MADE_TITLE_LENGTH = 120
# A longer link does not fit into a message.
MAX_URL_LENGTH = 2048
_MAX_GUID_LENGTH = 2048
_MAX_CATEGORIES = 20
_MAX_CATEGORY_LENGTH = 100

# Much more than any summary needs; nh3 slows with the square of the depth of tags.
MAX_MARKUP_LENGTH = 65_536
MAX_TAGS = 2_000

_BREAKS = re.compile(
    r"<(?:/?(?:p|div|li|ul|ol|h[1-6]|blockquote|tr|table|section|article|figure|figcaption)|br|hr)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
# A vertical tab: white space that no text needs and nh3 leaves alone.
_BREAK = "\v"
_TAG = re.compile("<")
# Soft hyphens, zero-width spaces, tags and direction marks: a title full of them can scramble
# the message round it. The joiners of emoji stay.
_INVISIBLE = re.compile(
    "[\xad\u061c\u200b\u200e\u200f\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u206f\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item as its publisher wrote it: `title` and the `bodies` are markup.

    Of the bodies (summary, full text) the longest is used; what is missing is an empty string.
    `digest` is that of its text in the document. `edited_at` is given where several items of
    one guid are editions of one entry, as in Atom.
    """

    digest: bytes
    guid: str
    link: str
    title: str
    bodies: tuple[str, ...]
    categories: tuple[str, ...]
    published_at: datetime | None
    edited_at: datetime | None = None


def entries(
    items: Iterable[Item],
    *,
    url: str,
    fetched_at: datetime,
    clock_skew: timedelta = timedelta(0),
) -> tuple[tuple[bytes, Entry], ...]:
    """Return the entries of the items of the feed at `url`, with their digests.

    The oldest comes first; of one date, the last in the document, for publishers put the newest
    first. An item without a web link is dropped, and so is one with neither title nor text; the
    first words of the text stand in for a title. Of several editions the newest counts, of
    repeated items the first. Dates are set back by `clock_skew`; one that is missing, absurd or
    in the future becomes `fetched_at`.
    """
    by_digest = {
        item.digest: entry
        for item in _newest_editions(items)
        if (entry := _entry(item, url, fetched_at, clock_skew))
    }
    newest_last = list(by_digest.items())[::-1]
    return tuple(sorted(newest_last, key=lambda pair: pair[1].published_at))


def _newest_editions(items: Iterable[Item]) -> list[Item]:
    """Drop older editions of an entry. Source: RFC 4287, section 4.1.1."""
    every = list(items)
    newest: dict[str, Item] = {}
    for item in every:
        if item.guid and item.edited_at:
            other = newest.setdefault(item.guid, item)
            if other.edited_at and item.edited_at > other.edited_at:
                newest[item.guid] = item
    return [item for item in every if newest.get(item.guid, item) is item or not item.edited_at]


def _entry(item: Item, url: str, fetched_at: datetime, clock_skew: timedelta) -> Entry | None:
    link = _absolute(item.link, url)
    text = max((paragraphs(body) for body in item.bodies), key=len, default="")
    first_words = cut(text.partition("\n")[0], _MAX_MADE_TITLE_LENGTH)
    title = cut(one_line(item.title), MAX_TITLE_LENGTH) or first_words
    if not link or not title:
        return None
    # Unescaped once more than XML does: many publishers escape twice, and not always.
    guid = unicodedata.normalize("NFC", html.unescape(item.guid)).strip()
    labels = (one_line(label)[:_MAX_CATEGORY_LENGTH] for label in item.categories)
    categories = tuple(dict.fromkeys(filter(None, labels)))[:_MAX_CATEGORIES]
    published_at = sane(item.published_at, now=fetched_at, ahead=clock_skew)
    return Entry(
        guid=guid if len(item.guid) <= _MAX_GUID_LENGTH else "",
        url=link,
        title=title,
        text=text,
        categories=categories,
        published_at=published_at or fetched_at,
        dated=published_at is not None,
        links=_links(item.bodies, link),
    )


def _links(bodies: Iterable[str], url: str) -> tuple[EditorLink, ...]:
    """Return the editor's links in the longest body, be it escaped once more or not."""
    markup = max(bodies, key=len, default="")
    if "<a" not in markup.lower():
        markup = html.unescape(markup) if "&lt;a" in markup.lower() else ""
    return editor_links_in(capped(markup), url=url) if markup else ()


def _absolute(link: str, url: str) -> str:
    """Return the link resolved against the feed's URL; empty if it is no usable web address."""
    # As in browsers: tabs and newlines in an address are dropped, spaces are escaped.
    link = "".join(link.strip().splitlines()).replace("\t", "").replace(" ", "%20")
    # "courier.example/a" in the feed of courier.example: the scheme was forgotten.
    host = urlsplit(url).netloc.removeprefix("www.")
    if link.removeprefix("www.").startswith(f"{host}/"):
        link = f"//{link}"
    try:
        resolved = urljoin(url, link)
        parts = urlsplit(resolved)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return ""
    return resolved if link and usable and len(resolved) <= MAX_URL_LENGTH else ""


def one_line(markup: str) -> str:
    """Return the text in one line."""
    return " ".join(_visible(markup).split())


def paragraphs(markup: str) -> str:
    """Return the text, one line for each paragraph that is not empty; over-long markup is cut."""
    # Newlines of the markup itself are spaces, as in a browser.
    lines = (" ".join(line.split()) for line in _visible(markup).split(_BREAK))
    return "\n".join(line for line in lines if line)


def capped(markup: str) -> str:
    """Return the markup, cut to `MAX_MARKUP_LENGTH` characters and `MAX_TAGS` tags."""
    markup = markup[:MAX_MARKUP_LENGTH]
    tags = [match.start() for match in _TAG.finditer(markup)]
    return markup[: tags[MAX_TAGS]] if len(tags) > MAX_TAGS else markup


def cut(text: str, length: int) -> str:
    """Return the text, cut at the end of a word to at most `length` characters with an ellipsis."""
    if len(text) <= length:
        return text
    head = text[: length - 1]
    if not text[length - 1].isspace():
        words, _, _ = head.rpartition(" ")
        head = words or head
    return head.rstrip(" ,;:–—-") + "…"


def _visible(markup: str) -> str:
    text = capped(markup)
    # Twice: many publishers escape what is escaped already. A third time is meant so.
    for _ in range(2):
        if "<" in text or "&" in text:
            text = html.unescape(nh3.clean(_BREAKS.sub(_BREAK, text), tags=set()))
    return unicodedata.normalize("NFC", _CONTROLS.sub("", _INVISIBLE.sub("", text)))
