from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError
from aiogram.types import Document, Message

from bot.telegram.api.files import document_of, fetch
from bot_playground.bot_api.messages import MAX_DOWNLOAD
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.state import chats
from bot_playground.state.faults import Fault, FaultKind
from tests.support.fakes import TOKEN

OPML = b"<opml/>"


def document(sent: chats.ChatMessage, **other: object) -> Document:
    fields: Any = sent.body["document"]
    return Document.model_validate({**fields, **other})


@pytest.fixture
def sent(telegram: FakeTelegram) -> chats.ChatMessage:
    ann = telegram.person("Ann")
    return telegram.send_document(ann, "feeds.opml", OPML, caption="/import")


async def test_a_sent_file_is_fetched(bot: Bot, sent: chats.ChatMessage) -> None:
    assert await fetch(bot, document(sent)) == OPML
    assert await fetch(bot, document(sent), max_bytes=len(OPML)) == OPML


async def test_a_file_over_the_limit_is_not_fetched(
    bot: Bot, telegram: FakeTelegram, sent: chats.ChatMessage
) -> None:
    assert await fetch(bot, document(sent), max_bytes=len(OPML) - 1) is None
    assert not telegram.calls("getFile")


async def test_a_download_larger_than_telegram_stated_is_given_up(
    bot: Bot, sent: chats.ChatMessage
) -> None:
    assert await fetch(bot, document(sent, file_size=None), max_bytes=len(OPML) - 1) is None


async def test_a_file_that_the_bot_api_does_not_serve_is_too_large(
    bot: Bot, telegram: FakeTelegram
) -> None:
    big = telegram.send_document(telegram.person("Ann"), "a", bytes(MAX_DOWNLOAD + 1))
    assert await fetch(bot, document(big, file_size=None)) is None


async def test_a_file_that_telegram_does_not_know_is_an_error(
    bot: Bot, sent: chats.ChatMessage
) -> None:
    with pytest.raises(TelegramBadRequest, match="wrong file_id"):
        await fetch(bot, document(sent, file_id="none"))


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (FaultKind.SERVER_ERROR, "HTTP 500"),
        (FaultKind.BAD_GATEWAY, "HTTP 502"),
        (FaultKind.DROP_BEFORE, "ServerDisconnectedError"),
    ],
)
async def test_a_failed_download_is_a_network_error_without_the_token(
    bot: Bot, telegram: FakeTelegram, sent: chats.ChatMessage, kind: FaultKind, reason: str
) -> None:
    telegram.inject_fault(Fault(kind=kind, method="file"))
    with pytest.raises(TelegramNetworkError) as caught:
        await fetch(bot, document(sent))
    assert f"a file could not be fetched: {reason}" in caught.value.message
    assert TOKEN not in str(caught.value)


def message(**more: object) -> Message:
    return Message.model_validate(
        {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "private"}, **more}
    )


def test_a_file_comes_with_a_message_or_with_the_one_it_answers(sent: chats.ChatMessage) -> None:
    with_file = {**sent.body, "reply_to_message": None}
    assert document_of(message(text="/import")) is None
    assert document_of(message(text="/import", reply_to_message=message().model_dump())) is None
    brought = document_of(Message.model_validate(with_file))
    assert brought is not None
    answered = document_of(message(text="/import", reply_to_message=with_file))
    assert answered == brought
