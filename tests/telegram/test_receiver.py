import asyncio
from dataclasses import dataclass, field

import pytest
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramConflictError,
    TelegramUnauthorizedError,
)
from aiogram.types import Update

from bot.playground.faults import Fault, Kind
from bot.playground.lookalike import Lookalike
from bot.telegram import receiver as module
from bot.telegram.receiver import Receiver, ask
from tests.fakes import TOKEN
from tests.telegram.fakes import FakeTelegram

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


async def test_a_chat_that_takes_long_does_not_hold_up_another(
    bot: Bot, telegram: Lookalike
) -> None:
    ann, bob = telegram.person("Ann"), telegram.person("Bob")
    for person, text in ((ann, "slow"), (bob, "quick"), (ann, "later")):
        telegram.say(person, text)
    handled: list[str] = []
    quick = asyncio.Event()

    async def handle(update: Update) -> None:
        assert update.message is not None
        if update.message.text == "slow":
            await asyncio.wait_for(quick.wait(), 5)
        handled.append(str(update.message.text))
        if update.message.text == "quick":
            quick.set()

    async def ask_once(offset: int | None) -> list[Update]:
        return await bot.get_updates(offset=offset, timeout=0, allowed_updates=KINDS)

    receiving = Receiver(ask=ask_once, handle=handle)
    assert await receiving.step()
    assert not await receiving.step()
    assert handled == ["quick", "slow", "later"]


async def test_an_update_too_new_for_aiogram_is_passed_over_and_the_others_come(
    caplog: pytest.LogCaptureFixture,
) -> None:
    chat = {"id": 1, "type": "private"}
    strange = {"type": "hologram", "date": 0}
    found = [
        {"update_id": 7, "message": {"message_id": 1, "date": 0, "chat": chat, "text": "one"}},
        {
            "update_id": 8,
            "message": {"message_id": 2, "date": 0, "chat": chat, "forward_origin": strange},
        },
    ]

    def answer(_: object) -> None:
        data = {"ok": True, "result": found}
        raise ClientDecodeError("Failed to deserialize object", ValueError(), data)

    async with Bot(TOKEN, session=FakeTelegram([answer])) as bot:
        one, passed_over = await ask(bot, KINDS, None)
    assert one.message is not None
    assert (one.message.text, one.bot) == ("one", bot)
    assert (passed_over.update_id, passed_over.message) == (8, None)
    assert "update 8 is of a kind that this aiogram cannot read" in caplog.text


async def test_an_answer_without_updates_is_no_updates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "UNREACHABLE_PAUSE_SECONDS", 0.0)

    def answer(_: object) -> None:
        raise ClientDecodeError("Failed to deserialize object", ValueError(), {"ok": True})

    async with Bot(TOKEN, session=FakeTelegram([answer])) as bot:
        assert await ask(bot, KINDS, None) == []
