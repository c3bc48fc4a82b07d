"""What changed? A feed of events for whoever watches."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from bot_playground.bot_api.errors import Json

_REMEMBERED = 1000
# A watcher that is so far behind does not read at all.
_BACKLOG = 10_000


@dataclass(slots=True, kw_only=True)
class Events:
    """Changes in order, numbered from 1; the last 1,000 are remembered."""

    count: int = 0
    remembered: deque[tuple[int, Json]] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    _watchers: set[asyncio.Queue[tuple[int, Json] | None]] = field(default_factory=set)

    def publish(self, kind: str, event: Json) -> None:
        """Tell every watcher."""
        self.count += 1
        numbered = (self.count, {"kind": kind, **event})
        self.remembered.append(numbered)
        for watcher in self._watchers:
            if watcher.qsize() < _BACKLOG:
                watcher.put_nowait(numbered)

    async def watch(self, *, since: int) -> AsyncGenerator[tuple[int, Json], None]:
        """Yield what came after number `since`, and then all that comes, until `close`."""
        watcher: asyncio.Queue[tuple[int, Json] | None] = asyncio.Queue()
        for numbered in self.remembered:
            if numbered[0] > since:
                watcher.put_nowait(numbered)
        self._watchers.add(watcher)
        try:
            while (numbered_or_end := await watcher.get()) is not None:
                yield numbered_or_end
        finally:
            self._watchers.discard(watcher)

    def close(self) -> None:
        """Let all watchers end."""
        for watcher in self._watchers:
            watcher.put_nowait(None)
