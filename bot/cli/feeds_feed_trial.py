"""`readalso feeds test`: can the feeds be read now? A table, and a bar while it lasts."""

import asyncio
import json
import sys
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.common import plain_errors
from bot.rendering.feed_status import span

if TYPE_CHECKING:
    from bot.feeds.probe import Trial
    from bot.settings import Settings

# A feed that brought nothing for so long deserves a look.
QUIET = timedelta(days=30)


@click.command("test")
@click.argument("what", metavar="[FILE | URL...]", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for a script.")
@click.pass_context
def try_feeds(context: click.Context, what: tuple[str, ...], *, as_json: bool) -> None:
    """Ask for each feed of the list, of a FILE, or at the URLs, once; exit with 1 if any fails."""
    from bot.clock import now
    from bot.settings import read_settings

    with plain_errors():
        settings = read_settings()
        trials = asyncio.run(_try(settings, _urls(settings, what)))
    failed = sum(trial.problem is not None for trial in trials)
    if as_json:
        click.echo(json.dumps([_facts(it) for it in trials], ensure_ascii=False, indent=2))
    else:
        for trial in trials:
            click.echo(line(trial, now=now()))
        click.echo(f"{len(trials) - failed} of {len(trials)} can be read")
    context.exit(int(failed > 0))


def line(trial: "Trial", *, now: datetime) -> str:
    """Return the line of the table for a feed."""
    took = f"{trial.took.total_seconds():5.1f} s"
    if trial.problem is not None:
        return f"✗ {took}  {'':>12}  {trial.url}: {trial.problem}"
    age = "empty" if trial.newest_at is None else f"{span(now - trial.newest_at)} ago"
    quiet = trial.newest_at is None or now - trial.newest_at > QUIET
    return f"{'?' if quiet else '✓'} {took}  {trial.entries:>3} {age:>8}  {trial.url}"


def _facts(trial: "Trial") -> dict[str, object]:
    newest = trial.newest_at.isoformat() if trial.newest_at else None
    return asdict(trial) | {"took": trial.took.total_seconds(), "newest_at": newest}


def _urls(settings: "Settings", what: tuple[str, ...]) -> list[str]:
    from bot.feeds.catalogue import read_catalogue

    if what and not (len(what) == 1 and Path(what[0]).is_file()):
        return list(dict.fromkeys(what))
    path = Path(what[0]) if what else settings.feeds
    return [feed.url for feed in read_catalogue(path)]


async def _try(settings: "Settings", urls: list[str]) -> "list[Trial]":
    """Return how it went with each, in order; the bar shows how far it is."""
    from bot.clock import now
    from bot.feeds.http.client import open_http
    from bot.feeds.parser_pool import open_parsers
    from bot.feeds.probe import Trier

    allow = settings.allow_private_addresses
    found: dict[str, Trial] = {}
    async with open_http(allow_private_addresses=allow) as http, open_parsers() as parse:
        trier = Trier(http=http, parse=parse, now=now)
        # A bar on the standard output would get into what a script reads.
        with click.progressbar(length=len(urls), label="asking", file=sys.stderr) as bar:
            async for trial in trier.all(urls):
                found[trial.url] = trial
                bar.update(1)
    return [found[url] for url in urls]
