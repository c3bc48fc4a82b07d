"""The worker that takes Telegram's updates, one after the other, at least once.

aiogram's own polling confirms updates before their handlers have finished, so that a kill
loses them. Here an update is confirmed, by asking for what comes after it, only when it
has been handled; after a kill it comes again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import Update

log = logging.getLogger(__name__)

# At most 50: https://core.telegram.org/bots/api#getupdates clamps it silently.
LONG_POLL_SECONDS = 30
# Beyond the long poll, for the way there and back.
ANSWER_SECONDS = 15
UNREACHABLE_PAUSE_SECONDS = 3.0


@dataclass(slots=True, kw_only=True)
class Receiver:
    """Asks for updates and has each handled, in Telegram's order."""

    ask: Callable[[int | None], Awaitable[list[Update]]]
    handle: Callable[[Update], Awaitable[object]]
    _offset: int | None = field(default=None, init=False)

    async def step(self) -> bool:
        """Handle what has come, or wait for it as a long poll does; return whether any came."""
        updates = await self.ask(self._offset)
        for update in updates:
            try:
                await self.handle(update)
            # An update that cannot be handled would come back for ever and hold up all
            # the others; it is passed over instead, with its traceback.
            except Exception:
                log.exception("update %d cannot be handled", update.update_id)
            self._offset = update.update_id + 1
        return bool(updates)


async def ask(bot: Bot, kinds: list[str], offset: int | None) -> list[Update]:
    """Long-poll Telegram for updates of these kinds; asking from `offset` confirms all before it.

    An unreachable Telegram is no updates, after a pause. That our token is refused, or in
    use elsewhere, stays an exception.
    """
    try:
        return await bot.get_updates(
            offset=offset,
            timeout=LONG_POLL_SECONDS,
            allowed_updates=kinds,
            request_timeout=LONG_POLL_SECONDS + ANSWER_SECONDS,
        )
    except TelegramRetryAfter as error:
        log.warning("Telegram asks us to wait %d s for updates", error.retry_after)
        await asyncio.sleep(error.retry_after)
    except (TelegramNetworkError, TelegramServerError, ClientDecodeError) as error:
        log.warning("no updates from Telegram, trying again: %s", error.message)
        await asyncio.sleep(UNREACHABLE_PAUSE_SECONDS)
    return []
