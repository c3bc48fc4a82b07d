"""Ingest: decides which entries of a feed's document are new, edited or known, and stores them.

It runs inside the transaction of its poll: the articles, all their keys, and what is kept of
the document are written together or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import assert_never

import aiosqlite

from bot.feeds.formats.parse import ParsedFeed
from bot.feeds.page_policy import MAX_WAIT, is_teaser
from bot.feeds.polling.item_keys import (
    ItemKeys,
    Key,
    KeyName,
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
    Place,
    classify_entries,
    is_misdated,
    place_entries,
)
from bot.feeds.polling.poll_result import holds_more
from bot.feeds.polling.same_article import is_same_article
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
# Some publishers date all items when they are asked for them.
_MOMENT = timedelta(minutes=2)
_DIGEST_BYTES = 8
_ITEM_BYTES = 48

Items = Mapping[bytes, ItemKeys]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """An entry, all keys of it, and those that identify it in its document.

    `position` is that of its item in the document. `is_page_taken`: its page was that of another
    article before.
    """

    entry: Entry
    all_keys: ItemKeys
    keys: Mapping[KeyName, Key]
    position: int = 0
    is_page_taken: bool = False

    @property
    def has_page(self) -> bool:
        """Whether its link is a page of its own."""
        return "link" in self.keys and not self.is_page_taken

    @property
    def canonical_url(self) -> str:
        """The canonical URL of its page.

        Some publishers link all items to the front page: it becomes unique for each of them,
        for they are not one story.
        """
        page = canonical(self.entry.url)
        own_key = self.keys["full" if self.is_page_taken else next(iter(self.keys))]
        return page if self.has_page else f"{page}#{own_key}"


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
    not read. `misdated`: its news is dated days ago; None: it brings none. `overdue`: some of
    its news was published before the last poll.
    """

    stored: int = 0
    edited: int = 0
    overlaps: bool = False
    more: bool = False
    misdated: bool | None = None
    overdue: bool = False


UNCHANGED = IngestResult()


@dataclass(frozen=True, slots=True, kw_only=True)
class _IdentifiedDocument:
    """The entries that are new or edited, and the keys of all items of the document.

    `weak` are the kinds of keys that are unreliable in this feed. `is_reidentified`: all keys
    may have changed; `unchanged` are the positions of items that are as they were, and
    `keeps_order`: these follow each other as they did. `follows_part`: the last document was not
    read to its end; `follows_items`: it held usable items. `left_titles` are the titles of items
    that stood in it and stand here no more, neither by guid nor by link.
    """

    candidates: tuple[NewItem, ...]
    items: Items
    weak: frozenset[str]
    is_reidentified: bool
    unchanged: tuple[int, ...]
    keeps_order: bool
    follows_part: bool
    follows_items: bool
    left_titles: frozenset[Key]


@dataclass(frozen=True, slots=True, kw_only=True)
class _SortedItems:
    """Items that are `seen`, each with its article (None: not stored any more), and `new` ones."""

    seen: list[tuple[NewItem, ArticleId | None]] = field(default_factory=list)
    new: list[NewItem] = field(default_factory=list)


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
    identified = _identify(document, now=now)
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
    return replace(result, overlaps=result.overlaps or bool(identified.unchanged), more=more)


async def _ingest_entries(
    tx: aiosqlite.Connection, feed: Feed, document: _IdentifiedDocument, *, now: datetime
) -> IngestResult:
    items = await _sort_items(tx, feed, document, now=now)
    edited = 0
    for item, article_id in items.seen:
        if article_id and await articles.edit(tx, article_id, item.entry):
            edited += 1
            if item.entry.links:
                links = item.entry.links
                await editor_links.replace(tx, article_id, links, canonical=canonical)
    result = IngestResult(edited=edited, overlaps=bool(items.seen))
    seen = [(key, owner) for item, owner in items.seen for key in item.keys.values()]
    if items.new:
        statuses = await _classify(tx, feed, document, items, now=now)
        owners = await _store(tx, feed, items.new, statuses, now=now)
        pairs = zip(items.new, owners, strict=True)
        keys = [(key, owner) for item, owner in pairs for key in item.keys.values()]
        await known_items.claim(tx, feed.id, keys, now=now)
        classified = zip(items.new, statuses, strict=True)
        news = [item.entry for item, status in classified if isinstance(status, News)]
        result = replace(
            result,
            stored=sum(not isinstance(status, KnownArticle) for status in statuses),
            misdated=is_misdated(news, now=now),
            overdue=any(not one.dated or one.published_at < (feed.read_at or now) for one in news),
        )
    await known_items.add(tx, feed.id, seen, now=now)
    return result


async def _sort_items(
    tx: aiosqlite.Connection, feed: Feed, document: _IdentifiedDocument, *, now: datetime
) -> _SortedItems:
    """Find the article of each item, by weighing the keys that agree with one."""
    candidates = document.candidates
    keys = [key for item in candidates for key in item.keys.values()]
    owners = await known_items.known(tx, feed.id, keys)
    stored = await articles.by_ids(tx, {owner for owner in owners.values() if owner})
    listed = {key for item in document.items.values() for key in (item.guid, item.link) if key}
    sorted_items, taken = _SortedItems(), set[Key]()
    for item in candidates:
        matches: dict[ArticleId | None, list[KeyName]] = {}
        for name, key in item.keys.items():
            if key in owners:
                matches.setdefault(owners[key], []).append(name)
        # First the article of which most agrees; the full key is of all that there is.
        likeliest = sorted(matches.items(), key=lambda pair: ("full" in pair[1], len(pair[1])))
        for owner, agreeing in reversed(likeliest):
            known = stored.get(owner) if owner else None
            if known is None or is_same_article(
                _as_dated(item.entry, now),
                known,
                agreeing,
                weak=document.weak,
                is_listed=extract_keys(known).are_listed(listed, document.weak),
                has_left=item.all_keys.title in document.left_titles,
            ):
                sorted_items.seen.append((item, owner))
                break
        else:
            # What the document holds twice in different words: the first counts.
            if taken.isdisjoint(item.keys.values()):
                is_taken = any("link" in agreeing for agreeing in matches.values())
                sorted_items.new.append(replace(item, is_page_taken=is_taken))
                taken.update(item.keys.values())
    return sorted_items


async def _classify(
    tx: aiosqlite.Connection,
    feed: Feed,
    document: _IdentifiedDocument,
    items: _SortedItems,
    *,
    now: datetime,
) -> tuple[ItemStatus, ...]:
    new = items.new
    # Old titles are looked up only where many entries are new.
    limit = MAX_RECENT_TITLES if len(new) > MAX_TRUSTED_BATCH else 1
    recent = await articles.of_feed(tx, feed.id, limit=limit)
    history = FeedHistory(
        read_at=feed.read_at,
        newest_at=recent[0][1].published_at if recent else None,
        titles={entry.title: article_id for article_id, entry in reversed(recent)},
        size=len(document.items),
        is_reidentified=document.is_reidentified,
        is_seen_whole=not document.follows_part and bool(recent or document.follows_items),
    )
    known = [*document.unchanged, *(item.position for item, _ in items.seen)]
    places: Sequence[Place] = place_entries(
        [item.position for item in new], known=known, keeps_order=document.keeps_order
    )
    return classify_entries([item.entry for item in new], history, places=places, now=now)


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


def _identify(document: ReceivedDocument, *, now: datetime) -> _IdentifiedDocument:
    """Give each entry the keys that identify it in this document."""
    known, contents = document.known, document.contents
    entries = dict(zip(contents.owners, contents.entries, strict=True))
    fresh = {digest: extract_keys(_as_dated(entry, now)) for digest, entry in entries.items()}
    items = {
        digest: fresh.get(digest) or known.get(digest, ItemKeys()) for digest in contents.digests
    }
    already = document.before.weak_keys if document.before else frozenset()
    # A part of the document proves nothing: one bad item in twenty may be all that it holds.
    is_proof = contents.whole and document.body_hash
    weak = unreliable_kinds(items.values(), already=already) if is_proof else already
    shared = shared_keys(items.values())
    unchanged = [digest for digest in contents.digests if digest in known]
    positions = {digest: position for position, digest in enumerate(contents.digests)}
    listed = {key for keys in items.values() for key in (keys.guid, keys.link) if key}
    return _IdentifiedDocument(
        candidates=tuple(
            NewItem(
                entry=replace(entry, url=without_tracking(entry.url)),
                all_keys=keys,
                keys={
                    **identifying_keys(keys, shared=shared, weak=weak),
                    # Any title, for an item of which all else has changed.
                    **({"title": keys.title} if keys.title and keys.title not in shared else {}),
                },
                position=positions[digest],
            )
            for digest, entry in entries.items()
            for keys in (fresh[digest],)
        ),
        items=items,
        weak=weak,
        # A mirror has the same items.
        is_reidentified=(document.is_new_host and not unchanged) or weak != already,
        unchanged=tuple(positions[digest] for digest in unchanged),
        # A part of the document shows neither what stands above nor what stands below.
        keeps_order=bool(document.body_hash)
        and unchanged == [digest for digest in known if digest in positions],
        follows_part=document.before is not None and not document.before.hash,
        follows_items=any(keys.link for keys in known.values()),
        left_titles=frozenset(
            keys.title
            for keys in known.values()
            if keys.title and not keys.are_listed(listed, weak)
        ),
    )


def _as_dated(entry: Entry, now: datetime) -> Entry:
    """Return the entry without its date if that is the moment of the poll, which dates nothing."""
    return replace(entry, dated=entry.dated and now - entry.published_at > _MOMENT)


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
        for key in identifying_keys(keys, shared=shared, weak=weak).values()
    ]
    await known_items.add(tx, feed.id, pairs, now=now)
