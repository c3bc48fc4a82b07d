"""What several commands share: errors as one sentence, topics, requests of feeds."""

import logging
import os
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, aclosing, asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from bot.errors import ConfigurationError, LockedError, ReadAlsoError, SetupError
from bot.text.safe import printable, printable_lines

if TYPE_CHECKING:
    from bot.feeds.discovery.feed_finder import DiscoveredFeed
    from bot.feeds.probe import ProbeResult
    from bot.model import ListedFeed
    from bot.settings import LogFormat, Settings
    from bot.topics import Topics

log = logging.getLogger(__name__)

# EX_CONFIG of sysexits.h: systemd does not restart what ends so, as the unit file says.
CONFIGURATION_EXIT_CODE = 78


class CommandFailure(click.ClickException):
    """End of a command with exit code 1 and the lines of a message, no traceback."""

    def show(self, file: IO[str] | None = None) -> None:
        """Print the message."""
        for line in self.message.splitlines():
            click.echo(f"Error: {printable(line)}", file=file, err=True)


class ConfigurationFailure(CommandFailure):
    """The same with exit code 78."""

    exit_code = CONFIGURATION_EXIT_CODE


class WholeHelp(click.Group):
    """A group whose help shows the first sentence of each command whole."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands and what they do."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    (name, each.get_short_help_str(limit=1000))
                    for name, each in sorted(self.commands.items())
                ]
            )


def echo(text: str = "", *, err: bool = False) -> None:
    """Print lines to the standard output or error; text in them cannot command the terminal."""
    click.echo(printable_lines(text), err=err)


@contextmanager
def exit_on_error() -> Iterator[None]:
    """End the command with the message of a `ReadAlsoError`.

    Raises:
        CommandFailure: which click turns into the message and the exit code.
    """
    try:
        yield
    except ConfigurationError as error:
        raise ConfigurationFailure(str(error)) from None
    except ReadAlsoError as error:
        raise CommandFailure(str(error)) from None


@contextmanager
def exit_logged(form: "LogFormat") -> Iterator[None]:
    """End a command that logs: where the log is JSON, what ends the command is a line of that."""
    if form == "text":
        with exit_on_error():
            yield
        return
    from bot.logs import set_up_logs

    set_up_logs(form)
    try:
        with exit_on_error():
            yield
    except CommandFailure as failure:
        for line in failure.message.splitlines():
            log.critical("%s", line)
        sys.exit(failure.exit_code)
    except KeyboardInterrupt:
        log.critical("stopped while it was starting")
        sys.exit(1)


@contextmanager
def database_locked(database: Path) -> Iterator[None]:
    """Hold the lock of the database: two bots on it would each send all the news.

    Raises:
        SetupError: if another process holds it.
    """
    from bot.storage.lock import hold_lock

    with ExitStack() as stack:
        try:
            stack.enter_context(hold_lock(database))
        except LockedError as error:
            raise SetupError(f"{error}: stop that one first, or choose another DATABASE") from None
        yield


@contextmanager
def end_on_closed_pipe() -> Iterator[None]:
    """End the block without an error where the reader of the output, like `head`, has enough."""
    try:
        yield
    except BrokenPipeError:
        # Flushing the buffer at exit would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def named_by_setting(name: str) -> Iterator[None]:
    """Turn a `SetupError` about the file that a setting names into a `ConfigurationError`."""
    try:
        yield
    except SetupError as error:
        raise ConfigurationError(f"{name}: {error}") from None


def topics_of(settings: "Settings") -> "Topics":
    """Return the topics of ReadAlso and those of the operator's file.

    Raises:
        ConfigurationError: if the operator's file cannot be read.
    """
    from bot.resources import RESOURCES
    from bot.topics import read_topics

    with named_by_setting("TOPICS"):
        return read_topics(RESOURCES / "topics.toml", *filter(None, [settings.topics]))


def catalogue_of(settings: "Settings") -> "tuple[ListedFeed, ...]":
    """Return the feeds of the operator's list.

    Raises:
        ConfigurationError: if the file cannot be read.
    """
    from bot.feeds.catalogue import read_catalogue

    with named_by_setting("FEEDS"):
        return read_catalogue(settings.feeds)


async def discover_feed(settings: "Settings", address: str) -> "DiscoveredFeed":
    """Return the feed at an address typed by the operator, or the one that its page names.

    Raises:
        FeedError: if there is none; the message says why.
    """
    from bot.clock import now
    from bot.feeds.discovery.feed_finder import discover
    from bot.feeds.http.client import open_http
    from bot.feeds.parser_pool import open_parsers

    allow = settings.allow_private_addresses
    async with open_http(allow_private_addresses=allow) as http, open_parsers() as parse:
        return await discover(http, address, parse=parse, now=now())


@asynccontextmanager
async def probing(
    settings: "Settings", urls: Sequence[str]
) -> "AsyncIterator[AsyncIterator[ProbeResult]]":
    """Yield the results of requesting each feed once, in the order in which they come."""
    from bot.clock import now
    from bot.feeds.http.client import open_http
    from bot.feeds.parser_pool import open_parsers
    from bot.feeds.probe import Prober

    allow = settings.allow_private_addresses
    async with (
        open_http(allow_private_addresses=allow) as http,
        open_parsers() as parse,
        aclosing(Prober(http=http, parse=parse, now=now).all(urls)) as results,
    ):
        yield results
