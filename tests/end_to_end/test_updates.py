"""Updates survive kills at any moment; a second instance is refused."""

import asyncio
import os
import random
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bot.clock import now
from bot_playground.fake_telegram import FakeTelegram, open_fake_telegram
from bot_playground.state.chats import Chat, ChatMessage, Person
from bot_playground.state.faults import Fault, FaultKind
from tests.end_to_end.process import READY_SECONDS, BotProcess, open_process
from tests.support.fakes import TOKEN
from tests.support.feed_server import Press
from tests.telegram.conftest import labels

# Each of these lives begins with the whole start of a process.
KILLS = max(4, int(os.environ.get("KILLS", "4")) // 4)
TOPICS = ("war", "politics", "sports", "science")


@pytest.fixture
async def telegram() -> AsyncIterator[FakeTelegram]:
    async with open_fake_telegram(
        token=TOKEN, now=lambda: now().timestamp(), seed=1
    ) as fake_telegram:
        yield fake_telegram


@pytest.fixture
def settings(telegram: FakeTelegram, press: Press, tmp_path: Path) -> dict[str, str]:
    return {
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API": telegram.url,
        "DATABASE": str(tmp_path / "readalso.db"),
        "FEEDS": str(press.catalogue(tmp_path / "feeds.toml", war="war")),
        "ALLOW_PRIVATE_ADDRESSES": "true",
    }


def webhook() -> dict[str, str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        where = f"127.0.0.1:{free.getsockname()[1]}"
    return {"WEBHOOK_URL": f"http://{where}/", "WEBHOOK_LISTEN": where}


def rows(path: str, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def shown(telegram: FakeTelegram, message: ChatMessage) -> ChatMessage:
    return telegram.world.chats.chats[message.chat_id].messages[message.id]


async def greeted(telegram: FakeTelegram, where: Person | Chat) -> ChatMessage:
    await telegram.wait_for(lambda: telegram.messages(where, of_bot=True), timeout=READY_SECONDS)
    return telegram.messages(where, of_bot=True)[-1]


async def all_handled(telegram: FakeTelegram, path: str) -> None:
    """Wait until nothing waits, neither at Telegram nor in the inbox."""
    await telegram.wait_for(
        lambda: (
            not telegram.world.updates.pending
            and not rows(path, "SELECT 1 FROM updates WHERE handled_at IS NULL")
        ),
        timeout=READY_SECONDS,
    )


@pytest.mark.parametrize("way", [dict, webhook])
async def test_a_press_survives_a_kill_between_storing_and_handling(
    telegram: FakeTelegram, settings: dict[str, str], tmp_path: Path, way: Any
) -> None:
    ann = telegram.person("Ann", language="en")
    group = telegram.supergroup("Friends", admins=[ann])
    async with open_process(tmp_path, "run", **settings, **way()) as bot:
        message = await greeted(telegram, group)
        await all_handled(telegram, settings["DATABASE"])
        # Who presses is asked for first of all, so that nothing is handled yet.
        telegram.inject_fault(Fault(kind=FaultKind.DROP_BEFORE, method="getChatMember"))
        query_id = telegram.press(ann, message, "🪖 War")
        await telegram.wait_for(lambda: not telegram.world.updates.pending)
        await bot.kill()
        telegram.clear_faults()
        assert not rows(settings["DATABASE"], "SELECT 1 FROM subscriptions")
        await bot.start()
        await telegram.wait_for(lambda: telegram.callback_answer(query_id), timeout=READY_SECONDS)
        await all_handled(telegram, settings["DATABASE"])
        assert await bot.stop() == 0
    assert "✅ War" in labels(shown(telegram, message))
    assert rows(settings["DATABASE"], "SELECT topic FROM subscriptions") == [("war",)]
    assert not rows(settings["DATABASE"], "SELECT 1 FROM updates WHERE content IS NOT NULL")


async def test_a_press_survives_a_kill_between_handling_and_marking(
    telegram: FakeTelegram, settings: dict[str, str], tmp_path: Path
) -> None:
    ann = telegram.person("Ann", language="en")
    async with open_process(tmp_path, "run", **settings) as bot:
        telegram.say(ann, "/start")
        message = await greeted(telegram, ann)
        await all_handled(telegram, settings["DATABASE"])
        # The last thing that the handler does is done then, and not yet marked.
        telegram.inject_fault(
            Fault(kind=FaultKind.DELAY, method="editMessageText", times=1, seconds=60)
        )
        telegram.press(ann, message, "🪖 War")
        await telegram.wait_for(lambda: "✅ War" in labels(shown(telegram, message)))
        await bot.kill()
        assert rows(settings["DATABASE"], "SELECT 1 FROM updates WHERE handled_at IS NULL")
        await bot.start()
        await all_handled(telegram, settings["DATABASE"])
        assert await bot.stop() == 0
    assert "✅ War" in labels(shown(telegram, message))
    assert rows(settings["DATABASE"], "SELECT topic FROM subscriptions") == [("war",)]
    assert not rows(settings["DATABASE"], "SELECT 1 FROM updates WHERE problem IS NOT NULL")


async def test_killed_at_random_moments_the_last_word_of_everyone_holds(
    telegram: FakeTelegram, settings: dict[str, str], tmp_path: Path
) -> None:
    chance = random.Random(11)
    people = [telegram.person(name, language="en") for name in ("Ann", "Bob", "Cat")]
    wanted: set[tuple[int, str]] = set()
    async with open_process(tmp_path, "run", **settings) as bot:
        for person in people:
            telegram.say(person, "/start")
        keyboards = {person: await greeted(telegram, person) for person in people}
        slow = Fault(kind=FaultKind.DELAY, method="answerCallbackQuery", share=0.3, seconds=0.3)
        telegram.inject_fault(slow)
        telegram.inject_fault(
            Fault(kind=FaultKind.DROP_AFTER, method="editMessageText", share=0.05)
        )
        for kill in range(KILLS):
            for _ in range(6):
                person, topic = chance.choice(people), chance.choice(TOPICS)
                wanted ^= {(person.id, topic)}
                data = f"topic:{topic}:{int((person.id, topic) in wanted)}"
                press(telegram, person, keyboards[person], data)
                await asyncio.sleep(chance.uniform(0, 0.3))
            await bot.kill()
            # Now it asks for its updates, now they are brought.
            bot.settings = settings | (dict if kill % 2 else webhook)()
            await bot.start()
            await asyncio.sleep(chance.uniform(0, 4))
        await all_handled(telegram, settings["DATABASE"])
        assert await bot.stop() == 0
    assert set(rows(settings["DATABASE"], "SELECT chat_id, topic FROM subscriptions")) == wanted
    assert "Traceback" not in bot.log


def press(telegram: FakeTelegram, person: Person, message: ChatMessage, data: str) -> None:
    """Press the topic's button for this state, whatever state it shows by now."""
    keyboard: Any = shown(telegram, message).body["reply_markup"]
    (button,) = (
        button
        for row in keyboard["inline_keyboard"]
        for button in row
        if button.get("callback_data", "")[:-1] == data[:-1]
    )
    button["callback_data"] = data
    telegram.press(person, message, data)


async def ended(bot: BotProcess) -> int:
    assert bot.process is not None
    return await asyncio.wait_for(bot.process.wait(), READY_SECONDS)


async def test_a_second_bot_on_the_database_is_refused_until_the_first_is_gone(
    telegram: FakeTelegram, settings: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "second"
    folder.mkdir()
    async with open_process(tmp_path, "run", **settings) as first:
        await first.wait_for_log("this is @")
        assert first.process is not None
        async with open_process(folder, "run", **settings) as second:
            assert await ended(second) == 1
            assert f"in use by another ReadAlso (process {first.process.pid})" in second.log
            assert "Traceback" not in second.log
        async with open_process(folder, "feeds", "list", **settings) as command:
            assert await ended(command) == 0
        async with open_process(folder, "migrate", **settings) as command:
            assert await ended(command) == 0
        with closing(sqlite3.connect(settings["DATABASE"])) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            connection.execute(f"PRAGMA user_version = {version - 1}")
            async with open_process(folder, "migrate", **settings) as command:
                assert await ended(command) == 1
                assert "stop that one before the schema changes" in command.log
            connection.execute(f"PRAGMA user_version = {version}")
        await first.kill()
        await first.start()
        telegram.say(ann := telegram.person("Ann", language="en"), "/start")
        await greeted(telegram, ann)
        assert await first.stop() == 0


async def test_a_second_bot_with_the_token_ends_and_the_first_goes_on(
    telegram: FakeTelegram, settings: dict[str, str], tmp_path: Path
) -> None:
    folder = tmp_path / "second"
    folder.mkdir()
    ann = telegram.person("Ann", language="en")
    async with open_process(tmp_path, "run", **settings) as first:
        telegram.say(ann, "/start")
        await greeted(telegram, ann)
        other = settings | {"DATABASE": str(folder / "other.db")}
        async with open_process(folder, "run", **other) as second:
            assert await ended(second) == 1
            assert "another process is running with this BOT_TOKEN" in second.log
        telegram.say(ann, "/help")
        await telegram.wait_for(lambda: len(telegram.messages(ann, of_bot=True)) == 2)
        assert await first.stop() == 0


async def test_told_once_it_finishes_what_is_in_hand_and_told_twice_it_ends_at_once(
    telegram: FakeTelegram, settings: dict[str, str], tmp_path: Path
) -> None:
    ann = telegram.person("Ann", language="en")
    async with open_process(tmp_path, "run", **settings) as bot:
        telegram.say(ann, "/start")
        await greeted(telegram, ann)
        await all_handled(telegram, settings["DATABASE"])
        telegram.inject_fault(Fault(kind=FaultKind.DELAY, method="sendMessage", times=1, seconds=2))
        telegram.say(ann, "/help")
        await telegram.wait_for(lambda: len(telegram.messages(ann, of_bot=True)) == 2)
        assert bot.process is not None
        bot.process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(bot.process.wait(), 10) == 0
        assert not rows(settings["DATABASE"], "SELECT 1 FROM updates WHERE handled_at IS NULL")
        await bot.start()
        telegram.inject_fault(
            Fault(kind=FaultKind.DELAY, method="sendMessage", times=1, seconds=60)
        )
        telegram.say(ann, "/help")
        await telegram.wait_for(
            lambda: len(telegram.messages(ann, of_bot=True)) == 3, timeout=READY_SECONDS
        )
        stopping = bot.log.count("stopping: ")
        bot.process.send_signal(signal.SIGINT)
        await telegram.wait_for(lambda: bot.log.count("stopping: ") > stopping)
        bot.process.send_signal(signal.SIGTERM)
        assert await bot.process.wait() == -signal.SIGTERM
        assert rows(settings["DATABASE"], "SELECT 1 FROM updates WHERE handled_at IS NULL")
