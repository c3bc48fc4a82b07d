"""The whole bot in one process: what the composition root promises."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot import app
from bot.errors import SetupError
from bot.playground.chats import Person
from bot.playground.faults import Fault, Kind
from bot.playground.lookalike import Lookalike, open_lookalike
from bot.settings import Settings, read_settings
from tests.builders import entry
from tests.press import Press, open_press
from tests.telegram.conftest import TOKEN


@pytest.fixture
async def telegram() -> AsyncIterator[Lookalike]:
    async with open_lookalike(token=TOKEN, now=lambda: app.now().timestamp()) as lookalike:
        yield lookalike


@pytest.fixture
async def press() -> AsyncIterator[Press]:
    async with open_press() as opened:
        opened.publish("war", entry("Old news from before anyone subscribed"))
        yield opened


@pytest.fixture
def settings(telegram: Lookalike, press: Press, tmp_path: Path) -> Settings:
    return read_settings(
        bot_token=TOKEN,
        telegram_api=telegram.url,
        database=tmp_path / "readalso.db",
        feeds=press.catalogue(tmp_path / "feeds.toml", war="war"),
        poll_floor=1,
        allow_private_addresses=True,
        messages_per_second=1000,
    )


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[asyncio.Task[None]]:
    """Run the bot during the block, and end it by SIGTERM unless it has ended by then."""
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(app.run(settings))
        yield task
        if not task.done():
            os.kill(os.getpid(), signal.SIGTERM)


async def follow(telegram: Lookalike, topic: str = "war") -> Person:
    ann = telegram.person("Ann", language="en")
    telegram.say(ann, f"/topics {topic}")
    await telegram.wait_for(lambda: telegram.messages(ann, of_bot=True))
    return ann


def news(telegram: Lookalike, person: Person) -> list[str]:
    """Return the headlines that came to the person."""
    texts = [message.text for message in telegram.messages(person, of_bot=True)]
    return [text.partition("\n")[0] for text in texts if "Courier" in text]


async def test_from_a_feed_to_a_chat(telegram: Lookalike, press: Press, settings: Settings) -> None:
    async with running(settings):
        ann = await follow(telegram)
        await telegram.wait_for(lambda: press.polls.get("war", 0) >= 2)
        press.publish("war", entry("Ceasefire talks begin", published_at=app.now()))
        await telegram.wait_for(lambda: news(telegram, ann))
        await telegram.wait_for(lambda: telegram.calls("setMyShortDescription"))
    assert news(telegram, ann) == ["Ceasefire talks begin"]


async def test_what_was_in_the_feed_at_first_is_shown_on_request_and_never_pushed(
    telegram: Lookalike, press: Press, settings: Settings
) -> None:
    async with running(settings):
        ann = await follow(telegram)
        await telegram.wait_for(lambda: press.polls.get("war", 0) >= 3)
        telegram.say(ann, "/latest")
        await telegram.wait_for(lambda: len(telegram.messages(ann, of_bot=True)) == 2)
    assert "Old news" in telegram.messages(ann, of_bot=True)[-1].text
    assert news(telegram, ann) == ["The newest"]


async def test_a_restart_sends_nothing_twice_and_brings_what_came_meanwhile(
    telegram: Lookalike, press: Press, settings: Settings
) -> None:
    async with running(settings):
        ann = await follow(telegram)
        await telegram.wait_for(lambda: press.polls.get("war", 0) >= 2)
        press.publish("war", entry("First offensive halted", published_at=app.now()))
        await telegram.wait_for(lambda: news(telegram, ann))
    press.publish("war", entry("Second front opened", published_at=app.now()))
    async with running(settings):
        await telegram.wait_for(lambda: len(news(telegram, ann)) == 2)
    assert news(telegram, ann) == ["First offensive halted", "Second front opened"]


async def test_a_message_in_flight_at_the_end_is_finished(
    telegram: Lookalike, press: Press, settings: Settings
) -> None:
    async with running(settings) as task:
        ann = await follow(telegram)
        await telegram.wait_for(lambda: press.polls.get("war", 0) >= 2)
        telegram.fault(Fault(kind=Kind.DELAY, method="sendMessage", times=1, seconds=1.5))
        press.publish("war", entry("Ceasefire talks begin", published_at=app.now()))
        await telegram.wait_for(lambda: news(telegram, ann))
        os.kill(os.getpid(), signal.SIGTERM)
        await task
    async with running(settings):
        await telegram.wait_for(lambda: press.polls.get("war", 0) >= 5)
    assert news(telegram, ann) == ["Ceasefire talks begin"]


async def test_a_wrong_token_ends_with_a_sentence_that_says_what_to_do(
    telegram: Lookalike, settings: Settings
) -> None:
    telegram.revoke()
    with pytest.raises(SetupError, match="copy it again from @BotFather"):
        await app.run(settings)


async def test_no_token_ends_with_a_sentence_that_says_what_to_do(settings: Settings) -> None:
    with pytest.raises(SetupError, match="BOT_TOKEN is not set: get a token from @BotFather"):
        await app.run(settings.model_copy(update={"bot_token": None}))


async def test_a_token_revoked_while_running_ends_with_the_same_sentence(
    telegram: Lookalike, settings: Settings
) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        async with running(settings) as task:
            ann = await follow(telegram)
            telegram.revoke()
            telegram.say(ann, "/help")
            await asyncio.wait([task], timeout=10)
    assert caught.group_contains(SetupError, match="copy it again")


async def test_a_second_instance_ends_with_a_sentence_that_says_so(
    telegram: Lookalike, settings: Settings, tmp_path: Path
) -> None:
    other = settings.model_copy(update={"database": tmp_path / "other.db"})
    with pytest.raises(ExceptionGroup) as caught:
        async with running(settings) as first:
            await follow(telegram)
            async with asyncio.TaskGroup() as tasks:
                second = tasks.create_task(app.run(other))
                await asyncio.wait([first], timeout=10)
                second.cancel()
    assert caught.group_contains(SetupError, match="another process is running")


async def test_an_unreachable_telegram_is_waited_for(
    telegram: Lookalike,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(app, "UNREACHABLE_PAUSE", timedelta(0))
    monkeypatch.setattr("bot.telegram.sessions.PATIENCE", timedelta(0))
    telegram.fault(Fault(kind=Kind.SERVER_ERROR, method="getMe", times=2))
    async with running(settings):
        await follow(telegram)
    assert caplog.text.count("Telegram cannot be reached, trying again") == 2


async def test_without_its_menus_the_bot_works_all_the_same(
    telegram: Lookalike, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.fault(Fault(kind=Kind.REFUSAL, method="setMyCommands"))
    async with running(settings):
        await follow(telegram)
    assert "the command menus could not be registered" in caplog.text


async def test_deliveries_cut_off_by_a_kill_are_said_to_be_possible_repeats(
    telegram: Lookalike, press: Press, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(settings) as task:
        ann = await follow(telegram)
        await telegram.wait_for(lambda: press.polls.get("war", 0) >= 2)
        telegram.fault(Fault(kind=Kind.DELAY, method="sendMessage", times=1, seconds=30))
        press.publish("war", entry("Ceasefire talks begin", published_at=app.now()))
        await telegram.wait_for(lambda: news(telegram, ann))
        task.cancel()
    async with running(settings):
        await telegram.wait_for(lambda: len(news(telegram, ann)) == 2)
    assert "1 deliveries were cut off and are sent again: possible repeats" in caplog.text
