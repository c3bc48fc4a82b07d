"""Update poller: the worker that long-polls getUpdates and stores what it receives.

An offset beyond an update confirms it to Telegram. aiogram's own polling confirms updates before
they are handled, so that a kill loses them; here they are in the inbox by then.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramConflictError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)

from bot.backoff import Reminder
from bot.model import RawUpdate
from bot.storage.errors import is_transient
from bot.telegram.api.client import GetRawUpdates
from bot.telegram.updates.raw_update import parse_updates

log = logging.getLogger(__name__)

# Telegram clamps it to 50 silently: https://core.telegram.org/bots/api#getupdates.
LONG_POLL_SECONDS = 30
# Added to the long poll for the round trip.
ANSWER_SECONDS = 15
UNREACHABLE_PAUSE_SECONDS = 3.0
# Two processes that both poll end each other's requests; after so many, this one gives up.
MAX_CONFLICTS = 20


@dataclass(slots=True, kw_only=True)
class UpdatePoller:
    """Receives updates and stores them; it does not wait for their handlers."""

    get_updates: Callable[[int | None], Awaitable[list[object] | None]]
    store: Callable[[Sequence[RawUpdate]], Awaitable[None]]
    _offset: int | None = field(default=None, init=False)
    _was_answered: bool = field(default=False, init=False)
    _conflicts: int = field(default=0, init=False)

    async def step(self) -> bool:
        """Make one long poll and store what it brings; return whether that was anything."""
        incoming = parse_updates(await self._poll() or ())
        if not incoming:
            return False
        try:
            await self.store(incoming)
        except sqlite3.Error as error:
            if not is_transient(error):
                raise
            # Not confirmed, so Telegram sends them again.
            log.warning("updates wait for the database: %s", error)
            await asyncio.sleep(UNREACHABLE_PAUSE_SECONDS)
            return False
        self._offset = max(update.id for update in incoming) + 1
        return True

    async def _poll(self) -> list[object] | None:
        """Poll once; of two processes, the one that was answered before goes on polling.

        The other one has had no answer yet, and ends.
        """
        try:
            answer = await self.get_updates(self._offset)
        except TelegramConflictError as error:
            self._conflicts += 1
            is_over = "webhook" in error.message.lower() or self._conflicts > MAX_CONFLICTS
            if is_over or not self._was_answered:
                raise
            log.error("another process asks for updates with this BOT_TOKEN; it should end")
            return None
        if answer is not None:
            self._was_answered, self._conflicts = True, 0
        return answer


async def get_updates(
    bot: Bot, kinds: list[str], offset: int | None, *, reminder: Reminder | None = None
) -> list[object] | None:
    """Long-poll for updates of these kinds; an `offset` confirms all updates before it.

    None means that Telegram is unreachable or asks for a pause, which this waits out. Errors about
    the token stay exceptions. `reminder` says when a failure that goes on is logged.
    """
    method = GetRawUpdates(offset=offset, timeout=LONG_POLL_SECONDS, allowed_updates=kinds)
    try:
        return await bot(method, request_timeout=LONG_POLL_SECONDS + ANSWER_SECONDS)
    except TelegramRetryAfter as error:
        log.warning("Telegram asks us to wait %d s for updates", error.retry_after)
        await asyncio.sleep(error.retry_after)
    except (ClientDecodeError, TelegramNetworkError, TelegramServerError) as error:
        if reminder is None or reminder.is_due():
            log.warning("no updates from Telegram, trying again: %s", error.message)
        await asyncio.sleep(UNREACHABLE_PAUSE_SECONDS)
    return None
