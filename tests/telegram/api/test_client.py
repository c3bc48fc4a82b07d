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
from bot.telegram.api.client import GatewayErrorMiddleware, open_bot
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.state.chats import Person
from bot_playground.state.faults import Fault, Kind
from tests.support.bot_session import FakeSession
from tests.support.fakes import TOKEN

Noted = list[tuple[str, str, timedelta]]


@pytest.fixture
async def patient(telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch) -> Bot:
    monkeypatch.setattr(client, "FIRST_PAUSE", timedelta(milliseconds=1))
    return open_bot(TOKEN, telegram.url, patient=True)


@pytest.fixture
def ann(telegram: FakeTelegram) -> Person:
    person = telegram.person("Ann")
    telegram.say(person, "/start")
    return person


@pytest.mark.parametrize("kind", [Kind.TORN_BEFORE, Kind.SERVER_ERROR, Kind.BAD_GATEWAY])
async def test_a_reply_that_failed_on_the_way_is_sent_again(
    patient: Bot, telegram: FakeTelegram, ann: Person, kind: Kind
) -> None:
    telegram.fault(Fault(kind=kind, method="sendMessage", times=2))
    async with patient:
        await patient.send_message(ann.id, "Hello")
    assert [message.text for message in telegram.messages(ann, of_bot=True)] == ["Hello"]


async def test_a_reply_that_was_put_off_waits_as_long_as_asked(
    patient: Bot, telegram: FakeTelegram, ann: Person, clock: object
) -> None:
    telegram.fault(Fault(kind=Kind.RETRY_AFTER, method="getMe", times=1, retry_after=1))
    async with patient:
        await patient.get_me()
    assert len(telegram.calls("getMe")) == 2


async def test_patience_has_an_end(
    patient: Bot, telegram: FakeTelegram, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MAX_RETRY_WAIT", timedelta(milliseconds=400))
    telegram.fault(Fault(kind=Kind.SERVER_ERROR, method="sendMessage"))
    async with patient:
        with pytest.raises(TelegramServerError):
            await patient.send_message(ann.id, "Hello")
    assert 2 <= len(telegram.calls("sendMessage")) <= 120


async def test_a_longer_wait_than_our_patience_is_not_begun(
    patient: Bot, telegram: FakeTelegram, ann: Person
) -> None:
    telegram.fault(Fault(kind=Kind.RETRY_AFTER, method="sendMessage", times=1, retry_after=900))
    async with patient:
        with pytest.raises(TelegramRetryAfter):
            await patient.send_message(ann.id, "Hello")


async def test_a_refusal_is_final(patient: Bot, telegram: FakeTelegram, ann: Person) -> None:
    async with patient:
        with pytest.raises(TelegramBadRequest):
            await patient.send_message(ann.id, "<p>")
    assert len(telegram.calls("sendMessage")) == 1


async def test_patience_counts_the_time_that_the_calls_take(
    patient: Bot, telegram: FakeTelegram, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MAX_RETRY_WAIT", timedelta(milliseconds=100))

    async def slow(
        make_request: NextRequestMiddlewareType[Any], bot: Bot, method: TelegramMethod[Any]
    ) -> Any:
        await asyncio.sleep(0.06)
        return await make_request(bot, method)

    patient.session.middleware(slow)
    telegram.fault(Fault(kind=Kind.SERVER_ERROR, method="sendMessage"))
    async with patient:
        with pytest.raises(TelegramServerError):
            await patient.send_message(ann.id, "Hello")
    assert len(telegram.calls("sendMessage")) <= 2


async def test_bytes_that_are_no_text_are_an_error_of_the_network() -> None:
    def answer(_: object) -> None:
        b"\xd8\xff".decode()

    session = FakeSession([answer])
    session.middleware(GatewayErrorMiddleware())
    async with Bot(TOKEN, session=session) as bot:
        with pytest.raises(TelegramNetworkError, match="not an answer of the Bot API"):
            await bot.get_me()


async def test_an_answer_that_aiogram_cannot_read_stays_what_it_is() -> None:
    def answer(_: object) -> None:
        raise ClientDecodeError("Failed to deserialize object", ValueError(), {"ok": True})

    session = FakeSession([answer])
    session.middleware(GatewayErrorMiddleware())
    async with Bot(TOKEN, session=session) as bot:
        with pytest.raises(ClientDecodeError):
            await bot.get_me()


async def test_what_is_written_to_a_chat_goes_ahead_and_questions_do_not_count(
    telegram: FakeTelegram, ann: Person
) -> None:
    told: list[tuple[int, bool]] = []

    @asynccontextmanager
    async def ahead(chat_id: ChatId, *, is_new: bool) -> AsyncIterator[None]:
        told.append((chat_id, is_new))
        yield

    async with open_bot(TOKEN, telegram.url, patient=True, ahead=ahead) as bot:
        message = await bot.send_message(ann.id, "Hello")
        await bot.edit_message_text("Hello again", chat_id=ann.id, message_id=message.message_id)
        await bot.get_chat_member(ann.id, ann.id)
        await bot.get_me()
    assert told == [(ann.id, True), (ann.id, False)]


async def test_of_an_accepted_broadcast_only_its_id_is_read(
    telegram: FakeTelegram, ann: Person
) -> None:
    async with open_bot(TOKEN, telegram.url, patient=False) as bot:
        sent = await bot.send_message(ann.id, "Hello")
    assert sent.message_id == telegram.messages(ann, of_bot=True)[-1].id
    assert not hasattr(sent, "text")


@pytest.mark.parametrize(
    "content", ["<html>", "[]", '{"ok": true, "result": {"message_id": "x"}}', '{"ok": false}']
)
async def test_what_is_no_accepted_broadcast_is_read_as_ever(content: str) -> None:
    async with open_bot(TOKEN, "http://127.0.0.1:9", patient=False) as bot:
        with pytest.raises((ClientDecodeError, TelegramBadRequest, TelegramAPIError)):
            bot.session.check_response(bot, SendMessage(chat_id=1, text="x"), 200, content)


async def call(telegram: FakeTelegram) -> Noted:
    noted: Noted = []
    bot = open_bot(TOKEN, telegram.url, patient=False, note=lambda *what: noted.append(what))
    async with bot:
        with suppress(AiogramError):
            await bot.get_me()
    return noted


async def test_a_call_is_noted_by_its_method_alone(telegram: FakeTelegram) -> None:
    assert await call(telegram) == [("getMe", "ok", timedelta(0))]


@pytest.mark.parametrize(
    ("fault", "outcome", "wait"),
    [
        (Fault(kind=Kind.RETRY_AFTER, retry_after=7), "put_off", 7),
        (Fault(kind=Kind.BAD_GATEWAY), "unreachable", 0),
        (Fault(kind=Kind.TORN_BEFORE), "unreachable", 0),
        (Fault(kind=Kind.SERVER_ERROR), "failed", 0),
        (Fault(kind=Kind.REFUSAL), "refused", 0),
    ],
    ids=lambda it: it.kind if isinstance(it, Fault) else str(it),
)
async def test_a_call_that_fails_is_noted_by_how(
    telegram: FakeTelegram, fault: Fault, outcome: str, wait: int
) -> None:
    telegram.fault(fault)
    assert await call(telegram) == [("getMe", outcome, timedelta(seconds=wait))]
