import asyncio
from dataclasses import dataclass
from datetime import timedelta

from bot.feeds.http.host_limiter import MIN_SILENT_DOMAINS, HostLimiter, OfflineDetector
from tests.support.fakes import FakeClock


def test_p24_a_domain_is_busy_while_it_is_asked_and_a_moment_longer(clock: FakeClock) -> None:
    host_limiter = HostLimiter(now=clock, gap=timedelta(seconds=2))
    host_limiter.take("a.example")
    host_limiter.take("b.example")
    assert host_limiter.busy() == {"a.example", "b.example"}
    host_limiter.leave("a.example")
    clock.advance(seconds=1.9)
    assert host_limiter.busy() == {"a.example", "b.example"}
    clock.advance(seconds=0.2)
    assert host_limiter.busy() == {"b.example"}


def test_a_domain_that_was_never_asked_can_be_left(clock: FakeClock) -> None:
    host_limiter = HostLimiter(now=clock, gap=timedelta(0))
    host_limiter.leave("a.example")
    assert host_limiter.busy() == frozenset()


def test_a_clock_that_is_set_back_keeps_no_domain_busy(clock: FakeClock) -> None:
    host_limiter = HostLimiter(now=clock, gap=timedelta(seconds=2))
    host_limiter.take("a.example")
    host_limiter.leave("a.example")
    clock.advance(days=-1)
    assert host_limiter.busy() == frozenset()


@dataclass(frozen=True)
class Errand:
    domain: str


async def test_who_chooses_takes_the_domain_before_anybody_else_looks(clock: FakeClock) -> None:
    host_limiter = HostLimiter(now=clock, gap=timedelta(seconds=2))
    seen: list[frozenset[str]] = []

    async def due(busy: frozenset[str]) -> tuple[Errand, ...]:
        seen.append(busy)
        await asyncio.sleep(0)
        return (Errand("a.example"), Errand("b.example"))

    async def nothing(busy: frozenset[str]) -> tuple[Errand, ...]:
        seen.append(busy)
        return ()

    one, other = await asyncio.gather(host_limiter.choose(due), host_limiter.choose(nothing))
    assert (one, other) == (Errand("a.example"), None)
    assert seen == [frozenset(), {"a.example"}]


def test_many_silent_domains_in_a_row_are_our_own_outage_and_one_answer_ends_it() -> None:
    offline_detector = OfflineDetector()
    for number in range(MIN_SILENT_DOMAINS):
        assert not offline_detector.is_offline
        offline_detector.note(f"{number}.example", answered=False)
    assert offline_detector.is_offline
    offline_detector.note("a.example", answered=True)
    assert not offline_detector.is_offline


def test_one_dead_domain_is_no_outage_however_many_feeds_it_has() -> None:
    offline_detector = OfflineDetector()
    for _ in range(2 * MIN_SILENT_DOMAINS):
        offline_detector.note("a.example", answered=False)
    assert not offline_detector.is_offline
