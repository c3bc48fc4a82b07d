"""Run the workers until we are told to stop; one that fails ends them all."""

import asyncio
import logging
import random
import signal
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

log = logging.getLogger(__name__)

# How long a worker rests at the most when it found nothing to do, and half as long at the least:
# lanes that slept in step would all look at the same moment.
IDLE = timedelta(seconds=1)
# What is in hand at the end may be finished; service managers kill after 10 s or more.
GRACE = timedelta(seconds=8)

Step = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """Something to do again and again; `step` does one batch and returns whether there was one.

    At the end a worker is cut off, wherever it is, unless it `finishes` what it has in hand.
    `wake`, when set, ends its rest. By its `name` it is watched; one without rests for hours.
    """

    step: Step
    finishes: bool = False
    wake: asyncio.Event | None = None
    name: str = ""


async def supervise(workers: Iterable[Worker], *, errand: Callable[[], Awaitable[None]]) -> None:
    """Run the workers, and the errand once, until SIGTERM or SIGINT; a second one kills at once.

    What is cut off at the end will be done again, for it has committed nothing.
    """
    stop = asyncio.Event()
    with _told_by_signals(stop):
        async with asyncio.TaskGroup() as tasks:
            cut_off: list[asyncio.Task[None]] = [tasks.create_task(_once(errand))]
            finishing: list[asyncio.Task[None]] = []
            wakes = [worker.wake for worker in workers if worker.wake]
            for worker in workers:
                task = tasks.create_task(_forever(worker, stop))
                (finishing if worker.finishes else cut_off).append(task)
            log.info("at work")
            await stop.wait()
            log.info("stopping: what is in hand is finished, all else waits in the tables")
            for wake in wakes:
                wake.set()
            for task in cut_off:
                task.cancel()
            if finishing:
                await asyncio.wait(finishing, timeout=GRACE.total_seconds())
            for task in finishing:
                task.cancel()


async def _once(errand: Callable[[], Awaitable[None]]) -> None:
    await errand()


async def _forever(worker: Worker, stop: asyncio.Event) -> None:
    """Repeat the step, at once while it finds work, else after a rest, until told to stop."""
    wake = worker.wake or stop
    while not stop.is_set():
        if not await worker.step():
            with suppress(TimeoutError):
                rest = IDLE.total_seconds() * random.uniform(0.5, 1)
                await asyncio.wait_for(wake.wait(), rest)


@contextmanager
def _told_by_signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)

    def tell() -> None:
        stop.set()
        for number in numbers:
            loop.remove_signal_handler(number)
            # Whoever asks twice does not want to wait: the kernel ends us.
            signal.signal(number, signal.SIG_DFL)

    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        loop.add_signal_handler(number, tell)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number] or signal.SIG_DFL)
