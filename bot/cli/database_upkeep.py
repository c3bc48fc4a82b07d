"""`readalso migrate`, `backup` and `restore`: the database made, copied, and put back."""

from pathlib import Path

import click

from bot.cli.common import plain_errors

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
def migrate() -> None:
    """Create the database, or bring it to the newest schema, after a backup beside it."""
    from bot.clock import now
    from bot.settings import read_settings
    from bot.storage.backup import set_aside_name

    with plain_errors():
        database = read_settings().database
        copy_as = set_aside_name(database, "before-migration", now=now())
        applied, copy = _migrate_safely(database, copy_as=copy_as)
    done = f"{applied} migrations applied" if applied else "up to date"
    click.echo(f"{database}: {done}{f'; as it was before: {copy}' if copy else ''}")


@click.command()
@click.argument("file", type=_FILE)
def backup(file: Path) -> None:
    """Copy the database into FILE, and verify the copy; the bot may run meanwhile."""
    from bot.settings import read_settings
    from bot.storage import backup as copies

    with plain_errors():
        made = copies.backup(read_settings().database, file)
    click.echo(
        f"{file}: {made.size_bytes / 1e6:,.1f} MB, verified: {made.subscribers:,} subscribers,"
        f" {made.stories:,} stories of {made.articles:,} articles, {made.deliveries:,} deliveries"
    )


@click.command()
@click.argument("file", type=_FILE)
def restore(file: Path) -> None:
    """Put the backup FILE in the database's place, and keep the old database beside it."""
    from bot.clock import now
    from bot.settings import read_settings
    from bot.storage import backup as copies

    with plain_errors():
        database = read_settings().database
        kept = copies.restore(file, database, now=now())
    click.echo(f"{database}: restored from {file}{f'; the old one: {kept}' if kept else ''}")


def _migrate_safely(database: Path, *, copy_as: Path) -> tuple[int, Path | None]:
    """Migrate; return how many migrations that were, and where the database is as it was."""
    from bot.errors import LockedError, MigrationError
    from bot.storage import backup as copies
    from bot.storage import lock
    from bot.storage import migrations as schema

    if not 0 < schema.schema_of(database) < schema.newest_schema():
        return schema.migrate(database), None
    try:
        with lock.held(database):
            copies.backup(database, copy_as)
            return schema.migrate(database, held=True), copy_as
    except LockedError as error:
        raise MigrationError(f"{error}: stop that one before the schema changes") from None
