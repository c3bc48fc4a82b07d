"""The worker that asks Telegram for updates, and has them stored before it asks for more.

Asking for what comes after an update tells Telegram that it arrived. aiogram's own polling does
so before anything has become of it, so that a kill loses it; here it is in the inbox by then.
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

from bot.model import RawUpdate
from bot.storage.errors import is_transient
from bot.telegram.api.client import GetRawUpdates
from bot.telegram.updates.raw_update import read_all

log = logging.getLogger(__name__)

# At most 50: https://core.telegram.org/bots/api#getupdates clamps it silently.
LONG_POLL_SECONDS = 30
# Beyond the long poll, for the way there and back.
ANSWER_SECONDS = 15
UNREACHABLE_PAUSE_SECONDS = 3.0
# Of two processes that both ask, each ends the other's request; this one gives up in the end.
MAX_CONFLICTS = 20


@dataclass(slots=True, kw_only=True)
class UpdatePoller:
    """Asks for updates and has them stored; nothing that handles them is waited for."""

    ask: Callable[[int | None], Awaitable[list[object] | None]]
    store: Callable[[Sequence[RawUpdate]], Awaitable[None]]
    _offset: int | None = field(default=None, init=False)
    _was_first: bool = field(default=False, init=False)
    _conflicts: int = field(default=0, init=False)

    async def step(self) -> bool:
        """Store what has come, or wait for it as a long poll does; return whether any came."""
        incoming = read_all(await self._ask() or ())
        if not incoming:
            return False
        try:
            await self.store(incoming)
        except sqlite3.Error as error:
            if not is_transient(error):
                raise
            # Not confirmed: they come again.
            log.warning("updates wait for the database: %s", error)
            await asyncio.sleep(UNREACHABLE_PAUSE_SECONDS)
            return False
        self._offset = max(it.id for it in incoming) + 1
        return True

    async def _ask(self) -> list[object] | None:
        """Ask once; whoever was there first goes on asking when a second process does.

        The second has then had no answer yet, and ends.
        """
        try:
            answer = await self.ask(self._offset)
        except TelegramConflictError as error:
            self._conflicts += 1
            is_over = "webhook" in error.message.lower() or self._conflicts > MAX_CONFLICTS
            if is_over or not self._was_first:
                raise
            log.error("another process asks for updates with this BOT_TOKEN; it should end")
            return None
        if answer is not None:
            self._was_first, self._conflicts = True, 0
        return answer


async def ask(bot: Bot, kinds: list[str], offset: int | None) -> list[object] | None:
    """Long-poll Telegram for updates of these kinds; asking from `offset` confirms all before it.

    None: Telegram cannot be reached or puts us off, which is waited out. That our token is
    refused, or in use elsewhere, stays an exception.
    """
    wanted = GetRawUpdates(offset=offset, timeout=LONG_POLL_SECONDS, allowed_updates=kinds)
    try:
        return await bot(wanted, request_timeout=LONG_POLL_SECONDS + ANSWER_SECONDS)
    except TelegramRetryAfter as error:
        log.warning("Telegram asks us to wait %d s for updates", error.retry_after)
        await asyncio.sleep(error.retry_after)
    except (ClientDecodeError, TelegramNetworkError, TelegramServerError) as error:
        log.warning("no updates from Telegram, trying again: %s", error.message)
        await asyncio.sleep(UNREACHABLE_PAUSE_SECONDS)
    return None
