"""Schema version of a database, and the migrations that ReadAlso ships with.

Each is a file `NNNN_what_it_does.sql`; `PRAGMA user_version` holds the number of the last one.
"""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import bot
from bot.errors import MigrationError, SetupError
from bot.storage.errors import command_errors

# Inside the package in an installed wheel (pyproject's force-include), beside it in a checkout.
_PACKAGE = Path(bot.__file__).parent
_SHIPPED = _PACKAGE / "migrations"
MIGRATIONS = _SHIPPED if _SHIPPED.is_dir() else _PACKAGE.parent / "migrations"

_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")


def scripts_in(folder: Path) -> list[Path]:
    """Return the migrations in the folder, in order.

    Raises:
        MigrationError: if there are none, or they are not numbered without gaps.
    """
    scripts = sorted(folder.glob("*.sql"))
    for number, script in enumerate(scripts, start=1):
        match = _NAME.fullmatch(script.name)
        if match is None or int(match[1]) != number:
            raise MigrationError(f"{script.name}: the name should be {number:04}_what_it_does.sql")
    if not scripts:
        raise MigrationError(f"{folder}: no migrations there; is the installation complete?")
    return scripts


def newest_schema(migrations: Path = MIGRATIONS) -> int:
    """Return the schema version that this code needs."""
    return len(scripts_in(migrations))


def version_of(connection: sqlite3.Connection) -> int:
    """Return the schema version of an open database; 0: it is empty."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def schema_version(database: Path) -> int:
    """Return the schema version of a database; 0: it is empty, or there is none.

    Raises:
        MigrationError: if it is no database, or cannot be read.
    """
    if not database.exists():
        return 0
    try:
        return _read_version(database)
    except sqlite3.Error as error:
        raise MigrationError(f"{database}: {error}") from error


def require_current(database: Path) -> None:
    """Refuse a database that is missing, or of another schema than that of the code.

    Raises:
        SetupError: if it is; the message says what to do.
    """
    if not database.exists():
        raise SetupError(f"{database}: there is no such database; the bot makes it at its start")
    with command_errors(database):
        schema = _read_version(database)
    refuse_newer(database, schema, newest=newest_schema())
    if schema < newest_schema():
        raise SetupError(f"{database} is at schema {schema}, run `readalso migrate`")


def refuse_newer(database: Path, schema: int, *, newest: int) -> None:
    """Refuse a schema that is newer than `newest`.

    Raises:
        MigrationError: if it is; the message says what to do.
    """
    if schema > newest:
        raise MigrationError(
            f"{database} is at schema {schema}, newer than this ReadAlso, which knows {newest};"
            " update ReadAlso, or restore the backup made before that update"
        )


def read_only_uri(database: Path) -> str:
    """Return the URI to read the file with; SQLite then creates nothing, not even beside it."""
    # Where no log lies beside it nobody has it open, and SQLite need not make one to read it.
    is_closed = not database.with_name(f"{database.name}-wal").exists()
    return f"{database.absolute().as_uri()}?mode=ro{'&immutable=1' if is_closed else ''}"


def _read_version(database: Path) -> int:
    with closing(sqlite3.connect(read_only_uri(database), uri=True)) as connection:
        return version_of(connection)
