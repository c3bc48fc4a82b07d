"""`readalso stats`: who reads us, what was told, and what is owed."""

import asyncio
import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.common import plain_errors
from bot.errors import SetupError
from bot.rendering.feed_status import span

if TYPE_CHECKING:
    from bot.storage.statistics import Audience, Work


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for a script.")
def stats(*, as_json: bool) -> None:
    """Show subscribers, articles, stories and deliveries; the bot may run meanwhile."""
    from bot.clock import now
    from bot.settings import read_settings

    with plain_errors():
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


def lines(audience: "Audience", work: "Work", *, size_bytes: int, now: datetime) -> list[str]:
    """Return the figures as an operator reads them, a line for each subject."""
    ends = {"sent": 0, "gone": 0, "rejected": 0} | work.deliveries
    owed = ends.pop("pending", 0) + ends.pop("sending", 0)
    oldest = f", the oldest for {span(now - work.oldest_owed_at)}" if work.oldest_owed_at else ""
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


async def _count(database: Path) -> "tuple[Audience, Work]":
    from bot.storage import statistics as tables
    from bot.storage.database import open_database

    async with open_database(database) as db:
        return await tables.audience(db.reader), await tables.work(db.reader)
