import pytest
from aiogram import Bot
from aiogram.types import CallbackQuery, Update, User

from bot.i18n import speak
from bot.telegram.command_menu import commands
from bot.telegram.keyboards.common import LANGUAGE_NAMES
from tests.support.builders import TOPICS
from tests.telegram.conftest import Conversation, labels


@pytest.mark.parametrize(
    ("code", "greeting", "topic"),
    [
        ("uk", "Вітаю!", "Спорт"),
        ("ru", "Здравствуйте!", "Спорт"),
        ("be", "Здравствуйте!", "Спорт"),
        ("en-GB", "Hello!", "Sport"),
        ("pt-br", "Hello!", "Sport"),
        (None, "Hello!", "Sport"),
    ],
)
async def test_start_greets_in_the_persons_language_and_offers_all_topics(
    conversation: Conversation, code: str | None, greeting: str, topic: str
) -> None:
    ann = conversation.telegram.person("Ann", language=code)
    message = await conversation.say(ann, "/start")
    assert message is not None
    assert greeting in message.text
    assert any(topic in button for button in labels(message))
    assert len(labels(message)) == len(TOPICS) + 3


async def test_start_from_a_deep_link_is_a_start(conversation: Conversation) -> None:
    ann = conversation.telegram.person("Ann", language="en")
    message = await conversation.say(ann, "/start topic_war")
    assert message is not None
    assert "Hello!" in message.text


async def test_starting_again_keeps_the_settings(conversation: Conversation) -> None:
    ann = conversation.telegram.person("Ann", language="en")
    message = await conversation.say(ann, "/start")
    assert message is not None
    await conversation.press(ann, message, "🪖 War")
    again = await conversation.say(ann, "/start")
    assert again is not None
    assert "✅ War" in labels(again)


async def test_help_lists_every_command(conversation: Conversation) -> None:
    ann = conversation.telegram.person("Ann", language="uk")
    message = await conversation.say(ann, "/help")
    assert message is not None
    for name, what in commands(speak("uk")):
        if name == "here":  # it means nothing in a private chat
            continue
        assert f"/{name} — {what}" in message.text


async def test_help_stores_nothing(conversation: Conversation) -> None:
    ann = conversation.telegram.person("Ann", language="uk")
    await conversation.say(ann, "/help")
    rows = await conversation.sender.outbox.db.reader.execute_fetchall("SELECT * FROM subscribers")
    assert not list(rows)


async def test_a_text_in_a_group_is_not_answered(conversation: Conversation) -> None:
    ann = conversation.telegram.person("Ann", language="ru")
    group = conversation.telegram.supergroup("Friends", admins=[ann])
    await conversation.settle()
    greeting = conversation.last(group)
    assert await conversation.say(ann, "Привет всем!", chat=group) is greeting


async def test_every_language_is_offered_by_its_own_name(conversation: Conversation) -> None:
    ann = conversation.telegram.person("Ann", language="en")
    message = await conversation.say(ann, "/start")
    assert message is not None
    await conversation.press(ann, message, "🌐 Мова · Язык · Language")
    shown = conversation.last(ann)
    assert shown is not None
    assert all(any(name in text for text in labels(shown)) for name in LANGUAGE_NAMES.values())


async def test_a_button_whose_message_telegram_leaves_out_is_answered(
    conversation: Conversation, bot: Bot
) -> None:
    ann = User(id=1001, is_bot=False, first_name="Ann", language_code="uk")
    query = CallbackQuery(id="7", from_user=ann, chat_instance="1", data="topic:war:1")
    await conversation.dispatcher.feed_update(bot, Update(update_id=1, callback_query=query))
    (answer,) = conversation.telegram.calls("answerCallbackQuery")
    assert answer.parameters["text"] == speak("uk").plain(
        "These buttons are out of date. /start gives you new ones."
    )
