import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
import pytest_asyncio
from pebble import ProcessPool

from bot.errors import KilledError
from bot.isolation import pool as pool_module
from bot.isolation.pool import WORKERS, PoolShare, WorkerPool, open_pool
from tests.support.worker_calls import (
    divide_60,
    exit_once,
    is_loaded,
    match_for_ever,
    return_what_cannot_travel,
    sleep_once,
    stop_once,
    swell,
)
from tests.support.worker_processes import (
    is_running,
    memory_limit,
    parent_of,
    ready_workers,
    workers_of,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[WorkerPool]:
    limit = timedelta(seconds=1)
    async with open_pool(time_limit=limit, preload=match_for_ever.__module__) as opened:
        await asyncio.gather(*(opened.run(len, "bridge") for _ in range(WORKERS)))
        yield opened


def kill(process: int) -> None:
    # When one of them dies, the pool may kill the others first.
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


async def test_results_and_errors_come_back_as_they_are(pool: WorkerPool) -> None:
    assert await pool.run(len, "bridge") == 6
    assert await pool.wrap(int)("11", base=2) == 3
    with pytest.raises(ZeroDivisionError):
        await pool.run(divmod, 1, 0)


async def test_a_call_that_takes_too_long_is_killed_and_others_go_on(pool: WorkerPool) -> None:
    slow, quick = await asyncio.gather(
        pool.run(match_for_ever), pool.run(len, "bridge"), return_exceptions=True
    )
    assert isinstance(slow, KilledError)
    assert str(slow) == "reading it took more than 1 s"
    assert quick == 6


async def test_a_call_that_waits_for_the_processor_is_not_too_slow(
    pool: WorkerPool, tmp_path: Path
) -> None:
    calling = asyncio.ensure_future(pool.run(stop_once, tmp_path / "process"))
    stopped = await written(tmp_path / "process")
    await asyncio.sleep(1.3)
    os.kill(stopped, signal.SIGCONT)
    assert await calling == "read"
    assert await pool.run(len, "bridge") == 6


async def written(marker: Path) -> int:
    async with asyncio.timeout(120):
        while not (marker.exists() and marker.read_text()):
            await asyncio.sleep(0.02)
    return int(marker.read_text())


async def test_a_call_that_sleeps_is_killed_after_a_second_attempt() -> None:
    async with open_pool(time_limit=timedelta(seconds=0.1)) as fresh:
        with pytest.raises(KilledError, match=r"reading it took more than 0\.1 s"):
            await fresh.run(time.sleep, 3600)


async def test_a_call_is_not_to_blame_for_a_machine_that_stood_still(tmp_path: Path) -> None:
    async with open_pool(time_limit=timedelta(seconds=0.1), preload=sleep_once.__module__) as fresh:
        assert await fresh.run(sleep_once, tmp_path / "slept") == "read"


async def test_a_call_is_not_to_blame_for_a_process_that_ends_by_itself(
    pool: WorkerPool, tmp_path: Path
) -> None:
    assert await pool.run(exit_once, tmp_path / "ended") == "read"


@dataclass
class SilentPool:
    """A process pool whose calls end when the test says so."""

    active: bool = True
    calls: list[Future[object]] = field(default_factory=list)

    def schedule(self, *_: object, **__: object) -> Future[object]:
        self.calls.append(Future())
        return self.calls[-1]

    def stop(self) -> None:
        self.active = False

    def join(self) -> None:
        pass


class Seconds:
    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Seconds:
    clock = Seconds()
    monkeypatch.setattr(pool_module, "_MAX_SILENCE", timedelta(milliseconds=20))
    monkeypatch.setattr(pool_module, "time", clock)
    return clock


def with_processes(processes: SilentPool) -> WorkerPool:
    return WorkerPool(
        time_limit=timedelta(milliseconds=1),
        preload="bot.isolation.pool",
        _pool=cast(ProcessPool, processes),
    )


async def turns() -> None:
    """Let all tasks wake up several times."""
    for _ in range(10):
        await asyncio.sleep(0.005)


async def test_however_long_the_queue_each_call_waits_for_its_turn(seconds: Seconds) -> None:
    processes = SilentPool()
    pool = with_processes(processes)
    calls = [asyncio.ensure_future(pool.run(len, "bridge")) for _ in range(9)]
    await turns()
    for place, answer in enumerate(processes.calls):
        seconds.now += 0.015
        answer.set_result(place)
        await turns()
    assert [await call for call in calls] == list(range(9))


async def test_calls_that_a_broken_pool_does_not_answer_are_made_in_a_new_one(
    seconds: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, new = SilentPool(), SilentPool()
    monkeypatch.setattr(pool_module, "_start", lambda *_: new)
    pool = with_processes(broken)
    calls = [asyncio.ensure_future(pool.run(len, "bridge")) for _ in range(2)]
    await turns()
    seconds.now += 0.03
    await turns()
    assert (len(broken.calls), broken.active) == (2, False)
    for answer in new.calls:
        answer.set_result(6)
    assert [await call for call in calls] == [6, 6]


async def test_a_call_that_takes_too_much_memory_fails_alone(pool: WorkerPool) -> None:
    with pytest.raises(KilledError, match="too much memory"):
        await pool.run(swell)
    assert await pool.run(len, "bridge") == 6


async def test_every_process_has_a_memory_limit(pool: WorkerPool) -> None:
    workers = await ready_workers(lambda: pool.run(len, "bridge"))
    assert all(int(memory_limit(process)) <= 512 * 2**20 for process in workers)


async def test_a_call_whose_process_dies_fails(pool: WorkerPool) -> None:
    before = await ready_workers(lambda: pool.run(len, "bridge"))
    calling = asyncio.ensure_future(pool.run(match_for_ever))
    await asyncio.sleep(0.3)
    for process in before:
        kill(process)
    with pytest.raises(KilledError, match="died of it"):
        await calling
    assert await pool.run(len, "bridge") == 6


async def test_processes_killed_while_idle_are_replaced(pool: WorkerPool) -> None:
    for process in await ready_workers(lambda: pool.run(len, "bridge")):
        kill(process)
    assert await pool.run(len, "bridge") == 6
    await asyncio.sleep(0.3)
    assert await pool.run(len, "bridge") == 6


async def test_a_cancelled_call_is_killed(pool: WorkerPool) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await pool.run(match_for_ever)
    calls = asyncio.gather(*(pool.run(len, "bridge") for _ in range(WORKERS)))
    assert await asyncio.wait_for(calls, 120) == [6] * WORKERS


async def test_ctrl_c_is_for_the_bot_alone(pool: WorkerPool) -> None:
    others = await ready_workers(lambda: pool.run(len, "bridge"))
    # A pool of its own: one of the others may be about to be killed for an earlier call.
    async with open_pool() as fresh:
        await asyncio.gather(*(fresh.run(len, "bridge") for _ in range(WORKERS)))
        workers = [each for each in workers_of(os.getpid()) if each not in others]
        for process in workers:
            os.kill(process, signal.SIGINT)
        assert await fresh.run(len, "bridge") == 6
        assert len(workers) >= WORKERS
        assert len(list(filter(is_running, workers))) >= WORKERS


async def test_no_process_is_left_when_the_pool_is_closed() -> None:
    async with open_pool() as fresh:
        await fresh.run(len, "bridge")
        workers = workers_of(os.getpid())
    assert len(workers) >= WORKERS
    async with asyncio.timeout(120):
        while len(list(filter(is_running, workers))) > len(workers) - WORKERS:
            await asyncio.sleep(0.05)


async def test_no_process_is_left_when_the_bot_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "killed.py"
    script.write_text(
        "import asyncio, sys\n"
        "from datetime import timedelta\n"
        "from pathlib import Path\n"
        "from bot.isolation.pool import open_pool\n"
        "from tests.support.worker_calls import match_for_ever\n"
        "async def main():\n"
        "    limit = timedelta(seconds=1)\n"
        "    async with open_pool(time_limit=limit, preload=match_for_ever.__module__) as pool:\n"
        "        await pool.run(len, 'bridge')\n"
        "        Path(sys.argv[1]).touch()\n"
        "        await pool.run(match_for_ever)\n"
        "if __name__ == '__main__':\n"
        "    asyncio.run(main())\n"
    )
    ready = tmp_path / "ready"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    bot = await asyncio.create_subprocess_exec(sys.executable, script, ready, env=environment)
    async with asyncio.timeout(120):
        while not ready.exists():
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    orphans = workers_of(bot.pid)
    bot.kill()
    assert len(orphans) == WORKERS
    async with asyncio.timeout(120):
        await bot.wait()
        while any(map(is_running, orphans)):
            await asyncio.sleep(0.05)


async def test_each_item_gets_its_own_result_and_a_killed_one_fails_alone(
    pool: WorkerPool,
) -> None:
    results = await pool.run_each(divide_60, range(25))
    killed = {place: str(error) for place, error in enumerate(results) if is_killed(error)}
    assert killed == {7: "reading it took more than 1 s", 13: "the process that read it died of it"}
    assert isinstance(results[0], ZeroDivisionError)
    others = {place: result for place, result in enumerate(results) if place not in (0, 7, 13)}
    assert others == {place: 60 / place for place in others}
    assert len(others) == 22


def is_killed(result: object) -> bool:
    return isinstance(result, KilledError)


async def test_an_exception_of_an_item_says_where_it_was_raised(pool: WorkerPool) -> None:
    (error,) = await pool.run_each(divide_60, [0])
    assert isinstance(error, ZeroDivisionError)
    assert "in divide_60" in "".join(error.__notes__)


async def test_a_result_that_cannot_be_pickled_fails_alone(pool: WorkerPool) -> None:
    results = await pool.run_each(return_what_cannot_travel, range(4))
    assert [result for result in results if not isinstance(result, Exception)] == [0, 1, 3]


async def test_no_items_need_no_call(pool: WorkerPool) -> None:
    assert await pool.run_each(divide_60, []) == []


async def test_a_batch_that_swells_fails_only_where_it_does(pool: WorkerPool) -> None:
    small, large = await pool.run_each(bytearray, [1, 2**30])
    assert small == bytearray(1)
    assert is_killed(large)


async def test_what_is_preloaded_is_there_before_the_first_call() -> None:
    async with open_pool(preload="this") as fresh:
        assert await fresh.run(is_loaded, "this")


async def test_a_pool_outlives_its_fork_server(pool: WorkerPool) -> None:
    assert await pool.run(len, "bridge") == 6
    (server,) = {parent_of(worker) for worker in workers_of(os.getpid())}
    kill(server)
    async with asyncio.timeout(120):
        while True:
            # A call that was in hand when its process went is lost, as with any other death.
            with suppress(KilledError):
                assert await pool.run(len, "bridge") == 6
                break


async def test_a_share_leaves_processes_to_others(seconds: Seconds) -> None:
    processes = SilentPool()
    pool = with_processes(processes)
    share = PoolShare(pool)
    calls = [asyncio.ensure_future(share.run(len, "bridge")) for _ in range(9)]
    await turns()
    assert len(processes.calls) == WORKERS // 2
    public = asyncio.ensure_future(pool.run(len, "mayor"))
    await turns()
    processes.calls[-1].set_result(5)
    assert await public == 5
    for place in range(9):
        ready = [answer for answer in processes.calls if not answer.done()]
        ready[0].set_result(place)
        await turns()
    assert [await call for call in calls] == list(range(9))
