"""Each queue with a poison row between two others: it is set aside, and they are done.

The process ends in two ways: by an exception that no worker catches, which leaves what is on the
disk as a kill does, and, in `tests/end_to_end`, by a real one.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from bot.delivery.composer import Composer
from bot.delivery.message_editor import MessageEditor
from bot.delivery.notice_sender import NoticeSender
from bot.delivery.outbox import Outbox
from bot.delivery.planning import plan_message
from bot.delivery.sender import Sender
from bot.feeds.formats.parse import parse
from bot.feeds.http.fetch import HtmlDocument
from bot.feeds.http.host_limiter import HostLimiter, OfflineDetector
from bot.feeds.page_fetcher import PageFetcher
from bot.feeds.polling.poller import Poller, SubscriberCounter
from bot.model import (
    Article,
    ArticleAnalysis,
    ArticlePage,
    ChatId,
    OutgoingMessage,
    SendOutcome,
    Sent,
    Subscriber,
)
from bot.model.feeds import FeedDocument, FeedRequest
from bot.storage.database import Database
from bot.storage.feeds import feeds, pages
from bot.storage.outbox import deliveries, notices
from bot.storage.outbox.message_edits import EDIT_DELAY
from bot.storage.queues import attempts
from bot.storage.queues.attempts import MAX_ATTEMPTS, QUEUES, Queue
from bot.storage.queues.poison_guard import PoisonGuard
from bot.storage.times import to_seconds
from bot.telegram.updates.inbox import Inbox
from bot.telegram.updates.raw_update import parse_updates
from tests.support.builders import (
    TOPICS,
    WAR,
    guard_of,
    listed_feed,
    publish,
    rate_limiter_of,
    reading,
    receive,
    retell,
    subscribe,
)
from tests.support.fakes import NOON, FakeClock
from tests.support.poller_setup import item, rss

POISON = "poison"
TITLES = ("First bridge opens", f"A {POISON} bridge opens", "Last bridge opens")
# What a reason may hold: half a character, a NUL, and an order to a terminal.
WORDS = "\ud800 \x00 \x1b[2J"

Step = Callable[[], Awaitable[bool]]


class ProcessEnded(BaseException):
    """Stands for the end of the process: nothing catches it, and nothing more is written."""


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise ValueError("no words for it")


@dataclass(slots=True)
class Fault:
    """Strikes where the work meets the poison; keeps what was done without it."""

    error: Callable[[], BaseException] | None
    strikes: int = 0
    done: list[str] = field(default_factory=list)

    def meet(self, text: str) -> None:
        if self.error is not None and POISON in text:
            self.strikes += 1
            raise self.error()
        self.done.append(text)


async def no_links(*_: object) -> tuple[()]:
    return ()


class Stand:
    """Three rows in a queue, the second poison, and the worker that processes them."""

    def __init__(
        self, db: Database, clock: FakeClock, fault: Fault, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.db, self.clock, self.fault, self.monkeypatch = db, clock, fault, monkeypatch

    async def fill(self) -> None:
        raise NotImplementedError

    def worker(self, guard: PoisonGuard) -> Step:
        raise NotImplementedError


class Polls(Stand):
    async def fill(self) -> None:
        hosts = ("first", POISON, "last")
        listed = [listed_feed(f"https://{host}.example/rss", topic=None) for host in hosts]
        async with self.db.transaction() as tx:
            await feeds.sync(tx, listed, now=NOON)
        await subscribe(self.db, 1)

    def worker(self, guard: PoisonGuard) -> Step:
        async def fetch(request: FeedRequest) -> FeedDocument:
            self.fault.meet(request.url)
            return FeedDocument(
                url=request.url,
                body=rss(item(request.url)).encode(),
                content_type="text/xml",
                validators=(None, None),
                fresh_for=timedelta(0),
                complete=True,
                partial=False,
                moved_to=None,
                status=200,
                received=1,
                conditional=False,
            )

        async def parse_here(document: bytes, **options: Any) -> Any:
            return parse(document, **options)

        return Poller(
            db=self.db,
            guard=guard,
            fetch=fetch,
            parse=parse_here,
            floor=timedelta(minutes=5),
            now=self.clock,
            host_limiter=HostLimiter(now=self.clock, min_interval=timedelta(0)),
            subscriber_counter=SubscriberCounter(db=self.db, now=self.clock),
            jitter=lambda: 0.0,
        ).step


class Pages(Stand):
    async def fill(self) -> None:
        async with self.db.transaction() as tx:
            await feeds.sync(tx, [listed_feed(pages=True)], now=NOON)
        for number, title in enumerate(TITLES):
            url = f"https://host{number}.example/{title.replace(' ', '-')}"
            article = await receive(self.db, title, url=url)
            async with self.db.transaction() as tx:
                until = NOON + timedelta(days=9)
                domain = f"host{number}.example"
                await pages.enqueue(tx, article.id, domain=domain, now=NOON, give_up_at=until)

    def worker(self, guard: PoisonGuard) -> Step:
        async def fetch(url: str) -> HtmlDocument:
            self.fault.meet(url)
            return HtmlDocument(url=url, body=b"", content_type="text/html")

        async def read(*_: object, **__: object) -> ArticlePage:
            return ArticlePage(text="The bridge was opened by the mayor.", links=(), problem=None)

        return PageFetcher(
            db=self.db,
            guard=guard,
            fetch=fetch,
            read=read,
            now=self.clock,
            host_limiter=HostLimiter(now=self.clock, min_interval=timedelta(0)),
            offline_detector=OfflineDetector(),
            retry_interval=timedelta(seconds=1),
        ).step


class Articles(Stand):
    async def fill(self) -> None:
        for title in TITLES:
            await receive(self.db, title)

    def worker(self, guard: PoisonGuard) -> Step:
        from bot.stories.article_processor import ArticleProcessor

        def analyze(article: Article) -> ArticleAnalysis:
            self.fault.meet(article.title)
            return reading()

        async def analyze_each(call: Any, batch: Any) -> Any:
            results: list[object] = []
            for article in batch:
                try:
                    results.append(call(article))
                except Exception as error:  # as the pool does
                    results.append(error)
            return results

        return ArticleProcessor(
            db=self.db, guard=guard, analyze=analyze, analyze_each=analyze_each, now=self.clock
        ).step


class Deliveries(Stand):
    async def fill(self) -> None:
        await subscribe(self.db, 1)
        for title in TITLES:
            await publish(self.db, title)

    def worker(self, guard: PoisonGuard) -> Step:
        async def send(_: ChatId, message: OutgoingMessage) -> SendOutcome:
            self.fault.meet(message.text)
            return Sent(len(self.fault.done))

        return Sender(
            outbox=Outbox(db=self.db, guard=guard, now=self.clock, jitter=lambda: 0.0),
            composer=Composer(db=self.db, read_also=no_links, topics=TOPICS, now=self.clock),
            rate_limiter=rate_limiter_of(self.clock),
            send=send,
        ).step


class Digest(Deliveries):
    """The three stories are late, and so in one message."""

    async def fill(self) -> None:
        await subscribe(self.db, 1)
        for title in (*TITLES, "One more bridge opens"):
            await publish(self.db, title)
        self.clock.advance(hours=2)


class Chats(Deliveries):
    """No message can be planned for the second chat."""

    async def fill(self) -> None:
        for chat_id in (1, 2, 3):
            await subscribe(self.db, chat_id)
        await publish(self.db, TITLES[0])

    def worker(self, guard: PoisonGuard) -> Step:
        def plan(subscriber: Subscriber, *args: Any, **kwargs: Any) -> Any:
            if subscriber.chat_id == 2:
                self.fault.meet(POISON)
            return plan_message(subscriber, *args, **kwargs)

        self.monkeypatch.setattr("bot.delivery.outbox.plan_message", plan)
        return super().worker(guard)


class Notices(Stand):
    async def fill(self) -> None:
        await subscribe(self.db, 1)
        async with self.db.transaction() as tx:
            for title in TITLES:
                await notices.enqueue(tx, title, [ChatId(1)], now=NOON)

    def worker(self, guard: PoisonGuard) -> Step:
        async def send(_: ChatId, message: OutgoingMessage) -> SendOutcome:
            self.fault.meet(message.text)
            return Sent(len(self.fault.done))

        return NoticeSender(
            db=self.db,
            guard=guard,
            rate_limiter=rate_limiter_of(self.clock),
            send=send,
            now=self.clock,
            jitter=lambda: 0.0,
        ).step


class Edits(Stand):
    async def fill(self) -> None:
        await subscribe(self.db, -5, WAR, kind="group")
        fine = Fault(error=None)
        step = Deliveries(self.db, self.clock, fine, self.monkeypatch).worker(guard_of(self.db))
        stories = []
        for title in TITLES:
            stories.append(await publish(self.db, title, now=self.clock()))
            assert await step()
            self.clock.advance(seconds=3)
        for story_id, title in zip(stories, TITLES, strict=True):
            await retell(self.db, story_id, title, now=self.clock())
        self.clock.advance(seconds=EDIT_DELAY.total_seconds() + 60)

    def worker(self, guard: PoisonGuard) -> Step:
        async def edit(_: ChatId, message_id: int, message: OutgoingMessage) -> SendOutcome:
            self.fault.meet(message.text)
            return Sent(message_id)

        return MessageEditor(
            db=self.db,
            guard=guard,
            composer=Composer(db=self.db, read_also=no_links, topics=TOPICS, now=self.clock),
            rate_limiter=rate_limiter_of(self.clock),
            edit=edit,
            now=self.clock,
        ).step


class Updates(Stand):
    async def fill(self) -> None:
        await Inbox(
            db=self.db,
            guard=guard_of(self.db),
            handle=no_links,  # type: ignore[arg-type]
            now=self.clock,
        ).store(
            parse_updates(
                {"update_id": number, "message": {"chat": {"id": 1}, "text": title}}
                for number, title in enumerate(TITLES, 1)
            )
        )

    def worker(self, guard: PoisonGuard) -> Step:
        async def handle(content: str) -> None:
            self.fault.meet(content)

        return Inbox(db=self.db, guard=guard, handle=handle, now=self.clock).step


STANDS: list[tuple[Queue, type[Stand]]] = [
    ("polls", Polls),
    ("pages", Pages),
    ("articles", Articles),
    ("chats", Chats),
    ("deliveries", Deliveries),
    ("deliveries", Digest),
    ("notices", Notices),
    ("edits", Edits),
    ("updates", Updates),
]
EVERY_QUEUE = pytest.mark.parametrize(("queue", "stand"), STANDS)


def test_no_queue_is_left_out() -> None:
    assert {queue for queue, _ in STANDS} == set(QUEUES)


async def restart(db: Database, clock: FakeClock) -> PoisonGuard:
    """Do what the start of the process does."""
    guard = guard_of(db, clock)
    async with db.transaction() as tx:
        await guard.recover(tx)
        await deliveries.recover(tx, ready_at=clock())
        await notices.recover(tx)
    return guard


async def drain(step: Step, clock: FakeClock) -> None:
    """Work for two hours, with some minutes of rest whenever there is nothing to do."""
    for _ in range(24):
        while await step():
            clock.advance(seconds=3)
        clock.advance(minutes=5)


def neighbours_done(fault: Fault) -> set[str]:
    return {
        word for word in ("First", "Last", "first", "last") for text in fault.done if word in text
    }


@EVERY_QUEUE
async def test_a_row_that_ends_the_process_three_times_is_set_aside_and_its_neighbours_are_done(
    db: Database,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    queue: Queue,
    stand: type[Stand],
) -> None:
    if queue == "chats":
        pytest.skip("to plan is pure, and ends nothing")
    fault = Fault(error=ProcessEnded)
    rows = stand(db, clock, fault, monkeypatch)
    await rows.fill()
    for _ in range(MAX_ATTEMPTS):
        with pytest.raises(ProcessEnded):
            await drain(rows.worker(await restart(db, clock)), clock)
    await drain(rows.worker(await restart(db, clock)), clock)
    assert fault.strikes == MAX_ATTEMPTS
    (letter,) = await attempts.dead_letters(db.reader)
    assert letter.row.queue == queue
    assert letter.reason == "the process ended in each of 3 attempts"
    assert len(neighbours_done(fault)) == 2
    assert len(await attempts.counts(db.reader)) == 1


@pytest.mark.parametrize(
    "error", [lambda: ValueError(WORDS), UnprintableError], ids=["words", "none"]
)
@EVERY_QUEUE
async def test_a_row_that_fails_is_set_aside_with_its_reason_and_its_neighbours_are_done(
    db: Database,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    queue: Queue,
    stand: type[Stand],
    error: Callable[[], BaseException],
    caplog: pytest.LogCaptureFixture,
) -> None:
    fault = Fault(error=error)
    rows = stand(db, clock, fault, monkeypatch)
    await rows.fill()
    await drain(rows.worker(await restart(db, clock)), clock)
    (letter,) = await attempts.dead_letters(db.reader)
    assert letter.row.queue == queue
    assert letter.reason
    assert len(neighbours_done(fault)) == (1 if queue == "chats" else 2)
    assert f"{queue if queue != 'updates' else 'update'} {letter.row.key}" in caplog.text
    assert "\x1b" not in "".join(
        record.getMessage() for record in caplog.records if record.name.startswith("bot.storage")
    )


@EVERY_QUEUE
async def test_a_row_that_is_put_back_is_done_once_its_fault_is_mended(
    db: Database,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    queue: Queue,
    stand: type[Stand],
) -> None:
    fault = Fault(error=lambda: ValueError(WORDS))
    rows = stand(db, clock, fault, monkeypatch)
    await rows.fill()
    step = rows.worker(await restart(db, clock))
    await drain(step, clock)
    done = len(fault.done)
    fault.error = None
    await drain(step, clock)
    assert len(fault.done) == done or queue == "polls"  # those are never done
    async with db.transaction() as tx:
        # Messages are edited for three hours only.
        await tx.execute("UPDATE editable SET sent_at = ?", (to_seconds(clock()),))
        letters = await attempts.dead_letters(db.reader)
        await attempts.retry(tx, [letter.row for letter in letters], now=clock())
    await drain(step, clock)
    assert len(fault.done) > done
    assert not await attempts.counts(db.reader)


@EVERY_QUEUE
async def test_an_orderly_end_counts_against_no_row(
    db: Database,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    queue: Queue,
    stand: type[Stand],
) -> None:
    if queue in ("chats", "deliveries", "notices"):
        pytest.skip("what is in hand is known by its own state, and is one attempt at the most")
    rows = stand(db, clock, Fault(error=ProcessEnded), monkeypatch)
    await rows.fill()
    for _ in range(MAX_ATTEMPTS + 1):
        guard = await restart(db, clock)
        with pytest.raises(ProcessEnded):
            await drain(rows.worker(guard), clock)
        await guard.forgive()
    assert not await attempts.counts(db.reader)
