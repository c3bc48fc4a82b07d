import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest

from bot.model import ChatId, ManagedChannel
from bot.storage.database import Database
from bot.telegram.replies import answer_callback, edit, is_about, with_heading, without_heading
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.state.faults import Fault, FaultKind
from tests.telegram.conftest import Conversation, late_press

CHANNEL = ManagedChannel(channel_id=ChatId(-1001), name="Cats & Co")


async def test_a_press_that_nobody_waits_for_any_more_is_let_go(bot: Bot) -> None:
    await answer_callback(late_press(bot), "Hello")


async def test_a_message_too_old_to_see_is_not_edited(
    bot: Bot, telegram: FakeTelegram, db: Database
) -> None:
    await edit(late_press(bot), db, "Hello")
    assert not telegram.calls("editMessageText")


async def test_any_other_refusal_of_a_toast_is_an_error(bot: Bot, telegram: FakeTelegram) -> None:
    telegram.inject_fault(Fault(kind=FaultKind.REFUSAL, method="answerCallbackQuery", times=1))
    with pytest.raises(TelegramBadRequest):
        await answer_callback(late_press(bot), "Hello")


@pytest.mark.parametrize(
    ("words", "harmless"),
    [
        ("Bad Request: message to edit not found", True),
        ("Bad Request: message can't be edited", True),
        ("Bad Request: can't parse entities", False),
    ],
)
async def test_an_edit_refused_because_it_is_late_is_let_go(
    conversation: Conversation, caplog: pytest.LogCaptureFixture, words: str, harmless: bool
) -> None:
    ann = conversation.telegram.person("Ann", language="en")
    message = await conversation.say(ann, "/start")
    assert message is not None
    conversation.telegram.inject_fault(
        Fault(kind=FaultKind.REFUSAL, method="editMessageText", times=1, description=words)
    )
    await conversation.press(ann, message, "🪖 War")
    assert ("cannot be handled" not in caplog.text) is harmless


def test_the_first_line_names_the_channel_and_nothing_names_the_chat_itself() -> None:
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
def test_a_message_tells_of_which_chat_it_speaks(
    shown: str, of_channel: bool, of_itself: bool
) -> None:
    assert is_about(shown, CHANNEL) is of_channel
    assert is_about(shown, None) is of_itself


@pytest.mark.parametrize("shown", ["📢 Cats & Co\n\nTopics\n\nWar", "Topics\n\nWar"])
def test_below_the_line_a_message_is_as_ever(shown: str) -> None:
    assert without_heading(shown) == "Topics\n\nWar"
