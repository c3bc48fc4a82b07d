"""Where are documents and pages read? In processes that may hang, swell or die; the bot goes on.

A document can be made to keep any parser busy for ever, and a thread cannot be stopped.
"""

import asyncio
import logging
import multiprocessing
import os
import resource
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from threading import Thread
from typing import NotRequired, ParamSpec, Protocol, TypedDict, TypeVar, Unpack

from pebble import ProcessExpired, ProcessPool

from bot.errors import KilledError
from bot.feeds.formats.parse import ParsedFeed, parse

log = logging.getLogger(__name__)

# Real feeds take 0.05 s, and 0.5 s at the most.
TIMEOUT = timedelta(seconds=5)
WORKERS = 2
# Of so many patiences an answer must come, however long the queue; else the pool is broken.
_DEADLINES = 12
# What feedparser leaks is given back now and then.
_MAX_TASKS = 500
# Of addresses, of which a fresh process has 180 MB; in truth it fills 31 MB.
_MAX_MEMORY = 512 * 2**20
_NICENESS = 5


P = ParamSpec("P")
T = TypeVar("T")


class ParseOptions(TypedDict):
    """What `parse` is told beside the document."""

    url: str
    content_type: str | None
    fetched_at: datetime
    known: NotRequired[frozenset[bytes]]
    clock_error_hours: NotRequired[int]


class Parse(Protocol):
    """What `bot.feeds.formats.parse.parse` does, somewhere else."""

    def __call__(self, document: bytes, **how: Unpack[ParseOptions]) -> Awaitable[ParsedFeed]:
        """Return what is in the document.

        Raises:
            ParseError: if it is not a feed.
            GoneError: if it says that it has ended.
            KilledError: if reading it took too long, or too much memory.
        """
        ...


class Run(Protocol):
    """Runs a job somewhere else; it must be a function of a module, or a partial of one."""

    async def __call__(self, job: Callable[[], T]) -> T:
        """Return what the job returns, and raise what it raises.

        Raises:
            KilledError: if it took too long, or too much memory.
        """
        ...


@dataclass(slots=True, kw_only=True)
class _Workers:
    """Runs jobs in the processes of a pool, which is replaced when it breaks."""

    pool: ProcessPool
    patience: timedelta

    async def __call__(self, job: Callable[[], T]) -> T:
        try:
            try:
                return await self.run(job)
            except BrokenProcessPool:  # by an idle process that was killed; not by this job
                return await self.run(job)
        except TimeoutError:
            raise KilledError(f"reading it took more than {self.patience.seconds} s") from None
        except MemoryError:
            raise KilledError("reading it took too much memory") from None
        except (ProcessExpired, BrokenProcessPool):
            raise KilledError("the process that read it died of it") from None

    async def run(self, job: Callable[[], T]) -> T:
        """Run the job in a process; cancelled, it ends the process too."""
        if not self.pool.active:
            await self.renew()
        pool = self.pool
        seconds = self.patience.total_seconds()
        deadline = asyncio.timeout(_DEADLINES * seconds)
        try:
            async with deadline:
                return await asyncio.wrap_future(
                    pool.schedule(_run, args=[job, 2 * seconds], timeout=seconds)
                )
        except TimeoutError:
            if deadline.expired() and pool is self.pool:
                await self.renew()
            raise

    async def renew(self) -> None:
        """Replace the pool."""
        broken, self.pool = self.pool, _pool()
        log.warning("the processes that read are started anew")
        await asyncio.to_thread(_end, broken)


@asynccontextmanager
async def open_workers(*, patience: timedelta = TIMEOUT) -> AsyncIterator[Run]:
    """Start the processes, and end them; they warm up while the first document is fetched."""
    workers = _Workers(pool=_pool(), patience=patience)
    try:
        yield workers
    finally:
        await asyncio.to_thread(_end, workers.pool)


@asynccontextmanager
async def open_parsers(*, patience: timedelta = TIMEOUT) -> AsyncIterator[Parse]:
    """Start processes that only parse feeds, and end them."""
    async with open_workers(patience=patience) as run:
        yield run_in_pool(run, parse)


def run_in_pool(run: Run, function: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """Return what does the same as a function of some module, in those processes."""

    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        return await run(partial(function, *args, **kwargs))

    return call


def _pool() -> ProcessPool:
    pool = ProcessPool(
        max_workers=WORKERS,
        max_tasks=_MAX_TASKS,
        initializer=_prepare,
        # Never fork: the bot has threads, and what they hold would stay locked for ever.
        context=multiprocessing.get_context("spawn"),
    )
    assert pool.active  # which starts it
    return pool


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _prepare() -> None:
    """Make ready a process that has just begun."""
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    # The bot itself goes first: it waits for nothing but to answer.
    os.nice(_NICENESS)
    # To be ended at once, even in the midst of a regular expression.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=_follow_parent, daemon=True).start()


def _run(job: Callable[[], T], seconds: float) -> T:
    """Run the job; after so long the kernel ends the process, whether the bot still lives or not.

    Neither a thread nor a handler of a signal gets its turn in the midst of a regular expression.
    """
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return job()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _follow_parent() -> None:
    """End with the bot, however it ends, or else at the end of the job at hand."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
