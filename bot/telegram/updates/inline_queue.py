"""Inline queue: inline queries, handled from memory, the newest first, and never stored.

Clients send a query at each pause in typing, and show the results of the last one alone, so only
the newest query of each person is queued. Queries that are too old for an answer are dropped.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from aiogram.exceptions import TelegramUnauthorizedError

from bot.model import ChatId, RawUpdate
from bot.telegram.updates.failures import GiveUp, classify_failure, log_text

log = logging.getLogger(__name__)

INLINE_KINDS = frozenset({"inline_query"})
# Telegram documents no number; it refuses answers after some ten seconds.
QUERY_TTL = timedelta(seconds=10)
# More people than can be answered within `QUERY_TTL`.
MAX_WAITING = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineQueue:
    """Queues inline queries and passes all other updates on; `arrived` is set by a new query."""

    store: Callable[[Sequence[RawUpdate]], Awaitable[None]]
    handle: Callable[[str], Awaitable[None]]
    now: Callable[[], datetime]
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _waiting: dict[ChatId, tuple[datetime, RawUpdate]] = field(default_factory=dict, init=False)
    _busy_people: set[ChatId] = field(default_factory=set, init=False)

    async def take(self, incoming: Sequence[RawUpdate]) -> None:
        """Queue the inline queries and store all other updates."""
        for update in incoming:
            if update.kind in INLINE_KINDS:
                # Removed first: assigning to a key of a dictionary keeps its old position.
                self._waiting.pop(update.chat_id, None)
                if len(self._waiting) >= MAX_WAITING:
                    del self._waiting[next(iter(self._waiting))]
                self._waiting[update.chat_id] = self.now(), update
                self.arrived.set()
        others = [update for update in incoming if update.kind not in INLINE_KINDS]
        if others:
            await self.store(others)

    async def step(self) -> bool:
        """Handle the newest query unless it is too old; return whether there was one."""
        # Before the look-up, so that a query that arrives during it wakes this lane.
        self.arrived.clear()
        newest_first = reversed(self._waiting)
        person_id = next((each for each in newest_first if each not in self._busy_people), None)
        if person_id is None:
            return False
        arrived_at, query = self._waiting.pop(person_id)
        if self.now() - arrived_at > QUERY_TTL:
            return True
        self._busy_people.add(person_id)
        try:
            await self.handle(query.content)
        except TelegramUnauthorizedError:
            raise
        # Never retried: nobody would see the answer.
        except Exception as error:
            failure = classify_failure(error)
            level = failure.level if isinstance(failure, GiveUp) else logging.INFO
            log.log(level, "update %d, %s, is let go: %s", query.id, query.kind, log_text(failure))
        finally:
            self._busy_people.discard(person_id)
        return True
