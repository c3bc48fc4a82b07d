"""Reading of recorded feeds: ours beside feedparser's and that of fastfeedparser."""

import tarfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

import fastfeedparser
import feedparser

from bot.errors import FeedError
from bot.feeds.formats.dates import plausible, read_date
from bot.feeds.formats.item_scanner import MAX_ITEMS, sanitize, split_items
from bot.feeds.formats.mending import mend, own_entities
from bot.feeds.formats.parse import ParsedFeed, parse
from bot.feeds.formats.visible_text import one_line
from bot.model import Entry
from bot.web.encoding import decode
from bot.web.urls import canonical
from quality import data

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
URL = "https://feed.example/feed.xml"
_HEAD = ("reader", "feeds", "items", "linked", "dated", "with text", "with picture")
_DIFFERENCES = ("field", "of items in both", "feedparser differs", "fastfeedparser differs")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reader makes of an item."""

    link: str
    title: str
    date: datetime | None
    text: str
    picture: bool = False


def report() -> str:
    """Return the section on reading feeds."""
    documents = list(recorded())
    ours = [_ours(document) for document in documents]
    others = {
        "feedparser": [list(_by_feedparser(document)) for document in documents],
        "fastfeedparser": [list(_by_fastfeedparser(document)) for document in documents],
    }
    seen = [[_seen(entry) for entry in feed.entries] if feed else [] for feed in ours]
    dropped = sum(count for feed in ours if feed for _, count in feed.dropped)
    lines = [_line("ours", seen), *(_line(name, feeds) for name, feeds in others.items())]
    return "\n".join(
        [
            "## Reading of feeds\n",
            f"{len(documents)} recorded feeds. {dropped} items are no entries."
            f" {sum(not _is_well_formed(each) for each in documents)} feeds are not well-formed"
            f" as published, {sum(map(needs_recovery, documents))} after mending.\n",
            data.table(_HEAD, lines),
            data.table(_DIFFERENCES, _differences(seen, others)),
        ]
    )


def recorded() -> Iterator[bytes]:
    """Yield the documents of the recorded feeds."""
    with tarfile.open(data.file("feeds_real.tar.xz")) as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name.endswith(".xml") else None
            if file is not None:
                yield file.read()


def needs_recovery(document: bytes) -> bool:
    """Return whether an item of the feed is no well-formed XML even after it was mended."""
    prolog, text = sanitize(decode(document, content_type=None))
    spans = split_items(text, max_items=MAX_ITEMS)
    items = spans.items if spans else [text]
    entities = own_entities(prolog)
    return not all(_is_well_formed(mend(item, entities).encode()) for item in items)


def _is_well_formed(document: bytes) -> bool:
    """Return whether a parser that knows no namespaces accepts it."""
    try:
        ParserCreate().Parse(document, True)
    except ExpatError:
        return False
    return True


def _ours(document: bytes) -> ParsedFeed | None:
    try:
        return parse(document, url=URL, content_type=None, fetched_at=NOW)
    except FeedError:
        return None


def _seen(entry: Entry) -> Seen:
    date = entry.published_at if entry.dated else None
    return Seen(entry.url, entry.title, date, entry.text, picture=entry.picture is not None)


def _by_feedparser(document: bytes) -> Iterator[Seen]:
    found: Any = feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False)
    for item in found.entries:
        yield _other(item, item.get("published") or item.get("updated"), item.get("summary"))


def _by_fastfeedparser(document: bytes) -> Iterator[Seen]:
    try:
        found: Any = fastfeedparser.parse(document)
    except (ValueError, TypeError, KeyError):  # what it raises on documents that it cannot read
        return
    for item in found.entries:
        yield _other(item, item.get("published") or item.get("updated"), item.get("description"))


def _other(item: Mapping[str, Any], date: object, text: object) -> Seen:
    read = plausible(read_date(str(date or ""), now=NOW))
    title = one_line(str(item.get("title") or ""))
    return Seen(
        str(item.get("link") or ""),
        title,
        read,
        str(text or item.get("content") or ""),
        picture=bool(item.get("media_content") or item.get("media_thumbnail")),
    )


def _line(name: str, feeds: list[list[Seen]]) -> tuple[object, ...]:
    items = [item for feed in feeds for item in feed]
    return (
        name,
        sum(map(bool, feeds)),
        len(items),
        sum(bool(item.link) for item in items),
        sum(item.date is not None for item in items),
        sum(bool(item.text) for item in items),
        sum(item.picture for item in items),
    )


def _differences(
    ours: list[list[Seen]], others: dict[str, list[list[Seen]]]
) -> Iterator[tuple[object, ...]]:
    """Yield for each field in how many items of one title or link the others read another.

    Titles and links that stand twice in a feed tell no item from another, and match none.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for name, feeds in others.items():
        for mine, theirs in zip(ours, feeds, strict=True):
            by_title = _unique((item.title, item) for item in mine)
            by_link = _unique((canonical(item.link), item) for item in mine)
            for item in theirs:
                match = by_title.get(item.title)
                if match is not None:
                    counts[name, "link, by title"] += 1
                    counts[name, "link differs"] += canonical(match.link) != canonical(
                        unescape(item.link)
                    )
                same = by_link.get(canonical(item.link))
                if same is not None:
                    counts[name, "title, by link"] += 1
                    counts[name, "title differs"] += same.title != item.title
                    counts[name, "date, by link"] += 1
                    counts[name, "date differs"] += same.date != item.date
    for field in ("link", "title", "date"):
        by = "title" if field == "link" else "link"
        yield (
            f"{field}, matched by {by}",
            counts["feedparser", f"{field}, by {by}"],
            counts["feedparser", f"{field} differs"],
            counts["fastfeedparser", f"{field} differs"],
        )


def _unique(items: Iterable[tuple[str, Seen]]) -> dict[str, Seen]:
    pairs = list(items)
    counts = Counter(key for key, _ in pairs)
    return {key: item for key, item in pairs if counts[key] == 1}
