"""Delay of the last of a million readers. Run `python -m benchmarks.scale`.

The tables, the claims and the records are the bot's own; the clock is a fake one, and Telegram
accepts everything at once. So hours pass in minutes, and the figures are those of the limits.
"""

import asyncio
import resource
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.audience import add_readers, add_story
from benchmarks.delivery import listening
from benchmarks.senders import SUMMARY
from bot.delivery.outbox import Claim, Outbox, SendResult
from bot.model import OutgoingMessage, Sent
from bot.storage.database import Database, open_database
from bot.storage.queues.poison_guard import PoisonGuard
from tests.support.fakes import NOON, FakeClock
from tests.support.markdown_report import machine_info, print_paragraph, table

READERS = 1_000_000
MESSAGE = OutgoingMessage(text="A gist", preview=None, content_hash=b"a gist")
# Messages a second: what a bot may send for nothing, and what Telegram sells.
FREE, PAID = 28, 1000
_AT_A_TIME = 100_000


@dataclass(slots=True)
class Run:
    """How one story came to all its readers: waits in seconds of the fake clock, sizes in MB."""

    rate: int
    megabytes: float
    to_owe: float = 0.0
    late: float = 0.0
    waits: list[float] = field(default_factory=list)
    cpu: float = 0.0
    megabytes_after: float = 0.0


async def main() -> None:
    """Measure, and print the tables."""
    print_paragraph(f"One story, owed to {READERS:,} readers, on {machine_info()}.")
    runs = [await _run(rate) for rate in (FREE, PAID)]
    head = ["", "have it after an hour", "the one in the middle waits", "the last one waits"]
    print_paragraph(table([*head, "ms of CPU a message"], [_row(run) for run in runs]))
    worst = max(runs, key=lambda run: run.to_owe)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print_paragraph(
        f"The file has {worst.megabytes:.0f} MB with the readers, and"
        f" {worst.megabytes_after:.0f} MB when all have had the story. To owe it takes"
        f" {worst.to_owe:.1f} s, the event loop is late by {worst.late * 1e3:.0f} ms at worst, and"
        f" the process has {peak:.0f} MB at the most."
    )


async def _run(rate: int) -> Run:
    async with _million() as db:
        run = Run(rate=rate, megabytes=await _megabytes(db))
        run.to_owe, run.late = await listening(lambda: _owe(db))
        await _deliver(db, run)
        run.megabytes_after = await _megabytes(db)
    return run


def _row(run: Run) -> list[str]:
    first_hour = sum(wait <= timedelta(hours=1).total_seconds() for wait in run.waits)
    middle, last = run.waits[len(run.waits) // 2], run.waits[-1]
    cpu = run.cpu / READERS * 1e3
    return [f"{run.rate} a second", f"{first_hour:,}", _span(middle), _span(last), f"{cpu:.2f}"]


@asynccontextmanager
async def _million() -> AsyncIterator[Database]:
    with TemporaryDirectory() as folder:
        async with open_database(Path(folder) / "readalso.db") as db:
            for first in range(1, READERS + 1, _AT_A_TIME):
                async with db.transaction() as tx:
                    await add_readers(tx, range(first, min(first + _AT_A_TIME, READERS + 1)))
            yield db


async def _owe(db: Database) -> None:
    async with db.transaction() as tx:
        await add_story(tx, 1, summary=SUMMARY, now=NOON)


async def _deliver(db: Database, run: Run) -> None:
    """Send all that is owed at the rate, and note how long each reader has waited."""
    clock = FakeClock()
    outbox = Outbox(db=db, guard=PoisonGuard(db=db, now=clock), now=clock, jitter=lambda: 0.0)
    # As many at once as a second, or a tenth of one, has messages.
    lanes = min(run.rate, 100)
    began = time.process_time()
    while claims := await _claim(outbox, lanes):
        clock.advance(seconds=lanes / run.rate)
        answers = (
            SendResult(claim.subscriber, claim.plan.deliveries, Sent(1), MESSAGE)
            for claim in claims
        )
        await asyncio.gather(*map(outbox.record, answers))
        run.waits += [(clock() - NOON).total_seconds()] * len(claims)
    run.cpu = time.process_time() - began


async def _claim(outbox: Outbox, lanes: int) -> list[Claim]:
    claims = await asyncio.gather(*(outbox.claim() for _ in range(lanes)))
    return [claim for claim in claims if claim is not None]


async def _megabytes(db: Database) -> float:
    rows = await db.reader.execute_fetchall(
        "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    )
    return next(int(row[0]) for row in rows) / 2**20


def _span(seconds: float) -> str:
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {left:02} s"


if __name__ == "__main__":
    asyncio.run(main())
