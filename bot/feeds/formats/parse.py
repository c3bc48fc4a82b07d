"""A feed's bytes -> what it holds. The only module that knows feedparser; pure."""

from calendar import timegm
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import feedparser
from feedparser.api import StrictFeedParser

from bot.errors import ParseError
from bot.feeds.formats.dates import plausible, read_date
from bot.feeds.formats.item_scanner import (
    MAX_ITEMS,
    ItemSpans,
    digest,
    first_items,
    is_closed,
    sanitize,
    split_items,
    whole_items,
)
from bot.feeds.formats.items import Item, entries
from bot.feeds.formats.json_feed import read_json_feed
from bot.feeds.formats.update_period import read_update_period
from bot.model import Entry, UpdatePeriod
from bot.web.encoding import decode

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
_NOT_A_FEED = "not a feed: neither RSS nor Atom nor JSON Feed"

# An id is a name, not an address: with an xml:base feedparser would make "tag:" ids empty.
# The loose parser has the same set.
StrictFeedParser.can_be_relative_uri.discard("id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """What is in a document: its `entries` that are not known yet, the oldest first.

    `owners` are the digests of the items that the entries were made of, in the same order;
    `digests` those of all items of the document, in its own order. `whole`: no item was
    passed over for being known. It is not `complete` where it breaks off. `lead` is how far
    the newest date lies after the moment of the poll, as its publisher wrote it; None where
    there is none.
    """

    entries: tuple[Entry, ...]
    owners: tuple[bytes, ...]
    digests: tuple[bytes, ...]
    rhythm: UpdatePeriod
    whole: bool
    complete: bool
    lead: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What was read of a document, its items in its own order."""

    items: tuple[Item, ...]
    digests: tuple[bytes, ...]
    rhythm: UpdatePeriod
    whole: bool
    complete: bool


def parse(
    document: bytes,
    *,
    url: str,
    content_type: str | None,
    fetched_at: datetime,
    known: frozenset[bytes] = frozenset(),
    clock_error_hours: int = 0,
) -> ParsedFeed:
    """Return what is in the feed at `url`, but for the items of the digests `known`.

    RSS, Atom and JSON Feed are read, the first 300 of their new items. What is dropped or made
    up for is said by `items.entries`. Known items are not parsed again, unless the document
    is too odd to do without. Of one that breaks off the whole items count.

    Raises:
        ParseError: if `document` is not a feed.
        GoneError: if it says that it has ended.
    """
    text = decode(document, content_type=content_type).lstrip()
    read = _read_json if text.startswith("{") else _read_xml
    reading = read(text, known, fetched_at)
    new = [item for item in reading.items if item.digest not in known]
    owned = entries(
        new, url=url, fetched_at=fetched_at, clock_error=timedelta(hours=clock_error_hours)
    )
    dates = filter(None, (plausible(item.published_at) for item in new))
    newest_at = max(dates, default=None)
    return ParsedFeed(
        entries=tuple(entry for _, entry in owned),
        owners=tuple(owner for owner, _ in owned),
        digests=reading.digests,
        rhythm=reading.rhythm,
        whole=reading.whole,
        complete=reading.complete,
        lead=newest_at - fetched_at if newest_at else None,
    )


def _read_json(text: str, known: frozenset[bytes], now: datetime) -> _Reading:
    items = read_json_feed(text, max_items=MAX_ITEMS, known=known, now=now)
    digests = tuple(item.digest for item in items)
    return _Reading(items=items, digests=digests, rhythm=UpdatePeriod(), whole=True, complete=True)


def _read_xml(text: str, known: frozenset[bytes], now: datetime) -> _Reading:
    text = sanitize(text)
    slices = split_items(text, max_items=MAX_ITEMS, known=known)
    reading = slices and (_read_new(slices, known, now) or _read_new(slices, frozenset(), now))
    return reading or _read_uncut(text, now)


def _read_new(slices: ItemSpans, known: frozenset[bytes], now: datetime) -> _Reading | None:
    """Read the slices that are not known; None where feedparser sees other items than we."""
    digests = slices.digests
    new = tuple(it for it in digests if it not in known)
    whole = len(new) == len(digests)
    items: tuple[Item, ...] = ()
    if new or not digests:
        feed = _parsed(slices.without(known))
        # In a feed that is not well-formed, one item can spoil how others are read.
        if len(feed.entries) != len(new) or (feed.bozo and not whole):
            return None
        items = _items(feed, new, now)
    return _Reading(
        items=items,
        digests=digests,
        rhythm=read_update_period(slices.gaps[0] + slices.gaps[-1]),
        whole=whole,
        complete=slices.complete,
    )


def _read_uncut(text: str, now: datetime) -> _Reading:
    """Read a feed that cannot be cut up; the digests are those of what became of its items."""
    complete = is_closed(text, after=0)
    text = first_items(text if complete else whole_items(text))
    feed = _parsed(text)
    nameless = _items(feed, [b""] * len(feed.entries), now)
    items = tuple(replace(item, digest=digest(repr(item))) for item in nameless)
    return _Reading(
        items=items,
        digests=tuple(item.digest for item in items),
        rhythm=read_update_period(text.partition("<item")[0]),
        whole=True,
        complete=complete,
    )


def _parsed(text: str) -> Any:
    try:
        feed = feedparser.parse(
            # Never a str: feedparser would take it for a file to open or a URL to fetch.
            BytesIO((_DECLARATION + text).encode("utf-8", "replace")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            # Both take most of the time; `items` does what they would do.
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except MemoryError:
        raise
    except Exception as error:  # it lets through whatever its many parts raise on broken feeds
        raise ParseError(f"broken in a way that cannot be read: {error!r:.100}") from error
    if not feed.version and not feed.entries:
        raise ParseError(_NOT_A_FEED)
    return feed


def _items(feed: Any, digests: Sequence[bytes], now: datetime) -> tuple[Item, ...]:
    is_atom = feed.version.startswith("atom")
    return tuple(
        _item(entry, its, now=now, has_editions=is_atom)
        for entry, its in zip(feed.entries, digests, strict=True)
    )


def _item(entry: Any, its_digest: bytes, *, now: datetime, has_editions: bool) -> Item:
    # No base URL was given, so a guid is here as its publisher wrote it.
    guid, link = entry.get("id", ""), entry.get("link", "")
    # Where there is no link, feedparser takes the guid for one; a mere number is none.
    made_up = entry.get("guidislink") and link == guid and not guid.startswith(("http", "/"))
    # Asked with "in" first: where there is no "updated", get() would hand out "published".
    names = [name for name in ("published", "updated", "created") if name in entry]
    dates = {name: _date(entry, name, now) for name in names}
    return Item(
        digest=its_digest,
        guid=guid,
        link="" if made_up else link,
        title=entry.get("title", ""),
        bodies=(
            entry.get("summary", ""),
            *(content.get("value", "") for content in entry.get("content", [])),
        ),
        categories=tuple(tag.term or tag.label or "" for tag in entry.get("tags", [])),
        published_at=next(filter(None, dates.values()), None),
        edited_at=dates.get("updated") if has_editions else None,
    )


def _date(entry: Any, name: str, now: datetime) -> datetime | None:
    """Read the date ourselves, for feedparser misreads zones; what we cannot read, it may."""
    parsed = entry.get(f"{name}_parsed")
    return read_date(entry[name] or "", now=now) or (parsed and _from_struct(parsed))


def _from_struct(parsed: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC)
    except (ValueError, OverflowError, OSError):
        return None
