"""Inbox worker: stored updates to handlers, at least once, and in order within each chat.

An update is stored before Telegram may forget it, and stays in the table until it is handled, so
that it survives the process. Several lanes share the inbox; each chat is in one lane at a time,
and so is each person over all chats, so that none delays another.
"""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import aiosqlite
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramUnauthorizedError

from bot.model import ChatId, RawUpdate
from bot.storage import updates
from bot.storage.database import Database
from bot.storage.errors import is_corrupt, retry_until_written
from bot.storage.queues.attempts import QueueRow
from bot.storage.queues.poison_guard import PoisonGuard
from bot.telegram.api.client import replying_to
from bot.telegram.api.lenient_parsing import load_update
from bot.telegram.updates.failures import (
    MAX_UPDATE_ATTEMPTS,
    ChatClosed,
    Failure,
    GiveUp,
    Retry,
    classify_failure,
    log_text,
    problem_text,
    retry_pause,
)
from bot.telegram.updates.person_load import PersonLoad

log = logging.getLogger(__name__)

# Telegram repeats an update for 24 hours at the most; until then its id must be known.
HANDLED_TTL = timedelta(days=2)
# Long enough to find the bug; /privacy promises it.
DEAD_LETTER_TTL = timedelta(days=7)
TIDY_INTERVAL = timedelta(hours=1)

Write = Callable[[aiosqlite.Connection], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """Stores updates and has each handled; `arrived` is set when there are new ones."""

    db: Database
    guard: PoisonGuard
    handle: Callable[[str], Awaitable[None]]
    now: Callable[[], datetime]
    load: PersonLoad = field(default_factory=PersonLoad)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _busy_chats: set[ChatId] = field(default_factory=set, init=False)
    _busy_people: set[ChatId] = field(default_factory=set, init=False)
    _claiming: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def store(self, incoming: Sequence[RawUpdate]) -> None:
        """Store the updates; once this returns, Telegram may forget them."""
        async with self.db.transaction() as tx:
            await updates.store(tx, incoming, now=self.now())
        self.arrived.set()

    async def step(self) -> bool:
        """Handle the oldest update whose chat is free; return whether there was one."""
        # Before the look-up, so that an update that arrives during it wakes this lane.
        self.arrived.clear()
        async with self._claim() as update:
            if update is None:
                return False
            async with self.guard.attempt("updates", update.id):
                try:
                    await self.handle(update.content)
                # With a revoked token no update could be handled.
                except TelegramUnauthorizedError:
                    raise
                # One update must not stop the others; its failure is recorded.
                except Exception as error:
                    if isinstance(error, sqlite3.Error) and is_corrupt(error):
                        raise
                    await self._record(update, classify_failure(error))
                else:
                    await self._mark_handled(update)
        return True

    async def tidy(self) -> bool:
        """Delete expired rows, then wait for `TIDY_INTERVAL`."""
        now = self.now()
        await self._write(
            lambda tx: updates.prune(
                tx, handled_before=now - HANDLED_TTL, failed_before=now - DEAD_LETTER_TTL
            )
        )
        await asyncio.sleep(TIDY_INTERVAL.total_seconds())
        return True

    @asynccontextmanager
    async def _claim(self) -> AsyncIterator[RawUpdate | None]:
        """Claim an update, and its chat with it; None if no update is waiting."""
        async with self._claiming:
            update = await updates.first_waiting(
                self.db.reader,
                now=self.now(),
                except_chats=self._busy_chats,
                except_people=self._busy_people | self.load.resting(self.now()),
            )
            if update is not None:
                self._busy_chats.add(update.chat_id)
                self._busy_people.add(update.person_id)
        try:
            if update is None:
                yield None
            else:
                replying_to.set(update.person_id)
                with self.load.handling(update.person_id, self.now):
                    yield update
        finally:
            if update is not None:
                self._busy_chats.discard(update.chat_id)
                self._busy_people.discard(update.person_id)

    async def _record(self, update: RawUpdate, failure: Failure) -> None:
        match failure:
            case ChatClosed():
                log.info(
                    "update %d: there is nobody to answer: %s",
                    update.id,
                    log_text(failure),
                    extra={"chat": update.chat_id},
                )
                await self._mark_handled(update)
            case Retry() if update.attempts + 1 < MAX_UPDATE_ATTEMPTS:
                log.warning("update %d is tried again: %s", update.id, log_text(failure))
                until = self.now() + retry_pause(update.attempts + 1, failure.after)
                problem = problem_text(failure)
                await self._end_attempt(
                    update, lambda tx: updates.postpone(tx, update.id, until=until, problem=problem)
                )
            case Retry():
                await self._dead_letter(update, GiveUp("exhausted", failure.error))
            case GiveUp():
                await self._dead_letter(update, failure)

    async def _mark_handled(self, update: RawUpdate) -> None:
        await self._end_attempt(
            update, lambda tx: updates.mark_handled(tx, update.id, now=self.now())
        )

    async def _dead_letter(self, update: RawUpdate, failure: GiveUp) -> None:
        log.log(
            failure.level,
            "update %d, %s, is set aside: %s",
            update.id,
            update.kind,
            log_text(failure),
        )
        problem, row = problem_text(failure), QueueRow("updates", update.id)

        async def write(tx: aiosqlite.Connection) -> None:
            await updates.dead_letter(tx, update.id, problem=problem, now=self.now())
            # Without the traceback: it may quote what people wrote.
            await self.guard.set_aside(tx, row, reason=log_text(failure))

        await self._write(write)

    async def _end_attempt(self, update: RawUpdate, write: Write) -> None:
        """Write what becomes of the update, and that the attempt has ended."""

        async def write_both(tx: aiosqlite.Connection) -> None:
            await write(tx)
            await self.guard.finish(tx, "updates", [update.id])

        await self._write(write_both)

    async def _write(self, write: Write) -> None:
        """Write in a transaction, retried until it succeeds: a handled update must be marked."""

        async def transaction() -> None:
            async with self.db.transaction() as tx:
                await write(tx)

        await retry_until_written(transaction)


async def dispatch(dispatcher: Dispatcher, bot: Bot, content: str) -> None:
    """Parse an update and pass it to the handlers.

    Raises:
        UnreadableError: if its kind is unknown to aiogram, or it lacks what the bot needs.
    """
    await dispatcher.feed_update(bot, load_update(content, bot))
