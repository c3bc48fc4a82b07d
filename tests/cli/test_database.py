import asyncio
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot import clock
from bot.cli.main import main
from bot.storage import lock, schema
from bot.storage.database import open_database
from bot.storage.migrations import migrate
from tests.support.builders import publish, subscribe

DATABASE = Path("data") / "readalso.db"

pytestmark = pytest.mark.usefixtures("empty_folder")


async def invoke(*arguments: str) -> Result:
    """Run the command in a thread: it runs a loop of its own."""
    return await asyncio.to_thread(CliRunner().invoke, main, arguments)


async def fill() -> None:
    async with open_database(DATABASE) as db:
        await subscribe(db, 1)
        await publish(db, "Bridge opens")


async def test_stats_show_subscribers_and_pending_deliveries() -> None:
    await fill()
    output = (await invoke("stats")).output.splitlines()
    assert output[0] == "subscribers  1: private 1"
    assert output[2:7] == [
        "  topics     war 1",
        "  languages  en 1",
        "feeds        1",
        "articles     1, 0 of them not read yet",
        "stories      1",
    ]
    assert output[7] == "deliveries   sent 0, gone 0, rejected 0"
    assert output[8].startswith("owed         1, the oldest for ")
    assert output[9] == "repeats      0 possible"


async def test_stats_can_be_json() -> None:
    await fill()
    facts = json.loads((await invoke("stats", "--json")).output)
    assert facts["by_kind"] == {"private": 1}
    assert facts["deliveries"] == {"pending": 1}
    assert facts["oldest_owed_at"] == "2026-03-02T12:00:00+00:00"
    assert facts["database_bytes"] == DATABASE.stat().st_size


async def test_an_empty_database_has_stats_too() -> None:
    async with open_database(DATABASE):
        pass
    output = (await invoke("stats")).output
    assert "subscribers  0\n" in output
    assert "  topics     none\n" in output
    assert "\nowed         0\n" in output


async def test_stats_without_a_database_are_an_error() -> None:
    result = await invoke("stats")
    assert (result.exit_code, result.output) == (
        1,
        f"Error: {DATABASE}: there is no such database; the bot makes it at its start\n",
    )
    assert not DATABASE.exists()


async def fill_with_an_old_story() -> None:
    """Store two stories, the first of them long ago."""
    async with open_database(DATABASE) as db:
        await publish(db, "Bridge opens")
        async with db.transaction() as tx:
            await tx.execute("UPDATE stories SET opened_at = 0")
            await tx.execute("UPDATE articles SET stored_at = 0")
        await publish(db, "Road closes", now=clock.now())


async def count_stories() -> int:
    async with open_database(DATABASE) as db:
        ((count,),) = await db.reader.execute_fetchall("SELECT count(*) FROM stories")
        return int(count)


async def test_a_dry_run_counts_what_prune_deletes() -> None:
    await fill_with_an_old_story()
    result = await invoke("prune", "--dry-run")
    assert result.output == "older than 400 days: 1 article and 1 story would go\n"
    assert await count_stories() == 2
    result = await invoke("prune", "--keep-days", "90")
    assert result.output == "older than 90 days: 1 article and 1 story went\n"
    assert await count_stories() == 1


async def test_the_room_of_what_went_is_given_back_on_request() -> None:
    await fill_with_an_old_story()
    async with open_database(DATABASE) as db, db.transaction() as tx:
        await tx.execute("UPDATE articles SET text = hex(zeroblob(500000)) WHERE stored_at = 0")
    before = DATABASE.stat().st_size
    result = await invoke("prune", "--vacuum")
    assert result.output == "older than 400 days: 1 article and 1 story went\n"
    assert before - DATABASE.stat().st_size > 900_000


async def test_the_room_of_what_went_is_given_back_by_and_by() -> None:
    await fill_with_an_old_story()
    async with open_database(DATABASE) as db, db.transaction() as tx:
        await tx.execute("UPDATE articles SET text = hex(zeroblob(500000)) WHERE stored_at = 0")
    await invoke("prune")
    async with open_database(DATABASE) as db:
        ((free,),) = await db.reader.execute_fetchall("PRAGMA freelist_count")
        ((mode,),) = await db.reader.execute_fetchall("PRAGMA auto_vacuum")
    assert (free, mode) == (0, 2)


async def test_an_older_database_keeps_the_room_until_it_is_given_back_at_once() -> None:
    await fill_with_an_old_story()
    with closing(sqlite3.connect(DATABASE, isolation_level=None)) as connection:
        connection.executescript("PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = NONE; VACUUM")
    async with open_database(DATABASE) as db:
        assert not await db.give_back(10)
        await db.vacuum()
    async with open_database(DATABASE) as db:
        ((mode,),) = await db.reader.execute_fetchall("PRAGMA auto_vacuum")
    assert mode == 2


async def test_with_unlimited_retention_the_days_must_be_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KEEP_DAYS", "0")
    result = await invoke("prune")
    assert (result.exit_code, result.output) == (
        1,
        "Error: KEEP_DAYS is 0, so all is kept; choose how many with --keep-days\n",
    )


async def test_too_few_days_are_refused() -> None:
    result = await invoke("prune", "--keep-days", "7")
    assert (result.exit_code, result.output) == (1, "Error: --keep-days: should be at least 30\n")
    assert (await invoke("prune", "--keep-days", "0")).exit_code == 2


async def test_without_a_database_there_is_nothing_to_prune() -> None:
    result = await invoke("prune")
    assert result.exit_code == 1
    assert "there is no such database; the bot makes it at its start" in result.output


def make_older(folder: Path) -> None:
    """Make a database without the last migration."""
    scripts = folder / "older"
    scripts.mkdir()
    for script in sorted(schema.MIGRATIONS.glob("*.sql"))[:-1]:
        shutil.copy(script, scripts)
    migrate(DATABASE, scripts)


def backups_beside() -> list[str]:
    return sorted(path.name for path in DATABASE.parent.glob("*.before-*"))


def test_migrate_creates_the_database_and_then_finds_it_up_to_date() -> None:
    first = CliRunner().invoke(main, ["migrate"])
    assert first.output == f"{DATABASE}: {schema.newest_schema()} migrations applied\n"
    assert DATABASE.exists()
    assert CliRunner().invoke(main, ["migrate"]).output == f"{DATABASE}: up to date\n"
    assert backups_beside() == [], "there was nothing to lose"


def test_migrate_keeps_the_database_as_it_was_before(empty_folder: Path) -> None:
    make_older(empty_folder)
    result = CliRunner().invoke(main, ["migrate"])
    (kept,) = backups_beside()
    assert kept.startswith("readalso.db.before-migration-")
    assert result.output == (
        f"{DATABASE}: 1 migration applied; as it was before: {DATABASE.parent / kept}\n"
    )
    assert schema.schema_version(DATABASE.parent / kept) == schema.newest_schema() - 1
    assert schema.schema_version(DATABASE) == schema.newest_schema()


def test_migrate_refuses_a_database_that_a_bot_uses(empty_folder: Path) -> None:
    make_older(empty_folder)
    with lock.hold_lock(DATABASE):
        result = CliRunner().invoke(main, ["migrate"])
    assert result.exit_code == 1
    assert result.output.endswith(": stop that one before the schema changes\n")
    assert backups_beside() == []
    assert schema.schema_version(DATABASE) == schema.newest_schema() - 1


def test_migrate_refuses_a_file_that_is_not_a_database(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_folder / "notes.txt").write_text("These are my notes. " * 200)
    monkeypatch.setenv("DATABASE", "notes.txt")
    result = CliRunner().invoke(main, ["migrate"])
    assert result.output.startswith("Error: notes.txt is damaged (file is not a database): ")


def test_migrate_refuses_a_newer_schema() -> None:
    migrate(DATABASE)
    with closing(sqlite3.connect(DATABASE)) as connection:
        connection.execute("PRAGMA user_version = 9999")
    result = CliRunner().invoke(main, ["migrate"])
    assert result.exit_code == 1
    assert "is at schema 9999, newer than this ReadAlso" in result.output


async def test_a_backup_is_made_and_restored() -> None:
    await fill()
    backup = await invoke("backup", "copies/monday.db")
    assert backup.exit_code == 0
    assert backup.output.startswith("copies/monday.db: ")
    assert backup.output.endswith(" MB, verified: 1 subscriber, 1 story of 1 article, 1 delivery\n")
    DATABASE.unlink()
    restored = await invoke("restore", "copies/monday.db")
    assert restored.output == f"{DATABASE}: restored from copies/monday.db\n"
    again = await invoke("restore", "copies/monday.db")
    (kept,) = backups_beside()
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
