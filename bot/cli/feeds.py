"""`readalso feeds`: how they are, how each was, asking for one now, finding one on a site."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from bot.cli.common import exit_on_error
from bot.errors import SetupError
from bot.model import FeedHealth, Poll
from bot.rendering.feed_status import format_duration, in_trouble, status_text

if TYPE_CHECKING:
    from bot.storage.database import Database
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.feeds.probe import ProbeResult
    from bot.settings import Settings

# More than anybody will read.
_MOST = 100_000
# How a poll ended that brought a document, or word that it is the same.
_ANSWERED = frozenset({"read", "unchanged", "torn"})


# A feed that brought nothing for so long deserves a look.
QUIET = timedelta(days=30)


@click.group()
def feeds() -> None:
    """Look after the feeds."""


@feeds.command("list")
@click.option("--troubled", is_flag=True, help="Show only those in trouble.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for a script.")
def list_feeds(*, troubled: bool, as_json: bool) -> None:
    """Show how each feed is, and when it is asked again; those in trouble come first."""
    with exit_on_error():
        asyncio.run(_list(troubled=troubled, as_json=as_json))


@feeds.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for a script.")
def show(url: str, *, as_json: bool) -> None:
    """Show how the feed at URL is and how its last polls went, the newest first; times are UTC."""
    with exit_on_error():
        asyncio.run(_show(url, as_json=as_json))


@feeds.command()
@click.argument("url")
def poll(url: str) -> None:
    """Ask for the feed at URL as soon as manners allow, even if it had been given up.

    The running bot does it.
    """
    with exit_on_error():
        asyncio.run(_poll(url))


@feeds.command()
@click.argument("address")
def find(address: str) -> None:
    """Find the feed of a site, from ADDRESS: "courier.example", or any page of it."""
    with exit_on_error():
        asyncio.run(_find(address))


def lines(health: FeedHealth, *, now: datetime) -> str:
    """Return the three lines that show a feed: how it is, where, and when it is asked."""
    mark = "✗" if in_trouble(health, now=now) else "✓"
    read = f"read {format_duration(now - health.read_at)} ago" if health.read_at else "never read"
    again = _asked_again(health, now=now)
    return (
        f"{mark} {health.source}: {status_text(health, now=now)}\n"
        f"  {health.url}\n"
        f"  {read}, {again}{_brought(health.polls)}"
    )


def poll_line(poll: Poll) -> str:
    """Return the line that shows how a poll went."""
    took = f"{poll.took.total_seconds():.1f} s"
    if poll.problem:
        facts = f"{poll.problem}, after {took}"
    else:
        facts = f"HTTP {poll.status}, {poll.received / 1000:.0f} kB in {took}"
        facts += "" if poll.conditional else ", asked for all"
    news = f"; {poll.news} new" if poll.outcome in _ANSWERED else ""
    return f"{poll.ended_at:%Y-%m-%d %H:%M:%S}  {poll.outcome}: {facts}{news}"


def _facts(health: FeedHealth, *, now: datetime) -> dict[str, object]:
    return {
        "url": health.url,
        "source": health.source,
        "ok": not in_trouble(health, now=now),
        "state": status_text(health, now=now),
        "read_at": health.read_at,
        "due_at": None if health.stop_reason else health.due_at,
        "failures": health.failures,
        "problem": health.problem,
    }


def _json(facts: object) -> str:
    return json.dumps(facts, default=_plain, ensure_ascii=False, indent=2)


def _plain(value: timedelta | datetime) -> float | str:
    """Return what JSON has for it: seconds, and an instant of ISO 8601."""
    return value.total_seconds() if isinstance(value, timedelta) else value.isoformat()


def _brought(polls: Sequence[Poll]) -> str:
    if not polls:
        return ""
    news = sum(poll.news for poll in polls)
    return f"; {news} new in the last {f'{len(polls)} polls' if len(polls) > 1 else 'poll'}"


def _asked_again(health: FeedHealth, *, now: datetime) -> str:
    if health.stop_reason:
        return "asked no more"
    if health.read_at and not health.has_readers:
        return "asked again when somebody reads it"
    wait = health.due_at - now
    return f"asked again in {format_duration(wait)}" if wait > timedelta(0) else "asked again now"


async def _list(*, troubled: bool, as_json: bool) -> None:
    from bot.clock import now
    from bot.settings import read_settings
    from bot.storage.database import open_database
    from bot.storage.feeds import polls

    async with open_database(read_settings().database) as db:
        health = await polls.health(db.reader, limit=_MOST)
    bad = [it for it in health if in_trouble(it, now=now())]
    if as_json:
        click.echo(_json([_facts(it, now=now()) for it in (bad if troubled else health)]))
        return
    for it in bad if troubled else health:
        click.echo(lines(it, now=now()))
    if not health:
        click.echo("0 feeds: the bot notes those of its list when it starts")
        return
    feeds = "1 feed" if len(health) == 1 else f"{len(health)} feeds"
    click.echo(f"{feeds}, {len(bad)} in trouble")


async def _show(url: str, *, as_json: bool) -> None:
    from bot.clock import now
    from bot.settings import read_settings
    from bot.storage.database import open_database

    async with open_database(read_settings().database) as db:
        health = await _health_of(db, url)
    if as_json:
        polls = [asdict(poll) for poll in health.polls]
        click.echo(_json(_facts(health, now=now()) | {"polls": polls}))
        return
    click.echo(lines(health, now=now()))
    if health.polls:
        click.echo()
    for poll in health.polls:
        click.echo(f"  {poll_line(poll)}")


async def _poll(url: str) -> None:
    from bot.clock import now
    from bot.settings import read_settings
    from bot.storage.database import open_database
    from bot.storage.feeds import feeds as table

    settings = read_settings()
    floor = timedelta(seconds=settings.poll_floor)
    async with open_database(settings.database) as db:
        async with db.transaction() as tx:
            await table.poll_soon(tx, url, now=now(), floor=floor)
        health = await _health_of(db, url)
    if health.stop_reason:
        there = health.moved_to or url
        raise SetupError(f"{url}: {status_text(health, now=now())}; ask for that: {there}")
    click.echo(f"{url}: {_asked_again(health, now=now())}, if the bot is running")


async def _health_of(db: "Database", url: str) -> FeedHealth:
    from bot.storage.feeds import polls

    every = await polls.health(db.reader, limit=_MOST)
    health = next((it for it in every if it.url == url), None)
    if health is None:
        raise SetupError(f"{url}: no feed of your list has this address; see: readalso feeds list")
    return health


async def _find(address: str) -> None:
    from bot.clock import now
    from bot.feeds.discovery.discover import discover
    from bot.feeds.http.client import open_http
    from bot.feeds.parser_pool import open_parsers
    from bot.settings import read_settings

    allow = read_settings().allow_private_addresses
    async with open_http(allow_private_addresses=allow) as http, open_parsers() as parse:
        found = await discover(http, address, parse=parse, now=now())
    click.echo(found.url)
    for title in filter(None, (found.title, *found.newest)):
        click.echo(f"  {title}")


@click.command("test")
@click.argument("what", metavar="[FILE | URL...]", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for a script.")
@click.pass_context
def try_feeds(context: click.Context, what: tuple[str, ...], *, as_json: bool) -> None:
    """Ask for each feed of the list, of a FILE, or at the URLs, once; exit with 1 if any fails."""
    from bot.clock import now
    from bot.settings import read_settings

    with exit_on_error():
        settings = read_settings()
        trials = asyncio.run(_try(settings, _urls(settings, what)))
    failed = sum(trial.problem is not None for trial in trials)
    if as_json:
        click.echo(json.dumps([_probe_facts(it) for it in trials], ensure_ascii=False, indent=2))
    else:
        for trial in trials:
            click.echo(line(trial, now=now()))
        click.echo(f"{len(trials) - failed} of {len(trials)} can be read")
    context.exit(int(failed > 0))


def line(trial: "ProbeResult", *, now: datetime) -> str:
    """Return the line of the table for a feed."""
    took = f"{trial.took.total_seconds():5.1f} s"
    if trial.problem is not None:
        return f"✗ {took}  {'':>12}  {trial.url}: {trial.problem}"
    age = "empty" if trial.newest_at is None else f"{format_duration(now - trial.newest_at)} ago"
    quiet = trial.newest_at is None or now - trial.newest_at > QUIET
    return f"{'?' if quiet else '✓'} {took}  {trial.entries:>3} {age:>8}  {trial.url}"


def _probe_facts(trial: "ProbeResult") -> dict[str, object]:
    newest = trial.newest_at.isoformat() if trial.newest_at else None
    return asdict(trial) | {"took": trial.took.total_seconds(), "newest_at": newest}


def _urls(settings: "Settings", what: tuple[str, ...]) -> list[str]:
    from bot.feeds.catalogue import read_catalogue

    if what and not (len(what) == 1 and Path(what[0]).is_file()):
        return list(dict.fromkeys(what))
    path = Path(what[0]) if what else settings.feeds
    return [feed.url for feed in read_catalogue(path)]


async def _try(settings: "Settings", urls: list[str]) -> "list[ProbeResult]":
    """Return how it went with each, in order; the bar shows how far it is."""
    from bot.clock import now
    from bot.feeds.http.client import open_http
    from bot.feeds.parser_pool import open_parsers
    from bot.feeds.probe import Prober

    allow = settings.allow_private_addresses
    found: dict[str, ProbeResult] = {}
    async with open_http(allow_private_addresses=allow) as http, open_parsers() as parse:
        trier = Prober(http=http, parse=parse, now=now)
        # A bar on the standard output would get into what a script reads.
        with click.progressbar(length=len(urls), label="asking", file=sys.stderr) as bar:
            async for trial in trier.all(urls):
                found[trial.url] = trial
                bar.update(1)
    return [found[url] for url in urls]
