"""What is worthless in seconds is handled from memory, the newest first, and never stored.

Whoever types inline sends a query with every pause of his fingers, and looks at the last alone: of
each person only the newest waits. After an outage hours of them come at once; most are dropped
unread, and Telegram lets the answers to the rest go.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiogram.exceptions import TelegramUnauthorizedError

from bot.model import ChatId, RawUpdate
from bot.telegram.updates.failures import GiveUp, classify_failure

log = logging.getLogger(__name__)

KINDS = frozenset({"inline_query"})
# Telegram names no number; after some ten seconds it takes no answer.
WORTH = timedelta(seconds=10)
# More people than we could answer before they look away.
MAX_WAITING = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineQueue:
    """Stands before the inbox, and keeps from it what cannot wait; `arrived` is set by that."""

    store: Callable[[Sequence[RawUpdate]], Awaitable[None]]
    handle: Callable[[str], Awaitable[None]]
    now: Callable[[], datetime]
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: dict[ChatId, tuple[datetime, RawUpdate]] = field(default_factory=dict, init=False)

    async def take(self, incoming: Sequence[RawUpdate]) -> None:
        """Let wait what is fleeting, and store all else."""
        for it in incoming:
            if it.kind in KINDS:
                self._keep(it)
        lasting = [it for it in incoming if it.kind not in KINDS]
        if lasting:
            await self.store(lasting)

    async def step(self) -> bool:
        """Handle the newest, if it is worth it still; return whether there was one."""
        # Before looking: what comes while we look is not slept over.
        self.arrived.clear()
        if not self._waiting:
            return False
        _, (came_at, newest) = self._waiting.popitem()
        if self.now() - came_at <= WORTH:
            await self._try(newest)
        return True

    def _keep(self, incoming: RawUpdate) -> None:
        # Taken out first: a dictionary remembers when a key came, and not when it changed.
        self._waiting.pop(incoming.chat_id, None)
        if len(self._waiting) >= MAX_WAITING:
            del self._waiting[next(iter(self._waiting))]
        self._waiting[incoming.chat_id] = self.now(), incoming
        self.arrived.set()

    async def _try(self, incoming: RawUpdate) -> None:
        try:
            await self.handle(incoming.content)
        except TelegramUnauthorizedError:
            raise
        # It is not tried again: nobody would see the answer.
        except Exception as error:
            failure = classify_failure(error)
            level = failure.level if isinstance(failure, GiveUp) else logging.INFO
            says = failure.says if isinstance(failure, GiveUp) else failure.reason
            log.log(level, "update %d, %s, is let go: %s", incoming.id, incoming.kind, says)
