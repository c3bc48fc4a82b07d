"""Supervisor: runs the workers in one task group until a signal, and restarts those that fail.

Only a fatal error, or a worker that fails again and again, ends them all.
"""

import asyncio
import logging
import random
import signal
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from bot.backoff import backoff

log = logging.getLogger(__name__)

# The longest rest of an idle worker; the shortest is half of it, so that lanes do not look for
# work in step.
IDLE_INTERVAL = timedelta(seconds=1)
# Service managers kill after 10 s or more.
GRACE_PERIOD = timedelta(seconds=8)
# A worker that fails once more after so many restarts within the window ends the process.
MAX_RESTARTS, RESTART_WINDOW = 5, timedelta(minutes=1)
FIRST_PAUSE, MAX_PAUSE = timedelta(seconds=1), timedelta(seconds=30)

Step = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A loop: `step` does one batch of work and returns whether there was any.

    At shutdown a step is cancelled, unless the worker `finishes` it within `GRACE_PERIOD`.
    `wake`, when set, ends the rest of an idle worker. `name` is for the log and the metrics, and
    for the health check, unless the worker may rest for hours and so is not `is_watched`.
    """

    step: Step
    finishes: bool = False
    wake: asyncio.Event | None = None
    name: str = ""
    is_watched: bool = True

    async def run(
        self,
        stop: asyncio.Event,
        is_fatal: Callable[[Exception], bool],
        on_restart: Callable[[str], None],
    ) -> None:
        """Repeat the step until `stop` is set: at once while it finds work, else after a rest."""
        failed_at: list[float] = []
        while not stop.is_set():
            try:
                is_busy = await self.step()
            except Exception as error:
                window = RESTART_WINDOW.total_seconds()
                failed_at = [at for at in failed_at if monotonic() - at < window]
                if is_fatal(error):
                    raise
                if len(failed_at) >= MAX_RESTARTS:
                    log.critical("the %s fails again and again, so the bot ends", self.name)
                    raise
                failed_at.append(monotonic())
                pause = backoff(len(failed_at), first=FIRST_PAUSE, longest=MAX_PAUSE)
                log.exception("the %s failed, and is restarted after %s", self.name, pause)
                on_restart(self.name)
                await _rest(stop, pause.total_seconds())
            else:
                if not is_busy:
                    rest = IDLE_INTERVAL.total_seconds() * random.uniform(0.5, 1)
                    await _rest(self.wake or stop, rest)


async def supervise(
    workers: Iterable[Worker],
    *,
    startup_task: Callable[[], Coroutine[object, object, None]],
    is_fatal: Callable[[Exception], bool] = lambda _: False,
    on_restart: Callable[[str], None] = lambda _: None,
    on_hangup: Callable[[], bool] = lambda: True,
) -> None:
    """Run the workers, and the startup task once, until SIGTERM or SIGINT.

    A second signal kills the process. SIGHUP is no end unless `on_hangup` returns so. A cancelled
    step has committed nothing and is repeated after the next start. `on_restart` is called with
    the name of each worker that failed; a fatal error is raised.
    """
    stop = asyncio.Event()
    with _stop_on_signal(stop, on_hangup):
        async with asyncio.TaskGroup() as tasks:
            cancelled: list[asyncio.Task[None]] = [
                tasks.create_task(_run_once(startup_task, is_fatal))
            ]
            finishing: list[asyncio.Task[None]] = []
            wakes = [worker.wake for worker in workers if worker.wake]
            for worker in workers:
                task = tasks.create_task(worker.run(stop, is_fatal, on_restart))
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


async def _run_once(
    startup_task: Callable[[], Coroutine[object, object, None]],
    is_fatal: Callable[[Exception], bool],
) -> None:
    try:
        await startup_task()
    except Exception as error:  # the next start tries again
        if is_fatal(error):
            raise
        log.exception("the startup task failed")


async def _rest(wake: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(wake.wait(), seconds)


@contextmanager
def _stop_on_signal(stop: asyncio.Event, on_hangup: Callable[[], bool]) -> Iterator[None]:
    """Set `stop` at the first SIGINT or SIGTERM; the second has its default effect."""
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def on_signal(number: int) -> None:
        if number == signal.SIGHUP and not on_hangup():
            return
        stop.set()
        for number in numbers:
            loop.remove_signal_handler(number)
            # An impatient operator must not wait: the kernel ends the process.
            signal.signal(number, signal.SIG_DFL)

    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        loop.add_signal_handler(number, on_signal, number)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number] or signal.SIG_DFL)
