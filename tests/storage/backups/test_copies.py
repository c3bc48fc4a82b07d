import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import SetupError
from bot.storage.backups.copies import backup, verify
from bot.storage.database import Database
from bot.storage.schema import newest_schema
from tests.support.builders import publish, subscribe


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "readalso.db"  # where the fixture `db` has it


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "copies" / "monday.db"


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


async def test_a_database_with_a_damaged_page_is_blamed_for_it_and_the_cure_is_named(
    db: Database, database: Path, file: Path, tmp_path: Path
) -> None:
    await publish(db, "Bridge opens")
    backup(database, file)
    spoil(file)
    with pytest.raises(SetupError, match=r"(?s)monday\.db: .*; keep it, put your new") as it:
        backup(file, tmp_path / "tuesday.db")
    assert "tuesday" not in str(it.value)


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
