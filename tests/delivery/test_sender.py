import asyncio
import sqlite3
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import aiosqlite
import pytest

from bot.delivery.composer import Composer, FindLinks
from bot.delivery.outbox import Outbox
from bot.delivery.sender import Sender
from bot.delivery.token_bucket import TokenBucket
from bot.model import (
    ChatGone,
    ChatId,
    ChatMigrated,
    OutgoingMessage,
    Rejected,
    RetryLater,
    SendOutcome,
    Sent,
    Story,
    Subscriber,
    Unanswered,
)
from bot.storage.database import Database
from bot.storage.outbox import fan_out
from bot.storage.queues.attempts import MAX_ATTEMPTS
from bot.storage.stories import articles, queries
from bot.storage.subscribers import subscribers
from tests.support.builders import (
    SPORT,
    TOPICS,
    WAR,
    guard_of,
    publish,
    rate_limiter_of,
    reading,
    receive,
    subscribe,
)
from tests.support.fakes import NOON, FakeClock

ANN, BOB = ChatId(1), ChatId(2)


@dataclass(slots=True)
class Mailbox:
    """Takes messages and answers by script; `Sent` when the script is at its end."""

    script: list[SendOutcome] = field(default_factory=list)
    taken: list[tuple[ChatId, str]] = field(default_factory=list)
    silent: list[bool] = field(default_factory=list)
    outgoing: list[OutgoingMessage] = field(default_factory=list)

    async def send(self, chat_id: ChatId, message: OutgoingMessage) -> SendOutcome:
        self.silent.append(message.silent)
        self.taken.append((chat_id, message.text))
        self.outgoing.append(message)
        return self.script.pop(0) if self.script else Sent(len(self.taken))


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


async def nothing(story: Story, subscriber: Subscriber) -> tuple[Story, ...]:
    return ()


def sender_of(
    db: Database, mailbox: Mailbox, clock: FakeClock, *, read_also: FindLinks = nothing
) -> Sender:
    return Sender(
        outbox=Outbox(db=db, guard=guard_of(db), now=clock, jitter=lambda: 0.0),
        composer=Composer(db=db, read_also=read_also, topics=TOPICS, now=clock),
        rate_limiter=rate_limiter_of(clock),
        send=mailbox.send,
    )


@pytest.fixture
def sender(db: Database, mailbox: Mailbox, clock: FakeClock) -> Sender:
    return sender_of(db, mailbox, clock)


async def row(db: Database) -> tuple[Any, ...]:
    rows = await db.reader.execute_fetchall(
        "SELECT state, attempts, doubts FROM deliveries ORDER BY id"
    )
    return next(tuple(found) for found in rows)


async def test_a_pending_story_is_sent_once(db: Database, sender: Sender, mailbox: Mailbox) -> None:
    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    assert await sender.step()
    assert not await sender.step()
    ((chat_id, text),) = mailbox.taken
    assert chat_id == ANN
    assert "Bridge opens" in text
    assert await row(db) == ("sent", 1, 0)


async def test_a_chat_gets_its_stories_in_order_and_a_second_apart(
    db: Database, sender: Sender, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    await publish(db, "First")
    await publish(db, "Second")
    assert await sender.step()
    assert not await sender.step()
    clock.advance(seconds=1)
    assert await sender.step()
    assert ["First" in text for _, text in mailbox.taken] == [True, False]


async def test_a_group_gets_a_message_every_three_seconds(
    db: Database, sender: Sender, clock: FakeClock
) -> None:
    await subscribe(db, -5, WAR, kind="group")
    await publish(db, "First")
    await publish(db, "Second")
    assert await sender.step()
    clock.advance(seconds=2)
    assert not await sender.step()
    clock.advance(seconds=1)
    assert await sender.step()


async def test_too_many_requests_postpone_that_chat_and_no_other(
    db: Database, sender: Sender, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    await subscribe(db, BOB)
    await publish(db, "Bridge opens")
    mailbox.script = [RetryLater(timedelta(seconds=40), "too many requests")]
    assert await sender.step()
    assert await row(db) == ("pending", 0, 0)
    assert await sender.step()
    clock.advance(seconds=39)
    assert not await sender.step()
    clock.advance(seconds=1)
    assert await sender.step()
    assert [chat_id for chat_id, _ in mailbox.taken] == [ANN, BOB, ANN]


@pytest.mark.parametrize(
    ("outcome", "recorded"),
    [
        (RetryLater(None, "Bad Gateway"), ("pending", 1, 0)),
        (Unanswered("torn"), ("pending", 1, 1)),
    ],
)
async def test_a_failure_is_retried_with_exponential_backoff(
    db: Database,
    sender: Sender,
    mailbox: Mailbox,
    clock: FakeClock,
    outcome: SendOutcome,
    recorded: tuple[str, int, int],
) -> None:
    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    mailbox.script = [outcome, outcome]
    assert await sender.step()
    assert await row(db) == recorded
    clock.advance(seconds=2)
    assert await sender.step()
    clock.advance(seconds=3)
    assert not await sender.step()
    clock.advance(seconds=1)
    assert await sender.step()
    assert (await row(db))[0] == "sent"


async def test_a_group_that_moved_gets_the_message_at_its_new_id(
    db: Database, sender: Sender, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, -5, WAR, kind="group")
    await publish(db, "Bridge opens")
    mailbox.script = [ChatMigrated(ChatId(-1005))]
    assert await sender.step()
    clock.advance(seconds=3)
    assert await sender.step()
    assert [chat_id for chat_id, _ in mailbox.taken] == [-5, -1005]
    assert await row(db) == ("sent", 1, 0)


async def test_a_chat_that_is_gone_gets_nothing_more_and_keeps_its_settings(
    db: Database, sender: Sender, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    await publish(db, "First")
    await publish(db, "Second")
    mailbox.script = [ChatGone("Forbidden: bot was blocked by the user")]
    assert await sender.step()
    clock.advance(minutes=1)
    assert not await sender.step()
    ann = await subscribers.find(db.reader, ANN)
    assert ann is not None
    assert ann.topics == {WAR}


async def test_a_rejected_message_does_not_stop_the_next(
    db: Database, sender: Sender, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    await publish(db, "First")
    await publish(db, "Second")
    mailbox.script = [Rejected("Bad Request: can't parse entities"), Rejected("still bad")]
    assert await sender.step()
    assert (await row(db))[0] == "rejected"
    clock.advance(seconds=1)
    assert await sender.step()
    assert "Second" in mailbox.taken[-1][1]


async def test_a_story_that_cannot_be_rendered_three_times_is_rejected_with_its_traceback(
    db: Database, mailbox: Mailbox, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(story: Story, subscriber: Subscriber) -> tuple[Story, ...]:
        raise ZeroDivisionError("too strange")

    sender = sender_of(db, mailbox, clock, read_also=broken)
    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    for _ in range(MAX_ATTEMPTS):
        assert (await row(db))[0] == "pending"
        assert await sender.step()
        clock.advance(minutes=1)
    assert (await row(db))[0] == "rejected"
    assert not await sender.step()
    assert "ZeroDivisionError: too strange" in caplog.text


async def test_a_group_that_moved_after_the_claim_is_not_held_up_by_it(
    db: Database, sender: Sender, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, -5, WAR, kind="group")
    await publish(db, "Bridge opens")

    async def move_first(chat_id: ChatId, message: OutgoingMessage) -> SendOutcome:
        async with db.transaction() as tx:
            await subscribers.move(tx, ChatId(-5), ChatId(-1005))
        return ChatMigrated(ChatId(-1005))

    assert await replace(sender, send=move_first).step()
    clock.advance(seconds=3)
    assert await sender.step()
    assert [chat_id for chat_id, _ in mailbox.taken] == [-1005]
    assert await row(db) == ("sent", 1, 0)


async def test_a_topic_unsubscribed_since_is_not_sent_and_can_be_enqueued_again(
    db: Database, sender: Sender, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, ANN, WAR, SPORT)
    bridge = await publish(db, "Bridge opens")
    await publish(db, "Cup won", made=reading(topic=SPORT))
    async with db.transaction() as tx:
        await subscribers.set_topics(tx, ANN, [WAR], wanted=False)
    assert await sender.step()
    clock.advance(seconds=1)
    assert await sender.step()
    ((_, text),) = mailbox.taken
    assert "Cup won" in text
    async with db.transaction() as tx:
        await subscribers.set_topics(tx, ANN, [WAR], wanted=True)
        assert await fan_out.enqueue_first(tx, ANN, [bridge], now=NOON) == 1


async def test_a_language_dropped_since_is_not_sent(
    db: Database, sender: Sender, mailbox: Mailbox
) -> None:
    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await subscribers.set_news_language(tx, ANN, "uk", wanted=True)
        await subscribers.set_news_language(tx, ANN, "en", wanted=False)
    assert await sender.step()
    assert not await sender.step()
    assert mailbox.taken == []


async def test_a_database_that_fails_is_not_the_storys_fault(
    db: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    async def failing(story: Story, subscriber: Subscriber) -> tuple[Story, ...]:
        error = aiosqlite.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    with pytest.raises(aiosqlite.DatabaseError):
        await sender_of(db, mailbox, clock, read_also=failing).step()
    assert (await row(db))[0] == "sending"


async def test_parallel_lanes_keep_the_rate_limit_and_never_share_a_chat(
    db: Database, mailbox: Mailbox, sender: Sender, clock: FakeClock
) -> None:
    sender.rate_limiter.bucket = TokenBucket(gap=1, slack=0, next_at=clock().timestamp())
    sent_at: list[float] = []

    async def send(chat_id: ChatId, message: OutgoingMessage) -> SendOutcome:
        sent_at.append((clock() - NOON).total_seconds())
        return await mailbox.send(chat_id, message)

    for number in range(1, 7):
        await subscribe(db, number)
    await publish(db, "First")
    await publish(db, "Second")
    async with asyncio.TaskGroup() as tasks:
        for _ in range(6):
            tasks.create_task(replace(sender, send=send).step())
    assert sorted(chat_id for chat_id, _ in mailbox.taken) == [1, 2, 3, 4, 5, 6]
    assert sent_at == [0, 1, 2, 3, 4, 5]


async def test_a_story_is_sent_while_one_of_its_topics_is_wanted(
    db: Database, sender: Sender, mailbox: Mailbox
) -> None:
    await subscribe(db, ANN, WAR, SPORT)
    await publish(db, "Cup won", made=replace(reading(), other_topics=(SPORT,)))
    async with db.transaction() as tx:
        await subscribers.set_topics(tx, ANN, [WAR], wanted=False)
    assert await sender.step()
    assert len(mailbox.taken) == 1


async def test_an_article_in_the_readers_language_that_comes_before_the_withdrawal_is_not_lost(
    db: Database,
    sender: Sender,
    mailbox: Mailbox,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await subscribe(db, ANN)
    story_id = await publish(db, "Bridge opens")
    article = await receive(db, "Міст відкрито")
    async with db.transaction() as tx:
        await subscribers.set_news_language(tx, ANN, "uk", wanted=True)
        await subscribers.set_news_language(tx, ANN, "en", wanted=False)
    find = queries.visible_stories

    async def find_slowly(*args: Any, **kwargs: Any) -> tuple[Story, ...]:
        found = await find(*args, **kwargs)
        monkeypatch.undo()
        async with db.transaction() as tx:
            await articles.mark_processed(
                tx, article.id, reading(language="uk"), story_id, now=NOON
            )
            assert await fan_out.enqueue_story(tx, story_id, "uk", now=NOON) == 0
        return found

    monkeypatch.setattr(queries, "visible_stories", find_slowly)
    assert await sender.step()
    assert await row(db) == ("pending", 0, 0)
    clock.advance(minutes=1)
    assert await sender.step()
    ((_, text),) = mailbox.taken
    assert "Міст відкрито" in text


async def test_refused_markup_is_sent_once_more_as_plain_text(
    db: Database, sender: Sender, mailbox: Mailbox
) -> None:
    await subscribe(db, ANN)
    await publish(db, "Bridge <opens>")
    mailbox.script = [Rejected("Bad Request: can't parse entities")]
    assert await sender.step()
    (_, marked), (_, bare) = mailbox.taken
    assert "<b>" in marked
    assert bare.startswith("Bridge <opens> https://courier.example/")
    assert await row(db) == ("sent", 1, 0)


async def test_a_message_that_always_fails_lets_the_others_of_its_chat_go_ahead(
    db: Database, sender: Sender, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    await publish(db, "Poison")
    await publish(db, "Second")
    arrived: list[str] = []

    async def send(chat_id: ChatId, message: OutgoingMessage) -> SendOutcome:
        if "Poison" in message.text:
            return RetryLater(None, "Internal Server Error")
        arrived.append(message.text)
        return Sent(1)

    picky = replace(sender, send=send)
    for _ in range(300):
        clock.advance(seconds=2)
        await picky.step()
        if arrived:
            break
    assert clock() - NOON < timedelta(minutes=5)
    state, attempts, _ = await row(db)
    assert (state, attempts > 6) == ("pending", True)
    for _ in range(300):
        clock.advance(seconds=2)
        await sender.step()
    assert (await row(db))[0] == "sent"


async def test_several_chats_refused_in_a_row_pause_all_chats(
    db: Database, sender: Sender, mailbox: Mailbox, clock: FakeClock
) -> None:
    for number in range(1, 6):
        await subscribe(db, number)
    await publish(db, "Bridge opens")
    mailbox.script = [RetryLater(timedelta(seconds=40), "too many requests")] * 3
    assert [await sender.step() for _ in range(4)] == [True, True, True, False]
    clock.advance(seconds=37)
    assert not await sender.step()
    clock.advance(seconds=3)
    while await sender.step():
        pass
    assert sorted(chat_id for chat_id, _ in mailbox.taken[3:]) == [1, 2, 3, 4, 5]
    assert await row(db) == ("sent", 1, 0)


async def test_a_claim_made_before_a_pause_waits_for_its_end_and_counts_no_attempt(
    db: Database, sender: Sender, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    claim = await sender.outbox.claim()
    assert claim is not None
    sender.rate_limiter.bucket = sender.rate_limiter.bucket.blocked_until(clock().timestamp() + 60)
    await sender._deliver(*claim)
    assert mailbox.taken == []
    assert await row(db) == ("pending", 0, 0)


async def test_what_came_while_the_reader_was_away_is_one_message(
    db: Database, sender: Sender, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    for number in range(27):
        await publish(db, f"Old news {number}")
    clock.advance(hours=25)
    assert await sender.step()
    clock.advance(seconds=2)
    assert not await sender.step()
    ((_, text),) = mailbox.taken
    assert "While you were away, 27 stories came." in text
    assert text.count("Old news") == 20
    rows = await db.reader.execute_fetchall("SELECT state, message_id FROM deliveries")
    assert [tuple(found) for found in rows] == [("sent", 1)] * 27


async def test_of_what_came_meanwhile_only_what_is_still_wanted_is_listed(
    db: Database, sender: Sender, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, ANN, WAR, SPORT)
    await publish(db, "Bridge opens")
    await publish(db, "Cup won", made=reading(topic=SPORT))
    async with db.transaction() as tx:
        await subscribers.set_topics(tx, ANN, [WAR], wanted=False)
    clock.advance(hours=25)
    assert await sender.step()
    ((_, text),) = mailbox.taken
    assert "Bridge opens" not in text
    assert "Cup won" in text
    rows = await db.reader.execute_fetchall("SELECT state FROM deliveries")
    assert [found[0] for found in rows] == ["sent"]


async def test_a_chat_whose_only_story_is_gone_is_due_no_more(db: Database, sender: Sender) -> None:
    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM stories")
    assert not await sender.step()
    rows = await db.reader.execute_fetchall("SELECT due_at FROM subscribers")
    assert [found[0] for found in rows] == [None]


async def test_a_burst_for_one_chat_holds_up_nobody(
    db: Database, sender: Sender, mailbox: Mailbox, clock: FakeClock
) -> None:
    await subscribe(db, ANN)
    for number in range(9):
        await publish(db, f"Story {number}")
    await subscribe(db, BOB, SPORT)
    await publish(db, "Cup won", made=reading(topic=SPORT))
    assert await sender.step()
    assert await sender.step()
    assert [chat_id for chat_id, _ in mailbox.taken] == [ANN, BOB]


async def test_a_sent_message_is_recorded_once_the_database_can_be_written_again(
    sender: Sender,
    mailbox: Mailbox,
    db: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("bot.storage.errors.MIN_RETRY_WAIT", timedelta(0))
    await subscribe(db, 1)
    await publish(db, "Bridge opens")

    async def send(chat_id: ChatId, message: OutgoingMessage) -> SendOutcome:
        await db._writer.execute("PRAGMA query_only = ON")
        return await mailbox.send(chat_id, message)

    sending = asyncio.ensure_future(replace(sender, send=send).step())
    while "waiting for the database: attempt to write a readonly database" not in caplog.text:
        await asyncio.sleep(0.01)
    await db._writer.execute("PRAGMA query_only = OFF")
    assert await sending
    assert not await sender.step()
    assert len(mailbox.taken) == 1
    assert (await row(db))[0] == "sent"
