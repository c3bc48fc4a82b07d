"""Fault recovery: disk, database, clock, DNS, Telegram (the table in docs/operations.md)."""

import asyncio
import resource
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import HttpUrl

from bot.app import run
from bot.clock import now
from bot.settings import Settings
from bot.storage.migrations import migrate
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.server import application, serving
from bot_playground.state.chats import Person
from bot_playground.state.world import new_world
from tests.end_to_end.process import READY_SECONDS, BotProcess, open_process
from tests.support.builders import entry
from tests.support.fakes import TOKEN
from tests.support.feed_server import Press
from tests.support.running_bot import follow, news, running

NO_WRITES = "the database cannot be written"


@pytest.fixture
def environment(live_telegram: FakeTelegram, press: Press, tmp_path: Path) -> dict[str, str]:
    return {
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API": live_telegram.url,
        "DATABASE": str(tmp_path / "readalso.db"),
        "FEEDS": str(press.catalogue(tmp_path / "feeds.toml", war="war")),
        "POLL_FLOOR": "1",
        "ALLOW_PRIVATE_ADDRESSES": "true",
    }


@pytest.fixture
async def bot(environment: dict[str, str], tmp_path: Path) -> AsyncIterator[BotProcess]:
    async with open_process(tmp_path, "run", **environment) as opened:
        await opened.wait_for_log("at work")
        yield opened


async def reading(telegram: FakeTelegram, press: Press) -> Person:
    """Return somebody who follows the news of a feed that has been read."""
    ann = telegram.person("Ann", language="en")
    telegram.say(ann, "/topics war")
    await telegram.wait_for(lambda: telegram.messages(ann, of_bot=True), timeout=READY_SECONDS)
    seen = press.polls.get("war", 0)
    await telegram.wait_for(lambda: press.polls["war"] >= seen + 2, timeout=READY_SECONDS)
    return ann


async def goes_on(telegram: FakeTelegram, press: Press, ann: Person, bot: BotProcess) -> None:
    """What came during the fault is told once, and so is what comes after it."""
    press.publish("war", entry("Bridge reopened", published_at=now()))
    await telegram.wait_for(lambda: len(news(telegram, ann)) >= 2, timeout=READY_SECONDS)
    assert await bot.stop() == 0
    assert news(telegram, ann) == ["Ceasefire talks begin", "Bridge reopened"]
    helped = [it for it in telegram.messages(ann, of_bot=True) if "/topics" in it.text]
    assert len(helped) == 1
    assert "Traceback" not in bot.log


async def test_a_disk_that_cannot_be_written_is_waited_for_and_nothing_is_lost(
    live_telegram: FakeTelegram, press: Press, bot: BotProcess
) -> None:
    ann = await reading(live_telegram, press)
    assert bot.process is not None
    # No file may grow beyond this: what is written to the database fails.
    before = resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (1 << 15, before[1]))
    press.publish("war", entry("Ceasefire talks begin", published_at=now()))
    live_telegram.say(ann, "/help")
    await bot.wait_for_log(NO_WRITES)
    asked = press.polls["war"]
    await live_telegram.wait_for(lambda: bot.log.count(NO_WRITES) >= 3, timeout=READY_SECONDS)
    # Publishers are not asked for what cannot be stored.
    assert press.polls["war"] <= asked + 1
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, before)
    await bot.wait_for_log("the database can be written again")
    await goes_on(live_telegram, press, ann, bot)


async def test_a_database_locked_for_longer_than_we_wait_is_waited_for_still(
    live_telegram: FakeTelegram, press: Press, bot: BotProcess, environment: dict[str, str]
) -> None:
    ann = await reading(live_telegram, press)
    with closing(sqlite3.connect(environment["DATABASE"])) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        press.publish("war", entry("Ceasefire talks begin", published_at=now()))
        live_telegram.say(ann, "/help")
        await bot.wait_for_log(f"{NO_WRITES}: database is locked")
        other.execute("ROLLBACK")
    await bot.wait_for_log("the database can be written again")
    await goes_on(live_telegram, press, ann, bot)


def damage(path: Path, *, at: int, size: int) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xff" * size)


@pytest.mark.parametrize("at", [0, 4096], ids=["its head", "its tables"])
async def test_a_damaged_database_ends_the_bot_with_a_sentence_that_says_what_to_do(
    environment: dict[str, str], tmp_path: Path, at: int
) -> None:
    path = Path(environment["DATABASE"])
    migrate(path)
    damage(path, at=at, size=path.stat().st_size - at)
    async with open_process(tmp_path, "run", **environment) as bot:
        assert bot.process is not None
        assert await asyncio.wait_for(bot.process.wait(), READY_SECONDS) == 1
    assert f"{path} is damaged" in bot.log
    assert "put your newest backup in its place" in bot.log
    assert "Traceback" not in bot.log


async def test_damage_found_at_work_ends_the_bot_with_the_same_sentence(
    live_telegram: FakeTelegram, press: Press, bot: BotProcess, environment: dict[str, str]
) -> None:
    await reading(live_telegram, press)
    path = Path(environment["DATABASE"])
    with closing(sqlite3.connect(path)) as other:
        ((page,),) = other.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'feeds'")
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    damage(path, at=(page - 1) * 4096, size=4096)
    assert bot.process is not None
    assert await asyncio.wait_for(bot.process.wait(), READY_SECONDS) == 1
    assert f"{path} is damaged (database disk image is malformed)" in bot.log
    assert "Traceback" not in bot.log


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[timedelta]:
    """How far the bot's clock is ahead; changed by the test."""
    ahead = [timedelta(0)]
    monkeypatch.setattr(run, "now", lambda: now() + ahead[0])
    monkeypatch.setattr("bot.runtime.clock_watch.CHECK_INTERVAL", timedelta(seconds=0.05))
    return ahead


async def test_a_clock_that_jumps_forth_and_back_holds_up_nothing(
    live_telegram: FakeTelegram,
    press: Press,
    settings: Settings,
    clock: list[timedelta],
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with running(settings):
        ann = await follow(live_telegram)
        live_telegram.say(ann, "/when at once")
        await live_telegram.wait_for(lambda: press.polls.get("war", 0) >= 2)
        clock[0] = timedelta(hours=20)
        await live_telegram.wait_for(lambda: "set forward by 20:00:00" in caplog.text)
        press.publish("war", entry("Ceasefire talks begin", published_at=now()))
        await live_telegram.wait_for(lambda: news(live_telegram, ann))
        clock[0] = timedelta(0)
        await live_telegram.wait_for(lambda: "set back by 20:00:00" in caplog.text)
        press.publish("war", entry("Bridge reopened", published_at=now()))
        await live_telegram.wait_for(lambda: len(news(live_telegram, ann)) == 2)
    assert news(live_telegram, ann) == ["Ceasefire talks begin", "Bridge reopened"]


async def test_a_clock_set_back_while_the_bot_was_away_holds_up_nothing(
    live_telegram: FakeTelegram, press: Press, settings: Settings, clock: list[timedelta]
) -> None:
    clock[0] = timedelta(hours=20)
    async with running(settings):
        ann = await follow(live_telegram)
        live_telegram.say(ann, "/when at once")
        await live_telegram.wait_for(lambda: press.polls.get("war", 0) >= 2)
        press.publish("war", entry("Ceasefire talks begin", published_at=now()))
        await live_telegram.wait_for(lambda: news(live_telegram, ann))
    clock[0] = timedelta(0)
    press.publish("war", entry("Bridge reopened", published_at=now()))
    async with running(settings):
        await live_telegram.wait_for(lambda: len(news(live_telegram, ann)) == 2)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """A name service that knows names below localhost; its one item says whether it answers."""
    answers = [True]
    ask = socket.getaddrinfo

    def found(host: Any, *args: Any, **kwargs: Any) -> Any:
        if str(host).endswith(".localhost"):
            if not answers[0]:
                raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
            host = "127.0.0.1"
        return ask(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    return answers


async def test_without_a_name_service_the_bot_waits_and_goes_on_when_it_is_back(
    live_telegram: FakeTelegram,
    press: Press,
    settings: Settings,
    names: list[bool],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.telegram.api.startup.UNREACHABLE_PAUSE", timedelta(0))
    monkeypatch.setattr("bot.telegram.api.client.MAX_RETRY_WAIT", timedelta(0))
    press.url = press.url.replace("127.0.0.1", "courier.localhost")
    catalogue = press.catalogue(settings.feeds, war="war")
    api = HttpUrl(live_telegram.url.replace("127.0.0.1", "telegram.localhost"))
    names[0] = False
    async with running(settings.model_copy(update={"telegram_api": api, "feeds": catalogue})):
        await live_telegram.wait_for(lambda: "Telegram cannot be reached" in caplog.text)
        names[0] = True
        ann = await follow(live_telegram)
        await live_telegram.wait_for(lambda: press.polls.get("war", 0) >= 2)
        press.publish("war", entry("Ceasefire talks begin", published_at=now()))
        await live_telegram.wait_for(lambda: news(live_telegram, ann))


async def test_a_telegram_that_refuses_connections_is_waited_for_and_nothing_is_lost(
    press: Press,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.telegram.updates.polling.UNREACHABLE_PAUSE_SECONDS", 0.1)
    caplog.set_level("INFO")
    world = new_world(token=TOKEN, now=lambda: now().timestamp(), name="ReadAlso", seed=0)
    line = AsyncExitStack()
    url = await line.enter_async_context(serving(application(world)))
    telegram, port = FakeTelegram(url=url, world=world), int(url.rpartition(":")[2])
    async with line, running(settings.model_copy(update={"telegram_api": HttpUrl(url)})):
        ann = await follow(telegram)
        await telegram.wait_for(lambda: press.polls.get("war", 0) >= 2)
        await line.aclose()
        for headline in ("Ceasefire talks begin", "Bridge reopened"):
            press.publish("war", entry(headline, published_at=now()))
        await telegram.wait_for(lambda: "deliveries 1: retry" in caplog.text)
        await telegram.wait_for(lambda: "no updates from Telegram" in caplog.text)
        telegram.say(ann, "/help")
        assert not news(telegram, ann)
        async with serving(application(world), port=port):
            await telegram.wait_for(lambda: len(news(telegram, ann)) == 2)
            await telegram.wait_for(lambda: not world.updates.pending)
    assert sorted(news(telegram, ann)) == ["Bridge reopened", "Ceasefire talks begin"]
