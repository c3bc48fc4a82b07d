"""The worker that handles what Telegram told us: at least once, and in order within each chat.

An update is stored before Telegram is told that it arrived, and waits in the table until it is
handled, whatever becomes of this process meanwhile. Several lanes take from it; a chat is in one
lane at a time, so that a chat that takes long holds up no other.
"""

import asyncio
import json
import logging
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import aiosqlite
from aiogram import Bot, Dispatcher
from aiogram.exceptions import TelegramUnauthorizedError
from aiogram.types import Update
from aiogram.types.update import UpdateTypeLookupError
from pydantic import ValidationError

from bot.errors import UnreadableError
from bot.model import ChatId, RawUpdate
from bot.storage import updates
from bot.storage.database import Database
from bot.storage.errors import is_corrupt, retry_until_written
from bot.telegram.updates.failures import (
    MAX_ATTEMPTS,
    ChatClosed,
    Failure,
    GiveUp,
    Retry,
    classify_failure,
    exhausted,
    retry_pause,
)

log = logging.getLogger(__name__)

# Telegram tells us the same for 24 hours at the most: so long must a number be known.
NUMBERS_KEPT = timedelta(days=2)
# Long enough to find the mistake; /privacy says so too.
FAILED_KEPT = timedelta(days=7)
TIDY_EVERY = timedelta(hours=1)
# Such a one would end every process that takes it.
_ENDED = "each time the bot ended before it was handled"

Write = Callable[[aiosqlite.Connection], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """Keeps updates, and has each handled; `arrived` is set when there is something new."""

    db: Database
    handle: Callable[[str], Awaitable[None]]
    now: Callable[[], datetime]
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _in_hand: set[ChatId] = field(default_factory=set, init=False)
    _choosing: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def store(self, incoming: Sequence[RawUpdate]) -> None:
        """Keep the updates; once this returns, Telegram may forget them."""
        async with self.db.transaction() as tx:
            await updates.store(tx, incoming, now=self.now())
        self.arrived.set()

    async def step(self) -> bool:
        """Handle one update, the oldest that may be; return whether there was one."""
        # Before looking: what comes while we look is not slept over.
        self.arrived.clear()
        async with self._taken() as incoming:
            if incoming is None:
                return False
            if incoming.attempts >= MAX_ATTEMPTS:
                await self._set_aside(incoming, exhausted(Retry(_ENDED)))
                return True
            await self._write(lambda tx: updates.begin(tx, incoming.id))
            try:
                await self.handle(incoming.content)
            # What goes wrong with one must not stop the others; it is recorded.
            except Exception as error:
                if _is_ours(error):
                    raise
                await self._record(incoming, classify_failure(error))
            else:
                await self._mark_handled(incoming)
        return True

    async def tidy(self) -> bool:
        """Delete what nobody needs any more, and rest for an hour."""
        now = self.now()
        await self._write(
            lambda tx: updates.prune(
                tx, handled_before=now - NUMBERS_KEPT, failed_before=now - FAILED_KEPT
            )
        )
        await asyncio.sleep(TIDY_EVERY.total_seconds())
        return True

    @asynccontextmanager
    async def _taken(self) -> AsyncIterator[RawUpdate | None]:
        """Take an update in hand, and its chat with it."""
        async with self._choosing:
            incoming = await updates.first_waiting(
                self.db.reader, now=self.now(), except_of=self._in_hand
            )
            if incoming is not None:
                self._in_hand.add(incoming.chat_id)
        try:
            yield incoming
        finally:
            if incoming is not None:
                self._in_hand.discard(incoming.chat_id)

    async def _record(self, incoming: RawUpdate, failure: Failure) -> None:
        match failure:
            case ChatClosed():
                log.info("update %d: there is nobody to answer: %s", incoming.id, failure.reason)
                await self._mark_handled(incoming)
            case Retry() if incoming.attempts + 1 < MAX_ATTEMPTS:
                await self._put_off(incoming, failure)
            case Retry():
                await self._set_aside(incoming, exhausted(failure))
            case _:
                await self._set_aside(incoming, failure)

    async def _mark_handled(self, incoming: RawUpdate) -> None:
        await self._write(lambda tx: updates.mark_handled(tx, incoming.id, now=self.now()))

    async def _put_off(self, incoming: RawUpdate, passing: Retry) -> None:
        log.warning("update %d is tried again: %s", incoming.id, passing.reason)
        until = self.now() + retry_pause(incoming.attempts + 1, passing.after)
        await self._write(
            lambda tx: updates.postpone(tx, incoming.id, until=until, problem=passing.reason)
        )

    async def _set_aside(self, incoming: RawUpdate, final: GiveUp) -> None:
        log.log(
            final.level, "update %d, %s, is set aside: %s", incoming.id, incoming.kind, final.says
        )
        await self._write(
            lambda tx: updates.dead_letter(tx, incoming.id, problem=final.problem, now=self.now())
        )

    async def _write(self, write: Write) -> None:
        """Write as soon as the database lets us: what is done must not be done again."""

        async def transaction() -> None:
            async with self.db.transaction() as tx:
                await write(tx)

        await retry_until_written(transaction)


def _is_ours(error: Exception) -> bool:
    """Return whether no update is to blame, and all wait for a better token or database."""
    damaged = isinstance(error, sqlite3.Error) and is_corrupt(error)
    return damaged or isinstance(error, TelegramUnauthorizedError)


async def feed(dispatcher: Dispatcher, bot: Bot, content: str) -> None:
    """Have the handlers take an update.

    Raises:
        UnreadableError: if it is of a kind, or holds something, that aiogram does not know.
    """
    try:
        update = Update.model_validate(json.loads(content), context={"bot": bot})
        # Asked here: aiogram itself would print all that an unknown one holds.
        _ = update.event_type
    except ValidationError as error:
        first, *_ = error.errors(include_input=False, include_context=False)
        where = ".".join(map(str, first["loc"]))
        raise UnreadableError(f"{where}: {first['type']}") from None
    except UpdateTypeLookupError:
        raise UnreadableError("unknown kind") from None
    await dispatcher.feed_update(bot, update)
