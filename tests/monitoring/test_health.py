from dataclasses import dataclass

import pytest

from bot.monitoring.health import STALLED, Pulse
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
def pulse(seconds: Seconds) -> Pulse:
    return Pulse(now=seconds)


def test_before_there_are_workers_the_bot_is_starting(pulse: Pulse) -> None:
    assert pulse.complaints() == ["the bot is still starting"]


def test_until_telegram_has_answered_once_not_all_is_well(pulse: Pulse) -> None:
    pulse.felt(Worker(step=nothing, name="editor"))
    assert pulse.complaints() == ["Telegram has not answered yet"]
    pulse.telegram_answered()
    assert pulse.complaints() == []


async def test_a_worker_that_does_not_come_round_is_named(pulse: Pulse, seconds: Seconds) -> None:
    editor = pulse.felt(Worker(step=nothing, name="editor"))
    pulse.felt(Worker(step=nothing, name="sender"))
    seconds.at = STALLED + 1
    pulse.telegram_answered()
    await editor.step()
    assert pulse.complaints() == ["sender has not come round for 181 s"]


async def test_one_lane_that_comes_round_is_enough(pulse: Pulse, seconds: Seconds) -> None:
    lanes = [pulse.felt(Worker(step=nothing, name="poller")) for _ in range(2)]
    seconds.at = STALLED + 1
    pulse.telegram_answered()
    await lanes[0].step()
    assert pulse.complaints() == []


def test_a_worker_without_a_name_may_rest_for_hours(pulse: Pulse) -> None:
    tidy = Worker(step=nothing)
    assert pulse.felt(tidy) is tidy


def test_a_telegram_that_falls_silent_is_noticed(pulse: Pulse, seconds: Seconds) -> None:
    pulse.telegram_answered()
    seconds.at = STALLED + 20
    pulse.felt(Worker(step=nothing, name="editor"))
    assert pulse.complaints() == ["Telegram has not answered for 200 s"]
