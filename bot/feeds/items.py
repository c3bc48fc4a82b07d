"""What of a publisher's item do we keep? Title, text, link, identity and date, made safe. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from bot.feeds.dates import sane
from bot.feeds.plain_text import cut, one_line, paragraphs
from bot.model import Entry

MAX_TITLE_LENGTH = 300
# What a post without a title is called: its first words.
_MADE_TITLE_LENGTH = 120
# A longer link could not stand in a message.
MAX_URL_LENGTH = 2048
_MAX_GUID_LENGTH = 2048
_MAX_CATEGORIES = 20
_MAX_CATEGORY_LENGTH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item as its publisher wrote it: `title` and the `bodies` are markup.

    Of the bodies (summary, full text) the longest is used; empty strings stand for what
    is missing.
    """

    guid: str
    link: str
    title: str
    bodies: tuple[str, ...]
    categories: tuple[str, ...]
    published_at: datetime | None


def entries(items: Iterable[Item], *, url: str, fetched_at: datetime) -> tuple[Entry, ...]:
    """Return what can be shown, the oldest first, of the items of the feed at `url`.

    An item without a web link is dropped, and so is one with neither title nor text; one
    with a text alone is called by its first words. A date that is missing, absurd or in
    the future becomes `fetched_at`. Items of one date keep the order of publishers, who
    put the newest first.
    """
    usable = [entry for item in items if (entry := _entry(item, url, fetched_at))]
    newest_last = _identified(usable)[::-1]
    return tuple(sorted(newest_last, key=lambda entry: entry.published_at))


def _entry(item: Item, url: str, fetched_at: datetime) -> Entry | None:
    link = _absolute(item.link, url)
    text = max((paragraphs(body) for body in item.bodies), key=len, default="")
    first_words = cut(text.partition("\n")[0], _MADE_TITLE_LENGTH)
    title = cut(one_line(item.title), MAX_TITLE_LENGTH) or first_words
    if not link or not title:
        return None
    guid = item.guid.strip()
    return Entry(
        guid=guid if 0 < len(guid) <= _MAX_GUID_LENGTH else link,
        url=link,
        title=title,
        text=text,
        categories=_categories(item.categories),
        published_at=sane(item.published_at, now=fetched_at),
    )


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


def _identified(entries: list[Entry]) -> list[Entry]:
    """Tell entries apart that share a guid and not a link, by both.

    All who share it, not only the later ones: which of them comes first will change.
    """
    links = defaultdict(set)
    for entry in entries:
        links[entry.guid].add(entry.url)
    return [
        replace(entry, guid=f"{entry.guid} {entry.url}") if len(links[entry.guid]) > 1 else entry
        for entry in entries
    ]
