"""Page fetcher: the worker that fetches article pages where the feed has only a teaser.

A result is one transaction: the text, the editor's links, and the end of the article's wait.
Cut off anywhere, the fetch has not happened and happens again.
"""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, TypedDict, Unpack

from bot.errors import FeedError, FetchError
from bot.feeds.http.fetch import HtmlDocument
from bot.feeds.http.host_limiter import HostLimiter, LaneShare, OfflineDetector
from bot.feeds.page_policy import RETRY_INTERVAL, backoff_until, retry_at
from bot.feeds.polling import poll_result
from bot.model import ArticlePage, PageJob
from bot.model.feeds import BusyDomains
from bot.storage.database import Database
from bot.storage.feeds import feeds, pages
from bot.storage.queues.poison_guard import PoisonGuard, failure_reason, is_own_failure
from bot.storage.stories import articles, editor_links
from bot.web.urls import canonical

log = logging.getLogger(__name__)

FetchPage = Callable[[str], Awaitable[HtmlDocument]]

# Pages come one or two at a time; many hosts at once only when many feeds bring news at once.
PAGE_LANES = 4
NO_MORE = "its page tells no more than the feed"


class PageContext(TypedDict):
    """Where a page was found, its Content-Type, and what the feed has of the article."""

    url: str
    content_type: str
    title: str
    teaser: str


class ReadPage(Protocol):
    """Extracts an article from its page."""

    def __call__(self, document: bytes, **context: Unpack[PageContext]) -> Awaitable[ArticlePage]:
        """Return what the page has beyond the teaser.

        Raises:
            KilledError: if reading it took too long or too much memory.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFetcher:
    """Fetches the pages that are due, the longest due first, one at a time per domain.

    `step` is one lane and may run several times at once. `host_limiter` and `offline_detector`
    are shared with the poller: a server counts both kinds of request. Pages of private feeds take
    `private_lanes` at most, and are fetched and read by `private_access` where there is one.
    """

    db: Database
    guard: PoisonGuard
    fetch: FetchPage
    read: ReadPage
    now: Callable[[], datetime]
    host_limiter: HostLimiter
    offline_detector: OfflineDetector
    retry_interval: timedelta = RETRY_INTERVAL
    private_access: tuple[FetchPage, ReadPage] | None = None
    private_lanes: LaneShare = field(default_factory=partial(LaneShare, PAGE_LANES // 2))

    async def step(self) -> bool:
        """Fetch one page; return whether one was due."""

        async def due(busy: BusyDomains) -> tuple[PageJob, ...]:
            return await pages.due(self.db.reader, now=self.now(), busy=busy, limit=1)

        async with self.host_limiter.claim(due, self.private_lanes) as page:
            if page is None:
                return False
            async with self.guard.attempt("pages", page.article_id):
                try:
                    await self._fetch(page)
                except FeedError as error:
                    await self._record_failure(page, error)
                except Exception as error:  # one page must not stop the news
                    if not is_own_failure(error):
                        raise
                    log.exception("%s: unexpected", page.url)
                    reason, again_at = failure_reason(error), self.now() + self.retry_interval
                    async with self.db.transaction() as tx:
                        await pages.retry(tx, page.article_id, at=again_at, problem=reason)
                        await self.guard.fail(tx, "pages", page.article_id, reason=reason)
        return True

    async def _fetch(self, page: PageJob) -> None:
        fetch, read = self.fetch, self.read
        if page.private and self.private_access:
            fetch, read = self.private_access
        document = await fetch(page.url)
        self.offline_detector.note(page.domain, answered=True)
        result = await read(
            document.body,
            url=document.url,
            content_type=document.content_type,
            title=page.title,
            teaser=page.text,
        )
        problem = None if result.text else result.problem or NO_MORE
        async with self.db.transaction() as tx:
            await self.guard.finish(tx, "pages", [page.article_id])
            await pages.record(tx, page.article_id, text=result.text, problem=problem)
            if result.links:
                await editor_links.replace(tx, page.article_id, result.links, canonical=canonical)
            if result.picture:
                await articles.add_picture(tx, page.article_id, result.picture)
            if problem is None:
                await pages.mark_success(tx, page.feed_id)
            else:
                # Without a `result.problem` all is well: the pages add nothing to the feed.
                until = backoff_until(page, now=self.now())
                await pages.mark_failure(
                    tx, page.feed_id, problem=result.problem, backoff_until=until
                )
        outcome = problem or f"told more: {len(result.text)} characters"
        log.debug("%s: %s, %d links", page.url, outcome, len(result.links), extra=_ids(page))

    async def _record_failure(self, page: PageJob, error: FeedError) -> None:
        now, problem = self.now(), str(error)
        answered = not isinstance(error, FetchError) or error.status is not None
        self.offline_detector.note(page.domain, answered=answered)
        again_at = retry_at(page, error, now=now, retry_interval=self.retry_interval)
        host_wait = poll_result.host_backoff(error)
        async with self.db.transaction() as tx:
            await self.guard.finish(tx, "pages", [page.article_id])
            if again_at is not None:
                await pages.retry(tx, page.article_id, at=again_at, problem=problem)
            else:
                await pages.record(tx, page.article_id, text="", problem=problem)
            if host_wait is not None:
                blamed = poll_result.blamed_domain(error, requested=page.domain)
                until = now + host_wait
                await feeds.block_host(tx, blamed, until=until, private=page.private)
                await pages.give_up_blocked(tx, blamed)
            elif again_at is None and not self.offline_detector.is_offline:
                backoff = backoff_until(page, now=now)
                await pages.mark_failure(tx, page.feed_id, problem=problem, backoff_until=backoff)
        log.debug("%s: page %s", page.url, problem, extra=_ids(page))


def _ids(page: PageJob) -> dict[str, int]:
    return {"feed": page.feed_id, "article": page.article_id}
