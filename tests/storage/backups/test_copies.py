import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import SetupError
from bot.storage import lock
from bot.storage.backups.copies import backup, restore, verify
from bot.storage.database import Database, open_database
from bot.storage.schema import newest_schema
from tests.support.builders import publish, subscribe
from tests.support.fakes import NOON


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "readalso.db"  # where the fixture `db` has it


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "copies" / "monday.db"


async def stories(database: Path) -> list[str]:
    async with open_database(database) as db:
        rows = await db.reader.execute_fetchall("SELECT title FROM articles ORDER BY id")
        return [row[0] for row in rows]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_copy_holds_all_that_is_committed_while_others_write(
    db: Database, database: Path, file: Path
) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM deliveries")
        summary = backup(database, file)
    assert (summary.subscribers, summary.articles, summary.stories, summary.deliveries) == (
        1,
        1,
        1,
        1,
    )
    assert summary.schema == newest_schema()
    assert summary.size_bytes == file.stat().st_size
    assert verify(file) == summary
    assert names(file.parent) == ["monday.db"], "one file, and not a part of it"


async def test_an_existing_file_is_not_overwritten(
    db: Database, database: Path, file: Path
) -> None:
    file.parent.mkdir()
    file.write_text("holiday")
    with pytest.raises(SetupError, match=r"monday\.db: there is such a file already"):
        backup(database, file)
    assert file.read_text() == "holiday"


def test_a_missing_database_is_not_backed_up(database: Path, file: Path) -> None:
    with pytest.raises(SetupError, match="there is no such database"):
        backup(database, file)
    assert not file.parent.exists()


async def test_a_copy_that_cannot_be_written_leaves_nothing(
    db: Database, database: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes").touch()
    with pytest.raises(SetupError, match=r"monday\.db: cannot be written"):
        backup(database, tmp_path / "notes" / "monday.db")


def test_a_damaged_database_is_no_backup(database: Path, file: Path, tmp_path: Path) -> None:
    database.write_bytes(b"These are my notes. " * 1000)
    with pytest.raises(SetupError, match=r"readalso\.db: cannot be copied: file is not a database"):
        backup(database, file)
    assert names(file.parent) == []


async def test_a_page_that_is_damaged_is_found(db: Database, database: Path, file: Path) -> None:
    await publish(db, "Bridge opens")
    backup(database, file)
    spoil(file)
    with pytest.raises(SetupError, match=r"monday\.db: (is damaged|cannot be read)"):
        verify(file)


def spoil(file: Path) -> None:
    """Write over a page of a table, as a failing disk does."""
    with closing(sqlite3.connect(file)) as connection:
        page = connection.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'articles'"
        ).fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with file.open("r+b") as opened:
        opened.seek((page - 1) * size)
        opened.write(b"\xff" * size)


@pytest.mark.parametrize("schema", [0, newest_schema() + 1])
def test_a_database_of_another_program_or_a_newer_one_is_no_backup(file: Path, schema: int) -> None:
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"PRAGMA user_version = {schema}")
        connection.execute("CREATE TABLE holidays (day)")
    with pytest.raises(SetupError, match=f"its schema is {schema}, and this ReadAlso knows 1 to"):
        verify(file)


async def test_a_restored_database_is_the_backup_and_the_old_one_is_kept(
    database: Path, file: Path, tmp_path: Path
) -> None:
    async with open_database(database) as db:
        await publish(db, "Bridge opens")
    backup(database, file)
    async with open_database(database) as db:
        await publish(db, "Road closes")
    old = restore(file, database, now=NOON)
    assert old == tmp_path / "readalso.db.before-restore-20260302T120000"
    assert await stories(database) == ["Bridge opens"]
    assert await stories(old) == ["Bridge opens", "Road closes"]
    assert await stories(file) == ["Bridge opens"], "it may serve again"


async def test_a_backup_is_restored_where_there_is_no_database(
    database: Path, file: Path, tmp_path: Path
) -> None:
    async with open_database(database) as db:
        await publish(db, "Bridge opens")
    backup(database, file)
    elsewhere = tmp_path / "new" / "readalso.db"
    assert restore(file, elsewhere, now=NOON) is None
    assert await stories(elsewhere) == ["Bridge opens"]


async def test_what_a_killed_bot_left_in_its_log_is_kept_with_the_old_database(
    database: Path, file: Path, tmp_path: Path
) -> None:
    async with open_database(database) as db:
        backup(database, file)
        await publish(db, "Bridge opens")
        log = database.with_name("readalso.db-wal").read_bytes()
        main = database.read_bytes()
    database.write_bytes(main)
    database.with_name("readalso.db-wal").write_bytes(log)
    old = restore(file, database, now=NOON)
    assert old is not None
    assert await stories(database) == []
    assert await stories(old) == ["Bridge opens"]


async def test_a_damaged_database_is_replaced_by_a_backup_and_kept_as_it_is(
    database: Path, file: Path
) -> None:
    async with open_database(database) as db:
        await publish(db, "Bridge opens")
    backup(database, file)
    database.write_bytes(b"a cosmic ray" * 1000)
    database.with_name("readalso.db-wal").write_bytes(b"another")
    old = restore(file, database, now=NOON + timedelta(days=1))
    assert old is not None
    assert old.read_bytes() == b"a cosmic ray" * 1000
    assert old.with_name(f"{old.name}-wal").read_bytes() == b"another"
    assert await stories(database) == ["Bridge opens"]


async def test_no_database_is_restored_under_a_running_bot(
    db: Database, database: Path, file: Path
) -> None:
    backup(database, file)
    await publish(db, "Bridge opens")
    words = r"in use by another ReadAlso .*: stop that one first"
    with lock.hold_lock(database), pytest.raises(SetupError, match=words):
        restore(file, database, now=NOON)
    assert await stories(database) == ["Bridge opens"]


async def test_what_is_no_backup_is_not_restored(
    db: Database, database: Path, tmp_path: Path
) -> None:
    await publish(db, "Bridge opens")
    notes = tmp_path / "notes.txt"
    with pytest.raises(SetupError, match=r"notes\.txt: there is no such file"):
        restore(notes, database, now=NOON)
    notes.write_text("These are my notes. " * 200)
    with pytest.raises(SetupError, match=r"notes\.txt: cannot be read as a database"):
        restore(notes, database, now=NOON)
    assert await stories(database) == ["Bridge opens"]


async def test_a_file_system_without_hard_links_is_supported(
    database: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    async with open_database(database) as db:
        await publish(db, "Bridge opens")
    backup(database, file)
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    old = restore(file, database, now=NOON)
    assert old is not None
    assert await stories(old) == await stories(database) == ["Bridge opens"]
