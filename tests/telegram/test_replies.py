import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest

from bot.storage.database import Database
from bot.telegram.replies import edit, toast
from bot_playground.fake_telegram import Lookalike
from bot_playground.state.faults import Fault, Kind
from tests.telegram.conftest import Conversation, late_press


async def test_a_press_that_nobody_waits_for_any_more_is_let_go(bot: Bot) -> None:
    await toast(late_press(bot), "Hello")


async def test_a_message_too_old_to_see_is_not_edited(
    bot: Bot, telegram: Lookalike, db: Database
) -> None:
    await edit(late_press(bot), db, "Hello")
    assert not telegram.calls("editMessageText")


async def test_any_other_refusal_of_a_toast_is_an_error(bot: Bot, telegram: Lookalike) -> None:
    telegram.fault(Fault(kind=Kind.REFUSAL, method="answerCallbackQuery", times=1))
    with pytest.raises(TelegramBadRequest):
        await toast(late_press(bot), "Hello")


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
    conversation.telegram.fault(
        Fault(kind=Kind.REFUSAL, method="editMessageText", times=1, description=words)
    )
    await conversation.press(ann, message, "🪖 War")
    assert ("cannot be handled" not in caplog.text) is harmless
