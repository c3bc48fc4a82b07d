"""Feed parser: RSS, Atom and JSON Feed to `ParsedFeed`; the only user of feedparser."""

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

# An id is a name and not relative: with an xml:base feedparser would make "tag:" ids empty. The
# loose parser has the same set.
StrictFeedParser.can_be_relative_uri.discard("id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """The `entries` of a document that are not known yet, the oldest first.

    `owners` are the digests of the items that the entries were made of, in the same order;
    `digests` those of all items, in the order of the document. `whole`: no item was skipped
    for being known. It is not `complete` where it breaks off. `lead` is how far the newest
    date is after the moment of the poll, as its publisher wrote it; None: there is no date.
    """

    entries: tuple[Entry, ...]
    owners: tuple[bytes, ...]
    digests: tuple[bytes, ...]
    update_period: UpdatePeriod
    whole: bool
    complete: bool
    lead: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _ParsedItems:
    """The items of a document that were parsed, in its order, and the digests of all."""

    items: tuple[Item, ...]
    digests: tuple[bytes, ...]
    update_period: UpdatePeriod
    whole: bool
    complete: bool


def parse(
    document: bytes,
    *,
    url: str,
    content_type: str | None,
    fetched_at: datetime,
    known: frozenset[bytes] = frozenset(),
    skew_hours: int = 0,
) -> ParsedFeed:
    """Return what is in the feed at `url`, without the items of the digests `known`.

    At most 300 new items are read, the first ones; `items.entries` says which are dropped or
    completed. Known items are not parsed again, unless the document cannot be split. Of one
    that breaks off the whole items count.

    Raises:
        ParseError: if `document` is not a feed.
        GoneError: if it says that it has ended.
    """
    text = decode(document, content_type=content_type).lstrip()
    read = _read_json if text.startswith("{") else _read_xml
    parsed = read(text, known, fetched_at)
    new = [item for item in parsed.items if item.digest not in known]
    skew = timedelta(hours=skew_hours)
    owned = entries(new, url=url, fetched_at=fetched_at, clock_skew=skew)
    dates = filter(None, (plausible(item.published_at) for item in new))
    newest_at = max(dates, default=None)
    return ParsedFeed(
        entries=tuple(entry for _, entry in owned),
        owners=tuple(owner for owner, _ in owned),
        digests=parsed.digests,
        update_period=parsed.update_period,
        whole=parsed.whole,
        complete=parsed.complete,
        lead=newest_at - fetched_at if newest_at else None,
    )


def _read_json(text: str, known: frozenset[bytes], now: datetime) -> _ParsedItems:
    items = read_json_feed(text, max_items=MAX_ITEMS, known=known, now=now)
    return _ParsedItems(
        items=items,
        digests=tuple(item.digest for item in items),
        update_period=UpdatePeriod(),
        whole=True,
        complete=True,
    )


def _read_xml(text: str, known: frozenset[bytes], now: datetime) -> _ParsedItems:
    text = sanitize(text)
    spans = split_items(text, max_items=MAX_ITEMS, known=known)
    parsed = spans and (_read_new(spans, known, now) or _read_new(spans, frozenset(), now))
    if parsed:
        return parsed
    # A feed that cannot be split: the digests are those of its parsed items.
    complete = is_closed(text, after=0)
    text = first_items(text if complete else whole_items(text))
    feed = _run_feedparser(text)
    without_digests = _items(feed, [b""] * len(feed.entries), now)
    items = tuple(replace(item, digest=digest(repr(item))) for item in without_digests)
    return _ParsedItems(
        items=items,
        digests=tuple(item.digest for item in items),
        update_period=read_update_period(text.partition("<item")[0]),
        whole=True,
        complete=complete,
    )


def _read_new(spans: ItemSpans, known: frozenset[bytes], now: datetime) -> _ParsedItems | None:
    """Parse the items that are not known; None where feedparser sees other items."""
    digests = spans.digests
    new = tuple(item_digest for item_digest in digests if item_digest not in known)
    whole = len(new) == len(digests)
    items: tuple[Item, ...] = ()
    if new or not digests:
        feed = _run_feedparser(spans.without(known))
        # In a feed that is not well-formed, one item can spoil how others are read.
        if len(feed.entries) != len(new) or (feed.bozo and not whole):
            return None
        items = _items(feed, new, now)
    return _ParsedItems(
        items=items,
        digests=digests,
        update_period=read_update_period(spans.gaps[0] + spans.gaps[-1]),
        whole=whole,
        complete=spans.complete,
    )


def _run_feedparser(text: str) -> Any:
    try:
        feed = feedparser.parse(
            # Never a str: feedparser would take it for a file to open or a URL to fetch.
            BytesIO((_DECLARATION + text).encode("utf-8", "replace")),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            # These two take most of the time; `items` does their work.
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except MemoryError:
        raise
    except Exception as error:  # feedparser raises anything on broken feeds
        raise ParseError(f"broken in a way that cannot be read: {error!r:.100}") from error
    if not feed.version and not feed.entries:
        raise ParseError(_NOT_A_FEED)
    return feed


def _items(feed: Any, digests: Sequence[bytes], now: datetime) -> tuple[Item, ...]:
    is_atom = feed.version.startswith("atom")
    return tuple(
        _item(entry, item_digest, now=now, has_editions=is_atom)
        for entry, item_digest in zip(feed.entries, digests, strict=True)
    )


def _item(entry: Any, item_digest: bytes, *, now: datetime, has_editions: bool) -> Item:
    # No base URL was given, so a guid is here as its publisher wrote it.
    guid, link = entry.get("id", ""), entry.get("link", "")
    # Where there is no link, feedparser takes the guid for one, even a mere number.
    is_made_up = entry.get("guidislink") and link == guid and not guid.startswith(("http", "/"))
    # `in` before `[]`: where there is no "updated", feedparser returns "published" for it.
    names = [name for name in ("published", "updated", "created") if name in entry]
    # feedparser misreads zones: it reads only the dates that `read_date` cannot.
    dates = {
        name: read_date(entry[name] or "", now=now) or _from_struct(entry.get(f"{name}_parsed"))
        for name in names
    }
    return Item(
        digest=item_digest,
        guid=guid,
        link="" if is_made_up else link,
        title=entry.get("title", ""),
        bodies=(
            entry.get("summary", ""),
            *(content.get("value", "") for content in entry.get("content", [])),
        ),
        categories=tuple(tag.term or tag.label or "" for tag in entry.get("tags", [])),
        published_at=next(filter(None, dates.values()), None),
        edited_at=dates.get("updated") if has_editions else None,
    )


def _from_struct(parsed: Any) -> datetime | None:
    try:
        return datetime.fromtimestamp(timegm(parsed), UTC) if parsed else None
    except (ValueError, OverflowError, OSError):
        return None
