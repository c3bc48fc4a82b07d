"""Database commands: `readalso stats`, `prune`, `migrate`, `backup` and `restore`."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.common import echo, exit_on_error
from bot.errors import SetupError
from bot.text.safe import counted

if TYPE_CHECKING:
    from bot.runtime.retention import RetentionResult
    from bot.storage.statistics import SubscriberCounts, Workload

_FILE = click.Path(path_type=Path)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for a script.")
def stats(*, as_json: bool) -> None:
    """Show subscribers, articles, stories and deliveries; the bot may run meanwhile."""
    from bot.clock import now
    from bot.settings import read_settings
    from bot.storage import statistics
    from bot.storage.database import open_reader

    async def count(database: Path) -> "tuple[SubscriberCounts, Workload]":
        async with open_reader(database) as reader:
            return await statistics.subscriber_counts(reader), await statistics.workload(reader)

    with exit_on_error():
        database = read_settings().database
        subscribers, workload = asyncio.run(count(database))
    size_bytes = database.stat().st_size
    if as_json:
        facts = {
            "by_kind": subscribers.by_kind,
            "by_topic": subscribers.by_topic,
            "by_language": subscribers.by_language,
            "paused": subscribers.paused,
            "gone": subscribers.gone,
            "feeds": workload.feeds,
            "articles": workload.articles,
            "unread": workload.unread,
            "stories": workload.stories,
            "deliveries": workload.deliveries,
            "possible_repeats": workload.possible_repeats,
            "oldest_owed_at": workload.oldest_owed_at,
            "database_bytes": size_bytes,
        }
        echo(json.dumps(facts, default=datetime.isoformat, ensure_ascii=False, indent=2))
    else:
        echo("\n".join(stats_lines(subscribers, workload, size_bytes=size_bytes, now=now())))


@click.command()
@click.option(
    "--keep-days",
    type=click.IntRange(1),
    help="Keep what is younger; if not given, the setting KEEP_DAYS says it.",
)
@click.option("--dry-run", is_flag=True, help="Only say how much would go.")
@click.option("--vacuum", is_flag=True, help="Then give the freed room back to the disk.")
def prune(*, keep_days: int | None, dry_run: bool, vacuum: bool) -> None:
    """Let old stories and articles go; the bot does so by itself each day, and may run meanwhile.

    What is owed or saved stays. What went is never taken for news again.
    """
    from bot.clock import now
    from bot.runtime.retention import RetentionWorker, count_expired
    from bot.settings import MIN_KEEP_DAYS, read_settings
    from bot.storage.database import open_current_database, open_reader

    async def run_retention(database: Path, keep: timedelta) -> "RetentionResult":
        if dry_run:
            async with open_reader(database) as reader:
                return await count_expired(reader, before=now() - keep)
        async with open_current_database(database) as db:
            result = await RetentionWorker(db=db, keep=keep, now=now).prune()
            if vacuum:
                await db.vacuum()
            return result

    with exit_on_error():
        settings = read_settings()
        if keep_days and keep_days < MIN_KEEP_DAYS:
            raise SetupError(f"--keep-days: should be at least {MIN_KEEP_DAYS}")
        days = keep_days or settings.keep_days
        if not days:
            raise SetupError("KEEP_DAYS is 0, so all is kept; choose how many with --keep-days")
        result = asyncio.run(run_retention(settings.database, timedelta(days=days)))
    verb = "would go" if dry_run else "went"
    echo(
        f"older than {days} days: {counted(result.articles, 'article')} and"
        f" {counted(result.stories, 'story', 'stories')} {verb}"
    )


@click.command()
def migrate() -> None:
    """Create the database, or bring it to the newest schema, after a backup beside it."""
    from bot.settings import read_settings
    from bot.storage import migrations

    with exit_on_error():
        database = read_settings().database
        result = migrations.migrate(database)
    done = f"{counted(result.applied, 'migration')} applied" if result.applied else "up to date"
    copy = f"; as it was before: {result.copy}" if result.copy else ""
    echo(f"{database}: {done}{copy}")


@click.command()
@click.argument("file", type=_FILE)
def backup(file: Path) -> None:
    """Copy the database into FILE, and verify the copy; the bot may run meanwhile."""
    from bot.settings import read_settings
    from bot.storage.backups import copies

    with exit_on_error():
        summary = copies.backup(read_settings().database, file)
    echo(
        f"{file}: {summary.size_bytes / 1e6:,.1f} MB, verified:"
        f" {counted(summary.subscribers, 'subscriber')},"
        f" {counted(summary.stories, 'story', 'stories')} of"
        f" {counted(summary.articles, 'article')},"
        f" {counted(summary.deliveries, 'delivery', 'deliveries')}"
    )


@click.command()
@click.argument("file", type=_FILE)
def restore(file: Path) -> None:
    """Put the backup FILE in the database's place, and keep the old database beside it."""
    from bot.clock import now
    from bot.settings import read_settings
    from bot.storage.backups.restore import restore as restore_backup
    from bot.storage.schema import newest_schema, schema_version

    with exit_on_error():
        database = read_settings().database
        old_database = restore_backup(file, database, now=now())
        schema = schema_version(database)
    old = f"; the old one: {old_database}" if old_database else ""
    migrates = f"; at schema {schema}, the bot migrates it" if schema < newest_schema() else ""
    echo(f"{database}: restored from {file}{old}{migrates}")


def stats_lines(
    subscribers: "SubscriberCounts", workload: "Workload", *, size_bytes: int, now: datetime
) -> list[str]:
    """Return the output of `readalso stats`, a line a subject."""
    from bot.rendering.feed_status import format_duration

    by_state = {"sent": 0, "gone": 0, "rejected": 0} | workload.deliveries
    owed = by_state.pop("pending", 0) + by_state.pop("sending", 0)
    oldest_at = workload.oldest_owed_at
    oldest = f", the oldest for {format_duration(now - oldest_at)}" if oldest_at else ""
    total = f"{sum(subscribers.by_kind.values()):,}"
    kinds = f": {_list_counts(subscribers.by_kind)}" if subscribers.by_kind else ""
    return [
        f"subscribers  {total}{kinds}",
        f"  paused     {subscribers.paused:,}; cannot be written to: {subscribers.gone:,}",
        f"  topics     {_list_counts(subscribers.by_topic)}",
        f"  languages  {_list_counts(subscribers.by_language)}",
        f"feeds        {workload.feeds:,}",
        f"articles     {workload.articles:,}, {workload.unread:,} of them not read yet",
        f"stories      {workload.stories:,}",
        f"deliveries   {_list_counts(by_state)}",
        f"owed         {owed:,}{oldest}",
        f"repeats      {workload.possible_repeats:,} possible",
        f"database     {size_bytes / 1e6:,.1f} MB",
    ]


def _list_counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items()) or "none"
