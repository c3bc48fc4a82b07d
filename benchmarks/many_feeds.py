"""Simulated day of ten thousand feeds: cost and politeness.

Run `python -m benchmarks.many_feeds`. Poller, requests and database are the real ones; the
clock is not, so that a day passes in minutes. `FEEDS=200` makes the town a village.
"""

import asyncio
import json
import logging
import os
import resource
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import active_children
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from benchmarks.cpu import cpu_seconds
from benchmarks.ours import open_poller
from benchmarks.town import Publisher
from benchmarks.town_server import CONTROL, open_town
from bot.feeds.polling.poller import Poller
from bot.storage.feeds import feeds
from tests.support.fakes import FakeClock
from tests.support.markdown_report import machine_info, print_paragraph, table

# As many as the bot has, and as many polls a second after a restart.
LANES = 16
POLLS_PER_SECOND = 20
BEGAN_AT = datetime(2026, 11, 23, tzinfo=UTC)
DAY = timedelta(days=1)
TICK = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a day was like: what the town `counted`, what it cost us, and what we have of it."""

    counted: Mapping[str, int]
    stored: int
    cpu: float
    took: float
    peak_mib: float

    @property
    def requests(self) -> int:
        """Return how often the town was asked."""
        return sum(number for name, number in self.counted.items() if name.isdigit())


async def main() -> None:
    """Live through a day, and print what it was like."""
    count = int(os.environ.get("FEEDS", "10000"))
    logging.disable(logging.WARNING)  # troubles are part of it
    print_paragraph(f"A day of {count:,} feeds, simulated, on {machine_info()}.")
    with TemporaryDirectory() as folder:
        print_paragraph(_table(await live(count, Path(folder)), count))


async def live(count: int, folder: Path, *, span: timedelta = DAY, tick: timedelta = TICK) -> Day:
    """Let the poller read a town of so many feeds for a while."""
    clock = FakeClock(BEGAN_AT)
    with open_town(count, began_at=BEGAN_AT) as port:
        urls = [_url(Publisher(number=number, began_at=BEGAN_AT), port) for number in range(count)]
        async with open_poller(urls, folder, clock) as poller, aiohttp.ClientSession() as control:
            async with poller.db.transaction() as tx:
                await feeds.spread_overdue(tx, now=clock(), per_second=POLLS_PER_SECOND)
            began, cpu_before = time.perf_counter(), cpu_seconds()
            while clock() < BEGAN_AT + span:
                await _read_all_that_is_due(poller)
                clock.at += tick
                await _ask(control, port, f"clock/{int(clock().timestamp())}")
            return Day(
                counted=await _ask(control, port, "report"),
                stored=await _stored(poller),
                cpu=cpu_seconds() - cpu_before,
                took=time.perf_counter() - began,
                peak_mib=_peak_mib(),
            )


def _url(publisher: Publisher, port: int) -> str:
    return f"http://{publisher.host}:{port}/feed/{publisher.number}"


async def _read_all_that_is_due(poller: Poller) -> None:
    async with asyncio.TaskGroup() as lanes:
        # One looks first: mostly there is little to do.
        for _ in range(LANES if await poller.step() else 0):
            lanes.create_task(_lane(poller))


async def _lane(poller: Poller) -> None:
    while await poller.step():
        pass


async def _ask(control: aiohttp.ClientSession, port: int, what: str) -> dict[str, int]:
    async with control.get(f"http://{CONTROL}:{port}/{what}") as answer:
        counts: dict[str, int] = json.loads(await answer.read())
        return counts


async def _stored(poller: Poller) -> int:
    ((count,),) = await poller.db.reader.execute_fetchall("SELECT count(*) FROM articles")
    return int(count)


def _peak_mib() -> float:
    """Return the most memory that we and our workers ever held; each may have held it alone."""
    own_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return (own_kib + sum(_peak_kib(worker.pid) for worker in active_children())) / 1024


def _peak_kib(pid: int | None) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))


def _table(day: Day, count: int) -> str:
    counted = day.counted
    statuses = {name: number for name, number in counted.items() if name.isdigit()}
    polls = ", ".join(f"{number:,} × {name}" for name, number in sorted(statuses.items()))
    rows = {
        "requests": f"{day.requests:,}, {day.requests / count:.1f} a feed",
        "answers": polls,
        "most requests of one host at once": f"{counted['most_at_once']}",
        "unconditional, of a feed with validators": (
            f"{counted['unconditional'] / counted['validating']:.3f},"
            f" {counted['most_unconditional']} at most"
        ),
        "asked while a host wanted silence": f"{counted['impatient']}",
        "asked after a feed was gone": f"{counted['after_gone']}",
        "articles stored, of those shown": f"{day.stored:,} of {counted['shown']:,}",
        "documents received": f"{counted['sent_bytes'] / 2**20:,.0f} MiB",
        "CPU": f"{day.cpu:,.0f} s, {day.cpu * 1e3 / day.requests:.2f} ms a request",
        "memory at the most, with the parsers": f"{day.peak_mib:,.0f} MiB",
        "time it took to simulate": f"{day.took:,.0f} s",
    }
    return table(["a day", f"{count:,} feeds"], rows.items())


if __name__ == "__main__":
    asyncio.run(main())
