import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.methods import SendMessage, TelegramMethod
from aiogram.types import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    ReplyParameters,
)

from bot.telegram.api.client import open_delivery_bot, open_reply_bot
from bot.telegram.api.refused_options import without_options
from bot.telegram.updates.inbox import dispatch
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.state.chats import Person
from bot_playground.state.faults import Fault, FaultKind
from tests.support.fakes import TOKEN
from tests.telegram.conftest import Conversation


def keyboard(**looks: Any) -> InlineKeyboardMarkup:
    button = InlineKeyboardButton(text="More", callback_data="more", **looks)
    return InlineKeyboardMarkup(inline_keyboard=[[button]])


OPTIONS: dict[str, dict[str, Any]] = {
    "thread": {"message_thread_id": 77},
    "reply": {"reply_parameters": ReplyParameters(message_id=404)},
    "preview": {"link_preview_options": LinkPreviewOptions(url="https://x.example/")},
    "effect": {"message_effect_id": "5"},
    "style": {"reply_markup": keyboard(style="danger")},
    "icon": {"reply_markup": keyboard(icon_custom_emoji_id="5")},
}
EACH_OPTION = pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)


@pytest.fixture
async def bots(telegram: FakeTelegram) -> AsyncIterator[dict[str, Bot]]:
    async with AsyncExitStack() as stack:
        yield {
            "reply": await stack.enter_async_context(open_reply_bot(TOKEN, telegram.url)),
            "broadcast": await stack.enter_async_context(open_delivery_bot(TOKEN, telegram.url)),
        }


@pytest.fixture
def ann(telegram: FakeTelegram) -> Person:
    person = telegram.person("Ann")
    telegram.say(person, "/start")
    return person


def refuse_once(telegram: FakeTelegram, description: str) -> None:
    fault = Fault(kind=FaultKind.REFUSAL, method="sendMessage", times=1, description=description)
    telegram.inject_fault(fault)


@EACH_OPTION
@pytest.mark.parametrize("name", ["reply", "broadcast"])
@pytest.mark.parametrize(
    "description",
    ["Bad Request: the hologram is refused", "Bad Request: not enough rights to send holograms"],
)
async def test_a_message_with_a_refused_option_arrives_without_it(
    telegram: FakeTelegram,
    bots: dict[str, Bot],
    ann: Person,
    name: str,
    options: dict[str, Any],
    description: str,
) -> None:
    refuse_once(telegram, description)
    await bots[name].send_message(ann.id, "Hello", **options)
    assert [message.text for message in telegram.messages(ann, of_bot=True)] == ["Hello"]
    assert len(telegram.calls("sendMessage")) == 2


async def test_a_reply_to_an_unknown_thread_arrives_without_it(
    telegram: FakeTelegram, bots: dict[str, Bot], ann: Person
) -> None:
    await bots["reply"].send_message(ann.id, "Hello", message_thread_id=77)
    assert [message.text for message in telegram.messages(ann, of_bot=True)] == ["Hello"]


async def test_a_command_in_an_unknown_thread_of_a_private_chat_is_answered(
    conversation: Conversation, bots: dict[str, Bot], ann: Person
) -> None:
    message = conversation.telegram.say(ann, "/help")
    message.body.update({"message_thread_id": 77, "is_topic_message": True})
    update = json.dumps(conversation.telegram.world.updates.pending[-1])
    await dispatch(conversation.dispatcher, bots["reply"], update)
    assert len(conversation.texts(ann)) == 1


async def test_the_outbox_learns_of_an_unknown_thread(
    telegram: FakeTelegram, bots: dict[str, Bot], ann: Person
) -> None:
    with pytest.raises(TelegramBadRequest, match="message thread not found"):
        await bots["broadcast"].send_message(ann.id, "Hello", message_thread_id=77)
    assert len(telegram.calls("sendMessage")) == 1


@pytest.mark.parametrize(
    ("description", "options"),
    [
        ("Bad Request: the hologram is refused", {}),
        ("Bad Request: message is not modified", OPTIONS["preview"]),
        ("Bad Request: can't parse entities: Unsupported start tag", OPTIONS["preview"]),
        ("Bad Request: message is too long", OPTIONS["preview"]),
    ],
)
async def test_what_is_refused_for_no_option_is_not_tried_again(
    telegram: FakeTelegram,
    bots: dict[str, Bot],
    ann: Person,
    description: str,
    options: dict[str, Any],
) -> None:
    refuse_once(telegram, description)
    with pytest.raises(TelegramBadRequest):
        await bots["reply"].send_message(ann.id, "Hello", **options)
    assert len(telegram.calls("sendMessage")) == 1


@EACH_OPTION
def test_a_call_without_options_keeps_all_else(options: dict[str, Any]) -> None:
    def call(**more: Any) -> TelegramMethod[Any]:
        return SendMessage(chat_id=1, text="Hi", disable_notification=True, **more)

    expected = call(reply_markup=keyboard() if "reply_markup" in options else None)
    bare = without_options(call(**options))
    assert bare is not None
    kept = {"chat_id", "text", "disable_notification", "reply_markup"}
    assert bare.model_dump(include=kept) == expected.model_dump(include=kept)
    assert without_options(bare) is None
