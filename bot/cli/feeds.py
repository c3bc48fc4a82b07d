"""`readalso feeds list`, `show`, `poll`, `find` and `test`: health and trials of feeds."""

import asyncio
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.common import WholeHelp, discover_feed, echo, exit_on_error, probing
from bot.errors import SetupError
from bot.model import FeedHealth, Poll
from bot.text.safe import counted

if TYPE_CHECKING:
    from bot.feeds.probe import ProbeResult
    from bot.settings import Settings

# Above the size of any catalogue.
_MAX_FEEDS = 100_000
# Outcomes of polls that brought a document, or the answer that it is unchanged.
_ANSWERED = frozenset({"read", "unchanged", "torn"})
# A feed without anything new for so long deserves a look.
QUIET_AFTER = timedelta(days=30)


@click.group(cls=WholeHelp)
def feeds() -> None:
    """Look after the feeds."""


@feeds.command("list")
@click.option("--troubled", is_flag=True, help="Show only those in trouble.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for a script.")
def list_feeds(*, troubled: bool, as_json: bool) -> None:
    """Show how each feed is, and when it is asked again; those in trouble come first."""
    from bot.clock import now
    from bot.rendering.feed_status import needs_attention

    with exit_on_error():
        every = asyncio.run(_read_health())
    troubled_feeds = [health for health in every if needs_attention(health, now=now())]
    shown = troubled_feeds if troubled else every
    if as_json:
        echo(_to_json([_health_facts(health, now=now()) for health in shown]))
        return
    for health in shown:
        echo(health_lines(health, now=now()))
    if not every:
        echo("0 feeds: the bot notes those of its list when it starts")
        return
    echo(f"{counted(len(every), 'feed')}, {len(troubled_feeds)} in trouble")


@feeds.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for a script.")
def show(url: str, *, as_json: bool) -> None:
    """Show how the feed at URL is and how its last polls went, the newest first; times are UTC."""
    from bot.clock import now

    with exit_on_error():
        health = _find_health(asyncio.run(_read_health()), url)
    if as_json:
        polls = [
            {
                "outcome": poll.outcome,
                "ended_at": poll.ended_at,
                "took": poll.took,
                "status": poll.status,
                "received": poll.received,
                "conditional": poll.conditional,
                "news": poll.news,
                "problem": poll.problem,
            }
            for poll in health.polls
        ]
        echo(_to_json(_health_facts(health, now=now()) | {"polls": polls}))
        return
    echo(health_lines(health, now=now()))
    if health.polls:
        echo()
    for poll in health.polls:
        echo(f"  {poll_line(poll)}")


@feeds.command()
@click.argument("url")
def poll(url: str) -> None:
    """Ask for the feed at URL as soon as manners allow, even if it had been given up.

    The running bot does it.
    """
    from bot.clock import now
    from bot.rendering.feed_status import status_text
    from bot.settings import read_settings
    from bot.storage.database import open_current_database
    from bot.storage.feeds import feeds as table
    from bot.storage.feeds import polls

    async def poll_soon(settings: "Settings") -> tuple[FeedHealth, ...]:
        floor = timedelta(seconds=settings.poll_floor)
        async with open_current_database(settings.database) as db:
            async with db.transaction() as tx:
                await table.poll_soon(tx, url, now=now(), floor=floor)
            return await polls.health(db.reader, limit=_MAX_FEEDS)

    with exit_on_error():
        health = _find_health(asyncio.run(poll_soon(read_settings())), url)
        if health.stop_reason:
            status = status_text(health, now=now())
            raise SetupError(f"{url}: {status}; ask for that: {health.moved_to or url}")
    echo(f"{url}: {_next_poll_text(health, now=now())}, if the bot is running")


@feeds.command()
@click.argument("address")
def find(address: str) -> None:
    """Find the feed of a site, from ADDRESS: "courier.example", or any page of it."""
    from bot.settings import read_settings

    with exit_on_error():
        feed = asyncio.run(discover_feed(read_settings(), address))
    echo(feed.url)
    for title in filter(None, (feed.title, *feed.newest)):
        echo(f"  {title}")


@click.command("test")
@click.argument("what", metavar="[FILE | URL...]", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for a script.")
@click.pass_context
def try_feeds(context: click.Context, what: tuple[str, ...], *, as_json: bool) -> None:
    """Ask for each feed of the list, of a FILE, or at the URLs, once; exit with 1 if any fails."""
    from bot.clock import now
    from bot.feeds.catalogue import read_catalogue
    from bot.settings import read_settings

    async def probe(settings: "Settings", urls: list[str]) -> "list[ProbeResult]":
        """Return the results in the order of the URLs, with a progress bar meanwhile."""
        results: dict[str, ProbeResult] = {}
        async with probing(settings, urls) as probed:
            # A bar on the standard output would get into what a script reads.
            with click.progressbar(length=len(urls), label="asking", file=sys.stderr) as bar:
                async for result in probed:
                    results[result.url] = result
                    bar.update(1)
        return [results[url] for url in urls]

    with exit_on_error():
        settings = read_settings()
        if len(what) > 1 or any("://" in each for each in what):
            urls = list(dict.fromkeys(what))
        else:
            path = Path(what[0]) if what else settings.feeds
            urls = [feed.url for feed in read_catalogue(path)]
        results = asyncio.run(probe(settings, urls))
    failed = sum(result.problem is not None for result in results)
    if as_json:
        facts = [
            {
                "url": result.url,
                "took": result.took,
                "entries": result.entries,
                "newest_at": result.newest_at,
                "code": "failing" if result.problem else "ok" if result.entries else "empty",
                "problem": result.problem,
                "dropped": result.dropped,
            }
            for result in results
        ]
        echo(_to_json(facts))
    else:
        for result in results:
            echo(probe_line(result, now=now()))
        echo(f"{len(results) - failed} of {len(results)} can be read")
    context.exit(int(failed > 0))


def health_lines(health: FeedHealth, *, now: datetime) -> str:
    """Return three lines on a feed: its status, its address, its last and next poll."""
    from bot.rendering.feed_status import format_duration, needs_attention, status_text

    mark = "✗" if needs_attention(health, now=now) else "✓"
    read = f"read {format_duration(now - health.read_at)} ago" if health.read_at else "never read"
    news = ""
    if health.polls:
        count = len(health.polls)
        last = f"{count} polls" if count > 1 else "poll"
        news = f"; {sum(poll.news for poll in health.polls)} new in the last {last}"
    return (
        f"{mark} {health.source}: {status_text(health, now=now)}\n"
        f"  {health.url}\n"
        f"  {read}, {_next_poll_text(health, now=now)}{news}"
    )


def poll_line(poll: Poll) -> str:
    """Return the line on a poll: when it ended, its outcome, what it brought."""
    took = f"{poll.took.total_seconds():.1f} s"
    if poll.problem:
        facts = f"{poll.problem}, after {took}"
    else:
        facts = f"HTTP {poll.status}, {poll.received / 1000:.0f} kB in {took}"
        facts += "" if poll.conditional else ", asked for all"
    news = f"; {poll.news} new" if poll.outcome in _ANSWERED else ""
    return f"{poll.ended_at:%Y-%m-%d %H:%M:%S}  {poll.outcome}: {facts}{news}"


def probe_line(result: "ProbeResult", *, now: datetime) -> str:
    """Return the line on a feed that was requested once: "?" marks one that is empty or quiet."""
    from bot.rendering.feed_status import format_duration

    took = f"{result.took.total_seconds():5.1f} s"
    if result.problem is not None:
        return f"✗ {took}  {'':>12}  {result.url}: {result.problem}"
    age = "empty" if result.newest_at is None else f"{format_duration(now - result.newest_at)} ago"
    is_quiet = result.newest_at is None or now - result.newest_at > QUIET_AFTER
    dropped = f": {result.dropped}" if result.dropped else ""
    mark = "?" if is_quiet or dropped else "✓"
    return f"{mark} {took}  {result.entries:>3} {age:>8}  {result.url}{dropped}"


def _next_poll_text(health: FeedHealth, *, now: datetime) -> str:
    from bot.rendering.feed_status import format_duration

    if health.stop_reason:
        return "asked no more"
    if health.read_at and not health.has_readers:
        return "asked again when somebody reads it"
    wait = health.due_at - now
    return f"asked again in {format_duration(wait)}" if wait > timedelta(0) else "asked again now"


def _health_facts(health: FeedHealth, *, now: datetime) -> dict[str, object]:
    from bot.rendering.feed_status import needs_attention, status_text

    return {
        "url": health.url,
        "source": health.source,
        "ok": not needs_attention(health, now=now),
        "state": status_text(health, now=now),
        "code": health.code,
        "read_at": health.read_at,
        "due_at": None if health.stop_reason else health.due_at,
        "failures": health.failures,
        "problem": health.problem,
    }


def _to_json(facts: object) -> str:
    """Return JSON with durations in seconds and instants in ISO 8601."""

    def to_plain(value: timedelta | datetime) -> float | str:
        return value.total_seconds() if isinstance(value, timedelta) else value.isoformat()

    return json.dumps(facts, default=to_plain, ensure_ascii=False, indent=2)


async def _read_health() -> tuple[FeedHealth, ...]:
    from bot.settings import read_settings
    from bot.storage.database import open_reader
    from bot.storage.feeds import polls

    async with open_reader(read_settings().database) as reader:
        return await polls.health(reader, limit=_MAX_FEEDS)


def _find_health(every: tuple[FeedHealth, ...], url: str) -> FeedHealth:
    for health in every:
        if health.url == url:
            return health
    raise SetupError(f"{url}: no feed of your list has this address; see: readalso feeds list")
