"""Backups of a running bot, and their restoration: who left since stays forgotten."""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.main import main
from bot.clock import now
from bot.settings import Settings
from bot.storage.backups.copies import verify
from bot.storage.backups.rotation import BackupFolder
from bot_playground.fake_telegram import FakeTelegram
from bot_playground.state.chats import Person
from tests.support.builders import entry
from tests.support.fakes import TOKEN
from tests.support.feed_server import Press
from tests.support.running_bot import follow, news, running


@pytest.fixture
def settings(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The commands use the database of the bot."""
    monkeypatch.setenv("DATABASE", str(settings.database))
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    return settings


async def invoke(*arguments: str) -> str:
    result = await asyncio.to_thread(CliRunner().invoke, main, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def chats(database: Path) -> list[int]:
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute("SELECT chat_id FROM subscribers ORDER BY 1")]


def all_recorded(database: Path) -> bool:
    with closing(sqlite3.connect(database)) as connection:
        states = connection.execute("SELECT DISTINCT state FROM deliveries").fetchall()
    return states == [("sent",)]


async def news_came(telegram: FakeTelegram, person: Person, count: int) -> None:
    await telegram.wait_for(lambda: len(news(telegram, person)) == count)


async def leave(telegram: FakeTelegram, person: Person) -> None:
    """Leave in a later second than that of joining: the tables know no shorter time."""
    await asyncio.sleep(1.1)
    telegram.say(person, "/stop")
    await telegram.wait_for(
        lambda: any("Delete everything" in it.text for it in telegram.messages(person))
    )
    question = telegram.messages(person, of_bot=True)[-1]
    telegram.press(person, question, "🗑 Delete everything")
    await telegram.wait_for(
        lambda: any("Everything is deleted" in it.text for it in telegram.messages(person))
    )


async def test_a_restored_backup_knows_its_readers_and_forgets_who_left_since_before_it_sends(
    live_telegram: FakeTelegram, press: Press, settings: Settings, tmp_path: Path
) -> None:
    copy = tmp_path / "elsewhere" / "monday.db"
    async with running(settings):
        ann = await follow(live_telegram)
        bob = await follow(live_telegram)
        cid = await follow(live_telegram)
        await live_telegram.wait_for(lambda: press.polls.get("war", 0) >= 2)
        press.publish("war", entry("Ceasefire talks begin", published_at=now()))
        for person in (ann, bob, cid):
            await news_came(live_telegram, person, 1)
        # What is sent and not yet recorded would be sent again by a restored copy.
        await live_telegram.wait_for(lambda: all_recorded(settings.database))
        assert "verified: 3 subscribers" in await invoke("backup", str(copy))
        await leave(live_telegram, bob)
    assert chats(settings.database) == sorted([ann.id, cid.id])
    # Another machine: only the copies and the list beside them are there.
    shutil.copy(settings.database.parent / "backups" / "departures.txt", copy.parent)
    shutil.rmtree(settings.database.parent / "backups")
    output = await invoke("restore", str(copy))
    assert output.startswith(f"{settings.database}: restored from {copy}; the old one: ")
    assert chats(settings.database) == sorted([ann.id, bob.id, cid.id])
    heard = len(live_telegram.messages(bob))
    async with running(settings):
        seen = press.polls["war"]
        await live_telegram.wait_for(lambda: press.polls["war"] >= seen + 2)
        press.publish("war", entry("Bridge reopened", published_at=now()))
        for person in (ann, cid):
            await news_came(live_telegram, person, 2)
    assert chats(settings.database) == sorted([ann.id, cid.id])
    assert len(live_telegram.messages(bob)) == heard, "nothing is sent to who left"
    assert "is sound" in (await invoke("check", "--offline"))


async def test_a_bot_at_work_has_a_verified_backup(
    live_telegram: FakeTelegram, settings: Settings
) -> None:
    folder = BackupFolder(settings.database)
    async with running(settings):
        await live_telegram.wait_for(folder.copies)
        await follow(live_telegram)
    (copy,) = folder.copies().values()
    assert verify(copy).schema > 0
