import asyncio
from dataclasses import dataclass, field

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramConflictError, TelegramUnauthorizedError
from aiogram.types import Update

from bot.playground.faults import Fault, Kind
from bot.playground.lookalike import Lookalike
from bot.telegram import receiver as module
from bot.telegram.receiver import Receiver, ask

KINDS = ["message"]


@dataclass(slots=True)
class Handler:
    """Remembers updates; fails on those with these texts."""

    fails_on: str = ""
    handled: list[str] = field(default_factory=list)

    async def handle(self, update: Update) -> None:
        assert update.message is not None
        text = str(update.message.text)
        if text == self.fails_on:
            raise ZeroDivisionError("too strange")
        self.handled.append(text)


def receiver(bot: Bot, handler: Handler) -> Receiver:
    async def ask_once(offset: int | None) -> list[Update]:
        return await bot.get_updates(offset=offset, timeout=0, allowed_updates=KINDS)

    return Receiver(ask=ask_once, handle=handler.handle)


async def test_updates_are_handled_in_order_and_once(bot: Bot, telegram: Lookalike) -> None:
    ann, handler = telegram.person("Ann"), Handler()
    for text in ("one", "two", "three"):
        telegram.say(ann, text)
    receiving = receiver(bot, handler)
    assert await receiving.step()
    assert not await receiving.step()
    assert handler.handled == ["one", "two", "three"]


async def test_an_update_not_confirmed_comes_again_after_a_restart(
    bot: Bot, telegram: Lookalike
) -> None:
    ann = telegram.person("Ann")
    telegram.say(ann, "one")
    await receiver(bot, Handler()).step()
    again = Handler()
    await receiver(bot, again).step()
    assert again.handled == ["one"]


async def test_an_update_that_cannot_be_handled_does_not_stop_the_others(
    bot: Bot, telegram: Lookalike, caplog: pytest.LogCaptureFixture
) -> None:
    ann, handler = telegram.person("Ann"), Handler(fails_on="two")
    for text in ("one", "two", "three"):
        telegram.say(ann, text)
    receiving = receiver(bot, handler)
    await receiving.step()
    await receiving.step()
    assert handler.handled == ["one", "three"]
    assert "ZeroDivisionError: too strange" in caplog.text


async def test_a_long_poll_brings_what_is_said_meanwhile(bot: Bot, telegram: Lookalike) -> None:
    ann = telegram.person("Ann")
    async with asyncio.TaskGroup() as tasks:
        asking = tasks.create_task(ask(bot, KINDS, None))
        await asyncio.sleep(0.05)
        telegram.say(ann, "hello")
    (update,) = asking.result()
    assert update.message is not None
    assert update.message.text == "hello"


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
async def test_a_telegram_in_trouble_is_no_updates_and_no_error(
    bot: Bot, telegram: Lookalike, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    monkeypatch.setattr(module, "UNREACHABLE_PAUSE_SECONDS", 0.0)
    telegram.say(telegram.person("Ann"), "hello")
    telegram.fault(fault)
    assert await ask(bot, KINDS, None) == []
    assert len(await ask(bot, KINDS, None)) == 1


async def test_a_revoked_token_stays_an_error(bot: Bot, telegram: Lookalike) -> None:
    telegram.revoke()
    with pytest.raises(TelegramUnauthorizedError):
        await ask(bot, KINDS, None)


async def test_a_second_instance_ends_the_first(bot: Bot, telegram: Lookalike) -> None:
    async def first() -> None:
        with pytest.raises(TelegramConflictError):
            await ask(bot, KINDS, None)
        telegram.say(telegram.person("Ann"), "hello")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(first())
        await telegram.wait_for(lambda: telegram.calls("getUpdates"))
        second = tasks.create_task(ask(bot, KINDS, None))
    assert len(second.result()) == 1
