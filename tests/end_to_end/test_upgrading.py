"""The commands of docs/upgrading.md, one by one, on a database of 0.1 that owes stories."""

import asyncio
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli.main import main
from bot.clock import now
from bot.settings import Settings
from bot.storage.backups.copies import kept_files
from bot.storage.schema import newest_schema, schema_version
from bot_playground.fake_telegram import FakeTelegram
from tests.end_to_end.process import ROOT
from tests.storage.test_upgrades import database_of
from tests.support.fakes import TOKEN
from tests.support.running_bot import running

SCHEMA = 17  # of 0.1


def commands(section: str) -> Iterator[list[str]]:
    page = (ROOT / "docs" / "upgrading.md").read_text(encoding="utf-8")
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", page, re.M | re.S)
    for line in re.findall(r"^    readalso (.*)$", text, re.M):
        yield line.partition("#")[0].split()


async def run_page(section: str, database: Path) -> list[str]:
    """Run the commands of the page; where it names a copy, that which is there."""
    outputs = []
    for command in commands(section):
        copies = kept_files(database, "before-migration")
        words = [str(copies[-1]) if "before-migration" in word else word for word in command]
        result = await asyncio.to_thread(CliRunner().invoke, main, words)
        assert result.exit_code == 0, (words, result.output)
        outputs.append(result.output)
    return outputs


def own_to(reader: int, database: Path) -> None:
    """Give the reader of the database the id of a person, and make what is owed fresh and due."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("UPDATE subscribers SET chat_id = ? WHERE chat_id = 1", (reader,))
        seconds = int(now().timestamp())
        connection.execute("UPDATE subscribers SET due_at = ?", (seconds,))
        for table in ("articles", "stories", "story_topics"):
            connection.execute(f"UPDATE {table} SET published_at = ?", (seconds,))
        connection.execute("UPDATE deliveries SET owed_at = ?", (seconds,))
        for table in ("timetables", "refusals", "updates"):
            connection.execute(f"DELETE FROM {table}")


async def test_what_was_owed_before_the_upgrade_is_sent_after_it_and_there_is_a_way_back(
    live_telegram: FakeTelegram, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "DATABASE": settings.database,
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API": live_telegram.url,
        "FEEDS": settings.feeds,
        "ALLOW_PRIVATE_ADDRESSES": "true",
    }.items():
        monkeypatch.setenv(name, str(value))
    database_of(SCHEMA, settings.database)
    ann = live_telegram.person("Ann", language="uk")
    live_telegram.say(ann, "/start")  # a bot writes to nobody who has not written to it
    own_to(ann.id, settings.database)
    _, _, migrated, checked = await run_page("Upgrade", settings.database)
    assert f"{newest_schema() - SCHEMA} migrations applied; as it was before: " in migrated
    assert "✓ database: " in checked
    async with running(settings):
        await live_telegram.wait_for(
            lambda: (
                {"Дощ", "Own news"}
                <= {message.text.partition("\n")[0] for message in live_telegram.messages(ann)}
            )
        )
    (restored,) = await run_page("Go back", settings.database)
    assert f"; at schema {SCHEMA}, the bot migrates it" in restored
    assert schema_version(settings.database) == SCHEMA
    (kept,) = kept_files(settings.database, "before-restore")
    assert schema_version(kept) == newest_schema()


def test_the_page_has_commands() -> None:
    assert [words[0] for words in commands("Upgrade")] == [
        "--version", "backup", "migrate", "check",
    ]  # fmt: skip
    assert [words[0] for words in commands("Go back")] == ["restore"]
