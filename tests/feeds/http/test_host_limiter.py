import asyncio
from dataclasses import dataclass
from datetime import timedelta

from bot.feeds.http.host_limiter import MANY, Manners, Outage
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


def test_many_silent_domains_in_a_row_are_our_own_outage_and_one_answer_ends_it() -> None:
    outage = Outage()
    for number in range(MANY):
        assert not outage.is_ours
        outage.note(f"{number}.example", answered=False)
    assert outage.is_ours
    outage.note("a.example", answered=True)
    assert not outage.is_ours


def test_one_dead_domain_is_no_outage_however_many_feeds_it_has() -> None:
    outage = Outage()
    for _ in range(2 * MANY):
        outage.note("a.example", answered=False)
    assert not outage.is_ours
