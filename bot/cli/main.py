"""The command `readalso`, also `python -m bot`.

A command imports what it needs when it runs: aiogram alone takes seconds.
"""

import asyncio
import gc
import logging
import math
import platform
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli.catalogue import add, export, import_feeds, remove
from bot.cli.check import check
from bot.cli.common import (
    WholeHelp,
    catalogue_of,
    database_locked,
    echo,
    exit_logged,
    exit_on_error,
    topics_of,
)
from bot.cli.config import config
from bot.cli.database import backup, migrate, prune, restore, stats
from bot.cli.dead_letters import dead_letters
from bot.cli.explain import explain
from bot.cli.feeds import feeds, try_feeds
from bot.cli.replay import replay
from bot.errors import SetupError
from bot.version import version_text

if TYPE_CHECKING:
    from bot.app.reload import Configuration
    from bot.settings import Settings

log = logging.getLogger(__name__)

# Fast enough that something always happens in the playground.
PLAYGROUND_POLL_SECONDS = 2


class FiniteRange(click.FloatRange):
    """A range of numbers; `nan`, which compares with none, is not in it."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number, or end the command with what is wrong."""
        number = float(super().convert(value, param, ctx))
        if math.isnan(number):
            self.fail(f"{value} is not in the range {self._describe_range()}.", param, ctx)
        return number


@click.group(cls=WholeHelp, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version_text(), prog_name="readalso")
def main() -> None:
    """ReadAlso: a Telegram news bot that tells each story once."""


for command in (
    check,
    config,
    feeds,
    stats,
    dead_letters,
    explain,
    replay,
    migrate,
    backup,
    restore,
    prune,
):
    main.add_command(command)
for command in (add, remove, try_feeds, import_feeds, export):
    feeds.add_command(command)


@main.command()
def run() -> None:
    """Run the bot with the token in BOT_TOKEN or .env."""
    from bot.app.reload import Reloader, begin_anew, reloads_on_hangup
    from bot.logs import set_up_logs
    from bot.model import code_key
    from bot.settings import load_settings, require_token, wanted_log_format

    form = wanted_log_format()
    with exit_logged(form):
        loaded = load_settings()
        settings = loaded.settings
        if settings.bot_token is None and form == "text":
            for name in loaded.unknown_names:  # one of them may be meant for it
                echo(f"Warning: {name} in .env is no setting of ReadAlso", err=True)
        token = require_token(settings)
        set_up_logs(settings.log_format, settings.log_level, code_key(token))
        _log_start(settings)
        # What is wrong with the configuration is said before what takes seconds to load.
        with database_locked(settings.database):
            reloader = Reloader(running=_configuration(settings), read=_read_configuration)
            for name in loaded.unknown_names:
                log.warning("%s in .env is no setting of ReadAlso, and changes nothing", name)
            # Of what is imported nothing is garbage: to look for some is a sixth of the work, and
            # stops the bot for 0.1 s each time later.
            gc.disable()
            from bot.app.run import run as run_bot

            gc.freeze()
            gc.enable()
            # A terminal that is closed sends the same signal as an operator who wants a reload.
            on_hangup = reloader.request if reloads_on_hangup(settings) else lambda: True
            asyncio.run(
                run_bot(settings, on_hangup=on_hangup, request_reload=reloader.request_by_admin)
            )
        if reloader.is_accepted:
            begin_anew()


def _read_configuration() -> "Configuration":
    from bot.settings import load_settings, require_token

    settings = load_settings().settings
    require_token(settings)
    return _configuration(settings)


def _configuration(settings: "Settings") -> "Configuration":
    from bot.app.reload import Configuration

    return Configuration(
        settings=settings, topics=topics_of(settings), catalogue=catalogue_of(settings)
    )


@main.command()
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8300,
    show_default=True,
    help="Where the chat page is served; 0: where there is room.",
)
@click.option(
    "--every",
    type=FiniteRange(0.1, 86400),
    default=8.0,
    show_default=True,
    help="Seconds between two new stories.",
)
def playground(port: int, every: float) -> None:
    """Try the bot in the browser: no token, no Telegram, nothing leaves this machine."""
    # Before the event loop, in which Ctrl+C waits for the end of an import.
    import bot.app.run  # noqa: F401
    from bot.logs import set_up_logs

    with exit_on_error(), tempfile.TemporaryDirectory(prefix="readalso-") as folder:
        set_up_logs("text")
        asyncio.run(_play(Path(folder), port=port, every=every))


def _log_start(settings: "Settings") -> None:
    """Log what runs; a report of a fault begins with this line."""
    from bot.storage.schema import newest_schema

    major, minor, _ = platform.python_version_tuple()
    log.info(
        "ReadAlso %s, Python %s.%s, schema %d, %s",
        version_text(),
        major,
        minor,
        newest_schema(),
        settings.database,
    )


async def _play(folder: Path, *, port: int, every: float) -> None:
    """Run the bot against the playground, with all its files in `folder`.

    Raises:
        SetupError: if the playground is not installed, or its port is taken.
    """
    from bot.app.run import run as run_bot
    from bot.clock import now
    from bot.settings import read_settings

    try:
        from bot_playground.errors import PlaygroundError
        from bot_playground.playground import open_playground
    except ModuleNotFoundError as error:
        if error.name != "bot_playground":
            raise
        raise SetupError("the playground is not installed: bot_playground is missing") from None
    try:
        async with open_playground(folder, port=port, every=every, now=now) as opened:
            echo(f"\n  Open {opened.page_url} in a browser. Ctrl+C ends the playground.\n")
            settings = read_settings(
                bot_token=opened.token,
                telegram_api=opened.telegram_api,
                database=folder / "readalso.db",
                feeds=opened.feeds_file,
                poll_floor=PLAYGROUND_POLL_SECONDS,
                allow_private_addresses=True,
                webhook_url=None,
                http_listen="off",
                backups="off",
            )
            _log_start(settings)
            await run_bot(settings)
    except PlaygroundError as error:
        raise SetupError(str(error)) from error
