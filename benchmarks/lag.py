"""Event loop lag while documents are parsed in other processes, in milliseconds."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle, islice
from statistics import quantiles

from benchmarks.recording import RECORDED_AT
from bot.errors import FeedError
from bot.feeds.parser_pool import Parse, open_parsers

# As many at once as the bot has lanes.
LANES = 16
# In seconds: how often the loop is asked whether it is there.
BEAT = 0.005
URL = "https://site.example/feed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How late the loop was, and how many seconds it `took` to parse so many."""

    median: float
    p99: float
    worst: float
    took: float
    parsed: int


async def loop_lag(documents: Sequence[bytes], *, count: int = 200) -> Lag:
    """Parse so many documents in the parsers' own processes, and listen to the loop's beat."""
    waiting = islice(cycle(documents), count)
    late: list[float] = []
    async with open_parsers() as parse:
        began = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            lanes = [tasks.create_task(_parse_all(waiting, parse)) for _ in range(LANES)]
            while not all(lane.done() for lane in lanes):
                asleep_at = time.perf_counter()
                await asyncio.sleep(BEAT)
                late.append((time.perf_counter() - asleep_at - BEAT) * 1e3)
        took = time.perf_counter() - began
    cuts = quantiles(late, n=100)
    return Lag(median=cuts[49], p99=cuts[98], worst=max(late), took=took, parsed=count)


async def _parse_all(queue: Iterator[bytes], parse: Parse) -> None:
    for document in queue:
        with suppress(FeedError):
            await parse(document, url=URL, content_type=None, fetched_at=RECORDED_AT)
