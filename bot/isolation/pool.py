"""Pool of killable worker processes: functions on untrusted text, bounded in CPU time and memory.

A document can be made to keep any parser busy for ever, and a thread cannot be stopped. Here
such a function may hang, fill the memory or crash; its process is killed, and the bot goes on.

The processes are forked from a fork server, which has imported what they need and calls nothing:
a process that was killed is replaced in a few milliseconds.
"""

import asyncio
import logging
import multiprocessing
import os
import resource
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from importlib import import_module
from itertools import chain
from multiprocessing import forkserver, resource_tracker
from threading import Thread
from traceback import format_exception
from typing import ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from bot.errors import KilledError

log = logging.getLogger(__name__)

# Of CPU time, so that no document is to blame for a busy machine. Real feeds take 0.05 s, and
# 0.5 s at the most.
TIME_LIMIT = timedelta(seconds=5)
WORKERS = 2
# A call that sleeps is killed after so many time limits.
_MAX_TIME_LIMITS = 6
# While calls wait, one of them is answered within this time, in which the slowest machine has
# started the processes; else the pool is broken: a process was killed while it held their lock.
_MAX_SILENCE = timedelta(seconds=90)
# After that many calls a process is replaced, which frees what the libraries in it have leaked.
_MAX_TASKS = 500
# Of address space, of which a fresh process has reserved 180 MB and uses 31 MB.
_MAX_MEMORY = 512 * 2**20
_NICENESS = 5
# What the fork server imports before the preload of the bot.
_FORK_SERVER = "bot.isolation.fork_server"

# Items of one call of `run_each`: so few that a call seldom takes a second.
BATCH = 10

Initialize = Callable[[], object] | None

A = TypeVar("A")
P = ParamSpec("P")
T = TypeVar("T")


class Runner(ABC):
    """Calls functions elsewhere than on the event loop."""

    @abstractmethod
    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what the function returns, and raise what it raises.

        Raises:
            KilledError: if it took too long or too much memory, or its process died.
        """

    def wrap(self, function: Callable[P, T]) -> Callable[P, Awaitable[T]]:
        """Return an async function that calls this one as `run` does."""

        async def call(*args: P.args, **kwargs: P.kwargs) -> T:
            return await self.run(function, *args, **kwargs)

        return call

    async def run_each(self, function: Callable[[A], T], items: Sequence[A]) -> list[T | Exception]:
        """Return for each item what the function returns, or the exception that it raises.

        Items are sent in batches, to several processes at once. Those of a batch that is killed
        are sent one by one: only an item that is at fault gets a `KilledError`.
        """
        batches = [items[start : start + BATCH] for start in range(0, len(items), BATCH)]
        results = await asyncio.gather(*(self._run_batch(function, batch) for batch in batches))
        return list(chain.from_iterable(results))

    async def _run_batch(
        self, function: Callable[[A], T], items: Sequence[A]
    ) -> list[T | Exception]:
        try:
            return await self.run(_call_each_with_notes, function, items)
        # Also for a result that cannot be pickled.
        except Exception as error:
            if len(items) == 1:
                return [error]
        alone = [await self._run_batch(function, [item]) for item in items]
        return list(chain.from_iterable(alone))


@dataclass(frozen=True, slots=True)
class PoolShare(Runner):
    """A pool for calls that anybody can cause: as many at once as `lanes` admits.

    They wait here, so that those of others find a free process.
    """

    pool: Runner
    lanes: asyncio.Semaphore = field(default_factory=partial(asyncio.Semaphore, WORKERS // 2))

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what the function returns, once a lane is free."""
        async with self.lanes:
            return await self.pool.run(function, *args, **kwargs)


@dataclass(slots=True, kw_only=True)
class WorkerPool(Runner):
    """Calls functions in worker processes, which are replaced when they break.

    `time_limit` is of CPU time. Function, arguments and result are pickled: the function must be
    one of a module.
    """

    time_limit: timedelta
    preload: str
    initialize: Initialize = None
    _pool: ProcessPool
    _waiting: int = 0
    # By the monotonic clock: the last answer, or the first call after none was waiting.
    _answered_at: float = 0

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what the function returns, and raise what it raises.

        Raises:
            KilledError: if it took too long or too much memory, or its process died.
        """
        call = partial(function, *args, **kwargs)
        try:
            try:
                return await self._call(call)
            except (BrokenProcessPool, ProcessExpired) as error:
                if _exit_code(error) < 0 and _exit_code(error) != -signal.SIGALRM:
                    raise
                # None of its own: an idle process was killed, or gave up waiting for another,
                # or the machine stood still for long.
                return await self._call(call)
        except MemoryError:
            raise KilledError("reading it took too much memory") from None
        except (BrokenProcessPool, ProcessExpired) as error:
            reason = "the process that read it died of it"
            if _exit_code(error) in (-signal.SIGPROF, -signal.SIGALRM):
                reason = f"reading it took more than {self.time_limit.total_seconds():g} s"
            raise KilledError(reason) from None

    async def close(self) -> None:
        """Kill the processes."""
        await asyncio.to_thread(_stop, self._pool)

    async def _call(self, call: Callable[[], T]) -> T:
        """Call in one of the processes; cancellation kills the process too."""
        if not self._pool.active:
            await self._replace()
        pool, seconds = self._pool, self.time_limit.total_seconds()
        limits = [seconds, _MAX_TIME_LIMITS * seconds]
        future: Future[T] = pool.schedule(_call_within, args=[call, *limits])
        answer = asyncio.wrap_future(future)
        if not self._waiting:
            self._answered_at = time.monotonic()
        self._waiting += 1
        try:
            while not answer.done():
                left = self._answered_at + _MAX_SILENCE.total_seconds() - time.monotonic()
                if left <= 0 and pool is self._pool:
                    await self._replace()
                if left <= 0 or pool is not self._pool:
                    raise BrokenProcessPool
                await asyncio.wait([answer], timeout=left)
            self._answered_at = time.monotonic()
            return answer.result()
        finally:
            self._waiting -= 1
            answer.cancel()

    async def _replace(self) -> None:
        broken, self._pool = self._pool, _start(self.preload, self.initialize)
        self._answered_at = time.monotonic()
        log.warning("the processes that read are started anew")
        await asyncio.to_thread(_stop, broken)


@asynccontextmanager
async def open_pool(
    *,
    time_limit: timedelta = TIME_LIMIT,
    preload: str = __name__,
    initialize: Initialize = None,
) -> AsyncIterator[WorkerPool]:
    """Start the processes, and kill them in the end.

    `preload` is the name of a module: all that it imports and reads is there before the first
    call. What else a function needs is imported with its first call, in the time of that.
    `initialize`, a function of a module, is called in each process before the first call.
    """
    pool = WorkerPool(
        time_limit=time_limit,
        preload=preload,
        initialize=initialize,
        _pool=_start(preload, initialize),
    )
    try:
        yield pool
    finally:
        await pool.close()


def call_each(function: Callable[[A], T], items: Sequence[A]) -> list[T | Exception]:
    """Return for each item what the function returns, or the exception that it raises."""
    results: list[T | Exception] = []
    for item in items:
        try:
            results.append(function(item))
        except MemoryError:
            results.append(KilledError("reading it took too much memory"))
        except Exception as error:
            results.append(error)
    return results


def _call_each_with_notes(function: Callable[[A], T], items: Sequence[A]) -> list[T | Exception]:
    results = call_each(function, items)
    for error in results:
        if isinstance(error, Exception):
            # Pickling drops the traceback itself.
            error.add_note("".join(format_exception(error)))
    return results


def _start(preload: str, initialize: Initialize) -> ProcessPool:
    # Never fork the bot itself: it has threads, and their locks would stay locked in the child.
    context = multiprocessing.get_context("forkserver")
    # For the first pool of the bot; the processes of another import theirs themselves.
    context.set_forkserver_preload([_FORK_SERVER, preload])
    pool = ProcessPool(
        max_workers=WORKERS,
        max_tasks=_MAX_TASKS,
        initializer=_initialize_worker,
        initargs=(preload, initialize),
        context=context,
    )
    # Processes inherit what is blocked: Ctrl+C is for the bot alone, also while one starts. The
    # tracker of their locks unblocks it when it is started.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    forkserver.ensure_running()
    assert pool.active  # which starts it
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return pool


def _stop(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _initialize_worker(preload: str, initialize: Initialize) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY, _MAX_MEMORY))
    # The bot itself has priority: people wait for its replies.
    os.nice(_NICENESS)
    # Die at once, even inside a regular expression.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    Thread(target=_exit_with_parent, daemon=True).start()
    import_module(preload)
    if initialize is not None:
        initialize()


def _exit_with_parent() -> None:
    """Exit as soon as the bot has ended, in whatever way, or else when the current call returns."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _exit_code(error: BrokenProcessPool | ProcessExpired) -> int:
    """Return that of the process, or minus the signal that killed it; 0: there was none."""
    return int(error.exitcode) if isinstance(error, ProcessExpired) else 0


def _call_within(call: Callable[[], T], cpu_seconds: float, seconds: float) -> T:
    """Return what the call returns; at either limit the kernel kills the process.

    That happens even if the bot is gone. A thread or a Python signal handler would not do:
    neither runs while a regular expression does.
    """
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        return call()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_PROF, 0)
