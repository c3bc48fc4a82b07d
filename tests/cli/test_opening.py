"""How each command opens the database: found by rule, over every command there is."""

import asyncio
import hashlib
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from bot.cli.main import main
from bot.storage.migrations import migrate
from bot.storage.schema import MIGRATIONS, newest_schema

DATABASE = Path("data") / "readalso.db"
URL = "https://courier.example/rss"
# They serve until they are ended, ask publishers, or are there to make or replace the database.
OTHERS = {"run", "playground", "migrate", "restore", "feeds find", "feeds test", "feeds add"}
WRITERS = {"feeds poll", "prune", "dead-letters --retry"}
READERS = {"stats", "feeds list", "feeds show", "prune --dry-run", "dead-letters"}
ARGUMENTS = {
    "backup": ["copy.db"],
    "explain": ["article.txt"],
    "feeds import": ["mine.opml"],
    "feeds poll": [URL],
    "feeds remove": [URL],
    "feeds show": [URL],
    "check": ["--offline"],
}

pytestmark = pytest.mark.usefixtures("empty_folder")


def commands(group: click.Group, path: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path}{name} ")
        else:
            yield f"{path}{name}"


ALL = sorted([*commands(main), "prune --dry-run", "dead-letters --retry"])
STAY_CLOSED = [command for command in ALL if command not in OTHERS]


async def invoke(command: str) -> Result:
    Path("article.txt").write_text("The bridge opened on Monday\n\nThe mayor came.\n")
    Path("mine.opml").write_text(
        "<opml><body><outline xmlUrl='https://a.example/rss'/></body></opml>"
    )
    arguments = [*command.split(), *ARGUMENTS.get(command, [])]
    return await asyncio.to_thread(CliRunner().invoke, main, arguments)


def make_database(folder: Path, schema: int) -> None:
    scripts = folder / "scripts"
    scripts.mkdir()
    for script in sorted(MIGRATIONS.glob("*.sql"))[:schema]:
        shutil.copy(script, scripts)
    migrate(DATABASE, scripts)


def digests() -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in DATABASE.parent.iterdir()
    }


@pytest.mark.parametrize("command", STAY_CLOSED)
async def test_no_command_creates_a_database_by_the_way(command: str) -> None:
    await invoke(command)
    assert not DATABASE.parent.exists()


@pytest.mark.parametrize("command", sorted(READERS | WRITERS))
async def test_a_command_without_its_database_says_so(command: str) -> None:
    result = await invoke(command)
    assert (result.exit_code, result.output) == (
        1,
        f"Error: {DATABASE}: there is no such database; the bot makes it at its start\n",
    )


@pytest.mark.parametrize("command", STAY_CLOSED)
@pytest.mark.parametrize("schema", [0, 3, newest_schema() - 1])
async def test_no_command_changes_an_older_database(
    command: str, schema: int, empty_folder: Path
) -> None:
    if schema:
        make_database(empty_folder, schema)
    else:
        DATABASE.parent.mkdir()
        DATABASE.touch()
    before = digests()
    result = await invoke(command)
    assert digests() == before
    if command in READERS | WRITERS:
        assert (result.exit_code, result.output) == (
            1,
            f"Error: {DATABASE} is at schema {schema}, run `readalso migrate`\n",
        )


@pytest.mark.parametrize("command", sorted(set(STAY_CLOSED) - WRITERS))
async def test_a_command_that_reads_changes_nothing(command: str, migrated: Path) -> None:
    DATABASE.parent.mkdir()
    shutil.copy(migrated, DATABASE)
    before = digests()
    await invoke(command)
    assert digests() == before


@pytest.mark.parametrize("command", sorted(READERS | WRITERS))
async def test_a_newer_a_damaged_and_a_foreign_database_end_a_command_with_a_sentence(
    command: str, migrated: Path
) -> None:
    DATABASE.parent.mkdir()
    shutil.copy(migrated, DATABASE)
    with closing(sqlite3.connect(DATABASE)) as connection:
        connection.execute(f"PRAGMA user_version = {newest_schema() + 1}")
    result = await invoke(command)
    assert "newer than this ReadAlso" in result.output
    DATABASE.write_bytes(b"These are my notes. " * 500)
    result = await invoke(command)
    assert (result.exit_code, result.exception.__class__) == (1, SystemExit)
    assert "is damaged (file is not a database)" in result.output
    DATABASE.unlink()
    DATABASE.mkdir()
    result = await invoke(command)
    assert (result.exit_code, result.exception.__class__) == (1, SystemExit)
    assert result.output.startswith(f"Error: {DATABASE}: ")


def test_the_commands_of_this_file_exist() -> None:
    assert {*OTHERS, *WRITERS, *READERS, *ARGUMENTS} <= set(ALL)
