import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.backoff import backoff
from bot.errors import SetupError
from bot.runtime import supervisor
from bot.runtime.supervisor import Worker, supervise


@dataclass(slots=True)
class Job:
    """A step that waits until it may go on, and records how it ended."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    may_go_on: asyncio.Event = field(default_factory=asyncio.Event)
    ends: list[str] = field(default_factory=list)

    async def step(self) -> bool:
        self.begun.set()
        try:
            await self.may_go_on.wait()
        except asyncio.CancelledError:
            self.ends.append("cancelled")
            raise
        self.ends.append("finished")
        return False


async def _nothing() -> None:
    """Do nothing."""


@asynccontextmanager
async def supervised(*workers: Worker) -> AsyncIterator[Callable[[], None]]:
    """Run the workers during the block, and yield what stops them."""

    def stop() -> None:
        os.kill(os.getpid(), signal.SIGTERM)

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(supervise(workers, startup_task=_nothing))
        await asyncio.sleep(0)
        yield stop
        if not task.done():
            await asyncio.wait([task])


async def test_at_shutdown_one_worker_finishes_its_step_and_another_is_cancelled() -> None:
    patient, other = Job(), Job()
    async with supervised(
        Worker(step=patient.step, finishes=True), Worker(step=other.step)
    ) as stop:
        await patient.begun.wait()
        await other.begun.wait()
        stop()
        while not other.ends:
            await asyncio.sleep(0)
        assert not patient.ends
        patient.may_go_on.set()
    assert (patient.ends, other.ends) == (["finished"], ["cancelled"])


async def test_a_step_that_does_not_finish_within_the_grace_period_is_cancelled_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(supervisor, "GRACE_PERIOD", timedelta(milliseconds=10))
    slow = Job()
    async with supervised(Worker(step=slow.step, finishes=True)) as stop:
        await slow.begun.wait()
        stop()
    assert slow.ends == ["cancelled"]


async def test_a_second_signal_has_its_default_effect() -> None:
    before = signal.getsignal(signal.SIGTERM)
    patient = Job()
    async with supervised(Worker(step=patient.step, finishes=True)) as stop:
        await patient.begun.wait()
        assert signal.getsignal(signal.SIGTERM) != signal.SIG_DFL
        stop()
        while signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
            await asyncio.sleep(0)
        assert signal.getsignal(signal.SIGINT) == signal.SIG_DFL
        patient.may_go_on.set()
    assert signal.getsignal(signal.SIGTERM) == before
    assert signal.getsignal(signal.SIGINT) != signal.SIG_DFL


async def test_a_worker_that_is_woken_rests_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "IDLE_INTERVAL", timedelta(hours=1))
    wake, steps = asyncio.Event(), asyncio.Event()
    count = 0

    async def step() -> bool:
        nonlocal count
        wake.clear()
        count += 1
        steps.set()
        return False

    async with supervised(Worker(step=step, finishes=True, wake=wake)) as stop:
        await steps.wait()
        steps.clear()
        wake.set()
        await asyncio.wait_for(steps.wait(), 10)
        stop()
    assert count == 2


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", timedelta(0))
    monkeypatch.setattr(supervisor, "IDLE_INTERVAL", timedelta(0))


@pytest.mark.usefixtures("no_pause")
async def test_a_worker_that_fails_is_restarted_and_the_others_go_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    steps: list[str] = []
    restarted: list[str] = []

    async def fail_twice() -> bool:
        steps.append("fragile")
        if steps.count("fragile") <= 2:
            raise ZeroDivisionError("no such word")
        if steps[-3:].count("sound"):
            os.kill(os.getpid(), signal.SIGTERM)
        return False

    async def sound() -> bool:
        steps.append("sound")
        return False

    await supervise(
        [Worker(step=fail_twice, name="fragile worker"), Worker(step=sound)],
        startup_task=_nothing,
        on_restart=restarted.append,
    )
    assert restarted == ["fragile worker"] * 2
    assert caplog.text.count("the fragile worker failed, and is restarted after") == 2
    assert caplog.text.count("ZeroDivisionError: no such word") == 2


@pytest.mark.usefixtures("no_pause")
async def test_a_worker_that_fails_once_more_after_five_restarts_in_a_minute_ends_them_all() -> (
    None
):
    restarted: list[str] = []

    async def fail() -> bool:
        raise ZeroDivisionError

    other = Job()
    with pytest.raises(ExceptionGroup) as caught:
        await supervise(
            [Worker(step=other.step), Worker(step=fail, name="fragile worker")],
            startup_task=_nothing,
            on_restart=restarted.append,
        )
    assert caught.group_contains(ZeroDivisionError)
    assert restarted == ["fragile worker"] * 5
    assert other.ends == ["cancelled"]


async def test_a_fatal_error_ends_them_all_at_once() -> None:
    async def fail() -> bool:
        raise SetupError("copy the token again")

    other = Job()
    with pytest.raises(ExceptionGroup) as caught:
        await supervise(
            [Worker(step=other.step), Worker(step=fail)],
            startup_task=_nothing,
            is_fatal=lambda error: isinstance(error, SetupError),
        )
    assert caught.group_contains(SetupError)
    assert other.ends == ["cancelled"]


async def test_a_startup_task_that_fails_ends_nothing() -> None:
    async def startup_task() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        raise ZeroDivisionError

    await supervise([Worker(step=Job().step)], startup_task=startup_task)


def test_the_pauses_before_restarts_grow() -> None:
    pauses = [
        backoff(number, first=supervisor.FIRST_PAUSE, longest=supervisor.MAX_PAUSE)
        for number in range(1, supervisor.MAX_RESTARTS + 1)
    ]
    assert pauses == sorted(set(pauses))
    assert sum(pauses, timedelta(0)) < supervisor.RESTART_WINDOW


async def test_the_startup_task_is_run_once() -> None:
    runs: list[int] = []

    async def startup_task() -> None:
        runs.append(1)
        os.kill(os.getpid(), signal.SIGTERM)

    job = Job()
    await supervise([Worker(step=job.step)], startup_task=startup_task)
    assert runs == [1]
