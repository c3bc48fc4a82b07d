"""Whom may we ask now? One request at a time of each domain, and a pause between two.

State, and no input or output: what a server asks for by itself is kept in the table `hosts`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

# FeedBurner, YouTube and an RSSHub hold hundreds of feeds each.
MIN_INTERVAL = timedelta(seconds=2)


# So many domains that gave no answer at all, one after the other, are our own network.
MIN_SILENT_DOMAINS = 10


class HasDomain(Protocol):
    """Something to ask a domain for."""

    @property
    def domain(self) -> str:
        """Whom we owe our manners."""
        ...


T = TypeVar("T", bound=HasDomain)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostLimiter:
    """Who is being asked, and who was asked less than `gap` ago; all workers share one.

    A restart forgets the gaps: two seconds of rest that nobody will miss.
    """

    now: Callable[[], datetime]
    gap: timedelta = MIN_INTERVAL
    _asking: set[str] = field(default_factory=set, init=False)
    _ready_at: dict[str, datetime] = field(default_factory=dict, init=False)
    _choosing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def choose(self, due: Callable[[frozenset[str]], Awaitable[tuple[T, ...]]]) -> T | None:
        """Return the first that is due of no busy domain, and take its domain; None: none is."""
        # Nobody else chooses meanwhile. Busy is who was so before we looked: what ends while we
        # look is still due in what we read.
        async with self._choosing:
            found = await due(self.busy())
            for it in found[:1]:
                self.take(it.domain)
            return next(iter(found), None)

    def busy(self) -> frozenset[str]:
        """Return the domains that must not be asked now."""
        now = self.now()
        # Farther ahead than the gap it can only be where the clock was set back.
        rested = [it for it, at in self._ready_at.items() if not now < at <= now + self.gap]
        for domain in rested:
            del self._ready_at[domain]
        return frozenset(self._asking) | self._ready_at.keys()

    def take(self, domain: str) -> None:
        """Note that a request to the domain begins."""
        self._asking.add(domain)

    def leave(self, domain: str) -> None:
        """Note that it has ended."""
        self._asking.discard(domain)
        self._ready_at[domain] = self.now() + self.gap


@dataclass(slots=True)
class OfflineDetector:
    """The domains that have given no answer since the last one that did."""

    _silent: set[str] = field(default_factory=set, init=False)

    def note(self, domain: str, *, answered: bool) -> None:
        """Note how a poll ended: with any answer of a server, or with none."""
        if answered:
            self._silent.clear()
        else:
            self._silent.add(domain)

    @property
    def is_offline(self) -> bool:
        """Return whether it is we who are offline."""
        return len(self._silent) >= MIN_SILENT_DOMAINS
