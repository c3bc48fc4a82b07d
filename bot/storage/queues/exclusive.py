"""Exclusive section: work that is done alone, while all other work of the process waits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

# How long others wait for work that is done alone, and how long that waits for them to end.
# Then it goes on beside them: a server that does not answer must not stop the bot.
PATIENCE = timedelta(seconds=3)


@dataclass(slots=True)
class ExclusiveSection:
    """Shared by any number of tasks, or held by one alone.

    One that waits to be alone goes before those that wait to share. Neither may be nested.
    """

    _shared: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _open: asyncio.Event = field(default_factory=asyncio.Event)
    _empty: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Start with nobody inside."""
        self._open.set()
        self._empty.set()

    @asynccontextmanager
    async def shared(self) -> AsyncIterator[None]:
        """Wait for who is alone, and share the section during the block."""
        while not self._open.is_set():  # it may be closed again before this task wakes
            await self._open.wait()
        self._shared += 1
        self._empty.clear()
        try:
            yield
        finally:
            self._shared -= 1
            if not self._shared:
                self._empty.set()

    @asynccontextmanager
    async def alone(self) -> AsyncIterator[None]:
        """Wait until the section is empty, and hold it alone during the block.

        Both for `PATIENCE` at most; others that want to be alone wait for the end of the block.
        """
        seconds = PATIENCE.total_seconds()
        async with self._turn:
            self._open.clear()
            try:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._empty.wait(), seconds)
                timer = asyncio.get_running_loop().call_later(seconds, self._open.set)
                try:
                    yield
                finally:
                    timer.cancel()
            finally:
                self._open.set()
