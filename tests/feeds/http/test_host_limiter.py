import asyncio
from dataclasses import dataclass
from datetime import timedelta

from bot.feeds.http.host_limiter import Manners
from tests.fakes import FakeClock


def test_p24_a_domain_is_busy_while_it_is_asked_and_a_moment_longer(clock: FakeClock) -> None:
    manners = Manners(now=clock, gap=timedelta(seconds=2))
    manners.take("a.example")
    manners.take("b.example")
    assert manners.busy() == {"a.example", "b.example"}
    manners.leave("a.example")
    clock.advance(seconds=1.9)
    assert manners.busy() == {"a.example", "b.example"}
    clock.advance(seconds=0.2)
    assert manners.busy() == {"b.example"}


def test_a_domain_that_was_never_asked_can_be_left(clock: FakeClock) -> None:
    manners = Manners(now=clock, gap=timedelta(0))
    manners.leave("a.example")
    assert manners.busy() == frozenset()


def test_a_clock_that_is_set_back_keeps_no_domain_busy(clock: FakeClock) -> None:
    manners = Manners(now=clock, gap=timedelta(seconds=2))
    manners.take("a.example")
    manners.leave("a.example")
    clock.advance(days=-1)
    assert manners.busy() == frozenset()


@dataclass(frozen=True)
class Errand:
    domain: str


async def test_who_chooses_takes_the_domain_before_anybody_else_looks(clock: FakeClock) -> None:
    manners = Manners(now=clock, gap=timedelta(seconds=2))
    seen: list[frozenset[str]] = []

    async def due(busy: frozenset[str]) -> tuple[Errand, ...]:
        seen.append(busy)
        await asyncio.sleep(0)
        return (Errand("a.example"), Errand("b.example"))

    async def nothing(busy: frozenset[str]) -> tuple[Errand, ...]:
        seen.append(busy)
        return ()

    one, other = await asyncio.gather(manners.choose(due), manners.choose(nothing))
    assert (one, other) == (Errand("a.example"), None)
    assert seen == [frozenset(), {"a.example"}]
