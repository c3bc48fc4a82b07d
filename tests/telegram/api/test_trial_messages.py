import pytest

from bot.errors import SetupError
from bot.model import ChatId, Sent
from bot.telegram.api.trial_messages import try_messages
from bot_playground.fake_telegram import FakeTelegram
from tests.support.fakes import TOKEN


async def test_each_kind_is_sent_and_deleted(live_telegram: FakeTelegram) -> None:
    ada = live_telegram.person("Ada", language="en")
    live_telegram.say(ada, "/start")
    outcomes = await try_messages(TOKEN, live_telegram.url, ChatId(ada.id), gap_seconds=0)
    assert len(outcomes) == 7
    assert all(isinstance(outcome, Sent) for _, outcome in outcomes)
    assert live_telegram.messages(ada, of_bot=True) == []


async def test_a_wrong_token_is_said_in_a_sentence(live_telegram: FakeTelegram) -> None:
    with pytest.raises(SetupError, match="BotFather"):
        await try_messages("1:wrong", live_telegram.url, ChatId(1), gap_seconds=0)
