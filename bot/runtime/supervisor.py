"""Supervisor: runs the workers in one task group until a signal; a failing worker ends them all."""

import asyncio
import logging
import random
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

log = logging.getLogger(__name__)

# The longest rest of an idle worker; the shortest is half of it, so that lanes do not look for
# work in step.
IDLE_INTERVAL = timedelta(seconds=1)
# Service managers kill after 10 s or more.
GRACE_PERIOD = timedelta(seconds=8)

Step = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A loop: `step` does one batch of work and returns whether there was any.

    At shutdown a step is cancelled, unless the worker `finishes` it within `GRACE_PERIOD`.
    `wake`, when set, ends the rest of an idle worker. `name` is that of the health check; a
    worker without one may rest for hours.
    """

    step: Step
    finishes: bool = False
    wake: asyncio.Event | None = None
    name: str = ""


async def supervise(
    workers: Iterable[Worker], *, startup_task: Callable[[], Coroutine[object, object, None]]
) -> None:
    """Run the workers, and the startup task once, until SIGTERM or SIGINT.

    A second signal kills the process. A cancelled step has committed nothing and is repeated
    after the next start.
    """
    stop = asyncio.Event()
    with _stop_on_signal(stop):
        async with asyncio.TaskGroup() as tasks:
            cancelled: list[asyncio.Task[None]] = [tasks.create_task(startup_task())]
            finishing: list[asyncio.Task[None]] = []
            wakes = [worker.wake for worker in workers if worker.wake]
            for worker in workers:
                task = tasks.create_task(_run(worker, stop))
                (finishing if worker.finishes else cancelled).append(task)
            log.info("at work")
            await stop.wait()
            log.info("stopping: what is in hand is finished, all else waits in the tables")
            for wake in wakes:
                wake.set()
            for task in cancelled:
                task.cancel()
            if finishing:
                await asyncio.wait(finishing, timeout=GRACE_PERIOD.total_seconds())
            for task in finishing:
                task.cancel()


async def _run(worker: Worker, stop: asyncio.Event) -> None:
    """Repeat the step until `stop` is set: at once while it finds work, else after a rest."""
    wake = worker.wake or stop
    while not stop.is_set():
        if not await worker.step():
            with suppress(TimeoutError):
                rest = IDLE_INTERVAL.total_seconds() * random.uniform(0.5, 1)
                await asyncio.wait_for(wake.wait(), rest)


@contextmanager
def _stop_on_signal(stop: asyncio.Event) -> Iterator[None]:
    """Set `stop` at the first SIGINT or SIGTERM; the second has its default effect."""
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)

    def on_signal() -> None:
        stop.set()
        for number in numbers:
            loop.remove_signal_handler(number)
            # An impatient operator must not wait: the kernel ends the process.
            signal.signal(number, signal.SIG_DFL)

    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        loop.add_signal_handler(number, on_signal)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number] or signal.SIG_DFL)
