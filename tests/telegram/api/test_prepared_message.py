"""Messages whose body is encoded once for many chats."""

import json
from dataclasses import replace

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.methods import SendMessage

from bot.model import ChatId, OutgoingMessage, ReplyTo, StoryButtons, StoryId, ThreadId
from bot.telegram.api.client import open_delivery_bot
from bot.telegram.api.prepared_message import PreparedMessage, prepare
from tests.support.fakes import TOKEN

PLAIN = OutgoingMessage(text="Міст\n«відкрито» & \U0001f30d", preview=None, is_html=False)
BUTTONS = StoryButtons(
    story_id=StoryId(7),
    title="Bridge opens",
    url="https://courier.example/a?b=1&c=2",
    source_count=3,
    link_count=1,
    kind="group",
)
MESSAGES = {
    "plain": PLAIN,
    "html": replace(PLAIN, text="<b>Bridge</b> opens", is_html=True),
    "page": replace(PLAIN, preview="https://courier.example/a"),
    "picture": replace(PLAIN, preview="https://courier.example/a.jpg", is_picture=True),
    "silent": replace(PLAIN, silent=True),
    "thread": replace(PLAIN, thread_id=ThreadId(5)),
    "buttons": replace(PLAIN, buttons=BUTTONS),
    "reply": replace(PLAIN, reply_to=ReplyTo(message_id=9, quote="Bridge")),
    "reply without a quote": replace(PLAIN, reply_to=ReplyTo(message_id=9, quote="")),
}


@pytest.fixture
def bot() -> Bot:
    return open_delivery_bot(TOKEN, "http://127.0.0.1:1")


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES)
def test_the_body_says_what_aiograms_form_says(bot: Bot, message: OutgoingMessage) -> None:
    prepared = prepare(bot, message, bot_name="readalso_bot").to(ChatId(-100123))
    form = AiohttpSession().build_form_data(bot, SendMessage.model_construct(**dict(prepared)))
    # Of a form everything is text, and objects are JSON.
    fields = {options["name"]: value for options, _, value in form._fields}
    body = json.loads(prepared.body)
    assert fields.keys() == body.keys()
    for name, value in body.items():
        sent = fields[name]
        assert sent == value or json.loads(sent) == value, name


def test_each_chat_gets_the_same_message_under_its_own_id(bot: Bot) -> None:
    message = prepare(bot, PLAIN, bot_name="")
    ann, group = message.to(ChatId(1)), message.to(ChatId(-100123))
    assert (ann.chat_id, group.chat_id) == (1, -100123)
    bodies = [json.loads(it.body) for it in (ann, group)]
    assert [body.pop("chat_id") for body in bodies] == [1, -100123]
    assert bodies[0] == bodies[1]
    assert prepare(bot, replace(PLAIN), bot_name="") is message


def test_a_call_that_was_changed_is_not_sent_with_the_old_body(bot: Bot) -> None:
    message = prepare(bot, MESSAGES["reply"], bot_name="").to(ChatId(1))
    changed = message.model_copy(update={"reply_parameters": None})
    assert isinstance(changed, PreparedMessage)
    assert changed.body == b""
    assert changed.chat_id == 1
    assert b"reply_parameters" in message.body
