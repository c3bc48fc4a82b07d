"""How is what a document brought written down? With all that it is known by and sends us to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

import aiosqlite

from bot.feeds.page_policy import WAIT, is_teaser
from bot.feeds.polling.item_keys import Key, Marks
from bot.feeds.polling.novelty import Backlog, News, SameAs, Verdict
from bot.model import ArticleId, Entry, Feed
from bot.storage.feeds import pages
from bot.storage.stories import articles, editor_links
from bot.web.domains import domain_of
from bot.web.urls import canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An entry, what it bears, and those keys of it that identify it in this document."""

    entry: Entry
    marks: Marks
    keys: tuple[Key, ...]


async def store(
    tx: aiosqlite.Connection,
    feed: Feed,
    new: Sequence[Candidate],
    verdicts: Sequence[Verdict],
    *,
    now: datetime,
) -> list[ArticleId]:
    """Store what is new, as it was judged; return the articles that the entries are."""
    stored = []
    for it, verdict in zip(new, verdicts, strict=True):
        match verdict:
            case SameAs(article_id=article_id):
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


async def edit(tx: aiosqlite.Connection, article_id: ArticleId, it: Candidate) -> bool:
    """Note what the publisher has changed; return whether that is anything."""
    is_edited = await articles.edit(tx, article_id, it.entry)
    if is_edited and it.entry.links:
        await editor_links.replace(tx, article_id, it.entry.links, canonical=canonical)
    return is_edited


async def _store_more(
    tx: aiosqlite.Connection,
    article_id: ArticleId,
    it: Candidate,
    verdict: News | Backlog,
    *,
    now: datetime,
) -> None:
    """Store the editor's own links, and let the page be fetched where the feed only hints at it."""
    await editor_links.replace(tx, article_id, it.entry.links, canonical=canonical)
    if isinstance(verdict, News) and is_teaser(it.entry) and _has_page(it):
        domain, give_up_at = domain_of(it.entry.url), now + WAIT
        await pages.owe(tx, article_id, domain=domain, now=now, give_up_at=give_up_at)


def _page(it: Candidate) -> str:
    """Return the canonical URL; made unlike all others where it names no page of its own.

    Some publishers let all items link to the front page: they are not one story.
    """
    page = canonical(it.entry.url)
    return page if _has_page(it) else f"{page}#{it.keys[0]}"


def _has_page(it: Candidate) -> bool:
    return it.marks.link in it.keys
