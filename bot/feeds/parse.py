"""A feed's bytes -> its entries. The only module that knows feedparser; pure."""

from calendar import timegm
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import feedparser

from bot.errors import ParseError
from bot.feeds.dates import read_date
from bot.feeds.decode import decode
from bot.feeds.items import Item, entries
from bot.feeds.json_feed import read_json_feed
from bot.feeds.screen import MAX_ITEMS, screen
from bot.model import Entry

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


def parse(
    document: bytes, *, url: str, content_type: str | None, fetched_at: datetime
) -> tuple[Entry, ...]:
    """Return the usable entries of the feed at `url`, the oldest first.

    RSS, Atom and JSON Feed are read, the first 300 items of them. What is dropped or made
    up for is said by `items.entries`.

    Raises:
        ParseError: if `document` is not a feed.
    """
    text = decode(document, content_type=content_type).lstrip()
    if text.startswith("{"):
        items = read_json_feed(text, max_items=MAX_ITEMS)
    else:
        items = tuple(_items(screen(text)))
    return entries(items, url=url, fetched_at=fetched_at)


def _items(text: str) -> Iterator[Item]:
    feed = feedparser.parse(
        # Never a str: feedparser would take it for a file to open or a URL to fetch.
        BytesIO((_DECLARATION + text).encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        # Both take most of the time; `items` does what they would do.
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    if not feed.version and not feed.entries:
        raise ParseError("not a feed: neither RSS nor Atom nor JSON Feed")
    return (_item(entry) for entry in feed.entries)


def _item(entry: Any) -> Item:
    # No base URL was given, so a guid is here as its publisher wrote it.
    guid, link = entry.get("id", ""), entry.get("link", "")
    # Where there is no link, feedparser takes the guid for one; a mere number is none.
    made_up = entry.get("guidislink") and link == guid and not guid.startswith(("http", "/"))
    return Item(
        guid=guid,
        link="" if made_up else link,
        title=entry.get("title", ""),
        bodies=(
            entry.get("summary", ""),
            *(content.get("value", "") for content in entry.get("content", [])),
        ),
        categories=tuple(tag.term or tag.label or "" for tag in entry.get("tags", [])),
        published_at=_published_at(entry),
    )


def _published_at(entry: Any) -> datetime | None:
    """Read the date ourselves, for feedparser misreads zones; what we cannot read, it may."""
    # Asked with "in" first: where there is no "updated", get() would hand out "published".
    names = ("published", "updated", "created")
    name = next((it for it in names if it in entry and entry.get(it)), "")
    parsed = entry.get(f"{name}_parsed")
    return read_date(entry.get(name, "")) or (parsed and _from_struct(parsed))


def _from_struct(parsed: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None
