"""Schema migrations, forward only: each `migrations/NNNN_what_it_does.sql` is applied once.

In order, each atomically; `PRAGMA user_version` holds the number of the last one.
"""

import re
import sqlite3
from contextlib import closing, nullcontext
from pathlib import Path

import bot
from bot.errors import LockedError, MigrationError
from bot.storage import lock
from bot.storage.errors import error_text

# Inside the package in an installed wheel (pyproject's force-include), beside it in a checkout.
_PACKAGE = Path(bot.__file__).parent
_SHIPPED = _PACKAGE / "migrations"
MIGRATIONS = _SHIPPED if _SHIPPED.is_dir() else _PACKAGE.parent / "migrations"

# STRICT tables came with 3.37.
MIN_SQLITE_VERSION = (3, 37, 0)

_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
# A COMMIT inside a file would end the transaction that makes it atomic.
_FORBIDDEN = re.compile(r"^\s*(BEGIN|COMMIT|END|ROLLBACK|PRAGMA|VACUUM|ATTACH)\b", re.I | re.M)


def migrate(database: Path, migrations: Path = MIGRATIONS, *, is_locked: bool = False) -> int:
    """Apply the missing migrations, and return how many; create the database if there is none.

    `is_locked`: the caller holds the database lock. Otherwise it is taken to migrate: the schema
    must not change under a running bot.

    Raises:
        MigrationError: if the database is newer than the code, is no database, cannot be created,
            is in use, or a file fails.
    """
    if sqlite3.sqlite_version_info < MIN_SQLITE_VERSION:
        raise MigrationError(f"SQLite {sqlite3.sqlite_version} is too old; 3.37 or newer is needed")
    scripts = _scripts(migrations)
    try:
        database.parent.mkdir(parents=True, exist_ok=True)
        if not database.exists():
            # What people read is private; SQLite gives its other files the same mode.
            database.touch(mode=0o600)
    except OSError as error:
        raise MigrationError(f"{database}: it or its folder cannot be made: {error}") from None
    try:
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            _refuse_newer(connection, scripts, database)
            if _version(connection) == len(scripts):
                return 0
            with nullcontext() if is_locked else lock.hold_lock(database):
                return _apply_missing(connection, scripts)
    except LockedError as error:
        raise MigrationError(f"{error}: stop that one before the schema changes") from None
    except sqlite3.Error as error:
        raise MigrationError(error_text(database, error)) from error


def newest_schema(migrations: Path = MIGRATIONS) -> int:
    """Return the schema version that this code needs."""
    return len(_scripts(migrations))


def schema_version(database: Path) -> int:
    """Return the schema version of a database; 0: it is empty, or there is none.

    Raises:
        MigrationError: if it is no database, or cannot be read.
    """
    if not database.exists():
        return 0
    try:
        uri = f"{database.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            return _version(connection)
    except sqlite3.Error as error:
        raise MigrationError(f"{database}: {error}") from error


def _scripts(folder: Path) -> list[Path]:
    scripts = sorted(folder.glob("*.sql"))
    for number, script in enumerate(scripts, start=1):
        match = _NAME.fullmatch(script.name)
        if match is None or int(match[1]) != number:
            raise MigrationError(f"{script.name}: the name should be {number:04}_what_it_does.sql")
    if not scripts:
        raise MigrationError(f"{folder}: no migrations there; is the installation complete?")
    return scripts


def _refuse_newer(connection: sqlite3.Connection, scripts: list[Path], database: Path) -> None:
    version = _version(connection)
    if version > len(scripts):
        raise MigrationError(
            f"{database} is at schema {version}, newer than this ReadAlso, which knows"
            f" {len(scripts)}; update ReadAlso, or restore the backup made before that update"
        )


def _apply_missing(connection: sqlite3.Connection, scripts: list[Path]) -> int:
    version = _version(connection)
    # Tables are rebuilt by drop and rename; foreign keys are checked at the end instead.
    connection.execute("PRAGMA foreign_keys = OFF")
    for number in range(version + 1, len(scripts) + 1):
        _apply(connection, scripts[number - 1], number)
    return len(scripts) - version


def _apply(connection: sqlite3.Connection, script: Path, number: int) -> None:
    text = script.read_text(encoding="utf-8")
    if match := _FORBIDDEN.search(text):
        raise MigrationError(f"{script.name}: {match[1]} is not allowed in a migration")
    try:
        # BEGIN belongs into the script: executescript() commits a transaction opened before it.
        connection.executescript(f"BEGIN IMMEDIATE;\n{text}")
        if broken := connection.execute("PRAGMA foreign_key_check").fetchone():
            raise MigrationError(f"{script.name}: leaves a broken reference in {broken[0]}")
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise MigrationError(f"{script.name}: {error}") from error
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version
