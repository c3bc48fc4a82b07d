"""What of a feed's document is new to us, and is it news? Decided, and stored.

It runs inside the transaction of its poll: the articles, all that they are known by, and
what we keep of the document are written together, or not at all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import assert_never

import aiosqlite

from bot.feeds.formats.parse import ParsedFeed
from bot.feeds.page_policy import WAIT, is_teaser
from bot.feeds.polling.item_keys import (
    ItemKeys,
    Key,
    extract_keys,
    identifying_keys,
    pack,
    shared,
    unpack,
    unreliable_kinds,
)
from bot.feeds.polling.novelty import (
    FEW,
    Backlog,
    FeedHistory,
    ItemStatus,
    KnownArticle,
    News,
    classify_entries,
)
from bot.feeds.polling.poll_result import holds_more
from bot.model import ArticleId, Entry, Feed, LastDocument
from bot.storage.feeds import known_items as aliases
from bot.storage.feeds import pages
from bot.storage.stories import articles, editor_links
from bot.web.domains import domain_of
from bot.web.urls import canonical, cleaned

# The titles among which those of a publisher that re-issues everything are looked for.
RECENT = 500
# Of feeds from before aliases were kept, so many articles are known again.
_OLD_ARTICLES = 5000
# A feed that sends only what is new has no document to forget old items by.
MOST_ITEMS = 5000
_DIGEST_BYTES = 8
_ITEM_BYTES = 40

Items = Mapping[bytes, ItemKeys]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """An entry, what it bears, and those keys of it that identify it in this document."""

    entry: Entry
    marks: ItemKeys
    keys: tuple[Key, ...]


async def store(
    tx: aiosqlite.Connection,
    feed: Feed,
    new: Sequence[NewItem],
    verdicts: Sequence[ItemStatus],
    *,
    now: datetime,
) -> list[ArticleId]:
    """Store what is new, as it was judged; return the articles that the entries are."""
    stored = []
    for it, verdict in zip(new, verdicts, strict=True):
        match verdict:
            case KnownArticle(article_id=article_id):
                pass
            case News() | Backlog():
                article_id = await articles.add(
                    tx,
                    feed.id,
                    it.entry,
                    canonical_url=_page(it),
                    backlog=isinstance(verdict, Backlog),
                    now=now,
                )
                await _store_more(tx, article_id, it, verdict, now=now)
            case _:
                assert_never(verdict)
        stored.append(article_id)
    return stored


async def edit(tx: aiosqlite.Connection, article_id: ArticleId, it: NewItem) -> bool:
    """Note what the publisher has changed; return whether that is anything."""
    is_edited = await articles.edit(tx, article_id, it.entry)
    if is_edited and it.entry.links:
        await editor_links.replace(tx, article_id, it.entry.links, canonical=canonical)
    return is_edited


async def _store_more(
    tx: aiosqlite.Connection,
    article_id: ArticleId,
    it: NewItem,
    verdict: News | Backlog,
    *,
    now: datetime,
) -> None:
    """Store the editor's own links, and let the page be fetched where the feed only hints at it."""
    await editor_links.replace(tx, article_id, it.entry.links, canonical=canonical)
    if isinstance(verdict, News) and is_teaser(it.entry) and _has_page(it):
        domain, give_up_at = domain_of(it.entry.url), now + WAIT
        await pages.enqueue(tx, article_id, domain=domain, now=now, give_up_at=give_up_at)


def _page(it: NewItem) -> str:
    """Return the canonical URL; made unlike all others where it names no page of its own.

    Some publishers let all items link to the front page: they are not one story.
    """
    page = canonical(it.entry.url)
    return page if _has_page(it) else f"{page}#{it.keys[0]}"


def _has_page(it: NewItem) -> bool:
    return it.marks.link in it.keys


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedDocument:
    """What a document holds, and what we remember of the one `before`; None: it is the first.

    `known` are the items of that one, as `known_items` unpacks them. An empty `body_hash` says
    that this is not all of the document. It comes from `elsewhere` if it was found where none
    of this feed was ever found.
    """

    contents: ParsedFeed
    before: LastDocument | None
    known: Items
    body_hash: bytes
    elsewhere: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestResult:
    """What a document brought: so many articles were `stored`.

    `edited` counts those that their publisher has changed. `overlaps`: it holds something
    that we knew already; `more`: it may hold more than what was read of it.
    """

    stored: int
    edited: int
    overlaps: bool
    more: bool


NOTHING = IngestResult(stored=0, edited=0, overlaps=False, more=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A document as read: what is new to us or edited, and the marks of all its items.

    `weak` are the kinds of keys that are not believed in this feed. It is `reborn` where all
    its identities may have changed, and `overlaps` where it holds an item as we know it.
    """

    candidates: tuple[NewItem, ...]
    items: Items
    weak: frozenset[str]
    reborn: bool
    overlaps: bool


def known_items(before: LastDocument | None) -> Items:
    """Return the items of the document read last, by their digests."""
    packed = before.items if before else b""
    items = (packed[at : at + _ITEM_BYTES] for at in range(0, len(packed), _ITEM_BYTES))
    return {item[:_DIGEST_BYTES]: unpack(item[_DIGEST_BYTES:]) for item in items}


async def ingest(
    tx: aiosqlite.Connection, feed: Feed, arrival: ReceivedDocument, *, now: datetime
) -> IngestResult:
    """Store what is new and what has changed, and remember the document."""
    if arrival.before is None and feed.read_at is not None:
        await _learn_aliases(tx, feed, now=now)
    read = _read(arrival)
    brought = await _take_in_entries(tx, feed, read, now=now) if read.candidates else NOTHING
    more = holds_more(arrival.contents, known=arrival.known, stored=brought.stored)
    await aliases.save(tx, feed.id, _remembered(arrival, read, more=more))
    return replace(brought, overlaps=brought.overlaps or read.overlaps, more=more)


async def _take_in_entries(
    tx: aiosqlite.Connection, feed: Feed, read: _Read, *, now: datetime
) -> IngestResult:
    known = await aliases.known(tx, feed.id, chain(*(it.keys for it in read.candidates)))
    seen = [it for it in read.candidates if not known.keys().isdisjoint(it.keys)]
    new = _distinct(it for it in read.candidates if known.keys().isdisjoint(it.keys))
    owned = [(it, next(known[key] for key in it.keys if key in known)) for it in seen]
    edited = sum([await edit(tx, owner, it) for it, owner in owned if owner])
    verdicts = await _judged(tx, feed, new, read, now=now)
    owned += zip(new, await store(tx, feed, new, verdicts, now=now), strict=True)
    pairs = [(key, article_id) for it, article_id in owned for key in it.keys]
    await aliases.add(tx, feed.id, pairs, now=now)
    stored = sum(not isinstance(verdict, KnownArticle) for verdict in verdicts)
    return IngestResult(stored=stored, edited=edited, overlaps=bool(seen), more=False)


def _read(arrival: ReceivedDocument) -> _Read:
    """Return what the document holds, and by what each entry in it is known."""
    old, contents = arrival.known, arrival.contents
    entries = dict(zip(contents.owners, contents.entries, strict=True))
    fresh = {digest: extract_keys(entry) for digest, entry in entries.items()}
    items = {
        digest: fresh.get(digest) or old.get(digest, ItemKeys()) for digest in contents.digests
    }
    already = arrival.before.weak_keys if arrival.before else frozenset()
    # A part of the document says nothing of the feed: one item in twenty may be all that it has.
    tells = contents.whole and arrival.body_hash
    weak = unreliable_kinds(items.values(), already=already) if tells else already
    twice = shared(items.values())
    overlaps = not old.keys().isdisjoint(items)
    return _Read(
        candidates=tuple(
            NewItem(
                entry=replace(entry, url=cleaned(entry.url)),
                marks=fresh[digest],
                keys=identifying_keys(fresh[digest], shared=twice, weak=weak),
            )
            for digest, entry in entries.items()
        ),
        items=items,
        weak=weak,
        # At a mirror its items are what they were.
        reborn=(arrival.elsewhere and not overlaps) or weak != already,
        overlaps=overlaps,
    )


def _remembered(arrival: ReceivedDocument, read: _Read, *, more: bool) -> LastDocument:
    before, contents = arrival.before, arrival.contents
    # Of what is only a part, the rest is still there.
    items = read.items if arrival.body_hash else {**arrival.known, **read.items}
    newest = list(items.items())[-MOST_ITEMS:]
    return LastDocument(
        hash=b"" if more else arrival.body_hash,
        items=b"".join(digest + pack(its) for digest, its in newest),
        weak_keys=read.weak,
        slice_reads=0 if contents.whole or before is None else before.slice_reads + 1,
    )


def _distinct(new: Iterable[NewItem]) -> list[NewItem]:
    """Leave out what a document holds once more, in other words: the first of them counts."""
    taken: set[Key] = set()
    distinct = []
    for it in new:
        if taken.isdisjoint(it.keys):
            distinct.append(it)
            taken.update(it.keys)
    return distinct


async def _learn_aliases(tx: aiosqlite.Connection, feed: Feed, *, now: datetime) -> None:
    """Know again the articles of a feed that was read before aliases were kept."""
    known = await articles.of_feed(tx, feed.id, limit=_OLD_ARTICLES)
    borne = [(article_id, extract_keys(entry)) for article_id, entry in known]
    twice = shared(its for _, its in borne)
    weak = unreliable_kinds([its for _, its in borne], already=())
    pairs = [
        (key, article_id)
        for article_id, its in borne
        for key in identifying_keys(its, shared=twice, weak=weak)
    ]
    await aliases.add(tx, feed.id, pairs, now=now)


async def _judged(
    tx: aiosqlite.Connection,
    feed: Feed,
    new: Sequence[NewItem],
    read: _Read,
    *,
    now: datetime,
) -> tuple[ItemStatus, ...]:
    """Return what each of the new entries is; old titles are looked up only where many are new."""
    if not new:
        return ()
    recent = await articles.of_feed(tx, feed.id, limit=RECENT if len(new) > FEW else 1)
    past = FeedHistory(
        read_at=feed.read_at,
        newest_at=recent[0][1].published_at if recent else None,
        titles={entry.title: article_id for article_id, entry in reversed(recent)},
        size=len(read.items),
        reborn=read.reborn,
    )
    return classify_entries([it.entry for it in new], past, now=now)
