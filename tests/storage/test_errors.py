import os
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import SetupError
from bot.storage import errors as module
from bot.storage.errors import (
    as_setup_error,
    error_text,
    is_corrupt,
    is_database_error,
    is_transient,
    retry_until_written,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE a (b); INSERT INTO a VALUES (1);")
    return path


def error_of(path: Path, statement: str, *, most_pages: int = 0) -> sqlite3.Error:
    with closing(sqlite3.connect(path, timeout=0)) as connection:
        if most_pages:
            connection.execute(f"PRAGMA max_page_count = {most_pages}")
        with pytest.raises(sqlite3.Error) as found:
            connection.execute(statement).fetchall()
    return found.value


def test_a_full_disk_is_transient(file: Path) -> None:
    error = error_of(file, "INSERT INTO a VALUES (zeroblob(100000))", most_pages=2)
    assert str(error) == "database or disk is full"
    assert is_transient(error)
    assert is_database_error(error)
    assert not is_corrupt(error)


def test_a_lock_is_transient(file: Path) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert is_transient(error_of(file, "DELETE FROM a"))


def test_a_missing_folder_is_transient(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.Error) as found:
        sqlite3.connect(tmp_path / "gone" / "x.db")
    assert is_transient(found.value)


@pytest.mark.parametrize("at", [0, 100])
def test_corruption_is_not_transient(file: Path, at: int) -> None:
    with file.open("r+b") as damaged:
        damaged.seek(at)
        damaged.write(b"\xff" * 2000)
    error = error_of(file, "SELECT * FROM a")
    assert is_corrupt(error)
    assert is_database_error(error)
    assert not is_transient(error)


def test_a_wrong_statement_is_neither_transient_nor_corruption(file: Path) -> None:
    error = error_of(file, "SELEKT 1")
    assert not is_transient(error)
    assert not is_corrupt(error)
    assert not is_database_error(error)
    assert not is_database_error(ValueError())
    assert error_text(file, error).startswith(f"{file}: ")


def test_an_error_of_the_module_and_not_of_sqlite_is_not_transient() -> None:
    assert not is_transient(sqlite3.ProgrammingError("Cannot operate on a closed database."))


async def test_a_write_is_retried_until_it_succeeds(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MIN_RETRY_WAIT", timedelta(0))
    errors = [error_of(file, "INSERT INTO a VALUES (zeroblob(100000))", most_pages=2)] * 2

    async def write() -> str:
        if errors:
            raise errors.pop()
        return "written"

    assert await retry_until_written(write) == "written"


async def test_a_wrong_statement_is_not_retried(file: Path) -> None:
    async def write() -> None:
        raise error_of(file, "SELEKT 1")

    with pytest.raises(sqlite3.OperationalError, match="SELEKT"):
        await retry_until_written(write)


def damage(file: Path) -> sqlite3.Error:
    file.write_bytes(b"no database at all" * 1000)
    return error_of(file, "SELECT * FROM a")


def test_corruption_becomes_an_error_that_says_what_to_do(file: Path) -> None:
    error = damage(file)
    says = r"x\.db is damaged .*put your newest backup"
    with pytest.raises(SetupError, match=says), as_setup_error(file):
        raise error


def test_corruption_in_an_exception_group_is_found(file: Path) -> None:
    error = damage(file)
    with pytest.raises(SetupError, match="is damaged"), as_setup_error(file):
        raise ExceptionGroup("", [ValueError(), ExceptionGroup("", [error])])


def test_other_errors_are_raised_unchanged(file: Path) -> None:
    error = error_of(file, "SELEKT 1")
    with pytest.raises(sqlite3.OperationalError), as_setup_error(file):
        raise error
    with pytest.raises(ExceptionGroup), as_setup_error(file):
        raise ExceptionGroup("", [ValueError()])


def test_a_log_that_was_cut_short_is_damage_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    with closing(sqlite3.connect(path)) as writer, closing(sqlite3.connect(path)) as reader:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("CREATE TABLE news (text TEXT)")
        writer.executemany("INSERT INTO news VALUES (?)", [("news " * 100,)] * 200)
        writer.commit()
        os.truncate(f"{path}-wal", 4096)
        with pytest.raises(sqlite3.OperationalError) as caught:
            reader.execute("SELECT sum(length(text)) FROM news").fetchall()
    assert is_corrupt(caught.value)
    assert not is_transient(caught.value)
