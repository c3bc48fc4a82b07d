"""`readalso prune`: old stories and articles go; what feeds brought stays known."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.common import plain_errors
from bot.errors import SetupError

if TYPE_CHECKING:
    from bot.runtime.retention import Pruned


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

    with plain_errors():
        settings = read_settings(**({"keep_days": keep_days} if keep_days else {}))
        days = settings.keep_days
        if not days:
            raise SetupError("KEEP_DAYS is 0, so all is kept; choose how many with --keep-days")
        if not settings.database.exists():
            raise SetupError(f"{settings.database}: there is no such database; nothing to prune")
        work = _count if dry_run else _prune
        gone = asyncio.run(work(settings.database, timedelta(days=days)))
    verb = "would go" if dry_run else "went"
    click.echo(
        f"older than {days} days: {gone.articles:,} articles and {gone.stories:,} stories {verb}"
    )


async def _prune(database: Path, keep: timedelta) -> "Pruned":
    from bot.clock import now
    from bot.runtime.retention import Pruner
    from bot.storage.database import open_database

    async with open_database(database) as db:
        return await Pruner(db=db, keep=keep, now=now).prune()


async def _count(database: Path, keep: timedelta) -> "Pruned":
    from bot.clock import now
    from bot.runtime.retention import Pruned
    from bot.storage import retention
    from bot.storage.database import open_database

    async with open_database(database) as db:
        age = await retention.age(db.reader, before=now() - keep)
        stories, articles = await retention.count(db.reader, age)
        return Pruned(stories=stories, articles=articles, deliveries=0)
