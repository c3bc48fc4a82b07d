"""What of a publisher's item do we keep? Title, text, link, identity and date, made safe. Pure."""

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from urllib.parse import urljoin, urlsplit

import nh3

from bot.feeds.formats.dates import sane
from bot.model import EditorLink, Entry
from bot.web.html import links_of

MAX_TITLE_LENGTH = 300
# What a post without a title is called: its first words.
_MADE_TITLE_LENGTH = 120
# A longer link could not stand in a message.
MAX_URL_LENGTH = 2048
_MAX_GUID_LENGTH = 2048
_MAX_CATEGORIES = 20
_MAX_CATEGORY_LENGTH = 100


# Much more than any summary needs; nh3 slows with the square of the depth of tags.
MAX_LENGTH = 65_536
MAX_TAGS = 2_000

_BREAKS = re.compile(
    r"<(?:/?(?:p|div|li|ul|ol|h[1-6]|blockquote|tr|table|section|article|figure|figcaption)|br|hr)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
# A vertical tab: white space that no text needs, and that nh3 lets through.
_BREAK = "\v"
_TAG = re.compile("<")
# Soft hyphens, zero-width spaces, tags and marks that turn the writing direction: a title
# full of them can scramble the message round it. The joiners of emoji stay.
_INVISIBLE = re.compile(
    "[\xad\u061c\u200b\u200e\u200f\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u206f\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item as its publisher wrote it: `title` and the `bodies` are markup.

    Of the bodies (summary, full text) the longest is used; empty strings stand for what
    is missing. `digest` is that of its text in the document. `edited_at` is given where
    several items of one guid are editions of one entry, as in Atom.
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
    clock_error: timedelta = timedelta(0),
) -> tuple[tuple[bytes, Entry], ...]:
    """Return what can be shown of the items of the feed at `url`, with their digests.

    The oldest comes first; items of one date keep the order of publishers, who put the
    newest first. An item without a web link is dropped, and so is one with neither title
    nor text; one with a text alone is called by its first words. Of several editions the
    newest counts, of what stands there twice the first. Dates are set back by
    `clock_error`; one that is missing, absurd or in the future becomes `fetched_at`.
    """
    found = {
        item.digest: entry
        for item in _newest_editions(items)
        if (entry := _entry(item, url, fetched_at, clock_error))
    }
    newest_last = list(found.items())[::-1]
    return tuple(sorted(newest_last, key=lambda owned: owned[1].published_at))


def _newest_editions(items: Iterable[Item]) -> list[Item]:
    """Leave out older editions of an entry. Source: RFC 4287, section 4.1.1."""
    every = list(items)
    newest: dict[str, Item] = {}
    for item in every:
        if item.guid and item.edited_at:
            other = newest.setdefault(item.guid, item)
            if other.edited_at and item.edited_at > other.edited_at:
                newest[item.guid] = item
    return [item for item in every if newest.get(item.guid, item) is item or not item.edited_at]


def _entry(item: Item, url: str, fetched_at: datetime, clock_error: timedelta) -> Entry | None:
    link = _absolute(item.link, url)
    text = max((paragraphs(body) for body in item.bodies), key=len, default="")
    first_words = cut(text.partition("\n")[0], _MADE_TITLE_LENGTH)
    title = cut(one_line(item.title), MAX_TITLE_LENGTH) or first_words
    if not link or not title:
        return None
    published_at = sane(item.published_at, now=fetched_at, ahead=clock_error)
    return Entry(
        guid=_guid(item.guid),
        url=link,
        title=title,
        text=text,
        categories=_categories(item.categories),
        published_at=published_at or fetched_at,
        dated=published_at is not None,
        links=_links(item.bodies, link),
    )


def _links(bodies: Iterable[str], url: str) -> tuple[EditorLink, ...]:
    """Return the editor's own links in the longest body, escaped once more or not."""
    markup = max(bodies, key=len, default="")
    if "<a" not in markup.lower():
        markup = unescape(markup) if "&lt;a" in markup.lower() else ""
    return links_of(capped(markup), url=url) if markup else ()


def _guid(written: str) -> str:
    """Return the guid in its one spelling; one that is longer than any address is none."""
    if len(written) > _MAX_GUID_LENGTH:
        return ""
    # Unescaped once more than XML does: many publishers escape twice, and not always.
    return unicodedata.normalize("NFC", unescape(written)).strip()


def _absolute(link: str, url: str) -> str:
    """Return the link resolved against the feed's URL; empty if it is no usable web address."""
    # As browsers do: tabs and newlines in an address are nothing, spaces are escaped.
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


def _categories(labels: Iterable[str]) -> tuple[str, ...]:
    cleaned = (one_line(label)[:_MAX_CATEGORY_LENGTH] for label in labels)
    return tuple(dict.fromkeys(label for label in cleaned if label))[:_MAX_CATEGORIES]


def one_line(markup: str) -> str:
    """Return the text in one line."""
    return " ".join(_visible(markup).split())


def paragraphs(markup: str) -> str:
    """Return the text, one line for each paragraph that has words; over-long markup is cut."""
    # Newlines of the markup itself are spaces, as in a browser.
    lines = (" ".join(line.split()) for line in _visible(markup).split(_BREAK))
    return "\n".join(line for line in lines if line)


def capped(markup: str) -> str:
    """Return as much of the markup as is ever read."""
    markup = markup[:MAX_LENGTH]
    tags = [match.start() for match in _TAG.finditer(markup)]
    return markup[: tags[MAX_TAGS]] if len(tags) > MAX_TAGS else markup


def cut(text: str, length: int) -> str:
    """Return the text, cut at the end of a word to at most `length` characters with an ellipsis."""
    if len(text) <= length:
        return text
    kept = text[: length - 1]
    if not text[length - 1].isspace():
        words, _, _ = kept.rpartition(" ")
        kept = words or kept
    return kept.rstrip(" ,;:–—-") + "…"


def _visible(markup: str) -> str:
    text = capped(markup)
    # Twice: many publishers escape what is escaped already. A third time is meant so.
    for _ in range(2):
        if "<" in text or "&" in text:
            text = html.unescape(nh3.clean(_BREAKS.sub(_BREAK, text), tags=set()))
    return unicodedata.normalize("NFC", _CONTROLS.sub("", _INVISIBLE.sub("", text)))
