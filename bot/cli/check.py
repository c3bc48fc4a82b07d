"""`readalso check`: is all in order that the bot needs? A line each, with the cure."""

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.errors import SetupError

if TYPE_CHECKING:
    from bot.model import FeedHealth, ListedFeed
    from bot.settings import Settings
from email.utils import parsedate_to_datetime

import aiohttp

# A clock that is further off spoils the order of news, and soon the certificates of HTTPS.
CLOCK_MAY_BE_OFF = timedelta(seconds=30)
LOW_DISK_BYTES = 500_000_000
# Larger ones take minutes to read whole.
READ_WHOLE_BYTES = 1_000_000_000
# Of the list, where no feed was ever polled.
SAMPLE = 5


PATIENCE_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a subject; `ok` None: it could not be judged."""

    subject: str
    ok: bool | None
    words: str


@click.command()
@click.option("--offline", is_flag=True, help="Ask nobody: neither Telegram nor publishers.")
@click.option("--thorough", is_flag=True, help="Read even a large database whole.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for a script.")
@click.pass_context
def check(context: click.Context, *, offline: bool, thorough: bool, as_json: bool) -> None:
    """Check settings, token, database, feeds, clock and disk; exit with 1 if anything is wrong."""
    findings = asyncio.run(_all(offline=offline, thorough=thorough))
    if as_json:
        click.echo(json.dumps([asdict(it) for it in findings], ensure_ascii=False, indent=2))
    else:
        for it in findings:
            mark = {True: "✓", False: "✗", None: "–"}[it.ok]
            click.echo(f"{mark} {it.subject}: {it.words}")
    context.exit(int(any(it.ok is False for it in findings)))


async def _all(*, offline: bool, thorough: bool) -> list[Finding]:
    from bot.settings import read_settings

    try:
        settings = read_settings()
    except SetupError as error:
        return [Finding("settings", False, f"{error}; all else was not checked")]
    findings = [Finding("settings", True, "can be used")]
    findings += [it async for it in _telegram(settings, offline=offline)]
    findings.append(await asyncio.to_thread(_database, settings.database, thorough=thorough))
    findings.append(_disk(settings.database))
    topics, listed = _topics(settings), _listed(settings)
    findings += [topics, listed[0]]
    if listed[1]:
        findings.append(await _feeds(settings, listed[1], offline=offline))
    return findings


async def _telegram(settings: "Settings", *, offline: bool) -> AsyncIterator[Finding]:
    from bot.clock import now

    if settings.bot_token is None:
        yield Finding(
            "token", False, "BOT_TOKEN is not set: get one from @BotFather, put it into .env"
        )
        return
    if offline:
        yield Finding("token", None, "has the form of one; Telegram was not asked")
        return
    token = settings.bot_token.get_secret_value()
    found = await identify(token, str(settings.telegram_api))
    if found.username:
        yield Finding("token", True, f"is that of @{found.username}")
    else:
        cure = (
            "copy the token again from @BotFather"
            if found.answered_at
            else "is this machine online?"
        )
        yield Finding("token", False, f"{found.problem}: {cure}")
    yield _clock(found.answered_at, now=now())


def _clock(answered_at: datetime | None, *, now: datetime) -> Finding:
    if answered_at is None:
        return Finding("clock", None, "could not be compared with Telegram's")
    # The answer was on its way for a moment, and tells whole seconds.
    off = abs(now - answered_at)
    if off <= CLOCK_MAY_BE_OFF:
        return Finding("clock", True, "agrees with Telegram's")
    which = "ahead of" if now > answered_at else "behind"
    cure = "let the system set it: timedatectl set-ntp true"
    return Finding("clock", False, f"{off.total_seconds():.0f} s {which} Telegram's: {cure}")


def _database(path: Path, *, thorough: bool) -> Finding:
    from bot.storage.backup import verify
    from bot.storage.migrations import newest_schema, schema_of

    if not path.exists():
        return _to_be_made(path)
    try:
        schema, size = schema_of(path), path.stat().st_size
        if schema > newest_schema():
            words = f"{path} is at schema {schema}, newer than this ReadAlso: update it"
            return Finding("database", False, words)
        if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
            words = f"{path} or its folder cannot be written to: give them to the bot's user"
            return Finding("database", False, words)
        whole = thorough or size <= READ_WHOLE_BYTES
        if whole and schema:
            verify(path)
    except SetupError as error:
        return Finding("database", False, f"{error}; restore a backup: readalso restore FILE")
    how = "sound" if whole else "opens (not read whole; --thorough does)"
    older = "" if schema == newest_schema() else f", at schema {schema}: run readalso migrate"
    return Finding("database", True, f"{path} is {how}, {size / 1e6:,.0f} MB{older}")


def _to_be_made(path: Path) -> Finding:
    folder = _existing(path.parent)
    if os.access(folder, os.W_OK):
        return Finding("database", True, f"{path} will be made when the bot starts")
    return Finding(
        "database", False, f"{path} cannot be made: {folder} is not writable; change DATABASE"
    )


def _disk(database: Path) -> Finding:
    free = shutil.disk_usage(_existing(database.parent)).free
    if free >= LOW_DISK_BYTES:
        return Finding("disk", True, f"{free / 1e9:,.1f} GB free")
    words = f"only {free / 1e6:,.0f} MB free: make room, or set KEEP_DAYS and run readalso prune"
    return Finding("disk", False, words)


def _existing(folder: Path) -> Path:
    folder = folder.absolute()
    return next(it for it in (folder, *folder.parents) if it.exists())


def _topics(settings: "Settings") -> Finding:
    from bot.resources import RESOURCES
    from bot.topics import read_topics

    try:
        topics = read_topics(RESOURCES / "topics.toml", *filter(None, [settings.topics]))
    except SetupError as error:
        return Finding("topics", False, f"{error}: correct the file, or unset TOPICS")
    return Finding("topics", True, f"{len(topics)} topics")


def _listed(settings: "Settings") -> "tuple[Finding, tuple[ListedFeed, ...]]":
    from bot.feeds.catalogue import read_catalogue

    try:
        listed = read_catalogue(settings.feeds)
    except SetupError as error:
        return Finding("list of feeds", False, f"{error}: correct the file, or unset FEEDS"), ()
    return Finding("list of feeds", True, f"{len(listed)} feeds in {settings.feeds}"), listed


async def _feeds(settings: "Settings", listed: "Iterable[ListedFeed]", *, offline: bool) -> Finding:
    """Judge the feeds by their last polls, or, before the first, by some that are asked now."""
    health = await _health(settings.database)
    polled = [it for it in health if it.polls]
    if polled:
        failed = sum(it.problem is not None or it.stop_reason is not None for it in polled)
        return _reached(len(polled), failed, "by their last polls")
    if offline:
        return Finding("feeds", None, "were never polled, and not asked now")
    urls = [feed.url for feed in listed]
    sample = urls[:: max(1, len(urls) // SAMPLE)][:SAMPLE]
    failed = await _fail(settings, sample)
    return _reached(len(sample), failed, "asked just now")


def _reached(count: int, failed: int, how: str) -> Finding:
    words = f"{count - failed} of {count} can be read, {how}"
    if 2 * failed > count:
        return Finding("feeds", False, f"{words}: is this machine online? See: readalso feeds list")
    return Finding("feeds", True, f"{words}{'; see: readalso feeds list' if failed else ''}")


async def _health(database: Path) -> "tuple[FeedHealth, ...]":
    from bot.storage.database import open_database
    from bot.storage.feeds import polls
    from bot.storage.migrations import newest_schema, schema_of

    try:
        # A check changes nothing: it would migrate one that is older.
        if schema_of(database) != newest_schema():
            return ()
        async with open_database(database) as db:
            return await polls.health(db.reader, limit=100_000)
    except SetupError:
        return ()  # said of the database already


async def _fail(settings: "Settings", urls: list[str]) -> int:
    from bot.clock import now
    from bot.feeds.http.client import open_http
    from bot.feeds.parser_pool import open_parsers
    from bot.feeds.probe import Prober

    allow = settings.allow_private_addresses
    async with open_http(allow_private_addresses=allow) as http, open_parsers() as parse:
        trier = Prober(http=http, parse=parse, now=now)
        return sum([trial.problem is not None async for trial in trier.all(urls)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The bot's @name, or the problem in plain words; and the time of Telegram's clock.

    Of the time None is known where no answer came, or one without it.
    """

    username: str = ""
    problem: str = ""
    answered_at: datetime | None = None


async def identify(token: str, api: str) -> Identity:
    """Ask the API at this base URL whose the token is."""
    patience = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=patience) as http,
            http.get(f"{api.rstrip('/')}/bot{token}/getMe") as response,
        ):
            answered_at = _instant(response.headers.get("Date", ""))
            answer = await response.json(content_type=None)
    # The address holds the token, and so may the error's own words.
    except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
        return Identity(problem=f"no answer of the Bot API ({type(error).__name__})")
    if isinstance(answer, dict) and answer.get("ok") is True:
        return Identity(username=str(answer["result"]["username"]), answered_at=answered_at)
    refusal = answer.get("description") if isinstance(answer, dict) else None
    return Identity(problem=str(refusal or "not an answer of the Bot API"), answered_at=answered_at)


def _instant(date: str) -> datetime | None:
    try:
        return parsedate_to_datetime(date)
    except ValueError:
        return None
