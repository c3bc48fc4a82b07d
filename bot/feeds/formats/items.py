"""Items to entries: title, text, link, guid and date of an item, as plain and safe text."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from itertools import islice
from urllib.parse import urljoin, urlsplit

from bot.feeds.formats.dates import sane
from bot.feeds.formats.visible_text import NO_TEXT, Field, as_html
from bot.model import DroppedItems, DropReason, Entry
from bot.text.normalization import normalize
from bot.web.html import all_links, editor_links_in
from bot.web.pictures import PictureSource, choose_picture
from bot.web.sources import source_of
from bot.web.urls import has_credentials, is_web_address

MAX_TITLE_LENGTH = 300
# Of the first words of a post without a title, which become its title.
_MAX_MADE_TITLE_LENGTH = 120
# A longer link does not fit into a message.
MAX_URL_LENGTH = 2048
_MAX_GUID_LENGTH = 2048
_MAX_CATEGORIES = 20
_MAX_LINKS = 100
_MAX_CATEGORY_LENGTH = 100

# "Політика, Війна" is two labels, "1,5 °C" is one.
_LABEL_SEPARATORS = re.compile(r"\s*[;|]\s*|,(?!\d)\s*")
_SURE_SEPARATORS = re.compile(r"\s*[;|]\s*")
# What a program writes for a title or a text that it does not have.
_NOTHING = frozenset({
    "null", "undefined", "none", "nan", "untitled", "no title", "(no title)", "[no title]",
    "без назви", "(без назви)", "без заголовка", "без названия", "(без названия)",
})  # fmt: skip
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_HANDLE = re.compile(r"(?:@[\w.-]+|/?u/[\w-]+)(?:\s*\([^()]*\))?:?")
# A stop within a title ends no sentence unless a capital letter follows.
_SENTENCE_END = re.compile(r"[.!?…]+[»”\"')\]]*\s+(?=[^\W\d_a-zа-яёіїєґ]|[«“\"(\d])")

# A site whose scheme was forgotten.
_HOST = re.compile(r"(?:[\w-]+\.)+(?!html?|php|xml)[a-z]{2,}/?", re.IGNORECASE)

_WWW = re.compile(r"www\.[\w-]+(?:\.[\w-]+)+(?:/|$)", re.IGNORECASE)
# "https://https://courier.example", "http:/courier.example", "https:\\courier.example".
_SCHEMES = re.compile(r"(https?):?[/\\]+(?:https?:?[/\\]+)*(?=[^/\\])", re.IGNORECASE)
_ADDRESS_WITHIN = re.compile(r"""https?://[^\s<>"']+""", re.IGNORECASE)
# What a publisher's program writes for an address that it does not have.
_NO_ADDRESS = re.compile(
    r"#.*|(?:.*/)?(?:null|undefined|\[object object\])/?|none|nil|nan|n/a|false|[-–—_.]+"
    r"|.*(?:\{\{|\$\{|\{%|<%).*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item as its publisher wrote it; what is missing is empty.

    `links` are the addresses where it may be read, the best first, relative to `base`. Of the
    `bodies` the first that says something is the text, unless one of the `summaries` says more;
    `captions` are used only where both say nothing. `source` is the address of the publisher that
    an aggregator took it from. `digest` is that of its text in the document.
    `edited_at` is given where several items of one guid are editions of one entry, as in Atom.
    """

    digest: bytes
    guid: str = ""
    links: tuple[str, ...] = ()
    base: str = ""
    title: Field = NO_TEXT
    bodies: tuple[Field, ...] = ()
    summaries: tuple[Field, ...] = ()
    captions: tuple[Field, ...] = ()
    labels: tuple[str, ...] = ()
    pictures: tuple[PictureSource, ...] = ()
    source: str = ""
    published_at: datetime | None = None
    edited_at: datetime | None = None

    def body(self) -> tuple[Field, str]:
        """Return the field whose text is the item's, and that text."""

        def first(fields: Sequence[Field]) -> tuple[Field, str]:
            read = ((field, field.lines()) for field in fields)
            return next(filter(lambda pair: pair[1], read), (NO_TEXT, ""))

        full, brief = first(self.bodies), first(self.summaries)
        chosen, text = brief if len(brief[1]) > len(full[1]) else full
        return (chosen, text) if text else first(self.captions)

    def categories(self) -> tuple[str, ...]:
        """Return the labels; one alone may be a list, of several each is one: "Doe, Jane"."""
        separators = _LABEL_SEPARATORS if len(set(self.labels)) == 1 else _SURE_SEPARATORS
        split = (part for label in self.labels for part in separators.split(Field(label).line()))
        short = (part.strip()[:_MAX_CATEGORY_LENGTH] for part in split)
        return tuple(dict.fromkeys(filter(None, short)))[:_MAX_CATEGORIES]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedContext:
    """What the items of a feed are read with.

    `url` is the feed's own address, `site` that of its pages; `logos` are addresses that too many
    items have for their picture. Dates are set back by `clock_skew`.
    """

    url: str
    fetched_at: datetime
    site: str = ""
    logos: Collection[str] = ()
    clock_skew: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """The entries of items with the digests of those, and how many items were `dropped` and why."""

    owned: tuple[tuple[bytes, Entry], ...]
    dropped: DroppedItems


def entries(items: Iterable[Item], feed: FeedContext) -> Entries:
    """Return the entries of the items of a feed.

    The oldest comes first; of one date, the last in the document, for publishers put the newest
    first. An item without a web link is dropped, and so is one with neither title nor text; the
    first words of the text stand in for a title. Of several editions the newest counts, of
    repeated items the first. A date that is missing, absurd or in the future becomes that of
    the poll.
    """
    by_digest: dict[bytes, Entry] = {}
    dropped: Counter[DropReason] = Counter()
    for item in _newest_editions(items):
        read = _entry(item, feed)
        if isinstance(read, Entry):
            by_digest[item.digest] = read
        else:
            dropped[read] += 1
    newest_last = list(by_digest.items())[::-1]
    return Entries(
        owned=tuple(sorted(newest_last, key=lambda pair: pair[1].published_at)),
        dropped=tuple(dropped.most_common()),
    )


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


def _entry(item: Item, feed: FeedContext) -> Entry | DropReason:
    site = f"https://{feed.site}" if _HOST.fullmatch(feed.site) else feed.site
    base = _web_address(site, feed.url)
    base = _web_address(item.base, base or feed.url) or base or feed.url
    links = islice(item.links, _MAX_LINKS)
    link = next(filter(None, (_web_address(link, base) for link in links)), "")
    # Its site says something; where that is no address either, the front page is meant.
    link = link or _web_address(site, feed.url) or _web_address("/" if site else "", feed.url)
    if not link:
        return "no link"
    body, lines = item.body()
    title, text = _titled(item.title.line(), lines)
    if not title:
        return "neither title nor text"
    # Unescaped once more than XML does: many publishers escape twice, and not always.
    guid = normalize("NFC", unescape(item.guid)).strip()
    published_at = sane(item.published_at, now=feed.fetched_at, ahead=feed.clock_skew)
    markup = (not body.literal and as_html(body.value)) or ""
    linked = editor_links_in(markup, url=link) if "<a" in markup.lower() else ()
    # A text may hold nothing but pictures, so all of them are looked at.
    marked_up = (field.value for field in (*item.bodies, *item.summaries) if not field.literal)
    with_images = "".join(as_html(value) or "" for value in marked_up if "img" in value.lower())
    publisher = source_of(item.source) if is_web_address(item.source) else ""
    return Entry(
        guid=guid if len(item.guid) <= _MAX_GUID_LENGTH else "",
        url=link,
        title=title,
        text=text,
        categories=item.categories(),
        published_at=published_at or feed.fetched_at,
        dated=published_at is not None,
        links=all_links(linked, text, url=link),
        picture=choose_picture(item.pictures, with_images, base=link, logos=feed.logos),
        source=publisher if publisher not in ("", source_of(feed.url)) else None,
    )


def _titled(title: str, text: str) -> tuple[str, str]:
    """Return the headline and the text below it.

    A headline that says nothing by itself (none, an emoji, a handle, an address, "Untitled", one
    that ends in a colon)
    takes the first sentence of the text, which does not stand in the text again.
    """
    text = "" if text.casefold() in _NOTHING else text
    if text and (title.casefold() in _NOTHING or _ADDRESS.fullmatch(title)):
        title = ""
    title = cut(title, MAX_TITLE_LENGTH)
    has_words = any(map(str.isalnum, title))
    if has_words and not title.endswith(":") and not _HANDLE.fullmatch(title):
        return title, text
    line, _, rest = text.removeprefix(title).lstrip().partition("\n")
    end = _SENTENCE_END.search(line, 0, MAX_TITLE_LENGTH)
    sentence, left = (line[: end.end()].strip(), line[end.end() :]) if end else (line, "")
    shortened = cut(sentence, _MAX_MADE_TITLE_LENGTH)
    if shortened != sentence:
        head = shortened.removesuffix("…")
        left = f"…{sentence[len(head) :].lstrip(' ,;:–—-')} {left}".strip()
    headline = f"{title} {shortened}".strip()
    return headline, "\n".join(filter(None, (left, rest)))


def _web_address(link: str, base: str) -> str:
    """Return the link resolved against the base; empty if it is no usable web address."""
    base = base if len(base) <= MAX_URL_LENGTH else ""
    # As in browsers: tabs and newlines in an address are dropped, spaces are escaped.
    link = "".join(line.strip() for line in link.strip().splitlines()).replace("\t", "")
    if "<" in link or " http" in link:
        within = _ADDRESS_WITHIN.search(link)
        link = within[0] if within else ""
    if _NO_ADDRESS.fullmatch(link):
        return ""
    link = _SCHEMES.sub(r"\1://", link, count=1) if link[:4].lower() == "http" else link
    address, question, query = link.replace("&amp;", "&").replace(" ", "%20").partition("?")
    link = address.replace("\\", "/") + question + query
    try:
        # "courier.example/a" in the feed of courier.example: the scheme was forgotten.
        host = urlsplit(base).netloc.removeprefix("www.")
        if link.removeprefix("www.").startswith(f"{host}/") or _WWW.match(link):
            link = f"//{link}"
        resolved = urljoin(base, link)
        parts = urlsplit(resolved)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return ""
    fits = len(resolved) <= MAX_URL_LENGTH and not has_credentials(resolved)
    return resolved if link and usable and fits else ""


def cut(text: str, length: int) -> str:
    """Return the text, cut at the end of a word to at most `length` characters with an ellipsis."""
    if len(text) <= length:
        return text
    head = text[: length - 1]
    if not text[length - 1].isspace():
        words, _, _ = head.rpartition(" ")
        head = words or head
    return head.rstrip(" ,;:–—-") + "…"
