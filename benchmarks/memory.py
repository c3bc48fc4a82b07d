"""Memory of the sender in a process of its own, in megabytes."""

import asyncio
import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.audience import add_readers, add_story
from benchmarks.senders import LANES, SUMMARY, open_sender, until_nothing_is_due
from benchmarks.telegram_server import open_telegram
from bot.storage.database import open_database
from bot.telegram.api.client import open_delivery_bot
from tests.support.fakes import TOKEN, FakeClock


def peak_megabytes(readers: int, owed: int) -> float:
    """Return the peak of a process that knows so many readers and sends to so many of them."""
    command = [sys.executable, "-m", "benchmarks.memory", str(readers), str(owed)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


async def _send(readers: int, owed: int) -> None:
    clock = FakeClock()
    with open_telegram() as url, TemporaryDirectory() as folder:
        async with (
            open_database(Path(folder) / "readalso.db") as db,
            open_delivery_bot(TOKEN, url) as bot,
        ):
            async with db.transaction() as tx:
                for first in range(1, readers + 1, 1000):
                    await add_readers(tx, range(first, first + 1000))
                    if first + 999 == owed:
                        await add_story(tx, 1, summary=SUMMARY, now=clock())
            sender = open_sender(db, bot, clock)
            async with asyncio.TaskGroup() as tasks:
                for _ in range(LANES):
                    tasks.create_task(until_nothing_is_due(sender))
            rows = await db.reader.execute_fetchall(
                "SELECT state, count(*) FROM deliveries GROUP BY 1"
            )
            assert [tuple(row) for row in rows] == [("sent", owed)]


if __name__ == "__main__":
    asyncio.run(_send(int(sys.argv[1]), int(sys.argv[2])))
    sys.stdout.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))
