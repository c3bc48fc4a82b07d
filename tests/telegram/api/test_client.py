import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.middlewares.base import NextRequestMiddlewareType
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import SendMessage, TelegramMethod

from bot.model import ChatId
from bot.telegram.api import client
from bot.telegram.api.client import GatewayErrorMiddleware, open_delivery_bot, open_reply_bot
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.state.chats import Person
from bot_playground.state.faults import Fault, FaultKind
from tests.support.bot_session import FakeSession
from tests.support.fakes import TOKEN

Calls = list[tuple[str, str, timedelta]]


@pytest.fixture
async def reply_bot(telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch) -> Bot:
    monkeypatch.setattr(client, "FIRST_PAUSE", timedelta(milliseconds=1))
    return open_reply_bot(TOKEN, telegram.url)


@pytest.fixture
def ann(telegram: FakeTelegram) -> Person:
    person = telegram.person("Ann")
    telegram.say(person, "/start")
    return person


@pytest.mark.parametrize(
    "kind", [FaultKind.DROP_BEFORE, FaultKind.SERVER_ERROR, FaultKind.BAD_GATEWAY]
)
async def test_a_reply_is_retried_after_a_network_or_server_error(
    reply_bot: Bot, telegram: FakeTelegram, ann: Person, kind: FaultKind
) -> None:
    telegram.inject_fault(Fault(kind=kind, method="sendMessage", times=2))
    async with reply_bot:
        await reply_bot.send_message(ann.id, "Hello")
    assert [message.text for message in telegram.messages(ann, of_bot=True)] == ["Hello"]


async def test_a_rate_limited_reply_is_retried_after_the_wait_that_telegram_asks(
    reply_bot: Bot, telegram: FakeTelegram, ann: Person, clock: object
) -> None:
    telegram.inject_fault(Fault(kind=FaultKind.RETRY_AFTER, method="getMe", times=1, retry_after=1))
    async with reply_bot:
        await reply_bot.get_me()
    assert len(telegram.calls("getMe")) == 2


async def test_retries_end_after_the_longest_wait(
    reply_bot: Bot, telegram: FakeTelegram, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MAX_RETRY_WAIT", timedelta(milliseconds=400))
    telegram.inject_fault(Fault(kind=FaultKind.SERVER_ERROR, method="sendMessage"))
    async with reply_bot:
        with pytest.raises(TelegramServerError):
            await reply_bot.send_message(ann.id, "Hello")
    assert 2 <= len(telegram.calls("sendMessage")) <= 120


async def test_a_wait_beyond_the_longest_one_is_not_begun(
    reply_bot: Bot, telegram: FakeTelegram, ann: Person
) -> None:
    telegram.inject_fault(
        Fault(kind=FaultKind.RETRY_AFTER, method="sendMessage", times=1, retry_after=900)
    )
    async with reply_bot:
        with pytest.raises(TelegramRetryAfter):
            await reply_bot.send_message(ann.id, "Hello")


async def test_a_refusal_is_final(reply_bot: Bot, telegram: FakeTelegram, ann: Person) -> None:
    async with reply_bot:
        with pytest.raises(TelegramBadRequest):
            await reply_bot.send_message(ann.id, "<p>")
    assert len(telegram.calls("sendMessage")) == 1


async def test_the_longest_wait_includes_the_time_of_the_calls(
    reply_bot: Bot, telegram: FakeTelegram, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MAX_RETRY_WAIT", timedelta(milliseconds=100))

    async def slow(
        make_request: NextRequestMiddlewareType[Any], bot: Bot, method: TelegramMethod[Any]
    ) -> Any:
        await asyncio.sleep(0.06)
        return await make_request(bot, method)

    reply_bot.session.middleware(slow)
    telegram.inject_fault(Fault(kind=FaultKind.SERVER_ERROR, method="sendMessage"))
    async with reply_bot:
        with pytest.raises(TelegramServerError):
            await reply_bot.send_message(ann.id, "Hello")
    assert len(telegram.calls("sendMessage")) <= 2


async def test_undecodable_bytes_are_a_network_error() -> None:
    def answer(_: object) -> None:
        b"\xd8\xff".decode()

    session = FakeSession([answer])
    session.middleware(GatewayErrorMiddleware())
    async with Bot(TOKEN, session=session) as bot:
        with pytest.raises(TelegramNetworkError, match="not an answer of the Bot API"):
            await bot.get_me()


async def test_an_answer_of_the_bot_api_that_aiogram_cannot_read_stays_a_decode_error() -> None:
    def answer(_: object) -> None:
        raise ClientDecodeError("Failed to deserialize object", ValueError(), {"ok": True})

    session = FakeSession([answer])
    session.middleware(GatewayErrorMiddleware())
    async with Bot(TOKEN, session=session) as bot:
        with pytest.raises(ClientDecodeError):
            await bot.get_me()


async def test_sending_and_editing_take_a_reply_slot_and_queries_do_not(
    telegram: FakeTelegram, ann: Person
) -> None:
    slots: list[tuple[int, bool]] = []

    @asynccontextmanager
    async def reply_slot(
        chat_id: ChatId, *, is_new: bool, person_id: ChatId | None
    ) -> AsyncIterator[None]:
        slots.append((chat_id, is_new))
        yield

    async with open_reply_bot(TOKEN, telegram.url, reply_slot=reply_slot) as bot:
        message = await bot.send_message(ann.id, "Hello")
        await bot.edit_message_text("Hello again", chat_id=ann.id, message_id=message.message_id)
        await bot.get_chat_member(ann.id, ann.id)
        await bot.get_me()
    assert slots == [(ann.id, True), (ann.id, False)]


async def test_only_the_id_of_an_accepted_broadcast_is_read(
    telegram: FakeTelegram, ann: Person
) -> None:
    async with open_delivery_bot(TOKEN, telegram.url) as bot:
        sent = await bot.send_message(ann.id, "Hello")
    assert sent.message_id == telegram.messages(ann, of_bot=True)[-1].id
    assert not hasattr(sent, "text")


@pytest.mark.parametrize(
    "content", ["<html>", "[]", '{"ok": true, "result": {"message_id": "x"}}', '{"ok": false}']
)
async def test_any_other_answer_to_a_broadcast_is_read_in_full(content: str) -> None:
    async with open_delivery_bot(TOKEN, "http://127.0.0.1:9") as bot:
        with pytest.raises((ClientDecodeError, TelegramBadRequest, TelegramAPIError)):
            bot.session.check_response(bot, SendMessage(chat_id=1, text="x"), 200, content)


async def recorded_calls(telegram: FakeTelegram) -> Calls:
    calls: Calls = []
    bot = open_delivery_bot(TOKEN, telegram.url, record_call=lambda *call: calls.append(call))
    async with bot:
        with suppress(AiogramError):
            await bot.get_me()
    return calls


async def test_a_call_is_recorded_with_its_method(telegram: FakeTelegram) -> None:
    assert await recorded_calls(telegram) == [("getMe", "ok", timedelta(0))]


@pytest.mark.parametrize(
    ("fault", "outcome", "wait"),
    [
        (Fault(kind=FaultKind.RETRY_AFTER, retry_after=7), "put_off", 7),
        (Fault(kind=FaultKind.BAD_GATEWAY), "unreachable", 0),
        (Fault(kind=FaultKind.DROP_BEFORE), "unreachable", 0),
        (Fault(kind=FaultKind.SERVER_ERROR), "failed", 0),
        (Fault(kind=FaultKind.REFUSAL), "refused", 0),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else str(value),
)
async def test_a_failed_call_is_recorded_with_its_outcome(
    telegram: FakeTelegram, fault: Fault, outcome: str, wait: int
) -> None:
    telegram.inject_fault(fault)
    assert await recorded_calls(telegram) == [("getMe", outcome, timedelta(seconds=wait))]
