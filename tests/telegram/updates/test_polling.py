import asyncio
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramConflictError,
    TelegramUnauthorizedError,
)
from aiogram.methods import GetMe

from bot.model import RawUpdate
from bot.telegram.updates import polling as module
from bot.telegram.updates.polling import MAX_CONFLICTS, UpdatePoller, get_updates
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.state.faults import Fault, FaultKind
from tests.support.bot_session import FakeSession
from tests.support.fakes import TOKEN
from tests.telegram.conftest import get_updates_once

KINDS = ["message"]


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "UNREACHABLE_PAUSE_SECONDS", 0.0)


@dataclass(slots=True)
class Store:
    """Records the ids that it stores; raises the failures first."""

    failures: list[Exception] = field(default_factory=list)
    stored: list[int] = field(default_factory=list)

    async def store(self, incoming: Sequence[RawUpdate]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.stored += [update.id for update in incoming]


def poller_of(bot: Bot, store: Store) -> UpdatePoller:
    return UpdatePoller(get_updates=partial(get_updates_once, bot), store=store.store)


def busy() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def conflict(words: str) -> TelegramConflictError:
    return TelegramConflictError(method=GetMe(), message=f"Conflict: {words}")


def answering(*answers: list[object] | Exception | None) -> UpdatePoller:
    """Return a poller that receives these answers in turn."""
    left = list(answers)

    async def answer_next(_: int | None) -> list[object] | None:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return UpdatePoller(get_updates=answer_next, store=Store().store)


async def test_updates_are_stored_in_order_and_confirmed_only_then(
    bot: Bot, telegram: FakeTelegram
) -> None:
    ann, store = telegram.person("Ann"), Store()
    for text in ("one", "two", "three"):
        telegram.say(ann, text)
    poller = poller_of(bot, store)
    assert await poller.step()
    assert len(telegram.world.updates.pending) == 3
    assert not await poller.step()
    assert not telegram.world.updates.pending
    assert store.stored == sorted(store.stored)
    assert len(store.stored) == 3


async def test_updates_that_could_not_be_stored_are_received_again(
    bot: Bot, telegram: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(failures=[busy(), busy()])
    telegram.say(telegram.person("Ann"), "one")
    poller = poller_of(bot, store)
    assert not await poller.step()
    assert not await poller.step()
    assert await poller.step()
    assert len(store.stored) == 1
    assert "updates wait for the database: database is locked" in caplog.text


async def test_a_lasting_database_error_is_raised(bot: Bot, telegram: FakeTelegram) -> None:
    telegram.say(telegram.person("Ann"), "one")
    with pytest.raises(sqlite3.IntegrityError):
        await poller_of(bot, Store(failures=[sqlite3.IntegrityError("no")])).step()


async def test_anything_but_updates_is_left_out(bot: Bot) -> None:
    assert not await answering(["nonsense", {"update_id": "x"}, 7]).step()


async def test_a_long_poll_returns_what_is_sent_meanwhile(bot: Bot, telegram: FakeTelegram) -> None:
    ann = telegram.person("Ann")
    async with asyncio.TaskGroup() as tasks:
        asking = tasks.create_task(get_updates(bot, KINDS, None))
        await asyncio.sleep(0.05)
        telegram.say(ann, "hello")
    found = asking.result()
    assert found is not None
    (update,) = found
    assert isinstance(update, dict)
    assert update["message"]["text"] == "hello"


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind=FaultKind.BAD_GATEWAY, method="getUpdates", times=1),
        Fault(kind=FaultKind.SERVER_ERROR, method="getUpdates", times=1),
        Fault(kind=FaultKind.DROP_BEFORE, method="getUpdates", times=1),
        Fault(kind=FaultKind.RETRY_AFTER, method="getUpdates", times=1, retry_after=1),
    ],
    ids=lambda fault: fault.kind.value,
)
async def test_a_network_or_server_error_is_no_answer_and_no_error(
    bot: Bot, telegram: FakeTelegram, fault: Fault
) -> None:
    telegram.say(telegram.person("Ann"), "hello")
    telegram.inject_fault(fault)
    assert await get_updates(bot, KINDS, None) is None
    assert len(await get_updates(bot, KINDS, None) or []) == 1


async def test_a_revoked_token_stays_an_error(bot: Bot, telegram: FakeTelegram) -> None:
    telegram.revoke_token()
    with pytest.raises(TelegramUnauthorizedError):
        await get_updates(bot, KINDS, None)


async def test_an_unreadable_answer_is_no_answer() -> None:
    def answer(_: object) -> None:
        raise ClientDecodeError("Failed to deserialize object", ValueError(), {"ok": True})

    async with Bot(TOKEN, session=FakeSession([answer])) as bot:
        assert await get_updates(bot, KINDS, None) is None


async def test_of_two_processes_that_poll_the_second_ends(bot: Bot, telegram: FakeTelegram) -> None:
    first, second = (
        UpdatePoller(get_updates=partial(get_updates, bot, KINDS), store=Store().store)
        for _ in range(2)
    )
    telegram.say(telegram.person("Ann"), "hello")
    assert await first.step()

    async def go_on() -> None:
        while True:
            await first.step()

    async with asyncio.TaskGroup() as tasks:
        going_on = tasks.create_task(go_on())
        await telegram.wait_for(lambda: len(telegram.calls("getUpdates")) == 2)
        with pytest.raises(TelegramConflictError):
            await second.step()
        assert not going_on.done()
        going_on.cancel()


async def test_of_two_processes_that_were_both_answered_one_gives_up_in_the_end() -> None:
    terminated = conflict("terminated by other getUpdates request")
    poller = answering([], *[terminated] * (MAX_CONFLICTS + 1))
    for _ in range(MAX_CONFLICTS + 1):
        assert not await poller.step()
    with pytest.raises(TelegramConflictError):
        await poller.step()


async def test_an_answer_resets_the_count_of_conflicts() -> None:
    terminated = conflict("terminated by other getUpdates request")
    poller = answering([], *([terminated] * MAX_CONFLICTS + [[]]) * 2)
    for _ in range(2 * MAX_CONFLICTS + 3):
        assert not await poller.step()


async def test_a_webhook_set_by_another_process_ends_polling_at_once() -> None:
    poller = answering([], conflict("terminated by setWebhook request"))
    assert not await poller.step()
    with pytest.raises(TelegramConflictError):
        await poller.step()


async def test_a_failed_poll_does_not_count_as_an_answer() -> None:
    poller = answering(None, conflict("terminated by other getUpdates request"))
    assert not await poller.step()
    with pytest.raises(TelegramConflictError):
        await poller.step()
