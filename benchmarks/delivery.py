"""Cost of a sent message, and of the fan-out to 100,000. Run `python -m benchmarks.delivery`."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.audience import add_readers, add_story, add_timetables, silence_some
from benchmarks.memory import peak_megabytes
from benchmarks.senders import (
    LANES,
    SUMMARY,
    Contender,
    bare_aiogram,
    python_telegram_bot,
    readalso,
)
from benchmarks.telegram_server import open_telegram
from bot.storage.database import open_database
from tests.support.fakes import NOON
from tests.support.markdown_report import machine_info, print_paragraph, table

CONTENDERS: Mapping[str, Contender] = {
    "bare aiogram": bare_aiogram,
    "python-telegram-bot": python_telegram_bot,
    "ReadAlso": readalso,
}
MESSAGES = 2000
# One after the other and again: other work on the machine hits them all.
ROUNDS = 5
READERS = 100_000
OWED = 10_000
# In seconds: how often the loop is asked whether it is there.
BEAT = 0.002

# Messages a second, and milliseconds of CPU for each.
Figures = tuple[float, float]


async def main() -> None:
    """Measure, and print the tables."""
    print_paragraph(
        f"A message to each of {MESSAGES:,} chats, {LANES} in flight, on {machine_info()}."
    )
    results: dict[str, list[Figures]] = {name: [] for name in CONTENDERS}
    with open_telegram() as url:
        for _ in range(ROUNDS):
            for name, contender in CONTENDERS.items():
                results[name].append(await _measure(contender, url))
    print_paragraph(_table(results))
    print_paragraph(await _fan_out())
    megabytes = await asyncio.to_thread(peak_megabytes, READERS, OWED)
    print_paragraph(
        f"With {READERS:,} readers the process has sent {OWED:,} messages that it owed;"
        f" its memory was {megabytes:.0f} MB at the most."
    )


async def _measure(contender: Contender, url: str) -> Figures:
    with TemporaryDirectory() as folder:
        async with contender(url, Path(folder)) as prepare:
            await (await prepare(100))()
            send_all = await prepare(MESSAGES)
            began, cpu = time.perf_counter(), time.process_time()
            await send_all()
            took, used = time.perf_counter() - began, time.process_time() - cpu
    return MESSAGES / took, used / MESSAGES * 1e3


def _table(results: Mapping[str, list[Figures]]) -> str:
    middle = {
        name: (median(rate for rate, _ in runs), median(cost for _, cost in runs))
        for name, runs in results.items()
    }
    bare_rate, bare_cost = middle["bare aiogram"]
    head = [f"medians of {ROUNDS} rounds", "messages a second", "ms of CPU a message"]
    rows = [
        [name, f"{rate:,.0f}", f"{cost:.2f}", f"{rate / bare_rate:.2f}", f"{bare_cost / cost:.2f}"]
        for name, (rate, cost) in middle.items()
    ]
    return table([*head, "of bare's rate", "bare's CPU : this"], rows)


async def _fan_out() -> str:
    """Owe a story to all readers, and listen to the loop's beat meanwhile."""
    with TemporaryDirectory() as folder:
        async with open_database(Path(folder) / "readalso.db") as db:
            async with db.transaction() as tx:
                await add_readers(tx, range(1, READERS + 1))
                await add_timetables(tx, range(1, READERS + 1))
                await silence_some(tx)
            took, late, owed = [], 0.0, 0
            for number in (1, 2, 3):

                async def owe(number: int = number) -> None:
                    nonlocal owed
                    async with db.transaction() as tx:
                        owed = await add_story(tx, number, summary=SUMMARY, now=NOON)

                seconds, worst = await listening(owe)
                took.append(seconds)
                late = max(late, worst)
    return (
        f"{READERS:,} readers have three topics each; half of them have hours of their own, a"
        f" tenth have paused, and a tenth are gone. One story of two topics is owed to {owed:,} in"
        f" {min(took):.2f} s ({', '.join(f'{seconds:.2f}' for seconds in took)}); the event loop is"
        f" late by {late * 1e3:.0f} ms at worst."
    )


async def listening(work: Callable[[], Awaitable[None]]) -> tuple[float, float]:
    """Return how long the work took, and how late the loop was at worst, in seconds."""
    worst, began = 0.0, time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(_run(work))
        while not task.done():
            asleep_at = time.perf_counter()
            await asyncio.sleep(BEAT)
            worst = max(worst, time.perf_counter() - asleep_at - BEAT)
    return time.perf_counter() - began, worst


async def _run(work: Callable[[], Awaitable[None]]) -> None:
    await work()


if __name__ == "__main__":
    asyncio.run(main())
