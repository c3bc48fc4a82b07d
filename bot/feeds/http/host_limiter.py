"""Per-host limiter: one request at a time per registrable domain, `MIN_INTERVAL` apart.

Work for private feeds, which anybody can add, takes at most half of the lanes, few of them for one
chat, and, on a domain that others want too, half of the requests and of the time: after one of its
own it waits twice as long, and as long as that one took.
State in memory, without I/O: a wait that a server asks for is kept in the table `hosts`. Beside
it the detector of our own network's outage, which sees the same requests.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol, TypeVar

from bot.model.feeds import BusyDomains
from bot.model.ids import FeedId

# FeedBurner, YouTube and an RSSHub host hundreds of feeds each.
MIN_INTERVAL = timedelta(seconds=2)

# Longer than any request takes.
MAX_PRIVATE_WAIT = timedelta(minutes=1)
# So often in an interval a person's request asks whether its domain is free.
TURNS = 10

# When this many domains in a row give no answer at all, it is our own network that is down.
MIN_SILENT_DOMAINS = 10


class HasDomain(Protocol):
    """Something to request from a domain."""

    @property
    def domain(self) -> str:
        """The registrable domain of its URL."""
        ...

    @property
    def private(self) -> bool:
        """Whether it is for private feeds alone."""
        ...

    @property
    def feed_id(self) -> FeedId | None:
        """The feed that it is for; None: for one that is not known yet."""
        ...


T = TypeVar("T", bound=HasDomain)


class _Request(NamedTuple):
    """A request that a person waits for."""

    domain: str
    private: bool = True
    feed_id: FeedId | None = None


@dataclass(slots=True)
class LaneShare:
    """The lanes of a worker that work for private feeds: at the `most`, and for which now."""

    most: int
    feeds: list[FeedId | None] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLimiter:
    """The domains with a request in flight or less than `min_interval` ago; all workers share it.

    A restart forgets the intervals.
    """

    now: Callable[[], datetime]
    min_interval: timedelta = MIN_INTERVAL
    _claimed: set[str] = field(default_factory=set, init=False)
    _free_at: dict[str, datetime] = field(default_factory=dict, init=False)
    # For private feeds: later, where the last request was for one.
    _private_at: dict[str, datetime] = field(default_factory=dict, init=False)
    _choosing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    @asynccontextmanager
    async def claim(
        self, due: Callable[[BusyDomains], Awaitable[tuple[T, ...]]], private_lanes: LaneShare
    ) -> AsyncIterator[T | None]:
        """Claim the domain of the first item that is due, for as long as the block runs.

        `due` is called with the busy domains, one caller at a time. None: nothing is due.
        """
        async with self._choosing:
            # Taken before the query: a domain that becomes free meanwhile is still left out of it.
            busy = replace(
                self.busy(),
                admits_private=len(private_lanes.feeds) < private_lanes.most,
                private_feeds=tuple(filter(None, private_lanes.feeds)),
            )
            items = await due(busy)
            item = items[0] if items else None
            if item is not None:
                self._claimed.add(item.domain)
                if item.private:
                    private_lanes.feeds.append(item.feed_id)
        began_at = self.now()
        try:
            yield item
        finally:
            if item is not None:
                now = self.now()
                self._claimed.discard(item.domain)
                self._free_at[item.domain] = now + self.min_interval
                if item.private:
                    private_lanes.feeds.remove(item.feed_id)
                    took = min(now - began_at, MAX_PRIVATE_WAIT)
                    self._private_at[item.domain] = now + max(2 * self.min_interval, took)

    @asynccontextmanager
    async def turn(self, domain: str) -> AsyncIterator[None]:
        """Claim the domain, as soon as it is free, for a request that a person waits for."""

        async def due(busy: BusyDomains) -> tuple[_Request, ...]:
            return () if domain in busy.private else (_Request(domain=domain),)

        while True:
            async with self.claim(due, LaneShare(1)) as request:
                if request is not None:
                    yield
                    return
            await asyncio.sleep(self.min_interval.total_seconds() / TURNS)

    def busy(self) -> BusyDomains:
        """Return the domains that must not be requested from now."""
        now = self.now()
        _drop_past(self._free_at, now, longest=self.min_interval)
        _drop_past(self._private_at, now, longest=MAX_PRIVATE_WAIT)
        for_all = frozenset(self._claimed) | self._free_at.keys()
        return BusyDomains(all=for_all, private=for_all | self._private_at.keys())


def _drop_past(free_at: dict[str, datetime], now: datetime, *, longest: timedelta) -> None:
    """Delete what is past; an instant beyond the longest wait is of a clock that was set back."""
    for domain in [domain for domain, at in free_at.items() if not now < at <= now + longest]:
        del free_at[domain]


@dataclass(slots=True)
class OfflineDetector:
    """The domains that gave no answer since the last one that did."""

    _silent: set[str] = field(default_factory=set, init=False)

    def note(self, domain: str, *, answered: bool) -> None:
        """Record a request: `answered` by a server in any way, or not at all."""
        if answered:
            self._silent.clear()
        else:
            self._silent.add(domain)

    @property
    def is_offline(self) -> bool:
        """Whether our own network is down."""
        return len(self._silent) >= MIN_SILENT_DOMAINS
