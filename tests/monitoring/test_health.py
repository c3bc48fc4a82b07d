from dataclasses import dataclass

import pytest

from bot.monitoring.health import (
    MAX_SILENCE_SECONDS,
    Health,
    NotStarted,
    TelegramSilent,
    WorkerStalled,
)
from bot.runtime.supervisor import Worker


@dataclass
class Seconds:
    at: float = 0.0

    def __call__(self) -> float:
        return self.at


async def nothing() -> bool:
    return False


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def health(seconds: Seconds) -> Health:
    return Health(monotonic=seconds)


def test_before_there_are_workers_the_bot_is_starting(health: Health) -> None:
    assert health.problems() == [NotStarted()]


def test_until_telegram_has_answered_once_the_bot_is_not_ready(health: Health) -> None:
    health.watched(Worker(step=nothing, name="sender"))
    assert health.problems() == [TelegramSilent(None)]
    health.record_answer()
    assert health.problems() == []


async def test_a_worker_that_completes_no_step_is_named(health: Health, seconds: Seconds) -> None:
    poller = health.watched(Worker(step=nothing, name="poller"))
    health.watched(Worker(step=nothing, name="sender"))
    seconds.at = MAX_SILENCE_SECONDS + 1
    health.record_answer()
    await poller.step()
    assert health.problems() == [WorkerStalled("sender", 181.0)]


async def test_a_step_of_one_lane_is_enough(health: Health, seconds: Seconds) -> None:
    lanes = [health.watched(Worker(step=nothing, name="poller")) for _ in range(2)]
    seconds.at = MAX_SILENCE_SECONDS + 1
    health.record_answer()
    await lanes[0].step()
    assert health.problems() == []


def test_a_worker_without_a_name_may_rest_for_hours(health: Health) -> None:
    tidy = Worker(step=nothing)
    assert health.watched(tidy) is tidy


def test_a_telegram_that_falls_silent_is_noticed(health: Health, seconds: Seconds) -> None:
    health.record_answer()
    seconds.at = MAX_SILENCE_SECONDS + 20
    health.watched(Worker(step=nothing, name="sender"))
    assert health.problems() == [TelegramSilent(200.0)]
