"""Event stream of the chat page: numbered changes, with a replay of the newest."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from bot_playground.bot_api.errors import Json

_MAX_REPLAY = 1000
# A watcher that is so far behind does not read at all.
_MAX_BACKLOG = 10_000


@dataclass(slots=True, kw_only=True)
class Events:
    """Changes in order, numbered from 1; the last 1,000 are kept for `watch`."""

    count: int = 0
    replay: deque[tuple[int, Json]] = field(default_factory=lambda: deque(maxlen=_MAX_REPLAY))
    _watchers: set[asyncio.Queue[tuple[int, Json] | None]] = field(default_factory=set)

    def publish(self, kind: str, event: Json) -> None:
        """Number an event and send it to every watcher; one with a full backlog misses it."""
        self.count += 1
        numbered = (self.count, {"kind": kind, **event})
        self.replay.append(numbered)
        for watcher in self._watchers:
            if watcher.qsize() < _MAX_BACKLOG:
                watcher.put_nowait(numbered)

    async def watch(self, *, since: int) -> AsyncGenerator[tuple[int, Json], None]:
        """Yield the kept events after number `since`, then every new one, until `close`."""
        watcher: asyncio.Queue[tuple[int, Json] | None] = asyncio.Queue()
        for numbered in self.replay:
            if numbered[0] > since:
                watcher.put_nowait(numbered)
        self._watchers.add(watcher)
        try:
            while (numbered_or_end := await watcher.get()) is not None:
                yield numbered_or_end
        finally:
            self._watchers.discard(watcher)

    def close(self) -> None:
        """End the iteration of every watcher."""
        for watcher in self._watchers:
            watcher.put_nowait(None)
