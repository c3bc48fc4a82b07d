"""`readalso dead-letters`: what was set aside after repeated failures, and its retry."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.common import echo, exit_on_error

if TYPE_CHECKING:
    from bot.storage.queues.attempts import DeadLetter, Queue

# Those of `bot.storage.queues.attempts`; a test compares.
QUEUES = ("polls", "pages", "articles", "chats", "deliveries", "notices", "edits", "updates")


@click.command("dead-letters")
@click.argument("queue", type=click.Choice(QUEUES), required=False)
@click.option("--retry", is_flag=True, help="Put them back: the bot tries them again.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON, for a script.")
def dead_letters(queue: "Queue | None", *, retry: bool, as_json: bool) -> None:
    """List what failed three times and was set aside, of one QUEUE or of all.

    The bot may run meanwhile.
    """
    from bot.clock import now
    from bot.settings import read_settings
    from bot.storage.database import open_current_database, open_reader
    from bot.storage.queues import attempts

    async def take(database: Path) -> "tuple[DeadLetter, ...]":
        if not retry:
            async with open_reader(database) as reader:
                return await attempts.dead_letters(reader, queue=queue)
        async with open_current_database(database) as db:
            letters = await attempts.dead_letters(db.reader, queue=queue)
            async with db.transaction() as tx:
                await attempts.retry(tx, [letter.row for letter in letters], now=now())
            return letters

    with exit_on_error():
        letters = asyncio.run(take(read_settings().database))
    if as_json:
        rows = [
            {
                "queue": letter.row.queue,
                "key": letter.row.key,
                "since": letter.since.isoformat(),
                "reason": letter.reason,
                "put_back": retry,
            }
            for letter in letters
        ]
        echo(json.dumps(rows, indent=2))
        return
    for letter in letters:
        echo(f"{letter.since:%Y-%m-%d %H:%M}  {letter.row.queue} {letter.row.key}  {letter.reason}")
    if not letters:
        echo("nothing is set aside")
    elif retry:
        echo(f"{len(letters):,} put back")
