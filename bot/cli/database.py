"""`readalso stats`: who reads us, what was told, and what is owed."""

import asyncio
import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.common import exit_on_error
from bot.errors import SetupError
from bot.rendering.feed_status import format_duration

if TYPE_CHECKING:
    from bot.storage.statistics import Audience, Workload
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.runtime.retention import RetentionResult


_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for a script.")
def stats(*, as_json: bool) -> None:
    """Show subscribers, articles, stories and deliveries; the bot may run meanwhile."""
    from bot.clock import now
    from bot.settings import read_settings

    with exit_on_error():
        database = read_settings().database
        if not database.exists():
            raise SetupError(
                f"{database}: there is no such database; the bot makes it at its start"
            )
        audience, work = asyncio.run(_count(database))
    size = database.stat().st_size
    if as_json:
        facts = asdict(audience) | asdict(work) | {"database_bytes": size}
        click.echo(json.dumps(facts, default=datetime.isoformat, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(lines(audience, work, size_bytes=size, now=now())))


def lines(audience: "Audience", work: "Workload", *, size_bytes: int, now: datetime) -> list[str]:
    """Return the figures as an operator reads them, a line for each subject."""
    ends = {"sent": 0, "gone": 0, "rejected": 0} | work.deliveries
    owed = ends.pop("pending", 0) + ends.pop("sending", 0)
    oldest = (
        f", the oldest for {format_duration(now - work.oldest_owed_at)}"
        if work.oldest_owed_at
        else ""
    )
    return [
        f"subscribers  {_total(audience.by_kind)}",
        f"  paused     {audience.paused:,}; cannot be written to: {audience.gone:,}",
        f"  topics     {_each(audience.by_topic)}",
        f"  languages  {_each(audience.by_language)}",
        f"feeds        {work.feeds:,}",
        f"articles     {work.articles:,}, {work.unread:,} of them not read yet",
        f"stories      {work.stories:,}",
        f"deliveries   {_each(ends)}",
        f"owed         {owed:,}{oldest}",
        f"repeats      {work.possible_repeats:,} possible",
        f"database     {size_bytes / 1e6:,.1f} MB",
    ]


def _total(counts: dict[str, int]) -> str:
    return f"{sum(counts.values()):,}{f': {_each(counts)}' if counts else ''}"


def _each(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "none"


async def _count(database: Path) -> "tuple[Audience, Workload]":
    from bot.storage import statistics as tables
    from bot.storage.database import open_database

    async with open_database(database) as db:
        return await tables.audience(db.reader), await tables.workload(db.reader)


@click.command()
@click.option(
    "--keep-days",
    type=click.IntRange(1),
    help="Keep what is younger; if not given, the setting KEEP_DAYS says it.",
)
@click.option("--dry-run", is_flag=True, help="Only say how much would go.")
def prune(*, keep_days: int | None, dry_run: bool) -> None:
    """Let old stories and articles go; the bot does so by itself each day, and may run meanwhile.

    What is owed or saved stays. What went is never taken for news again.
    """
    from bot.settings import read_settings

    with exit_on_error():
        settings = read_settings(**({"keep_days": keep_days} if keep_days else {}))
        days = settings.keep_days
        if not days:
            raise SetupError("KEEP_DAYS is 0, so all is kept; choose how many with --keep-days")
        if not settings.database.exists():
            raise SetupError(f"{settings.database}: there is no such database; nothing to prune")
        work = _prune_count if dry_run else _prune
        gone = asyncio.run(work(settings.database, timedelta(days=days)))
    verb = "would go" if dry_run else "went"
    click.echo(
        f"older than {days} days: {gone.articles:,} articles and {gone.stories:,} stories {verb}"
    )


async def _prune(database: Path, keep: timedelta) -> "RetentionResult":
    from bot.clock import now
    from bot.runtime.retention import RetentionWorker
    from bot.storage.database import open_database

    async with open_database(database) as db:
        return await RetentionWorker(db=db, keep=keep, now=now).prune()


async def _prune_count(database: Path, keep: timedelta) -> "RetentionResult":
    from bot.clock import now
    from bot.runtime.retention import RetentionResult
    from bot.storage import retention
    from bot.storage.database import open_database

    async with open_database(database) as db:
        age = await retention.cutoff(db.reader, before=now() - keep)
        stories, articles = await retention.count(db.reader, age)
        return RetentionResult(stories=stories, articles=articles, deliveries=0)


@click.command()
def migrate() -> None:
    """Create the database, or bring it to the newest schema, after a backup beside it."""
    from bot.clock import now
    from bot.settings import read_settings
    from bot.storage.backup import set_aside_name

    with exit_on_error():
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

    with exit_on_error():
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

    with exit_on_error():
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
        with lock.hold_lock(database):
            copies.backup(database, copy_as)
            return schema.migrate(database, held=True), copy_as
    except LockedError as error:
        raise MigrationError(f"{error}: stop that one before the schema changes") from None
