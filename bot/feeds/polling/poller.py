"""Feed poller: the worker that fetches, parses and ingests the feeds that are due.

A poll is one transaction: the articles, the validators of their document and the time of the
next poll. Cut off anywhere, the poll has not happened and happens again. Beside it the count
of subscribers that the User-Agent gives.
"""

import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import blake2b

import aiosqlite

from bot.errors import FeedError, FetchError
from bot.feeds.formats.parse import ParsedFeed
from bot.feeds.http.host_limiter import HostLimiter, LaneShare, OfflineDetector
from bot.feeds.parser_pool import Parse
from bot.feeds.polling import poll_result
from bot.feeds.polling.ingest import UNCHANGED, IngestResult, ReceivedDocument, ingest, unpack_items
from bot.feeds.polling.poll_result import FetchAnswer
from bot.feeds.polling.schedule import PollFacts, next_poll, publishing_habits
from bot.model import Feed, Language, Poll, TopicSlug
from bot.model.feeds import BusyDomains, FeedRequest, NotModified
from bot.storage.database import Database
from bot.storage.feeds import feeds, known_items, own_feeds, pages, polls
from bot.storage.queues.poison_guard import PoisonGuard, failure_reason, is_own_failure
from bot.storage.stories import articles
from bot.storage.subscribers import subscribers
from bot.web.domains import domain_of

log = logging.getLogger(__name__)

Fetch = Callable[[FeedRequest], Awaitable[FetchAnswer]]
OnPoll = Callable[[Poll], None]
ReaderCounts = Mapping[tuple[Language, TopicSlug | None], int]

# A server that hangs blocks one lane, for 20 s at most.
POLLER_LANES = 16
# Counting reads all subscriptions; publishers do not need it more often.
COUNT_INTERVAL = timedelta(hours=1)
# After this many incremental parses one document is parsed whole, to check what is known of it.
MAX_INCREMENTAL_PARSES = 50
# A feed's publishing rate is the average over this many articles.
_MAX_HABIT_ARTICLES = 20
_TRUNCATED = "broke off in the middle; read as far as it went"


@dataclass(slots=True, kw_only=True)
class SubscriberCounter:
    """The subscribers of each feed, counted again after `COUNT_INTERVAL`."""

    db: Database
    now: Callable[[], datetime]
    _counts: ReaderCounts = field(default_factory=dict, init=False)
    _counted_at: datetime | None = field(default=None, init=False)

    async def readers(self, feed: Feed) -> int:
        """Return how many read news in the feed's language, on its topic if it has one.

        For a private feed: how many have added it.
        """
        if feed.private:
            return await own_feeds.count_readers(self.db.reader, feed.id)
        if self._counted_at is None or self.now() >= self._counted_at + COUNT_INTERVAL:
            self._counted_at = self.now()
            self._counts = await subscribers.count_readers(self.db.reader)
        return self._counts.get((feed.language, feed.topic), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poller:
    """Polls the feeds that are due, the longest due first, one at a time per domain.

    `step` is one lane and may run several times at once: a slow server blocks its lane only.
    `floor` is the shortest poll interval, `jitter` gives numbers from 0 to 1, and `on_poll` is
    called after each poll. Private feeds take `private_lanes` at most, and are parsed by
    `parse_private` where there is one.
    """

    db: Database
    guard: PoisonGuard
    fetch: Fetch
    parse: Parse
    floor: timedelta
    now: Callable[[], datetime]
    host_limiter: HostLimiter
    subscriber_counter: SubscriberCounter
    jitter: Callable[[], float] = random.random
    offline_detector: OfflineDetector = field(default_factory=OfflineDetector)
    parse_private: Parse | None = None
    private_lanes: LaneShare = field(default_factory=partial(LaneShare, POLLER_LANES // 2))
    on_poll: OnPoll = lambda _: None

    async def step(self) -> bool:
        """Poll one feed; return whether one was due."""

        async def due(busy: BusyDomains) -> tuple[Feed, ...]:
            return await feeds.due(self.db.reader, now=self.now(), busy=busy, limit=1)

        async with self.host_limiter.claim(due, self.private_lanes) as feed:
            if feed is None:
                return False
            async with self.guard.attempt("polls", feed.id):
                began_at = self.now()
                try:
                    await self._fetch_and_ingest(feed, began_at)
                except FeedError as error:
                    log.warning("%s: %s", feed.log_name, error, extra={"feed": feed.id})
                    await self._record_failure(feed, error, began_at)
                except Exception as error:  # one feed must not stop the news
                    if not is_own_failure(error):
                        raise
                    log.exception("%s: unexpected", feed.log_name, extra={"feed": feed.id})
                    unexpected = FetchError(f"unexpected {type(error).__name__}")
                    bug = failure_reason(error)
                    await self._record_failure(feed, unexpected, began_at, bug=bug)
        return True

    async def _fetch_and_ingest(self, feed: Feed, began_at: datetime) -> None:
        is_conditional = poll_result.is_conditional(feed, now=began_at)
        request = FeedRequest(
            url=feed.url,
            etag=feed.etag if is_conditional else None,
            last_modified=feed.last_modified if is_conditional else None,
            document_url=feed.document_url,
            readers=await self.subscriber_counter.readers(feed),
        )
        answer = await self.fetch(request)
        document = await self._parse_if_changed(feed, answer)
        contents = None if document is None else document.contents
        now = self.now()
        async with self.db.transaction() as tx:
            result = await ingest(tx, feed, document, now=now) if document else UNCHANGED
            if contents and (contents.whole or contents.dropped):
                await feeds.note_dropped(tx, feed.id, contents.shortfall)
            if result.misdated is not None:
                await feeds.note_misdated(tx, feed.id, misdated=result.misdated)
            poll = await self._record_success(tx, feed, answer, contents, result, began_at=began_at)
            await self.guard.finish(tx, "polls", [feed.id])
        self.on_poll(poll)
        if contents and contents.shortfall:
            log.warning("%s: %s", feed.log_name, contents.shortfall, extra={"feed": feed.id})
        if result.misdated:
            log.warning("%s: %s", feed.log_name, polls.MISDATED, extra={"feed": feed.id})
        if result.stored or result.edited:
            log.debug(
                "%s: %d new, %d edited",
                feed.log_name,
                result.stored,
                result.edited,
                extra={"feed": feed.id},
            )

    async def _parse_if_changed(self, feed: Feed, answer: FetchAnswer) -> ReceivedDocument | None:
        """Return what the document holds; None: it is the same as last time."""
        if isinstance(answer, NotModified):
            return None
        before = await known_items.load(self.db.reader, feed.id)
        body_hash = blake2b(answer.body, digest_size=16).digest()
        if before is not None and before.hash == body_hash:
            return None
        known = unpack_items(before)
        is_incremental = before is not None and before.slice_reads < MAX_INCREMENTAL_PARSES
        parse = self.parse_private if feed.private and self.parse_private else self.parse
        contents = await parse(
            answer.body,
            url=answer.url,
            content_type=answer.content_type,
            fetched_at=self.now(),
            known=frozenset(known) if is_incremental else frozenset(),
            skew_hours=poll_result.skew_hours(feed.clock_skew),
        )
        return ReceivedDocument(
            contents=contents,
            before=before,
            known=known,
            body_hash=body_hash if poll_result.is_complete(answer, contents) else b"",
            is_new_host=poll_result.is_new_host(feed, answer),
        )

    async def _record_success(
        self,
        tx: aiosqlite.Connection,
        feed: Feed,
        answer: FetchAnswer,
        contents: ParsedFeed | None,
        result: IngestResult,
        *,
        began_at: datetime,
    ) -> Poll:
        self.offline_detector.note(feed.domain, answered=True)
        now = self.now()
        published = await articles.newest_dates(tx, feed.id, limit=_MAX_HABIT_ARTICLES)
        habits = publishing_habits(published, now=now)
        after = poll_result.after_reading(
            feed,
            answer,
            contents,
            overlaps=contents is None or result.overlaps,
            more=result.more,
            now=now,
        )
        is_check = not poll_result.is_conditional(feed, now=began_at)
        # A single article shows no gap between two.
        gap = habits.gap if habits and len(published) > 1 else None
        after = replace(
            after,
            recheck_at=poll_result.next_recheck(feed, answer, is_check=is_check, gap=gap, now=now),
            # Of what was published before the last poll its 304 should have told.
            false_304=feed.false_304 or (is_check and result.overdue),
        )
        facts = PollFacts(
            fresh_for=answer.fresh_for,
            update_period=after.update_period,
            habits=habits,
            validated=bool(after.etag or after.last_modified) and not after.false_304,
        )
        is_truncated = poll_result.is_truncated(answer, contents)
        problem = _TRUNCATED if is_truncated else None
        due_at = next_poll(now=now, floor=self.floor, jitter=self.jitter(), facts=facts)
        await feeds.save(tx, after, checked_at=now, due_at=due_at, problem=problem)
        poll = Poll(
            outcome="torn" if is_truncated else "unchanged" if contents is None else "read",
            ended_at=now,
            took=now - began_at,
            status=answer.status,
            received=answer.received,
            conditional=answer.conditional,
            news=result.stored,
            problem=problem,
        )
        await polls.add(tx, feed.id, poll)
        redirect = after.redirect
        if redirect is not None and poll_result.is_permanent(redirect, url=feed.url):
            await _relocate(tx, feed, redirect.url)
        return poll

    async def _record_failure(
        self, feed: Feed, error: FeedError, began_at: datetime, *, bug: str | None = None
    ) -> None:
        """Store the failure, and when the feed is polled next; a `bug` counts against the feed."""
        now = self.now()
        status = error.status if isinstance(error, FetchError) else None
        answered = not isinstance(error, FetchError) or status is not None
        self.offline_detector.note(feed.domain, answered=answered)
        after = poll_result.after_failure(feed, error, is_offline=self.offline_detector.is_offline)
        facts = PollFacts(
            failures=after.failures,
            requested_delay=poll_result.requested_delay(after, error),
            update_period=feed.update_period,
        )
        due_at = next_poll(now=now, floor=self.floor, jitter=self.jitter(), facts=facts)
        prefix = "quarantined, asked once a day: "
        problem = (prefix if poll_result.is_quarantined(after, error) else "") + str(error)
        poll = Poll(
            outcome=poll_result.outcome(error),
            ended_at=now,
            took=now - began_at,
            status=status,
            received=0,
            conditional=bool(feed.etag or feed.last_modified),
            news=0,
            problem=problem,
        )
        async with self.db.transaction() as tx:
            stop = poll_result.stop_reason(error)
            await feeds.save(tx, after, checked_at=now, due_at=due_at, problem=problem, stop=stop)
            await polls.add(tx, feed.id, poll)
            if host_wait := poll_result.host_backoff(error):
                blamed = poll_result.blamed_domain(error, requested=feed.domain)
                until = now + host_wait
                await feeds.block_host(tx, blamed, until=until, private=feed.private)
                await pages.give_up_blocked(tx, blamed)
            if after.failures >= poll_result.FAILURES_TO_RETURN and feed.url != feed.listed_url:
                await _relocate(tx, feed, feed.listed_url)
            await self.guard.end(tx, "polls", [feed.id], failure=bug)
        self.on_poll(poll)


async def _relocate(tx: aiosqlite.Connection, feed: Feed, url: str) -> None:
    """Poll the feed at `url` from now on; merge it with the feed that is already there, if any."""
    log.warning(
        "%s: asked for at %s from now on", feed.log_name, "another address" if feed.private else url
    )
    other = await feeds.relocate(tx, feed, url, domain=domain_of(url))
    if other is not None:
        await known_items.carry_over(tx, feed.id, other)
