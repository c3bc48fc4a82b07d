import asyncio
import json
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter, TelegramUnauthorizedError
from aiogram.methods import GetMe

from bot.errors import UnreadableError
from bot.model import ChatId
from bot.storage.database import Database
from bot.storage.queues import attempts
from bot.storage.subscribers import subscribers
from bot.telegram.updates import inbox as module
from bot.telegram.updates.failures import MAX_UPDATE_ATTEMPTS
from bot.telegram.updates.inbox import Inbox, dispatch
from bot.telegram.updates.person_load import LIMITED_GAP
from bot.telegram.updates.raw_update import parse_updates
from bot_playground.state.chats import ChatMessage, Person
from bot_playground.state.faults import Fault, FaultKind
from tests.support.builders import WAR, guard_of
from tests.support.fakes import FakeClock
from tests.telegram.conftest import Conversation, labels

METHOD = GetMe()


@dataclass(slots=True)
class Handler:
    """Remembers the texts it was given; does what a test wants with some of them."""

    actions: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    handled: list[str] = field(default_factory=list)

    async def handle(self, content: str) -> None:
        text = json.loads(content)["message"]["text"]
        if text in self.actions:
            await self.actions[text]()
        self.handled.append(text)

    def fails(self, text: str, error: Exception, *, times: int = 10_000) -> None:
        left = Counter({"times": times})

        async def fail() -> None:
            left["times"] -= 1
            if left["times"] >= 0:
                raise error

        self.actions[text] = fail


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
def inbox(db: Database, handler: Handler, clock: FakeClock) -> Inbox:
    return Inbox(db=db, guard=guard_of(db), handle=handler.handle, now=clock)


async def receive(inbox: Inbox, *texts: str) -> None:
    """Store messages, numbered from 1; "Ann: hi" is from the chat of Ann."""
    chats = sorted({text.partition(":")[0] for text in texts})
    await inbox.store(
        parse_updates(
            {
                "update_id": number,
                "message": {"chat": {"id": 1 + chats.index(text.partition(":")[0])}, "text": text},
            }
            for number, text in enumerate(texts, start=1)
        )
    )


async def drain(inbox: Inbox) -> None:
    while await inbox.step():
        pass


async def stored(db: Database, column: str = "content") -> list[str]:
    rows = await db.reader.execute_fetchall(
        f"SELECT {column} FROM updates WHERE {column} IS NOT NULL ORDER BY update_id"
    )
    return [row[0] for row in rows]


async def test_updates_are_handled_in_order_and_once_and_their_content_is_deleted(
    inbox: Inbox, handler: Handler, db: Database
) -> None:
    await receive(inbox, "Ann: one", "Ann: two", "Ann: three")
    await drain(inbox)
    await receive(inbox, "Ann: one", "Ann: two", "Ann: three")
    await drain(inbox)
    assert handler.handled == ["Ann: one", "Ann: two", "Ann: three"]
    assert await stored(db) == []
    assert await stored(db, "chat_id") == []


async def test_an_arriving_update_wakes_the_lanes(inbox: Inbox) -> None:
    assert not await inbox.step()
    assert not inbox.arrived.is_set()
    await receive(inbox, "Ann: one")
    assert inbox.arrived.is_set()


async def test_a_stored_update_is_handled_by_the_next_process(
    inbox: Inbox, db: Database, clock: FakeClock
) -> None:
    await receive(inbox, "Ann: one")
    successor = Handler()
    await drain(Inbox(db=db, guard=guard_of(db), handle=successor.handle, now=clock))
    assert successor.handled == ["Ann: one"]


async def test_an_update_cancelled_before_it_was_marked_is_handled_again(
    inbox: Inbox, handler: Handler
) -> None:
    cut = asyncio.Event()

    async def hang() -> None:
        handler.actions.clear()
        cut.set()
        await asyncio.sleep(60)

    handler.actions["Ann: one"] = hang
    await receive(inbox, "Ann: one", "Ann: two")
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(inbox.step())
        await cut.wait()
        task.cancel()
    await drain(inbox)
    assert handler.handled == ["Ann: one", "Ann: two"]


async def test_what_ends_the_process_each_time_is_set_aside_in_the_end(
    handler: Handler, db: Database, clock: FakeClock
) -> None:
    class KilledError(BaseException):
        pass

    async def end() -> None:
        raise KilledError

    async def restarted() -> Inbox:
        guard = guard_of(db)
        async with db.transaction() as tx:
            await guard.recover(tx)
        return Inbox(db=db, guard=guard, handle=handler.handle, now=clock)

    handler.actions["Ann: one"] = end
    await receive(await restarted(), "Ann: one", "Ann: two")
    for _ in range(attempts.MAX_ATTEMPTS):
        inbox = await restarted()
        with pytest.raises(KilledError):
            await inbox.step()
    await drain(await restarted())
    assert handler.handled == ["Ann: two"]
    assert await stored(db, "problem") == ["the process ended in each of 3 attempts"]


@pytest.mark.parametrize("turns", range(0, 40, 3))
async def test_cancelled_anywhere_no_update_is_lost(
    inbox: Inbox, handler: Handler, turns: int
) -> None:
    await receive(inbox, "Ann: one", "Ann: two")
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(drain(inbox))
        for _ in range(turns):
            await asyncio.sleep(0.0002)
        task.cancel()
    await drain(inbox)
    assert list(dict.fromkeys(handler.handled)) == ["Ann: one", "Ann: two"]


async def test_a_chat_that_takes_long_holds_up_no_other_and_keeps_its_order(
    inbox: Inbox, handler: Handler
) -> None:
    quick = asyncio.Event()

    async def wait() -> None:
        await asyncio.wait_for(quick.wait(), 5)

    async def tell() -> None:
        quick.set()

    handler.actions = {"Ann: slow": wait, "Bob: quick": tell}
    await receive(inbox, "Ann: slow", "Ann: later", "Bob: quick")
    async with asyncio.TaskGroup() as tasks:
        for _ in range(3):
            tasks.create_task(drain(inbox))
    assert handler.handled == ["Bob: quick", "Ann: slow", "Ann: later"]


async def test_many_lanes_handle_each_update_once_and_each_chat_in_order(
    inbox: Inbox, handler: Handler
) -> None:
    texts = [f"{name}: {number:02}" for number in range(20) for name in ("Ann", "Bob", "Cat")]
    await receive(inbox, *texts)
    async with asyncio.TaskGroup() as tasks:
        for _ in range(5):
            tasks.create_task(drain(inbox))
    assert sorted(handler.handled) == sorted(texts)
    for name in ("Ann", "Bob", "Cat"):
        of_one = [text for text in handler.handled if text.startswith(name)]
        assert of_one == sorted(of_one)


async def test_a_transient_failure_is_retried_after_a_pause_and_its_chat_waits(
    inbox: Inbox, handler: Handler, clock: FakeClock
) -> None:
    handler.fails("Ann: one", TelegramNetworkError(METHOD, "connection reset"), times=2)
    await receive(inbox, "Ann: one", "Ann: two", "Bob: three")
    await drain(inbox)
    assert handler.handled == ["Bob: three"]
    clock.advance(seconds=2)
    await drain(inbox)
    assert handler.handled == ["Bob: three"]
    clock.advance(seconds=4)
    await drain(inbox)
    assert handler.handled == ["Bob: three", "Ann: one", "Ann: two"]


async def test_the_wait_that_telegram_asks_for_is_kept(
    inbox: Inbox, handler: Handler, clock: FakeClock
) -> None:
    handler.fails("Ann: one", TelegramRetryAfter(METHOD, "Too Many Requests", 30), times=1)
    await receive(inbox, "Ann: one")
    await drain(inbox)
    clock.advance(seconds=29)
    assert not await inbox.step()
    clock.advance(seconds=1)
    assert await inbox.step()
    assert handler.handled == ["Ann: one"]


async def test_a_lasting_failure_becomes_a_dead_letter_and_its_chat_goes_on(
    inbox: Inbox,
    handler: Handler,
    db: Database,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    handler.fails("Ann: one", TelegramNetworkError(METHOD, "connection reset"))
    await receive(inbox, "Ann: one", "Ann: two")
    for _ in range(MAX_UPDATE_ATTEMPTS):
        await drain(inbox)
        clock.advance(minutes=5)
    assert handler.handled == ["Ann: two"]
    assert (
        f"update 1, message, is set aside: all {MAX_UPDATE_ATTEMPTS} attempts failed" in caplog.text
    )
    assert await stored(db, "problem") == [
        f"all {MAX_UPDATE_ATTEMPTS} attempts failed: connection reset"
    ]


async def test_a_bug_makes_a_dead_letter_at_once_with_its_traceback_and_the_log_quotes_nobody(
    inbox: Inbox, handler: Handler, db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    handler.fails("Ann: one", ValueError("what Ann wrote"))
    await receive(inbox, "Ann: one", "Ann: two")
    await drain(inbox)
    assert handler.handled == ["Ann: two"]
    (problem,) = await stored(db, "problem")
    assert "ValueError: what Ann wrote" in problem
    assert "update 1, message, is set aside: it cannot be handled: ValueError" in caplog.text
    assert "Ann wrote" not in caplog.text
    assert "Ann: one" not in caplog.text


async def test_a_refused_token_ends_the_worker_and_the_update_waits(
    inbox: Inbox, handler: Handler
) -> None:
    handler.fails("Ann: one", TelegramUnauthorizedError(METHOD, "Unauthorized"), times=1)
    await receive(inbox, "Ann: one")
    with pytest.raises(TelegramUnauthorizedError):
        await inbox.step()
    await drain(inbox)
    assert handler.handled == ["Ann: one"]


@pytest.fixture
async def locked(db: Database, tmp_path: Path) -> AsyncIterator[sqlite3.Connection]:
    """Somebody else's connection, for locking the database; ours are not patient."""
    async with db.transaction() as tx:
        pass
    await tx.execute("PRAGMA busy_timeout = 0")
    connection = sqlite3.connect(tmp_path / "readalso.db", isolation_level=None)
    yield connection
    connection.close()


async def test_a_locked_database_loses_no_update(
    conversation: Conversation, db: Database, locked: sqlite3.Connection
) -> None:
    ann = conversation.telegram.person("Ann", language="en")
    conversation.telegram.say(ann, "/topics war")
    assert await conversation.update_poller.step()
    locked.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        await conversation.inbox.step()
    locked.execute("ROLLBACK")
    await conversation.settle()
    known = await subscribers.find(db.reader, ChatId(ann.id))
    assert known is not None
    assert known.topics == {WAR}


async def test_an_update_handled_while_the_database_is_locked_is_not_handled_again(
    inbox: Inbox,
    handler: Handler,
    locked: sqlite3.Connection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr("bot.storage.errors.MIN_RETRY_WAIT", timedelta(0))

    async def lock() -> None:
        locked.execute("BEGIN IMMEDIATE")

    handler.actions["Ann: one"] = lock
    await receive(inbox, "Ann: one")
    handled = asyncio.ensure_future(drain(inbox))
    while "waiting for the database" not in caplog.text:
        await asyncio.sleep(0.01)
    locked.execute("ROLLBACK")
    await handled
    assert handler.handled == ["Ann: one"]


async def test_a_wrong_statement_is_an_error(inbox: Inbox, db: Database) -> None:
    await receive(inbox, "Ann: one")
    async with db.transaction() as tx:
        await tx.execute("ALTER TABLE updates RENAME COLUMN problem TO trouble")
    with pytest.raises(sqlite3.OperationalError, match="no such column"):
        await inbox.step()


async def test_tidying_deletes_expired_rows(
    inbox: Inbox, handler: Handler, db: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TIDY_INTERVAL", timedelta(0))
    handler.fails("Ann: one", ValueError("x"))
    await receive(inbox, "Ann: one", "Ann: two")
    await drain(inbox)
    counts = []
    for days in (1, 2, 5):
        clock.advance(days=days, seconds=1)
        assert await inbox.tidy()
        counts.append(len(await stored(db, "update_id")))
    assert counts == [2, 1, 0]


async def test_an_update_that_cannot_be_read_is_an_error_that_quotes_nothing(bot: Bot) -> None:
    message = {"message_id": 2, "date": 0, "chat": {"type": "private"}, "text": "what Ann wrote"}
    with pytest.raises(UnreadableError) as caught:
        await dispatch(Dispatcher(), bot, json.dumps({"update_id": 7, "message": message}))
    assert str(caught.value) == "message.chat.id: missing"


async def test_an_update_that_cannot_be_read_becomes_a_dead_letter_and_its_chat_goes_on(
    conversation: Conversation, db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    ann = conversation.telegram.person("Ann", language="en")
    strange = conversation.telegram.say(ann, "my secret")
    strange.body["message_id"] = "hologram"
    message = await conversation.say(ann, "/help")
    assert message is not None
    assert len(conversation.texts(ann)) == 1
    assert "message, is set aside: this aiogram cannot read it: message.message_id" in caplog.text
    assert "secret" not in caplog.text
    (content,) = await stored(db)
    assert "hologram" in content


async def test_a_command_is_answered_whatever_else_its_update_holds(
    conversation: Conversation, db: Database
) -> None:
    ann = conversation.telegram.person("Ann", language="en")
    strange = {"type": "hologram", "date": 0}
    for part in ("forward_origin", "external_reply", "quote", "photo", "entities", "paid_media"):
        before = len(conversation.texts(ann))
        conversation.telegram.say(ann, "/help").body[part] = strange
        await conversation.settle()
        assert len(conversation.texts(ann)) == before + 1, part
    assert await stored(db, "problem") == []


@pytest.fixture
async def ann(conversation: Conversation) -> Person:
    return conversation.telegram.person("Ann", language="en")


@pytest.fixture
async def topics(conversation: Conversation, ann: Person) -> ChatMessage:
    message = await conversation.say(ann, "/start")
    assert message is not None
    return message


async def test_a_callback_query_handled_twice_is_idempotent(
    conversation: Conversation, db: Database, ann: Person, topics: ChatMessage
) -> None:
    conversation.telegram.press(ann, topics, "🪖 War")
    (update,) = conversation.telegram.world.updates.pending
    await conversation.settle()
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM updates")
    conversation.telegram.world.updates.pending.append(update)
    await conversation.inbox.store(parse_updates([update]))
    await conversation.settle()
    known = await subscribers.find(db.reader, ChatId(ann.id))
    assert known is not None
    assert known.topics == {WAR}
    assert "✅ War" in labels(conversation.shown(topics))
    assert await stored(db, "problem") == []


async def test_a_callback_query_is_answered_once_telegram_is_reachable_again(
    conversation: Conversation, ann: Person, topics: ChatMessage
) -> None:
    conversation.telegram.inject_fault(
        Fault(kind=FaultKind.DROP_BEFORE, method="answerCallbackQuery", times=2)
    )
    query_id = conversation.telegram.press(ann, topics, "🪖 War")
    for _ in range(3):
        await conversation.settle()
        conversation.clock.advance(seconds=5)
    assert conversation.telegram.callback_answer(query_id) is not None
    assert "✅ War" in labels(conversation.shown(topics))


async def test_a_person_who_blocks_the_bot_before_the_answer_is_no_failure(
    conversation: Conversation,
    db: Database,
    ann: Person,
    topics: ChatMessage,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    conversation.telegram.say(ann, "/help")
    conversation.telegram.block(ann)
    await conversation.settle()
    assert "there is nobody to answer: Forbidden: bot was blocked by the user" in caplog.text
    assert await stored(db) == []
    assert await stored(db, "problem") == []


async def test_stop_leaves_nothing_of_the_chat_in_the_inbox(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    failing = Inbox(db=db, guard=guard_of(db), handle=partial(_fail), now=conversation.clock)
    conversation.telegram.say(ann, "my secret")
    await conversation.update_poller.step()
    await failing.step()
    assert "my secret" in (await stored(db))[0]
    question = await conversation.say(ann, "/stop")
    assert question is not None
    await conversation.press(ann, question, "🗑 Delete everything")
    assert await stored(db) == []
    assert await stored(db, "chat_id") == []
    assert await stored(db, "problem") == []


async def _fail(content: str) -> None:
    raise ValueError(content)


async def test_a_person_is_in_one_lane_over_all_chats(inbox: Inbox, handler: Handler) -> None:
    may_go_on = asyncio.Event()
    handler.actions["slow"] = may_go_on.wait  # type: ignore[assignment]

    def written(number: int, chat: int, person: int, text: str) -> dict[str, object]:
        message = {"chat": {"id": chat}, "from": {"id": person}, "text": text}
        return {"update_id": number, "message": message}

    await inbox.store(
        parse_updates(
            [written(1, -1, 1, "slow"), written(2, -2, 1, "other"), written(3, -3, 2, "Bob's")]
        )
    )
    async with asyncio.TaskGroup() as lanes:
        lanes.create_task(inbox.step())
        async with asyncio.timeout(60):
            while not inbox._busy_people:
                await asyncio.sleep(0)
        assert await inbox.step()
        assert not await inbox.step()
        assert handler.handled == ["Bob's"]
        may_go_on.set()
    await drain(inbox)
    assert handler.handled == ["Bob's", "slow", "other"]


async def test_a_limited_person_waits_between_two_updates_and_nobody_else_does(
    inbox: Inbox, handler: Handler, clock: FakeClock
) -> None:
    inbox.load.limited = {inbox.load.code(ChatId(1))}
    await receive(inbox, "Ann: one", "Ann: two", "Bob: one", "Bob: two")
    await drain(inbox)
    assert handler.handled == ["Ann: one", "Bob: one", "Bob: two"]
    clock.advance(seconds=LIMITED_GAP.total_seconds())
    await drain(inbox)
    assert handler.handled[-1] == "Ann: two"
