import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import MigrationError
from bot.storage import migrate as module
from bot.storage.migrate import MIGRATIONS, migrate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    scripts = tmp_path / "migrations"
    scripts.mkdir()
    (scripts / "0001_first.sql").write_text("CREATE TABLE a (id INTEGER PRIMARY KEY) STRICT;")
    return scripts


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "x.db"


def tables(database: Path) -> set[str]:
    with closing(sqlite3.connect(database)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}


def version(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_a_new_database_gets_all_shipped_migrations(database: Path) -> None:
    assert migrate(database) == len(list(MIGRATIONS.glob("*.sql")))
    assert {"articles", "stories", "subscribers", "deliveries"} <= tables(database)


def test_a_migrated_database_is_left_alone(database: Path) -> None:
    migrate(database)
    assert migrate(database) == 0


def test_only_what_is_missing_is_applied(database: Path, folder: Path) -> None:
    migrate(database, folder)
    (folder / "0002_second.sql").write_text("CREATE TABLE b (id INTEGER PRIMARY KEY) STRICT;")
    assert migrate(database, folder) == 1
    assert version(database) == 2


def test_a_migration_that_fails_half_way_leaves_nothing_behind(
    database: Path, folder: Path
) -> None:
    migrate(database, folder)
    (folder / "0002_bad.sql").write_text("CREATE TABLE b (id INTEGER); CREATE TABLE a (id);")
    with pytest.raises(MigrationError, match=r"0002_bad\.sql: table a already exists"):
        migrate(database, folder)
    assert "b" not in tables(database)
    assert version(database) == 1


def test_a_migration_that_breaks_a_reference_is_undone(database: Path, folder: Path) -> None:
    (folder / "0002_orphan.sql").write_text(
        "CREATE TABLE b (a_id INTEGER REFERENCES a); INSERT INTO b VALUES (7);"
    )
    with pytest.raises(MigrationError, match="leaves a broken reference in b"):
        migrate(database, folder)
    assert "b" not in tables(database)


@pytest.mark.parametrize("statement", ["BEGIN;", "commit;", "  PRAGMA foreign_keys = ON;", "END;"])
def test_a_migration_may_not_touch_its_transaction(
    database: Path, folder: Path, statement: str
) -> None:
    (folder / "0002_bold.sql").write_text(f"CREATE TABLE b (id INTEGER);\n{statement}")
    with pytest.raises(MigrationError, match="not allowed in a migration"):
        migrate(database, folder)


@pytest.mark.parametrize("name", ["0003_gap.sql", "2_short.sql", "0002-dash.sql"])
def test_migrations_are_numbered_without_gaps(database: Path, folder: Path, name: str) -> None:
    (folder / name).write_text("CREATE TABLE b (id INTEGER);")
    with pytest.raises(MigrationError, match=r"the name should be 0002_what_it_does\.sql"):
        migrate(database, folder)


def test_a_missing_folder_is_named(database: Path, tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="is the installation complete"):
        migrate(database, tmp_path / "nowhere")


def test_a_database_newer_than_the_code_is_refused(database: Path, folder: Path) -> None:
    migrate(database)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(MigrationError, match="newer than this ReadAlso"):
        migrate(database, folder)


def test_a_file_that_is_no_database_is_named(database: Path) -> None:
    database.write_bytes(b"These are my notes, not a database. " * 40)
    with pytest.raises(MigrationError, match=r"x\.db: file is not a database"):
        migrate(database)


def test_an_old_sqlite_is_refused(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OLDEST_SQLITE", (99, 0, 0))
    with pytest.raises(MigrationError, match="is too old"):
        migrate(database)


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    migrate(tmp_path / "new" / "folder" / "x.db")


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MigrationError, match="its folder cannot be made"):
        migrate(tmp_path / "file" / "x.db")
