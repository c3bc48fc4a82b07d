from datetime import timedelta

import pytest

from bot.delivery import notice_sender as module
from bot.delivery.notice_sender import MAX_NOTICE_ATTEMPTS, NoticeSender
from bot.model import ChatGone, ChatId, ChatMigrated, Rejected, RetryLater, SendOutcome, Unanswered
from bot.storage.database import Database
from bot.storage.outbox import notices
from bot.storage.subscribers import subscribers
from tests.delivery.test_sender import Mailbox
from tests.support.builders import guard_of, publish, rate_limiter_of, subscribe
from tests.support.fakes import FakeClock

ANN, BOB, NEW = ChatId(1), ChatId(2), ChatId(-1005)


@pytest.fixture
async def notice_sender(db: Database, mailbox: Mailbox, clock: FakeClock) -> NoticeSender:
    await subscribe(db, ANN)
    return NoticeSender(
        db=db,
        guard=guard_of(db),
        rate_limiter=rate_limiter_of(clock),
        send=mailbox.send,
        now=clock,
        jitter=lambda: 0.0,
    )


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox([])


async def write(db: Database, clock: FakeClock, *chats: ChatId) -> None:
    async with db.transaction() as tx:
        await notices.enqueue(tx, "<b>A word</b>", chats or (ANN,), now=clock())


async def states(db: Database) -> list[tuple[str, int]]:
    rows = await db.reader.execute_fetchall("SELECT state, doubts FROM notices ORDER BY id")
    return [(row[0], row[1]) for row in rows]


async def test_a_notice_is_sent_once(
    notice_sender: NoticeSender, db: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    assert not await notice_sender.step()
    await write(db, clock)
    assert await notice_sender.step()
    assert not await notice_sender.step()
    assert mailbox.taken == [(ANN, "<b>A word</b>")]
    assert await states(db) == [("sent", 0)]


@pytest.mark.parametrize(
    ("outcome", "wait", "doubts"),
    [
        (RetryLater(timedelta(seconds=30), "too many requests"), 30, 0),
        (RetryLater(None, "bad gateway"), 300, 0),
        (Unanswered("cut off"), 300, 1),
    ],
)
async def test_a_temporary_failure_is_retried(
    notice_sender: NoticeSender,
    db: Database,
    mailbox: Mailbox,
    clock: FakeClock,
    outcome: SendOutcome,
    wait: int,
    doubts: int,
) -> None:
    mailbox.script.append(outcome)
    await write(db, clock)
    assert await notice_sender.step()
    assert await states(db) == [("pending", doubts)]
    assert not await notice_sender.step()
    clock.advance(seconds=wait)
    assert await notice_sender.step()
    assert await states(db) == [("sent", doubts)]


async def test_refused_markup_is_sent_as_plain_text(
    notice_sender: NoticeSender, db: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    mailbox.script += [Rejected("can't parse entities")]
    await write(db, clock)
    assert await notice_sender.step()
    assert [text for _, text in mailbox.taken][-1] == "A word"
    assert await states(db) == [("sent", 0)]


async def test_a_chat_that_is_gone_gets_nothing_more(
    notice_sender: NoticeSender, db: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    await publish(db, "Bridge opens")
    mailbox.script.append(ChatGone("blocked"))
    await write(db, clock)
    assert await notice_sender.step()
    assert await states(db) == [("gone", 0)]
    rows = await db.reader.execute_fetchall("SELECT state FROM deliveries")
    assert [row[0] for row in rows] == ["gone"]


async def test_a_group_that_moved_gets_the_notice_at_its_new_id(
    notice_sender: NoticeSender, db: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    group = await subscribe(db, -5, kind="group")
    mailbox.script.append(ChatMigrated(NEW))
    await write(db, clock, group)
    assert await notice_sender.step()
    assert await subscribers.find(db.reader, NEW) is not None
    clock.advance(minutes=1)
    assert await notice_sender.step()
    assert [chat_id for chat_id, _ in mailbox.taken][-1] == NEW


async def test_a_notice_that_always_fails_is_given_up_with_its_reason(
    notice_sender: NoticeSender, db: Database, mailbox: Mailbox, clock: FakeClock
) -> None:
    mailbox.script += [RetryLater(None, "bad gateway")] * MAX_NOTICE_ATTEMPTS
    await write(db, clock)
    while await notice_sender.step():
        clock.advance(hours=1)
    assert await states(db) == [("rejected", 0)]


async def test_during_a_pause_of_all_chats_nothing_is_claimed(
    notice_sender: NoticeSender, db: Database, clock: FakeClock
) -> None:
    await write(db, clock)
    notice_sender.rate_limiter.bucket = notice_sender.rate_limiter.bucket.blocked_until(
        clock().timestamp() + 60
    )
    assert not await notice_sender.step()
    assert await states(db) == [("pending", 0)]


async def test_old_letters_are_pruned(
    notice_sender: NoticeSender, db: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PRUNE_INTERVAL", timedelta(0))
    await write(db, clock)
    await notice_sender.step()
    clock.advance(hours=24 * 31)
    assert await notice_sender.prune()
    assert await states(db) == []
