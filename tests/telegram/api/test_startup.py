import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramConflictError, TelegramUnauthorizedError
from aiogram.methods import GetMe, GetUpdates

from bot.errors import SetupError
from bot.telegram.api import startup
from bot.telegram.api.client import open_delivery_bot
from bot_playground.fake_telegram import FakeTelegram


async def test_the_bot_knows_who_it_is(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    await startup.check_token(bot)
    assert "this is @" in caplog.text


@pytest.mark.parametrize("is_on", [True, False])
async def test_the_log_says_how_to_switch_inline_mode_on_if_it_is_off(
    bot: Bot, telegram: FakeTelegram, caplog: pytest.LogCaptureFixture, is_on: bool
) -> None:
    caplog.set_level("INFO")
    telegram.world.inline.is_on = is_on
    await startup.check_token(bot)
    assert ("/setinline" in caplog.text) is not is_on


async def test_a_wrong_token_is_an_error_that_says_what_to_do(telegram: FakeTelegram) -> None:
    async with open_delivery_bot(
        "43:AAF-a_token_that_nobody_ever_gave_out_00", telegram.url
    ) as other:
        with pytest.raises(SetupError, match="copy it again from @BotFather"):
            await startup.check_token(other)


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (TelegramUnauthorizedError(GetMe(), "Unauthorized"), startup.WRONG_TOKEN),
        (TelegramConflictError(GetUpdates(), "terminated"), startup.SECOND_INSTANCE),
        (SetupError("a sentence of our own"), "a sentence of our own"),
    ],
)
def test_a_group_of_token_errors_becomes_one_setup_error(error: Exception, sentence: str) -> None:
    with pytest.raises(SetupError) as raised, startup.as_setup_error():
        raise ExceptionGroup("workers", [error])
    assert str(raised.value) == sentence
