import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.feeds.http.host_limiter import MIN_SILENT_DOMAINS, HostLimiter, OfflineDetector
from tests.support.fakes import FakeClock


@dataclass(frozen=True)
class Job:
    domain: str


def due(*domains: str) -> Callable[[frozenset[str]], Awaitable[tuple[Job, ...]]]:
    async def jobs(busy: frozenset[str]) -> tuple[Job, ...]:
        return tuple(Job(domain) for domain in domains if domain not in busy)

    return jobs


@pytest.fixture
def host_limiter(clock: FakeClock) -> HostLimiter:
    return HostLimiter(now=clock, min_interval=timedelta(seconds=2))


def claim(host_limiter: HostLimiter, domain: str) -> AbstractAsyncContextManager[Job | None]:
    return host_limiter.claim(due(domain))


async def test_p24_a_domain_is_busy_while_it_is_claimed_and_for_the_interval_after(
    host_limiter: HostLimiter, clock: FakeClock
) -> None:
    async with claim(host_limiter, "b.example"):
        async with claim(host_limiter, "a.example") as job:
            assert job == Job("a.example")
            assert host_limiter.busy() == {"a.example", "b.example"}
        clock.advance(seconds=1.9)
        assert host_limiter.busy() == {"a.example", "b.example"}
        clock.advance(seconds=0.2)
        assert host_limiter.busy() == {"b.example"}


async def test_only_the_first_item_is_claimed(host_limiter: HostLimiter) -> None:
    async with host_limiter.claim(due("a.example", "b.example")) as job:
        assert job == Job("a.example")
        assert host_limiter.busy() == {"a.example"}


async def test_where_nothing_is_due_nothing_is_claimed(host_limiter: HostLimiter) -> None:
    async with host_limiter.claim(due()) as job:
        assert job is None
    assert host_limiter.busy() == frozenset()


async def test_a_failure_releases_the_domain(host_limiter: HostLimiter, clock: FakeClock) -> None:
    with pytest.raises(ZeroDivisionError):
        async with claim(host_limiter, "a.example"):
            raise ZeroDivisionError
    assert host_limiter.busy() == {"a.example"}
    clock.advance(seconds=3)
    assert host_limiter.busy() == frozenset()


async def test_a_clock_that_is_set_back_keeps_no_domain_busy(
    host_limiter: HostLimiter, clock: FakeClock
) -> None:
    async with claim(host_limiter, "a.example"):
        pass
    clock.advance(days=-1)
    assert host_limiter.busy() == frozenset()


async def test_a_domain_is_claimed_before_another_worker_queries(
    host_limiter: HostLimiter,
) -> None:
    queries: list[frozenset[str]] = []
    claimed: list[Job | None] = []

    async def slow_query(busy: frozenset[str]) -> tuple[Job, ...]:
        queries.append(busy)
        await asyncio.sleep(0)
        return await due("a.example")(busy)

    async def work() -> None:
        async with host_limiter.claim(slow_query) as job:
            claimed.append(job)
            await asyncio.sleep(0.01)

    await asyncio.gather(work(), work())
    assert claimed == [Job("a.example"), None]
    assert queries == [frozenset(), {"a.example"}]


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
