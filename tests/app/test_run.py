"""The whole bot in one process: what the composition root promises."""

import asyncio
import os
import signal
import socket
from datetime import timedelta

import pytest
from pydantic import HttpUrl, SecretStr

from bot.app import run
from bot.clock import now
from bot.errors import SetupError
from bot.settings import Settings
from bot.telegram.api import startup
from bot.telegram.updates.webhook import derive_secret
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.state.faults import Fault, FaultKind
from tests.support.builders import entry
from tests.support.fakes import TOKEN
from tests.support.feed_server import Press
from tests.support.running_bot import follow, news, running


async def test_from_a_feed_to_a_chat(
    live_telegram: FakeTelegram, press: Press, settings: Settings
) -> None:
    async with running(settings):
        ann = await follow(live_telegram)
        await live_telegram.wait_for(lambda: press.polls.get("war", 0) >= 2)
        press.publish("war", entry("Ceasefire talks begin", published_at=now()))
        await live_telegram.wait_for(lambda: news(live_telegram, ann))
        await live_telegram.wait_for(lambda: live_telegram.calls("setMyShortDescription"))
    assert news(live_telegram, ann) == ["Ceasefire talks begin"]


async def test_what_was_in_the_feed_at_first_is_shown_on_request_and_never_pushed(
    live_telegram: FakeTelegram, press: Press, settings: Settings
) -> None:
    async with running(settings):
        ann = await follow(live_telegram)
        await live_telegram.wait_for(lambda: press.polls.get("war", 0) >= 3)
        live_telegram.say(ann, "/latest")
        await live_telegram.wait_for(lambda: len(live_telegram.messages(ann, of_bot=True)) == 2)
    assert "Old news" in live_telegram.messages(ann, of_bot=True)[-1].text
    assert news(live_telegram, ann) == ["The newest"]


async def test_a_restart_sends_nothing_twice_and_sends_what_was_published_meanwhile(
    live_telegram: FakeTelegram, press: Press, settings: Settings
) -> None:
    async with running(settings):
        ann = await follow(live_telegram)
        await live_telegram.wait_for(lambda: press.polls.get("war", 0) >= 2)
        press.publish("war", entry("First offensive halted", published_at=now()))
        await live_telegram.wait_for(lambda: news(live_telegram, ann))
    press.publish("war", entry("Second front opened", published_at=now()))
    async with running(settings):
        await live_telegram.wait_for(lambda: len(news(live_telegram, ann)) == 2)
    assert news(live_telegram, ann) == ["First offensive halted", "Second front opened"]


async def test_a_message_in_flight_at_the_end_is_finished(
    live_telegram: FakeTelegram, press: Press, settings: Settings
) -> None:
    async with running(settings) as task:
        ann = await follow(live_telegram)
        await live_telegram.wait_for(lambda: press.polls.get("war", 0) >= 2)
        live_telegram.inject_fault(
            Fault(kind=FaultKind.DELAY, method="sendMessage", times=1, seconds=1.5)
        )
        press.publish("war", entry("Ceasefire talks begin", published_at=now()))
        await live_telegram.wait_for(lambda: news(live_telegram, ann))
        os.kill(os.getpid(), signal.SIGTERM)
        await task
    async with running(settings):
        await live_telegram.wait_for(lambda: press.polls.get("war", 0) >= 5)
    assert news(live_telegram, ann) == ["Ceasefire talks begin"]


@pytest.mark.parametrize("wanted", [True, False])
async def test_embeddings_are_opened_only_where_they_are_wanted(
    live_telegram: FakeTelegram, settings: Settings, monkeypatch: pytest.MonkeyPatch, wanted: bool
) -> None:
    opened: list[bool] = []
    monkeypatch.setattr(run, "open_embedder", lambda *, wanted: opened.append(wanted))
    async with running(settings.model_copy(update={"embeddings": wanted})):
        await follow(live_telegram)
    assert opened == [wanted]


async def test_a_wrong_token_ends_with_a_sentence_that_says_what_to_do(
    live_telegram: FakeTelegram, settings: Settings
) -> None:
    live_telegram.revoke_token()
    with pytest.raises(SetupError, match="copy it again from @BotFather"):
        await run.run(settings)


async def test_no_token_ends_with_a_sentence_that_says_what_to_do(settings: Settings) -> None:
    with pytest.raises(SetupError, match="BOT_TOKEN is not set: get a token from @BotFather"):
        await run.run(settings.model_copy(update={"bot_token": None}))


async def test_a_token_revoked_while_running_ends_with_the_same_sentence(
    live_telegram: FakeTelegram, settings: Settings
) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        async with running(settings) as task:
            ann = await follow(live_telegram)
            live_telegram.revoke_token()
            live_telegram.say(ann, "/help")
            await asyncio.wait([task], timeout=120)
    assert caught.group_contains(SetupError, match="copy it again")


async def test_a_second_instance_ends_with_a_sentence_that_says_so(
    live_telegram: FakeTelegram, settings: Settings
) -> None:
    words = "Conflict: terminated by other getUpdates request"
    live_telegram.inject_fault(
        Fault(kind=FaultKind.REFUSAL, method="getUpdates", code=409, description=words)
    )
    with pytest.raises(SetupError, match="another process is running with this BOT_TOKEN"):
        await run.run(settings)


@pytest.fixture
def webhook(settings: Settings) -> Settings:
    """Settings of a bot with a webhook, without a proxy before it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{free.getsockname()[1]}"
    return settings.model_copy(
        update={"webhook_url": HttpUrl(f"http://{where}/updates"), "webhook_listen": where}
    )


async def test_updates_come_by_webhook_where_one_is_set(
    live_telegram: FakeTelegram, webhook: Settings
) -> None:
    async with running(webhook):
        ann = await follow(live_telegram)
    assert not live_telegram.calls("getUpdates")
    assert live_telegram.world.webhook.secret == derive_secret(TOKEN)
    assert live_telegram.messages(ann, of_bot=True)


async def test_the_secret_of_the_webhook_can_be_set(
    live_telegram: FakeTelegram, webhook: Settings
) -> None:
    chosen = {"webhook_secret": SecretStr("open-sesame")}
    async with running(webhook.model_copy(update=chosen)):
        await follow(live_telegram)
    assert live_telegram.world.webhook.secret == "open-sesame"


async def test_a_bot_can_go_back_from_a_webhook_to_long_polling(
    live_telegram: FakeTelegram, settings: Settings, webhook: Settings
) -> None:
    async with running(webhook):
        ann = await follow(live_telegram)
    live_telegram.say(ann, "/help")
    async with running(settings):
        await live_telegram.wait_for(lambda: len(live_telegram.messages(ann, of_bot=True)) == 2)
    assert not live_telegram.world.webhook.url


async def test_a_bot_that_loses_its_webhook_ends_with_a_sentence_that_says_so(
    live_telegram: FakeTelegram, webhook: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.telegram.updates.webhook.CHECK_INTERVAL", timedelta(0))
    with pytest.raises(ExceptionGroup) as caught:
        async with running(webhook) as task:
            await follow(live_telegram)
            live_telegram.world.webhook.delete()
            await asyncio.wait([task], timeout=120)
    assert caught.group_contains(SetupError, match="has taken the updates of this BOT_TOKEN")


async def test_an_unreachable_telegram_is_waited_for(
    live_telegram: FakeTelegram,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(startup, "UNREACHABLE_PAUSE", timedelta(0))
    monkeypatch.setattr("bot.telegram.api.client.MAX_RETRY_WAIT", timedelta(0))
    live_telegram.inject_fault(Fault(kind=FaultKind.SERVER_ERROR, method="getMe", times=2))
    live_telegram.inject_fault(Fault(kind=FaultKind.BAD_GATEWAY, method="getMe", times=2))
    async with running(settings):
        await follow(live_telegram)
    # At once, and then once a minute.
    assert "Telegram cannot be reached, trying again" in caplog.text


@pytest.mark.parametrize("kind", [FaultKind.REFUSAL, FaultKind.BAD_GATEWAY])
async def test_without_its_menus_the_bot_works_all_the_same(
    live_telegram: FakeTelegram,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    kind: FaultKind,
) -> None:
    monkeypatch.setattr("bot.telegram.api.client.MAX_RETRY_WAIT", timedelta(0))
    live_telegram.inject_fault(Fault(kind=kind, method="setMyCommands"))
    async with running(settings):
        await follow(live_telegram)
    assert "the command menus could not be registered" in caplog.text


async def test_deliveries_interrupted_by_a_kill_are_logged_as_possible_repeats(
    live_telegram: FakeTelegram, press: Press, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(settings) as task:
        ann = await follow(live_telegram)
        await live_telegram.wait_for(lambda: press.polls.get("war", 0) >= 2)
        live_telegram.inject_fault(
            Fault(kind=FaultKind.DELAY, method="sendMessage", times=1, seconds=30)
        )
        press.publish("war", entry("Ceasefire talks begin", published_at=now()))
        await live_telegram.wait_for(lambda: news(live_telegram, ann))
        task.cancel()
    async with running(settings):
        await live_telegram.wait_for(lambda: len(news(live_telegram, ann)) == 2)
    assert "cut off and sent again, as possible repeats: 1 delivery" in caplog.text
