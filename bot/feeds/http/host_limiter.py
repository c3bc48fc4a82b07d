"""Per-host limiter: one request at a time per registrable domain, `MIN_INTERVAL` apart.

State in memory, without I/O: a wait that a server asks for is kept in the table `hosts`. Beside
it the detector of our own network's outage, which sees the same requests.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

# FeedBurner, YouTube and an RSSHub host hundreds of feeds each.
MIN_INTERVAL = timedelta(seconds=2)

# When this many domains in a row give no answer at all, it is our own network that is down.
MIN_SILENT_DOMAINS = 10


class HasDomain(Protocol):
    """Something to request from a domain."""

    @property
    def domain(self) -> str:
        """The registrable domain of its URL."""
        ...


T = TypeVar("T", bound=HasDomain)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLimiter:
    """The domains with a request in flight or less than `min_interval` ago; all workers share it.

    A restart forgets the intervals.
    """

    now: Callable[[], datetime]
    min_interval: timedelta = MIN_INTERVAL
    _claimed: set[str] = field(default_factory=set, init=False)
    _free_at: dict[str, datetime] = field(default_factory=dict, init=False)
    _choosing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    @asynccontextmanager
    async def claim(
        self, due: Callable[[frozenset[str]], Awaitable[tuple[T, ...]]]
    ) -> AsyncIterator[T | None]:
        """Claim the domain of the first item that is due, for as long as the block runs.

        `due` is called with the busy domains, one caller at a time. None: nothing is due.
        """
        async with self._choosing:
            # Taken before the query: a domain that becomes free meanwhile is still left out of it.
            items = await due(self.busy())
            item = items[0] if items else None
            if item is not None:
                self._claimed.add(item.domain)
        try:
            yield item
        finally:
            if item is not None:
                self._claimed.discard(item.domain)
                self._free_at[item.domain] = self.now() + self.min_interval

    def busy(self) -> frozenset[str]:
        """Return the domains that must not be requested from now."""
        now = self.now()
        # An instant beyond the interval dates from before the clock was set back.
        latest = now + self.min_interval
        free = [domain for domain, at in self._free_at.items() if not now < at <= latest]
        for domain in free:
            del self._free_at[domain]
        return frozenset(self._claimed) | self._free_at.keys()


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
