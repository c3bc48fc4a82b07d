"""Ingest: decides which entries of a feed's document are new, edited or known, and stores them.

It runs inside the transaction of its poll: the articles, all their keys, and what is kept of
the document are written together or not at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import assert_never

import aiosqlite

from bot.feeds.formats.parse import ParsedFeed
from bot.feeds.page_policy import MAX_WAIT, is_teaser
from bot.feeds.polling.item_keys import (
    ItemKeys,
    Key,
    extract_keys,
    identifying_keys,
    pack,
    shared_keys,
    unpack,
    unreliable_kinds,
)
from bot.feeds.polling.novelty import (
    MAX_TRUSTED_BATCH,
    Backlog,
    FeedHistory,
    ItemStatus,
    KnownArticle,
    News,
    classify_entries,
)
from bot.feeds.polling.poll_result import holds_more
from bot.model import ArticleId, Entry, Feed, LastDocument
from bot.storage.feeds import known_items, pages
from bot.storage.stories import articles, editor_links
from bot.web.domains import domain_of
from bot.web.urls import canonical, without_tracking

# The titles that are compared with those of a publisher that re-issues everything.
MAX_RECENT_TITLES = 500
# The articles that get keys in a feed from before keys were stored.
_MAX_OLD_ARTICLES = 5000
# A feed that sends only what is new has no document whose items replace the old ones.
MAX_ITEMS_KEPT = 5000
_DIGEST_BYTES = 8
_ITEM_BYTES = 40

Items = Mapping[bytes, ItemKeys]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """An entry, all keys of it, and those that identify it in its document."""

    entry: Entry
    all_keys: ItemKeys
    keys: tuple[Key, ...]

    @property
    def has_page(self) -> bool:
        """Whether its link is a page of its own."""
        return self.all_keys.link in self.keys

    @property
    def canonical_url(self) -> str:
        """The canonical URL of its page.

        Some publishers link all items to the front page: it becomes unique for each of them,
        for they are not one story.
        """
        page = canonical(self.entry.url)
        return page if self.has_page else f"{page}#{self.keys[0]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedDocument:
    """A parsed document, and what is kept of the one `before`; None: it is the first.

    `known` are the items of that one, as `unpack_items` returns them. An empty `body_hash`:
    the document is not complete. `is_new_host`: no document of the feed came from there.
    """

    contents: ParsedFeed
    before: LastDocument | None
    known: Items
    body_hash: bytes
    is_new_host: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestResult:
    """The number of articles `stored`, and of those `edited` by their publisher.

    `overlaps`: the document holds an item that was known; `more`: it may hold items that were
    not read.
    """

    stored: int
    edited: int
    overlaps: bool
    more: bool


UNCHANGED = IngestResult(stored=0, edited=0, overlaps=False, more=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _IdentifiedDocument:
    """The entries that are new or edited, and the keys of all items of the document.

    `weak` are the kinds of keys that are unreliable in this feed. `is_reidentified`: all keys
    may have changed; `overlaps`: some item is unchanged.
    """

    candidates: tuple[NewItem, ...]
    items: Items
    weak: frozenset[str]
    is_reidentified: bool
    overlaps: bool


def unpack_items(before: LastDocument | None) -> Items:
    """Return the items of the last document, by their digests."""
    packed = before.items if before else b""
    items = (packed[at : at + _ITEM_BYTES] for at in range(0, len(packed), _ITEM_BYTES))
    return {item[:_DIGEST_BYTES]: unpack(item[_DIGEST_BYTES:]) for item in items}


async def ingest(
    tx: aiosqlite.Connection, feed: Feed, document: ReceivedDocument, *, now: datetime
) -> IngestResult:
    """Store what is new and what has changed, and what is kept of the document."""
    before, contents = document.before, document.contents
    if before is None and feed.read_at is not None:
        await _store_keys_of_old_articles(tx, feed, now=now)
    identified = _identify(document)
    result = UNCHANGED
    if identified.candidates:
        result = await _ingest_entries(tx, feed, identified, now=now)
    more = holds_more(contents, known=document.known, stored=result.stored)
    # Of an incomplete document, the rest is still there.
    items = identified.items if document.body_hash else {**document.known, **identified.items}
    kept = LastDocument(
        hash=b"" if more else document.body_hash,
        items=b"".join(
            digest + pack(keys) for digest, keys in list(items.items())[-MAX_ITEMS_KEPT:]
        ),
        weak_keys=identified.weak,
        slice_reads=0 if contents.whole or before is None else before.slice_reads + 1,
    )
    await known_items.save(tx, feed.id, kept)
    return replace(result, overlaps=result.overlaps or identified.overlaps, more=more)


async def _ingest_entries(
    tx: aiosqlite.Connection, feed: Feed, document: _IdentifiedDocument, *, now: datetime
) -> IngestResult:
    candidates = document.candidates
    known = await known_items.known(tx, feed.id, chain(*(item.keys for item in candidates)))
    seen = [item for item in candidates if not known.keys().isdisjoint(item.keys)]
    new = _distinct(item for item in candidates if known.keys().isdisjoint(item.keys))
    owners = [(item, next(known[key] for key in item.keys if key in known)) for item in seen]
    edited = 0
    for item, article_id in owners:
        if article_id and await articles.edit(tx, article_id, item.entry):
            edited += 1
            if item.entry.links:
                links = item.entry.links
                await editor_links.replace(tx, article_id, links, canonical=canonical)
    statuses: tuple[ItemStatus, ...] = ()
    if new:
        # Old titles are looked up only where many entries are new.
        limit = MAX_RECENT_TITLES if len(new) > MAX_TRUSTED_BATCH else 1
        recent = await articles.of_feed(tx, feed.id, limit=limit)
        history = FeedHistory(
            read_at=feed.read_at,
            newest_at=recent[0][1].published_at if recent else None,
            titles={entry.title: article_id for article_id, entry in reversed(recent)},
            size=len(document.items),
            is_reidentified=document.is_reidentified,
        )
        statuses = classify_entries([item.entry for item in new], history, now=now)
    owners += zip(new, await _store(tx, feed, new, statuses, now=now), strict=True)
    pairs = [(key, article_id) for item, article_id in owners for key in item.keys]
    await known_items.add(tx, feed.id, pairs, now=now)
    stored = sum(not isinstance(status, KnownArticle) for status in statuses)
    return IngestResult(stored=stored, edited=edited, overlaps=bool(seen), more=False)


async def _store(
    tx: aiosqlite.Connection,
    feed: Feed,
    new: Sequence[NewItem],
    statuses: Sequence[ItemStatus],
    *,
    now: datetime,
) -> list[ArticleId]:
    """Store news and backlog, and enqueue the pages of teasers; return the article of each item."""
    stored = []
    for item, status in zip(new, statuses, strict=True):
        match status:
            case KnownArticle(article_id=article_id):
                pass
            case News() | Backlog():
                entry, is_news = item.entry, isinstance(status, News)
                article_id = await articles.add(
                    tx,
                    feed.id,
                    entry,
                    canonical_url=item.canonical_url,
                    backlog=not is_news,
                    now=now,
                )
                await editor_links.replace(tx, article_id, entry.links, canonical=canonical)
                if is_news and is_teaser(entry) and item.has_page:
                    domain, give_up_at = domain_of(entry.url), now + MAX_WAIT
                    await pages.enqueue(
                        tx, article_id, domain=domain, now=now, give_up_at=give_up_at
                    )
            case _:
                assert_never(status)
        stored.append(article_id)
    return stored


def _identify(document: ReceivedDocument) -> _IdentifiedDocument:
    """Give each entry the keys that identify it in this document."""
    known, contents = document.known, document.contents
    entries = dict(zip(contents.owners, contents.entries, strict=True))
    fresh = {digest: extract_keys(entry) for digest, entry in entries.items()}
    items = {
        digest: fresh.get(digest) or known.get(digest, ItemKeys()) for digest in contents.digests
    }
    already = document.before.weak_keys if document.before else frozenset()
    # A part of the document proves nothing: one bad item in twenty may be all that it holds.
    is_proof = contents.whole and document.body_hash
    weak = unreliable_kinds(items.values(), already=already) if is_proof else already
    shared = shared_keys(items.values())
    overlaps = not known.keys().isdisjoint(items)
    return _IdentifiedDocument(
        candidates=tuple(
            NewItem(
                entry=replace(entry, url=without_tracking(entry.url)),
                all_keys=fresh[digest],
                keys=identifying_keys(fresh[digest], shared=shared, weak=weak),
            )
            for digest, entry in entries.items()
        ),
        items=items,
        weak=weak,
        # A mirror has the same items.
        is_reidentified=(document.is_new_host and not overlaps) or weak != already,
        overlaps=overlaps,
    )


def _distinct(items: Iterable[NewItem]) -> list[NewItem]:
    """Drop what the document holds twice in different words: the first counts."""
    taken: set[Key] = set()
    distinct = []
    for item in items:
        if taken.isdisjoint(item.keys):
            distinct.append(item)
            taken.update(item.keys)
    return distinct


async def _store_keys_of_old_articles(
    tx: aiosqlite.Connection, feed: Feed, *, now: datetime
) -> None:
    """Make the articles of a feed known that was read before keys were stored."""
    old = await articles.of_feed(tx, feed.id, limit=_MAX_OLD_ARTICLES)
    all_keys = [(article_id, extract_keys(entry)) for article_id, entry in old]
    shared = shared_keys(keys for _, keys in all_keys)
    weak = unreliable_kinds([keys for _, keys in all_keys], already=())
    pairs = [
        (key, article_id)
        for article_id, keys in all_keys
        for key in identifying_keys(keys, shared=shared, weak=weak)
    ]
    await known_items.add(tx, feed.id, pairs, now=now)
