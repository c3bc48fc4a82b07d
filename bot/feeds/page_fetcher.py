"""The worker that fetches the pages of articles of which their feeds tell little.

What it finds is one transaction: the text, the editor's own links, and that nobody waits any
more. Cut off anywhere, it has not been asked for, and is asked for again.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypedDict, Unpack

from bot.errors import FeedError, FetchError
from bot.feeds.http.fetch import HtmlDocument
from bot.feeds.http.host_limiter import HostLimiter, OfflineDetector
from bot.feeds.page_policy import RETRY_AFTER, backoff_until, retry_at
from bot.feeds.polling import poll_result
from bot.model import ArticlePage, PageJob
from bot.storage.database import Database
from bot.storage.errors import is_database_error
from bot.storage.feeds import feeds, pages
from bot.storage.stories import editor_links
from bot.web.urls import canonical

log = logging.getLogger(__name__)

NO_MORE = "its page tells no more than the feed"


class PageContext(TypedDict):
    """What is known of a page: where it was found, what its server calls it, what its feed says."""

    url: str
    content_type: str
    title: str
    teaser: str


class ReadPage(Protocol):
    """Finds an article on its page, and tells whether it is there."""

    def __call__(self, document: bytes, **about: Unpack[PageContext]) -> Awaitable[ArticlePage]:
        """Return what the page says beyond the teaser.

        Raises:
            KilledError: if reading it took too long, or too much memory.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFetcher:
    """Reads the pages that are owed, the longest owed first, one at a time of each domain.

    `step` is one lane and may run several times at once. `host_limiter` and `offline_detector` are those
    of
    the poller: a server does not care for what it is asked. A page that may come later is asked
    for once more after `pause`.
    """

    db: Database
    fetch: Callable[[str], Awaitable[HtmlDocument]]
    read: ReadPage
    now: Callable[[], datetime]
    host_limiter: HostLimiter
    offline_detector: OfflineDetector
    pause: timedelta = RETRY_AFTER

    async def step(self) -> bool:
        """Read one page; return whether one was due."""
        page = await self.host_limiter.choose(self._due)
        if page is None:
            return False
        try:
            await self._get(page)
        finally:
            self.host_limiter.leave(page.domain)
        return True

    async def _due(self, busy: frozenset[str]) -> tuple[PageJob, ...]:
        return await pages.due(self.db.reader, now=self.now(), busy=busy, limit=1)

    async def _get(self, page: PageJob) -> None:
        try:
            await self._record(page, await self._read(page))
        except FeedError as error:
            await self._record_failure(page, error)
        except Exception as error:  # one page must not stop the news; it is recorded there
            if is_database_error(error):
                raise
            log.exception("%s: unexpected", page.url)
            await self._record_failure(page, FetchError(f"unexpected {type(error).__name__}"))

    async def _read(self, page: PageJob) -> ArticlePage:
        sheet = await self.fetch(page.url)
        self.offline_detector.note(page.domain, answered=True)
        return await self.read(
            sheet.body,
            url=sheet.url,
            content_type=sheet.content_type,
            title=page.title,
            teaser=page.text,
        )

    async def _record(self, page: PageJob, found: ArticlePage) -> None:
        reason = None if found.text else found.problem or NO_MORE
        async with self.db.transaction() as tx:
            await pages.record(tx, page.article_id, text=found.text, problem=reason)
            if found.links:
                await editor_links.replace(tx, page.article_id, found.links, canonical=canonical)
            if reason is None:
                await pages.mark_success(tx, page.feed_id)
            else:
                # Where pages tell no more than the feed nothing is wrong: they are not needed.
                until = backoff_until(page, now=self.now())
                await pages.mark_failure(tx, page.feed_id, problem=found.problem, peace_until=until)
        told = reason or f"told more: {len(found.text)} characters"
        log.info("%s: %s, %d links", page.url, told, len(found.links), extra=_ids(page))

    async def _record_failure(self, page: PageJob, error: FeedError) -> None:
        now, problem = self.now(), str(error)
        answered = not isinstance(error, FetchError) or error.status is not None
        self.offline_detector.note(page.domain, answered=answered)
        again, wait = (
            retry_at(page, error, now=now, pause=self.pause),
            poll_result.host_backoff(error),
        )
        async with self.db.transaction() as tx:
            if again is not None:
                await pages.ask_again(tx, page.article_id, at=again, problem=problem)
            else:
                await pages.record(tx, page.article_id, text="", problem=problem)
            if wait is not None:
                await feeds.block_host(tx, page.domain, until=now + wait)
                await pages.give_up_silent(tx, page.domain)
            elif again is None and not self.offline_detector.is_offline:
                until = backoff_until(page, now=now)
                await pages.mark_failure(tx, page.feed_id, problem=problem, peace_until=until)
        log.info("%s: page %s", page.url, problem, extra=_ids(page))


def _ids(page: PageJob) -> dict[str, int]:
    return {"feed": page.feed_id, "article": page.article_id}
