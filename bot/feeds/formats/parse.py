"""Feed parser: RSS, Atom and JSON Feed to `ParsedFeed`.

Each item of XML is mended and parsed on its own: a broken one spoils no other.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.errors import ParseError
from bot.feeds.formats.dates import plausible
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
from bot.feeds.formats.items import FeedContext, Item, entries
from bot.feeds.formats.json_feed import read_json_feed
from bot.feeds.formats.mending import mend, own_entities
from bot.feeds.formats.update_period import read_update_period
from bot.feeds.formats.xml_items import FeedHead, read_head, read_item, read_items
from bot.model import DroppedItems, DropReason, Entry, UpdatePeriod
from bot.web.encoding import decode
from bot.web.pictures import repeated_addresses

_REASONS: dict[DropReason, str] = {
    "no link": "no links",
    "neither title nor text": "neither title nor text",
}
_NOT_A_FEED = "not a feed: neither RSS nor Atom nor JSON Feed"
# No honest head is longer.
_MAX_HEAD_LENGTH = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFeed:
    """The `entries` of a document that are not known yet, the oldest first.

    `owners` are the digests of the items that the entries were made of, in the same order;
    `digests` those of all items, in the order of the document. `whole`: no item was skipped
    for being known. It is not `complete` where it breaks off. `lead` is how far the newest
    date is after the moment of the poll, as its publisher wrote it; None: there is no date.
    `title` is what the feed calls itself. `dropped` counts the new items that are no entries, by
    reason.
    """

    entries: tuple[Entry, ...]
    owners: tuple[bytes, ...]
    digests: tuple[bytes, ...]
    update_period: UpdatePeriod
    whole: bool
    complete: bool
    lead: timedelta | None
    title: str = ""
    dropped: DroppedItems = ()

    @property
    def shortfall(self) -> str | None:
        """How many of the items read are no entries and why, in words; None: all are entries."""
        lost = sum(count for _, count in self.dropped)
        if not lost:
            return None
        items = lost + len(self.entries)
        reasons = ", ".join(
            _REASONS[reason] if count == items else f"{count} with {_REASONS[reason]}"
            for reason, count in self.dropped
        )
        return f"{items} {'item' if items == 1 else 'items'}, {len(self.entries)} usable: {reasons}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _ParsedItems:
    """The items of a document that were parsed, in its order, and the digests of all.

    `logos` are the addresses that stand in many of its items.
    """

    head: FeedHead
    items: tuple[Item, ...]
    logos: frozenset[str]
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
    if not (parsed.digests or parsed.head.is_feed):
        raise ParseError(_NOT_A_FEED)
    new = [item for item in parsed.items if item.digest not in known]
    context = FeedContext(
        url=url,
        site=parsed.head.site,
        fetched_at=fetched_at,
        logos=parsed.logos,
        clock_skew=timedelta(hours=skew_hours),
    )
    read_entries = entries(new, context)
    owned = read_entries.owned
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
        title=parsed.head.title,
        dropped=read_entries.dropped,
    )


def _read_json(text: str, known: frozenset[bytes], now: datetime) -> _ParsedItems:
    head, items = read_json_feed(text, max_items=MAX_ITEMS, known=known, now=now)
    pictures = (picture.url for item in items for picture in item.pictures)
    bodies = (body.value for item in items for body in item.bodies[:1])
    return _ParsedItems(
        head=head,
        items=items,
        logos=repeated_addresses([*pictures, *bodies]),
        digests=tuple(item.digest for item in items),
        update_period=UpdatePeriod(),
        whole=True,
        complete=True,
    )


def _read_xml(text: str, known: frozenset[bytes], now: datetime) -> _ParsedItems:
    prolog, text = sanitize(text)
    entities = own_entities(prolog)
    spans = split_items(text, max_items=MAX_ITEMS, known=known)
    if spans is not None:
        return _read_spans(spans, known, entities, now)
    # A feed that cannot be split: the digests are those of its parsed items.
    complete = is_closed(text, after=0)
    mended = mend(first_items(text if complete else whole_items(text)), entities)
    head_text = text.partition("<item")[0]
    head = read_head(mend(head_text[:_MAX_HEAD_LENGTH], entities))
    without_digests = read_items(mended, head, now=now)
    items = tuple(replace(item, digest=digest(repr(item))) for item in without_digests)
    return _ParsedItems(
        head=head,
        items=items,
        logos=frozenset(),
        digests=tuple(item.digest for item in items),
        update_period=read_update_period(head_text),
        whole=True,
        complete=complete,
    )


def _read_spans(
    spans: ItemSpans, known: frozenset[bytes], entities: dict[str, str], now: datetime
) -> _ParsedItems:
    """Read the items that are not known."""
    around = spans.gaps[0][:_MAX_HEAD_LENGTH] + spans.gaps[-1][-_MAX_HEAD_LENGTH:]
    head = read_head(mend(around, entities))
    pairs = zip(spans.items, spans.digests, strict=True)
    new = [(item, item_digest) for item, item_digest in pairs if item_digest not in known]
    return _ParsedItems(
        head=head,
        items=tuple(
            read_item(mend(item, entities), head, digest=item_digest, now=now)
            for item, item_digest in new
        ),
        logos=repeated_addresses(spans.items) if new else frozenset(),
        digests=spans.digests,
        update_period=read_update_period(spans.gaps[0] + spans.gaps[-1]),
        whole=len(new) == len(spans.digests),
        complete=spans.complete,
    )
