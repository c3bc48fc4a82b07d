import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import MigrationError, SetupError
from bot.storage.migrations import migrate
from bot.storage.schema import (
    MIGRATIONS,
    newest_schema,
    read_only_uri,
    require_current,
    schema_version,
    scripts_in,
)


def database_of(path: Path, *, schema: int) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {schema}")
    return path


def test_the_shipped_migrations_are_numbered_without_gaps() -> None:
    assert len(scripts_in(MIGRATIONS)) == newest_schema()


def test_a_gap_in_the_numbers_is_named(tmp_path: Path) -> None:
    for name in ("0001_first.sql", "0003_third.sql"):
        (tmp_path / name).touch()
    with pytest.raises(MigrationError, match="the name should be 0002_"):
        scripts_in(tmp_path)


def test_a_folder_without_migrations_is_an_incomplete_installation(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="is the installation complete"):
        scripts_in(tmp_path)


def test_a_database_that_is_not_there_is_of_schema_0_and_is_not_made(tmp_path: Path) -> None:
    assert schema_version(tmp_path / "none.db") == 0
    with pytest.raises(SetupError, match="there is no such database"):
        require_current(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()


def test_an_older_schema_is_refused_with_the_command_that_helps(tmp_path: Path) -> None:
    old = database_of(tmp_path / "old.db", schema=3)
    with pytest.raises(SetupError, match="at schema 3, run `readalso migrate`"):
        require_current(old)


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    new = database_of(tmp_path / "new.db", schema=9999)
    with pytest.raises(MigrationError, match="newer than this ReadAlso"):
        require_current(new)


def test_a_current_database_is_accepted_and_read_without_a_trace(tmp_path: Path) -> None:
    database = tmp_path / "readalso.db"
    migrate(database)
    before = {path.name for path in tmp_path.iterdir()}
    require_current(database)
    assert schema_version(database) == newest_schema()
    assert {path.name for path in tmp_path.iterdir()} == before
    assert "mode=ro" in read_only_uri(database)
