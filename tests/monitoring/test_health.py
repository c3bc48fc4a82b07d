from dataclasses import dataclass

import pytest

from bot.monitoring.health import STALLED, Health
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
    return Health(now=seconds)


def test_before_there_are_workers_the_bot_is_starting(health: Health) -> None:
    assert health.problems() == ["the bot is still starting"]


def test_until_telegram_has_answered_once_not_all_is_well(health: Health) -> None:
    health.watched(Worker(step=nothing, name="editor"))
    assert health.problems() == ["Telegram has not answered yet"]
    health.telegram_answered()
    assert health.problems() == []


async def test_a_worker_that_does_not_come_round_is_named(health: Health, seconds: Seconds) -> None:
    editor = health.watched(Worker(step=nothing, name="editor"))
    health.watched(Worker(step=nothing, name="sender"))
    seconds.at = STALLED + 1
    health.telegram_answered()
    await editor.step()
    assert health.problems() == ["sender has not come round for 181 s"]


async def test_one_lane_that_comes_round_is_enough(health: Health, seconds: Seconds) -> None:
    lanes = [health.watched(Worker(step=nothing, name="poller")) for _ in range(2)]
    seconds.at = STALLED + 1
    health.telegram_answered()
    await lanes[0].step()
    assert health.problems() == []


def test_a_worker_without_a_name_may_rest_for_hours(health: Health) -> None:
    tidy = Worker(step=nothing)
    assert health.watched(tidy) is tidy


def test_a_telegram_that_falls_silent_is_noticed(health: Health, seconds: Seconds) -> None:
    health.telegram_answered()
    seconds.at = STALLED + 20
    health.watched(Worker(step=nothing, name="editor"))
    assert health.problems() == ["Telegram has not answered for 200 s"]
