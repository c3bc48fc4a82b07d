import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest

from bot.model import ChatId, ManagedChannel
from bot.storage.database import Database
from bot.telegram.replies import answer_callback, edit, is_about, with_heading, without_heading
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.state.faults import Fault, FaultKind
from tests.telegram.conftest import Conversation, late_callback

CHANNEL = ManagedChannel(channel_id=ChatId(-1001), name="Cats & Co")


async def test_a_late_answer_to_a_callback_query_is_no_error(bot: Bot) -> None:
    await answer_callback(late_callback(bot), "Hello")


async def test_a_message_too_old_to_see_is_not_edited(
    bot: Bot, telegram: FakeTelegram, db: Database
) -> None:
    await edit(late_callback(bot), db, "Hello")
    assert not telegram.calls("editMessageText")


async def test_any_other_refused_answer_is_an_error(bot: Bot, telegram: FakeTelegram) -> None:
    telegram.inject_fault(Fault(kind=FaultKind.REFUSAL, method="answerCallbackQuery", times=1))
    with pytest.raises(TelegramBadRequest):
        await answer_callback(late_callback(bot), "Hello")


@pytest.mark.parametrize(
    ("description", "harmless"),
    [
        ("Bad Request: message to edit not found", True),
        ("Bad Request: message can't be edited", True),
        ("Bad Request: can't parse entities", False),
    ],
)
async def test_an_edit_that_comes_too_late_is_no_error(
    conversation: Conversation, caplog: pytest.LogCaptureFixture, description: str, harmless: bool
) -> None:
    ann = conversation.telegram.person("Ann", language="en")
    message = await conversation.say(ann, "/start")
    assert message is not None
    conversation.telegram.inject_fault(
        Fault(kind=FaultKind.REFUSAL, method="editMessageText", times=1, description=description)
    )
    await conversation.press(ann, message, "🪖 War")
    assert ("cannot be handled" not in caplog.text) is harmless


def test_the_heading_names_a_managed_channel_and_no_other_chat() -> None:
    assert with_heading("<b>Topics</b>", CHANNEL) == "📢 <b>Cats &amp; Co</b>\n\n<b>Topics</b>"
    assert with_heading("<b>Topics</b>", None) == "<b>Topics</b>"


@pytest.mark.parametrize(
    ("shown", "of_channel", "of_itself"),
    [
        ("📢 Cats & Co\n\nTopics", True, False),
        ("📢 Cats\n\nTopics", False, False),
        ("Topics", False, True),
        ("", False, True),
    ],
)
def test_the_heading_tells_which_chat_a_message_is_about(
    shown: str, of_channel: bool, of_itself: bool
) -> None:
    assert is_about(shown, CHANNEL) is of_channel
    assert is_about(shown, None) is of_itself


@pytest.mark.parametrize("shown", ["📢 Cats & Co\n\nTopics\n\nWar", "Topics\n\nWar"])
def test_the_heading_can_be_removed(shown: str) -> None:
    assert without_heading(shown) == "Topics\n\nWar"
