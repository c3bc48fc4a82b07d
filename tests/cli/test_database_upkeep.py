import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.main import main
from bot.storage import lock
from bot.storage import migrations as schema
from bot.storage.database import open_database
from tests.support.builders import publish, subscribe

DATABASE = Path("data") / "readalso.db"

pytestmark = pytest.mark.usefixtures("empty_folder")


async def invoke(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, arguments)


async def fill() -> None:
    async with open_database(DATABASE) as db:
        await subscribe(db, 1)
        await publish(db, "Bridge opens")


def older(folder: Path) -> None:
    """Make a database that one migration is missing from."""
    scripts = folder / "older"
    scripts.mkdir()
    for script in sorted(schema.MIGRATIONS.glob("*.sql"))[:-1]:
        shutil.copy(script, scripts)
    schema.migrate(DATABASE, scripts)


def beside() -> list[str]:
    return sorted(path.name for path in DATABASE.parent.glob("*.before-*"))


def test_migrate_makes_the_database_and_then_finds_it_new() -> None:
    first = CliRunner().invoke(main, ["migrate"])
    assert first.output == f"{DATABASE}: {schema.newest_schema()} migrations applied\n"
    assert DATABASE.exists()
    assert CliRunner().invoke(main, ["migrate"]).output == f"{DATABASE}: up to date\n"
    assert beside() == [], "there was nothing to lose"


def test_migrate_keeps_the_database_as_it_was_before(empty_folder: Path) -> None:
    older(empty_folder)
    result = CliRunner().invoke(main, ["migrate"])
    (kept,) = beside()
    assert kept.startswith("readalso.db.before-migration-")
    assert result.output == (
        f"{DATABASE}: 1 migrations applied; as it was before: {DATABASE.parent / kept}\n"
    )
    assert schema.schema_of(DATABASE.parent / kept) == schema.newest_schema() - 1
    assert schema.schema_of(DATABASE) == schema.newest_schema()


def test_migrate_leaves_a_database_alone_on_which_a_bot_runs(empty_folder: Path) -> None:
    older(empty_folder)
    with lock.hold_lock(DATABASE):
        result = CliRunner().invoke(main, ["migrate"])
    assert result.exit_code == 1
    assert result.output.endswith(": stop that one before the schema changes\n")
    assert beside() == []
    assert schema.schema_of(DATABASE) == schema.newest_schema() - 1


def test_migrate_refuses_a_file_that_is_no_database(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "notes.txt").write_text("These are my notes. " * 200)
    monkeypatch.setenv("DATABASE", "notes.txt")
    result = CliRunner().invoke(main, ["migrate"])
    assert result.output == "Error: notes.txt: file is not a database\n"


def test_migrate_refuses_a_database_from_the_future() -> None:
    schema.migrate(DATABASE)
    with closing(sqlite3.connect(DATABASE)) as connection:
        connection.execute("PRAGMA user_version = 9999")
    result = CliRunner().invoke(main, ["migrate"])
    assert result.exit_code == 1
    assert "is at schema 9999, newer than this ReadAlso" in result.output


async def test_a_backup_is_made_and_restored() -> None:
    await fill()
    made = await invoke("backup", "copies/monday.db")
    assert made.exit_code == 0
    assert made.output.startswith("copies/monday.db: ")
    assert made.output.endswith(
        " MB, verified: 1 subscribers, 1 stories of 1 articles, 1 deliveries\n"
    )
    DATABASE.unlink()
    restored = await invoke("restore", "copies/monday.db")
    assert restored.output == f"{DATABASE}: restored from copies/monday.db\n"
    again = await invoke("restore", "copies/monday.db")
    (kept,) = beside()
    assert again.output.endswith(f"; the old one: {DATABASE.parent / kept}\n")


async def test_a_backup_that_cannot_be_made_ends_in_one_sentence() -> None:
    result = await invoke("backup", "monday.db")
    assert (result.exit_code, result.output) == (
        1,
        f"Error: {DATABASE}: there is no such database; nothing to back up\n",
    )
    assert (await invoke("backup")).exit_code == 2


async def test_a_restore_that_cannot_be_done_ends_in_one_sentence() -> None:
    result = await invoke("restore", "monday.db")
    assert (result.exit_code, result.output) == (1, "Error: monday.db: there is no such file\n")
