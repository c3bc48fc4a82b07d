import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot.delivery.metronome import PATIENCE, Metronome
from bot.delivery.pace import Pace
from bot.model import ChatId, Gone, RetryLater, Sent

ANN, BOB, CAT = ChatId(1), ChatId(2), ChatId(3)
SECOND = timedelta(seconds=1)
NONE = timedelta(0)


@dataclass(slots=True)
class Time:
    """Seconds that pass only in sleep; `at_sleep` may hold what happens meanwhile."""

    at: float = 0.0
    at_sleep: list[object] = field(default_factory=list)

    def __call__(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds
        await asyncio.sleep(0)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def metronome(time: Time) -> Metronome:
    return Metronome(pace=Pace.of(1, now=0), now=time, sleep=time.sleep)


async def test_turns_are_a_gap_apart(metronome: Metronome, time: Time) -> None:
    for expected in (0, 1, 2):
        assert await metronome.turn(ANN, gap=SECOND) == NONE
        assert time.at == expected


async def test_a_reply_goes_ahead_of_those_that_are_waiting_already(
    metronome: Metronome, time: Time
) -> None:
    await metronome.turn(ANN, gap=SECOND)
    waiting = asyncio.ensure_future(metronome.turn(BOB, gap=SECOND))
    await asyncio.sleep(0)
    metronome.reply(CAT)
    await waiting
    assert time.at == 2


async def test_who_was_answered_just_now_gets_his_news_a_gap_later(time: Time) -> None:
    metronome = Metronome(pace=Pace.of(1000, now=0), now=time, sleep=time.sleep)
    metronome.reply(ANN)
    time.at += 1
    await metronome.turn(BOB, gap=3 * SECOND)
    assert time.at == 1
    await metronome.turn(ANN, gap=3 * SECOND)
    assert time.at == 3


async def test_a_short_silence_is_waited_out_and_a_long_one_is_told(
    metronome: Metronome, time: Time
) -> None:
    metronome.pace = metronome.pace.closed(PATIENCE)
    assert not metronome.silence()
    assert await metronome.turn(ANN, gap=SECOND) == NONE
    metronome.pace = metronome.pace.closed(time.at + 60)
    assert metronome.silence() == 60 * SECOND
    assert await metronome.turn(ANN, gap=SECOND) == 60 * SECOND
    assert time.at == PATIENCE


async def test_many_chats_refused_and_nobody_accepted_between_silence_all(
    metronome: Metronome,
) -> None:
    refusal = RetryLater(40 * SECOND, "too many requests")
    metronome.heard(ANN, refusal)
    metronome.heard(BOB, refusal)
    metronome.heard(CAT, Sent(1))
    metronome.heard(CAT, refusal)
    metronome.heard(ANN, Gone("blocked"))
    assert not metronome.silence()
    metronome.heard(ANN, refusal)
    metronome.heard(BOB, refusal)
    assert metronome.silence() == 40 * SECOND
