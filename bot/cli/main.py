"""The command `readalso`, also `python -m bot`.

A command imports what it needs when it runs: aiogram alone takes seconds.
"""

import asyncio
import tempfile
from pathlib import Path

import click

from bot.cli.catalogue import add, export, import_feeds, remove
from bot.cli.check import check
from bot.cli.common import exit_on_error
from bot.cli.database import backup, migrate, prune, restore, stats
from bot.cli.explain import explain
from bot.cli.feeds import feeds, try_feeds
from bot.errors import SetupError

# Fast enough that something always happens in the playground.
PLAYGROUND_POLL_SECONDS = 2


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="readalso", prog_name="readalso")
def main() -> None:
    """ReadAlso: a Telegram news bot that tells each story once."""


for command in (check, feeds, stats, explain, migrate, backup, restore, prune):
    main.add_command(command)
for command in (add, remove, try_feeds, import_feeds, export):
    feeds.add_command(command)


@main.command()
def run() -> None:
    """Run the bot with the token in BOT_TOKEN or .env."""
    from bot.logs import set_up_logs
    from bot.settings import read_settings

    with exit_on_error():
        settings = read_settings()
        set_up_logs(settings.log_format)
        from bot.app.run import run as run_bot

        asyncio.run(run_bot(settings))


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
    type=click.FloatRange(0.1, 86400),
    default=8.0,
    show_default=True,
    help="Seconds between two new stories.",
)
def playground(port: int, every: float) -> None:
    """Try the bot in the browser: no token, no Telegram, nothing leaves this machine."""
    from bot.logs import set_up_logs

    with exit_on_error(), tempfile.TemporaryDirectory(prefix="readalso-") as folder:
        set_up_logs("text")
        asyncio.run(_play(Path(folder), port=port, every=every))


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
            click.echo(f"\n  Open {opened.page_url} in a browser. Ctrl+C ends the playground.\n")
            await run_bot(
                read_settings(
                    bot_token=opened.token,
                    telegram_api=opened.telegram_api,
                    database=folder / "readalso.db",
                    feeds=opened.feeds_file,
                    poll_floor=PLAYGROUND_POLL_SECONDS,
                    allow_private_addresses=True,
                    webhook_url=None,
                    http_listen="off",
                )
            )
    except PlaygroundError as error:
        raise SetupError(str(error)) from error
