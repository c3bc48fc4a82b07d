"""`readalso check`: checks of the installation, a line each, with the remedy."""

import asyncio
import importlib
import json
import os
import pkgutil
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

import bot
from bot.cli.common import CONFIGURATION_EXIT_CODE, catalogue_of, echo, probing, topics_of
from bot.errors import SetupError
from bot.text.safe import counted

if TYPE_CHECKING:
    from bot.model import FeedHealth, ListedFeed
    from bot.settings import Settings

# A clock that is further off spoils the order of news, and soon the certificates of HTTPS.
MAX_CLOCK_ERROR = timedelta(seconds=30)
MIN_DISK_BYTES = 500_000_000
# A larger database takes minutes to verify.
MAX_VERIFIED_BYTES = 1_000_000_000
# Feeds of the list that are requested at the most where none was ever polled: the shipped one has
# fewer.
MAX_REQUESTED = 100
# Feeds that are named as failing.
MAX_NAMED = 20
API_TIMEOUT_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Finding:
    """Result of a check; `ok` of None: it could not be made.

    `is_configuration` of a fault: it is in `.env`, or in a file that a setting names.
    """

    subject: str
    ok: bool | None
    words: str
    is_configuration: bool = False

    @property
    def code(self) -> str:
        """Return the result in one word: ok, unknown, configuration or fault."""
        if self.ok is not False:
            return "ok" if self.ok else "unknown"
        return "configuration" if self.is_configuration else "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Answer of getMe: the bot's @name, or the problem in plain words.

    `answered_at` is by Telegram's clock, None without an answer that names it.
    """

    username: str = ""
    problem: str = ""
    answered_at: datetime | None = None


@click.command()
@click.option("--offline", is_flag=True, help="Ask nobody: neither Telegram nor publishers.")
@click.option("--thorough", is_flag=True, help="Read even a large database whole.")
@click.option("--live", is_flag=True, help="Try each kind of message in an admin's own chat.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for a script.")
@click.pass_context
def check(
    context: click.Context, *, offline: bool, thorough: bool, live: bool, as_json: bool
) -> None:
    """Check settings, token, database, feeds, clock and disk; exit with 1 if anything is wrong.

    The exit code is 78 if only the configuration is.
    """
    if offline and live:
        raise click.UsageError("--live asks Telegram, --offline nobody: choose one.")
    findings = asyncio.run(run_checks(offline=offline, thorough=thorough, live=live))
    if as_json:
        facts = [asdict(finding) | {"code": finding.code} for finding in findings]
        echo(json.dumps(facts, ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            mark = {True: "✓", False: "✗", None: "–"}[finding.ok]
            echo(f"{mark} {finding.subject}: {finding.words}")
    context.exit(exit_code(findings))


def exit_code(findings: "Sequence[Finding]") -> int:
    """Return 0 without a fault, 78 if all faults are of the configuration, else 1."""
    faults = [finding for finding in findings if finding.ok is False]
    if faults and all(fault.is_configuration for fault in faults):
        return CONFIGURATION_EXIT_CODE
    return int(bool(faults))


async def run_checks(*, offline: bool, thorough: bool, live: bool = False) -> list[Finding]:
    """Return the findings in the order of the output; without valid settings, that alone."""
    from bot.settings import load_settings

    libraries = check_libraries()  # in no thread, whose end Ctrl+C would have to await
    try:
        loaded = load_settings()
    except SetupError as error:
        faults = [
            Finding("settings", False, line, is_configuration=True)
            for line in str(error).splitlines()
        ]
        return [libraries, *faults, Finding("all else", None, "was not checked")]
    settings = loaded.settings
    catalogue, listed = check_catalogue(settings)
    unknown = ", ".join(loaded.unknown_names)
    findings = [
        libraries,
        Finding("settings", True, f"can be used{f'; not ours: {unknown}' if unknown else ''}"),
        *await check_telegram(settings, offline=offline),
        check_database(settings.database, thorough=thorough),
        check_disk(settings.database),
        check_topics(settings),
        catalogue,
    ]
    if listed:
        findings.append(await check_feeds(settings, listed, offline=offline))
    if live:
        from bot.cli.live_check import check_live

        findings += await check_live(settings)
    return findings


def check_libraries() -> Finding:
    """Check that all modules can be imported, also those that only a running bot needs."""
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        try:
            importlib.import_module(module.name)
        except ImportError as error:
            words = f"{error}: install ReadAlso anew, with all that it depends on"
            return Finding("libraries", False, words)
    return Finding("libraries", True, "are all installed")


async def check_telegram(settings: "Settings", *, offline: bool) -> list[Finding]:
    """Check the token, and the clock by Telegram's answer."""
    from bot.clock import now

    if settings.bot_token is None:
        words = "BOT_TOKEN is not set: get one from @BotFather, put it into .env"
        return [Finding("token", False, words, is_configuration=True)]
    if offline:
        return [Finding("token", None, "has the form of one; Telegram was not asked")]
    token = settings.bot_token.get_secret_value()
    identity = await identify(token, str(settings.telegram_api))
    clock = check_clock(identity.answered_at, now=now())
    if identity.username:
        return [Finding("token", True, f"is that of @{identity.username}"), clock]
    remedy = (
        "copy the token again from @BotFather"
        if identity.answered_at
        else "is this machine online?"
    )
    return [Finding("token", False, f"{identity.problem}: {remedy}"), clock]


async def identify(token: str, api: str) -> Identity:
    """Call getMe of the Bot API at this base URL; without aiogram, which takes seconds to load."""
    import aiohttp

    from bot.feeds.http.headers import header

    timeout = aiohttp.ClientTimeout(total=API_TIMEOUT_SECONDS)
    answered_at = None
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as http,
            http.get(f"{api.rstrip('/')}/bot{token}/getMe") as response,
        ):
            with suppress(ValueError):
                answered_at = parsedate_to_datetime(header(response.headers, "Date"))
            answer = await response.json(content_type=None)
    # The URL contains the token, and so may the error's message.
    except (aiohttp.ClientError, TimeoutError, ValueError, OSError) as error:
        return Identity(problem=f"no answer of the Bot API ({type(error).__name__})")
    if isinstance(answer, dict) and answer.get("ok") is True:
        return Identity(username=str(answer["result"]["username"]), answered_at=answered_at)
    refusal = answer.get("description") if isinstance(answer, dict) else None
    return Identity(problem=str(refusal or "not an answer of the Bot API"), answered_at=answered_at)


def check_clock(answered_at: datetime | None, *, now: datetime) -> Finding:
    """Compare the clock with Telegram's."""
    if answered_at is None:
        return Finding("clock", None, "could not be compared with Telegram's")
    # The answer took a moment, and its date is in whole seconds.
    clock_error = abs(now - answered_at)
    if clock_error <= MAX_CLOCK_ERROR:
        return Finding("clock", True, "agrees with Telegram's")
    which = "ahead of" if now > answered_at else "behind"
    seconds = f"{clock_error.total_seconds():.0f} s {which} Telegram's"
    return Finding("clock", False, f"{seconds}: let the system set it: timedatectl set-ntp true")


def check_database(path: Path, *, thorough: bool) -> Finding:
    """Check that the database can be written and is sound; a large one is read only if `thorough`.

    Where there is none yet, check that it can be created.
    """
    from bot.storage.backups.copies import verify
    from bot.storage.schema import newest_schema, schema_version

    if not path.exists():
        folder = _existing_folder(path.parent)
        if os.access(folder, os.W_OK):
            return Finding("database", True, f"{path} will be made when the bot starts")
        words = f"{path} cannot be made: {folder} is not writable; change DATABASE"
        return Finding("database", False, words)
    try:
        schema, size_bytes = schema_version(path), path.stat().st_size
        if schema > newest_schema():
            words = f"{path} is at schema {schema}, newer than this ReadAlso: update it"
            return Finding("database", False, words)
        if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
            words = f"{path} or its folder cannot be written to: give them to the bot's user"
            return Finding("database", False, words)
        is_verified = thorough or size_bytes <= MAX_VERIFIED_BYTES
        if is_verified and schema:
            verify(path)
    except SetupError as error:
        return Finding("database", False, f"{error}; restore a backup: readalso restore FILE")
    how = "sound" if is_verified else "opens (not read whole; --thorough does)"
    older = "" if schema == newest_schema() else f", at schema {schema}: run readalso migrate"
    return Finding("database", True, f"{path} is {how}, {size_bytes / 1e6:,.0f} MB{older}")


def check_disk(database: Path) -> Finding:
    """Check the free space on the disk of the database."""
    free_bytes = shutil.disk_usage(_existing_folder(database.parent)).free
    if free_bytes >= MIN_DISK_BYTES:
        return Finding("disk", True, f"{free_bytes / 1e9:,.1f} GB free")
    remedy = "make room, or set KEEP_DAYS and run readalso prune"
    return Finding("disk", False, f"only {free_bytes / 1e6:,.0f} MB free: {remedy}")


def check_topics(settings: "Settings") -> Finding:
    """Check that the files of topics can be read."""
    try:
        topics = topics_of(settings)
    except SetupError as error:
        words = f"{error}: correct the file, or unset TOPICS"
        return Finding("topics", False, words, is_configuration=True)
    return Finding("topics", True, counted(len(topics), "topic"))


def check_catalogue(settings: "Settings") -> "tuple[Finding, tuple[ListedFeed, ...]]":
    """Check that the list of feeds can be read; return its feeds too."""
    try:
        listed = catalogue_of(settings)
    except SetupError as error:
        words = f"{error}: correct the file, or unset FEEDS"
        return Finding("list of feeds", False, words, is_configuration=True), ()
    return Finding(
        "list of feeds", True, f"{counted(len(listed), 'feed')} in {settings.feeds}"
    ), listed


async def check_feeds(
    settings: "Settings", listed: "Sequence[ListedFeed]", *, offline: bool
) -> Finding:
    """Judge the feeds by their last polls; before the first poll, request them. Name the failing.

    Of a list of more than `MAX_REQUESTED` feeds a sample is requested.
    """
    from bot.clock import now
    from bot.rendering.feed_status import status_text
    from bot.storage.database import open_reader
    from bot.storage.feeds import polls

    every: tuple[FeedHealth, ...] = ()
    with suppress(SetupError):  # reported by `check_database`
        async with open_reader(settings.database) as reader:
            every = await polls.health(reader, limit=100_000)
    # Of what an admin has switched off the admin knows.
    polled = [health for health in every if health.polls and health.stop_reason != "disabled"]
    if polled:
        failing = {
            health.url: status_text(health, now=now())
            for health in polled
            if health.problem is not None or health.stop_reason is not None
        }
        return _judge_feeds(len(polled), failing, "by their last polls")
    if offline:
        return Finding("feeds", None, "were never polled, and not asked now")
    urls = [feed.url for feed in listed]
    sample = urls[:: max(1, -(-len(urls) // MAX_REQUESTED))]
    async with probing(settings, sample) as results:
        problems = {result.url: result.problem async for result in results}
    failing = {url: problem for url in sample if (problem := problems[url]) is not None}
    return _judge_feeds(len(sample), failing, "asked just now")


def _judge_feeds(count: int, failing: "Mapping[str, str]", how: str) -> Finding:
    words = f"{count - len(failing)} of {count} can be read, {how}"
    if not failing:
        return Finding("feeds", True, words)
    lines = [f"  {url}: {problem}" for url, problem in list(failing.items())[:MAX_NAMED]]
    more = len(failing) - len(lines)
    lines += [f"  and {more} more: readalso feeds list --troubled"] if more else []
    is_offline = 2 * len(failing) > count
    remedy = "is this machine online?" if is_offline else "these cannot; /admin can leave them out"
    return Finding("feeds", not is_offline, "\n".join([f"{words}: {remedy}", *lines]))


def _existing_folder(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    folder = folder.absolute()
    return next(path for path in (folder, *folder.parents) if path.exists())
