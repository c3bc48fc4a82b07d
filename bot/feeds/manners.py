"""Whom may we ask now? One request at a time of each domain, and a pause between two.

State, and no input or output: what a server asks for by itself is kept in the table `hosts`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

# FeedBurner, YouTube and an RSSHub hold hundreds of feeds each.
GAP = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """Who is being asked, and who was asked less than `gap` ago.

    A restart forgets the gaps: two seconds of rest that nobody will miss.
    """

    now: Callable[[], datetime]
    gap: timedelta = GAP
    _asking: set[str] = field(default_factory=set, init=False)
    _ready_at: dict[str, datetime] = field(default_factory=dict, init=False)

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
