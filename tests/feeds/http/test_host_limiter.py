import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.feeds.http.host_limiter import (
    MIN_SILENT_DOMAINS,
    HostLimiter,
    LaneShare,
    OfflineDetector,
)
from bot.model.feeds import BusyDomains
from bot.model.ids import FeedId
from tests.support.fakes import FakeClock


@dataclass(frozen=True)
class Job:
    domain: str
    private: bool = False
    feed_id: FeedId | None = None


def due(*domains: str) -> Callable[[BusyDomains], Awaitable[tuple[Job, ...]]]:
    async def jobs(busy: BusyDomains) -> tuple[Job, ...]:
        return tuple(Job(domain) for domain in domains if domain not in busy.all)

    return jobs


@pytest.fixture
def host_limiter(clock: FakeClock) -> HostLimiter:
    return HostLimiter(now=clock, min_interval=timedelta(seconds=2))


def claim(host_limiter: HostLimiter, domain: str) -> AbstractAsyncContextManager[Job | None]:
    return host_limiter.claim(due(domain), LaneShare(1))


async def test_p24_a_domain_is_busy_while_it_is_claimed_and_for_the_interval_after(
    host_limiter: HostLimiter, clock: FakeClock
) -> None:
    async with claim(host_limiter, "b.example"):
        async with claim(host_limiter, "a.example") as job:
            assert job == Job("a.example")
            assert host_limiter.busy().all == {"a.example", "b.example"}
        clock.advance(seconds=1.9)
        assert host_limiter.busy().all == {"a.example", "b.example"}
        clock.advance(seconds=0.2)
        assert host_limiter.busy().all == {"b.example"}


async def test_only_the_first_item_is_claimed(host_limiter: HostLimiter) -> None:
    async with host_limiter.claim(due("a.example", "b.example"), LaneShare(1)) as job:
        assert job == Job("a.example")
        assert host_limiter.busy().all == {"a.example"}


async def test_where_nothing_is_due_nothing_is_claimed(host_limiter: HostLimiter) -> None:
    async with host_limiter.claim(due(), LaneShare(1)) as job:
        assert job is None
    assert host_limiter.busy().all == frozenset()


async def test_a_failure_releases_the_domain(host_limiter: HostLimiter, clock: FakeClock) -> None:
    with pytest.raises(ZeroDivisionError):
        async with claim(host_limiter, "a.example"):
            raise ZeroDivisionError
    assert host_limiter.busy().all == {"a.example"}
    clock.advance(seconds=3)
    assert host_limiter.busy().all == frozenset()


async def test_a_clock_that_is_set_back_keeps_no_domain_busy(
    host_limiter: HostLimiter, clock: FakeClock
) -> None:
    async with claim(host_limiter, "a.example"):
        pass
    clock.advance(days=-1)
    assert host_limiter.busy().all == frozenset()


async def test_a_domain_is_claimed_before_another_worker_queries(
    host_limiter: HostLimiter,
) -> None:
    queries: list[frozenset[str]] = []
    claimed: list[Job | None] = []

    async def slow_query(busy: BusyDomains) -> tuple[Job, ...]:
        queries.append(busy.all)
        await asyncio.sleep(0)
        return await due("a.example")(busy)

    async def work() -> None:
        async with host_limiter.claim(slow_query, LaneShare(1)) as job:
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


async def test_private_feeds_take_no_more_than_their_lanes(host_limiter: HostLimiter) -> None:
    lanes, admitted = LaneShare(1), list[tuple[bool, tuple[FeedId, ...]]]()

    async def jobs(busy: BusyDomains) -> tuple[Job, ...]:
        admitted.append((busy.admits_private, busy.private_feeds))
        return (Job(f"{len(admitted)}.example", busy.admits_private, FeedId(1)),)

    async with host_limiter.claim(jobs, lanes), host_limiter.claim(jobs, lanes):
        pass
    async with host_limiter.claim(jobs, lanes):
        pass
    assert admitted == [(True, ()), (False, (FeedId(1),)), (True, ())]


async def test_of_a_domain_that_others_want_too_private_feeds_get_every_second_request_at_most(
    host_limiter: HostLimiter, clock: FakeClock
) -> None:
    private = LaneShare(1)

    async def job(busy: BusyDomains) -> tuple[Job, ...]:
        return () if "a.example" in busy.private else (Job("a.example", private=True),)

    async with host_limiter.claim(job, private) as first:
        assert first
    clock.advance(seconds=2)
    assert host_limiter.busy().all == frozenset()
    assert host_limiter.busy().private == {"a.example"}
    clock.advance(seconds=2)
    assert host_limiter.busy().private == frozenset()


async def test_after_a_slow_request_private_feeds_leave_the_domain_to_others_for_as_long(
    host_limiter: HostLimiter, clock: FakeClock
) -> None:
    async def job(_: BusyDomains) -> tuple[Job, ...]:
        return (Job("a.example", private=True),)

    async with host_limiter.claim(job, LaneShare(1)):
        clock.advance(seconds=20)
    clock.advance(seconds=19)
    assert host_limiter.busy().all == frozenset()
    assert host_limiter.busy().private == {"a.example"}
    clock.advance(seconds=1)
    assert host_limiter.busy().private == frozenset()


async def test_a_person_waits_for_the_turn_of_a_busy_domain_alone(clock: FakeClock) -> None:
    host_limiter = HostLimiter(now=clock, min_interval=timedelta(seconds=0.001))
    visited: list[str] = []

    async def visit(domain: str) -> None:
        async with host_limiter.turn(domain):
            visited.append(domain)

    async with asyncio.TaskGroup() as visits:
        async with claim(host_limiter, "a.example"):
            visits.create_task(visit("a.example"))
            await visit("b.example")
        clock.advance(seconds=1)
    assert visited == ["b.example", "a.example"]
