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
from bot.telegram.updates.polling import MAX_CONFLICTS, UpdatePoller, ask
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.state.faults import Fault, Kind
from tests.support.bot_session import FakeSession
from tests.support.fakes import TOKEN
from tests.telegram.conftest import ask_once

KINDS = ["message"]


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "UNREACHABLE_PAUSE_SECONDS", 0.0)


@dataclass(slots=True)
class Store:
    """Remembers what it was given; fails as it is told to."""

    failures: list[Exception] = field(default_factory=list)
    kept: list[int] = field(default_factory=list)

    async def store(self, incoming: Sequence[RawUpdate]) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.kept += [it.id for it in incoming]


def receiver(bot: Bot, store: Store) -> UpdatePoller:
    return UpdatePoller(ask=partial(ask_once, bot), store=store.store)


def busy() -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("database is locked")
    error.sqlite_errorcode = sqlite3.SQLITE_BUSY
    return error


def conflict(words: str) -> TelegramConflictError:
    return TelegramConflictError(method=GetMe(), message=f"Conflict: {words}")


def answering(*answers: list[object] | Exception | None) -> UpdatePoller:
    """Return a receiver to which Telegram says these things."""
    left = list(answers)

    async def ask(_: int | None) -> list[object] | None:
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return UpdatePoller(ask=ask, store=Store().store)


async def test_what_came_is_stored_in_order_and_confirmed_only_then(
    bot: Bot, telegram: FakeTelegram
) -> None:
    ann, store = telegram.person("Ann"), Store()
    for text in ("one", "two", "three"):
        telegram.say(ann, text)
    receiving = receiver(bot, store)
    assert await receiving.step()
    assert len(telegram.world.updates.waiting) == 3
    assert not await receiving.step()
    assert not telegram.world.updates.waiting
    assert store.kept == sorted(store.kept)
    assert len(store.kept) == 3


async def test_what_could_not_be_stored_comes_again(
    bot: Bot, telegram: FakeTelegram, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(failures=[busy(), busy()])
    telegram.say(telegram.person("Ann"), "one")
    receiving = receiver(bot, store)
    assert not await receiving.step()
    assert not await receiving.step()
    assert await receiving.step()
    assert len(store.kept) == 1
    assert "updates wait for the database: database is locked" in caplog.text


async def test_a_mistake_of_ours_in_storing_is_an_error(bot: Bot, telegram: FakeTelegram) -> None:
    telegram.say(telegram.person("Ann"), "one")
    with pytest.raises(sqlite3.IntegrityError):
        await receiver(bot, Store(failures=[sqlite3.IntegrityError("no")])).step()


async def test_what_is_no_update_is_left_out(bot: Bot) -> None:
    assert not await answering(["nonsense", {"update_id": "x"}, 7]).step()


async def test_a_long_poll_brings_what_is_said_meanwhile(bot: Bot, telegram: FakeTelegram) -> None:
    ann = telegram.person("Ann")
    async with asyncio.TaskGroup() as tasks:
        asking = tasks.create_task(ask(bot, KINDS, None))
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
        Fault(kind=Kind.BAD_GATEWAY, method="getUpdates", times=1),
        Fault(kind=Kind.SERVER_ERROR, method="getUpdates", times=1),
        Fault(kind=Kind.TORN_BEFORE, method="getUpdates", times=1),
        Fault(kind=Kind.RETRY_AFTER, method="getUpdates", times=1, retry_after=1),
    ],
    ids=lambda fault: fault.kind.value,
)
async def test_a_telegram_in_trouble_is_no_answer_and_no_error(
    bot: Bot, telegram: FakeTelegram, fault: Fault
) -> None:
    telegram.say(telegram.person("Ann"), "hello")
    telegram.fault(fault)
    assert await ask(bot, KINDS, None) is None
    assert len(await ask(bot, KINDS, None) or []) == 1


async def test_a_revoked_token_stays_an_error(bot: Bot, telegram: FakeTelegram) -> None:
    telegram.revoke()
    with pytest.raises(TelegramUnauthorizedError):
        await ask(bot, KINDS, None)


async def test_an_answer_that_holds_no_updates_is_no_answer() -> None:
    def answer(_: object) -> None:
        raise ClientDecodeError("Failed to deserialize object", ValueError(), {"ok": True})

    async with Bot(TOKEN, session=FakeSession([answer])) as bot:
        assert await ask(bot, KINDS, None) is None


async def test_of_two_that_ask_the_second_ends(bot: Bot, telegram: FakeTelegram) -> None:
    first, second = (
        UpdatePoller(ask=partial(ask, bot, KINDS), store=Store().store) for _ in range(2)
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


async def test_of_two_that_were_both_answered_one_gives_up_in_the_end() -> None:
    terminated = conflict("terminated by other getUpdates request")
    asking = answering([], *[terminated] * (MAX_CONFLICTS + 1))
    for _ in range(MAX_CONFLICTS + 1):
        assert not await asking.step()
    with pytest.raises(TelegramConflictError):
        await asking.step()


async def test_an_answer_ends_the_quarrel() -> None:
    terminated = conflict("terminated by other getUpdates request")
    asking = answering([], *([terminated] * MAX_CONFLICTS + [[]]) * 2)
    for _ in range(2 * MAX_CONFLICTS + 3):
        assert not await asking.step()


async def test_a_webhook_set_by_another_is_not_quarrelled_with() -> None:
    asking = answering([], conflict("terminated by setWebhook request"))
    assert not await asking.step()
    with pytest.raises(TelegramConflictError):
        await asking.step()


async def test_no_answer_at_all_does_not_make_us_the_first() -> None:
    asking = answering(None, conflict("terminated by other getUpdates request"))
    assert not await asking.step()
    with pytest.raises(TelegramConflictError):
        await asking.step()
