"""The worker that reads feeds: what is due is fetched, parsed and stored.

A poll is one transaction: the articles, the validators of the document they came in and
the time of the next poll. Cut off anywhere, the poll has not happened and happens again.
"""

import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b

import aiosqlite

from bot.errors import FeedError, FetchError
from bot.feeds.formats.parse import ParsedFeed
from bot.feeds.http.host_limiter import HostLimiter, OfflineDetector
from bot.feeds.parser_pool import Parse
from bot.feeds.polling import poll_result
from bot.feeds.polling.ingest import NOTHING, IngestResult, ReceivedDocument, ingest, known_items
from bot.feeds.polling.poll_result import FetchAnswer, is_permanent, skew_hours
from bot.feeds.polling.schedule import PollFacts, next_poll, publishing_habits
from bot.model import Feed, Language, Poll, TopicSlug
from bot.model.feeds import FeedRequest, NotModified
from bot.storage.database import Database
from bot.storage.errors import is_database_error
from bot.storage.feeds import feeds, own_feeds, pages, polls
from bot.storage.feeds import known_items as aliases
from bot.storage.stories import articles
from bot.storage.subscribers import subscribers
from bot.web.domains import domain_of

# Counting reads all that everybody has chosen; once an hour is honest enough.
EVERY = timedelta(hours=1)

Counts = Mapping[tuple[Language, TopicSlug | None], int]


log = logging.getLogger(__name__)

Fetch = Callable[[FeedRequest], Awaitable[FetchAnswer]]
Note = Callable[[Poll], None]

# Of so many documents one is parsed whole, to check what we know by heart.
SELF_CHECK = 50
# Over so many articles we take the average of a feed's rhythm.
_RHYTHM_OF = 20


@dataclass(slots=True, kw_only=True)
class SubscriberCounter:
    """The last count, taken anew after `EVERY`."""

    db: Database
    now: Callable[[], datetime]
    _counts: Counts = field(default_factory=dict, init=False)
    _taken_at: datetime | None = field(default=None, init=False)

    async def readers(self, feed: Feed) -> int:
        """Return how many read news in the feed's language, on its topic if it has one.

        Of a private feed: how many have added it.
        """
        if feed.private:
            return await own_feeds.readers(self.db.reader, feed.id)
        if self._taken_at is None or self.now() >= self._taken_at + EVERY:
            self._taken_at = self.now()
            self._counts = await subscribers.readers(self.db.reader)
        return self._counts.get((feed.language, feed.topic), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poller:
    """Polls the feeds that are due, the longest due first, one at a time of each domain.

    `step` is one lane and may run several times at once: a slow server holds up its lane,
    and nobody else. `floor` is the shortest interval of a feed, `jitter` gives numbers from
    0 to 1; `note` is told how each poll went.
    """

    db: Database
    fetch: Fetch
    parse: Parse
    floor: timedelta
    now: Callable[[], datetime]
    host_limiter: HostLimiter
    subscriber_counter: SubscriberCounter
    jitter: Callable[[], float] = random.random
    offline_detector: OfflineDetector = field(default_factory=OfflineDetector)
    note: Note = lambda _: None

    async def step(self) -> bool:
        """Poll one feed; return whether one was due."""
        feed = await self.host_limiter.choose(self._due)
        if feed is None:
            return False
        try:
            await self._poll(feed)
        finally:
            self.host_limiter.leave(feed.domain)
        return True

    async def _due(self, busy: frozenset[str]) -> tuple[Feed, ...]:
        return await feeds.due(self.db.reader, now=self.now(), busy=busy, limit=1)

    async def _poll(self, feed: Feed) -> None:
        began_at = self.now()
        try:
            await self._read(feed, began_at)
        except FeedError as error:
            log.warning("%s: %s", feed.url, error, extra={"feed": feed.id})
            await self._record_failure(feed, error, began_at)
        except Exception as error:  # one feed must not stop the news; it is recorded there
            if is_database_error(error):
                raise
            log.exception("%s: unexpected", feed.url, extra={"feed": feed.id})
            unexpected = FetchError(f"unexpected {type(error).__name__}")
            await self._record_failure(feed, unexpected, began_at)

    async def _read(self, feed: Feed, began_at: datetime) -> None:
        answer = await self._ask(feed)
        arrival = await self._arrival(feed, answer)
        contents = None if arrival is None else arrival.contents
        now = self.now()
        async with self.db.transaction() as tx:
            intake = await ingest(tx, feed, arrival, now=now) if arrival else NOTHING
            poll = await self._record_success(tx, feed, answer, contents, intake, began_at=began_at)
        self.note(poll)
        if intake.stored or intake.edited:
            says = "%s: %d new, %d edited"
            log.info(says, feed.url, intake.stored, intake.edited, extra={"feed": feed.id})

    async def _ask(self, feed: Feed) -> FetchAnswer:
        request = FeedRequest(
            url=feed.url,
            etag=feed.etag,
            last_modified=feed.last_modified,
            document_url=feed.document_url,
            readers=await self.subscriber_counter.readers(feed),
        )
        return await self.fetch(request)

    async def _arrival(self, feed: Feed, answer: FetchAnswer) -> ReceivedDocument | None:
        """Return what the document holds; None: the same as last time."""
        if isinstance(answer, NotModified):
            return None
        before = await aliases.load(self.db.reader, feed.id)
        body_hash = blake2b(answer.body, digest_size=16).digest()
        if before is not None and before.hash == body_hash:
            return None
        items = known_items(before)
        by_heart = before is not None and before.slice_reads < SELF_CHECK
        contents = await self.parse(
            answer.body,
            url=answer.url,
            content_type=answer.content_type,
            fetched_at=self.now(),
            known=frozenset(items) if by_heart else frozenset(),
            clock_error_hours=skew_hours(feed.clock_skew),
        )
        return ReceivedDocument(
            contents=contents,
            before=before,
            known=items,
            body_hash=body_hash if poll_result.is_complete(answer, contents) else b"",
            elsewhere=poll_result.is_new_host(feed, answer),
        )

    async def _record_success(
        self,
        tx: aiosqlite.Connection,
        feed: Feed,
        answer: FetchAnswer,
        contents: ParsedFeed | None,
        intake: IngestResult,
        *,
        began_at: datetime,
    ) -> Poll:
        self.offline_detector.note(feed.domain, answered=True)
        now = self.now()
        after = poll_result.after_reading(
            feed,
            answer,
            contents,
            overlaps=contents is None or intake.overlaps,
            more=intake.more,
            now=now,
        )
        published = await articles.newest_dates(tx, feed.id, limit=_RHYTHM_OF)
        circumstances = PollFacts(
            fresh_for=answer.fresh_for,
            rhythm=after.update_period,
            habits=publishing_habits(published, now=now),
            validated=bool(after.etag or after.last_modified),
        )
        torn = poll_result.is_truncated(answer, contents)
        problem = poll_result.TRUNCATED if torn else None
        due_at = self._next_poll(circumstances, now)
        await feeds.save(tx, after, checked_at=now, due_at=due_at, problem=problem)
        poll = Poll(
            outcome="torn" if torn else "unchanged" if contents is None else "read",
            ended_at=now,
            took=now - began_at,
            status=answer.status,
            received=answer.received,
            conditional=answer.conditional,
            news=intake.stored,
            problem=problem,
        )
        await polls.add(tx, feed.id, poll)
        if after.redirect is not None and is_permanent(after.redirect, url=feed.url):
            await _relocate(tx, feed, after.redirect.url)
        return poll

    def _next_poll(self, circumstances: PollFacts, now: datetime) -> datetime:
        return next_poll(
            now=now, floor=self.floor, jitter=self.jitter(), circumstances=circumstances
        )

    async def _record_failure(self, feed: Feed, error: FeedError, began_at: datetime) -> None:
        now = self.now()
        answered = not isinstance(error, FetchError) or error.status is not None
        self.offline_detector.note(feed.domain, answered=answered)
        after = poll_result.after_failure(feed, error, ours=self.offline_detector.is_offline)
        asked = poll_result.requested_delay(after, error)
        problem = poll_result.problem(after, error)
        circumstances = PollFacts(failures=after.failures, asked=asked, rhythm=feed.update_period)
        due_at = self._next_poll(circumstances, now)
        status = error.status if isinstance(error, FetchError) else None
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
            if wait := poll_result.host_backoff(error):
                await feeds.block_host(tx, feed.domain, until=now + wait)
                await pages.give_up_silent(tx, feed.domain)
            if after.failures >= poll_result.FAILURES_TO_RETURN and feed.url != feed.listed_url:
                await _relocate(tx, feed, feed.listed_url)
        self.note(poll)


async def _relocate(tx: aiosqlite.Connection, feed: Feed, url: str) -> None:
    """Ask for the feed at `url` from now on; what lives there already, it becomes one with."""
    log.warning("%s: asked for at %s from now on", feed.url, url)
    other = await feeds.relocate(tx, feed, url, domain=domain_of(url))
    if other is not None:
        await aliases.carry_over(tx, feed.id, other)
