"""The worker that takes Telegram's updates, at least once and in order within each chat.

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
from pydantic import ValidationError

log = logging.getLogger(__name__)

# At most 50: https://core.telegram.org/bots/api#getupdates clamps it silently.
LONG_POLL_SECONDS = 30
# Beyond the long poll, for the way there and back.
ANSWER_SECONDS = 15
UNREACHABLE_PAUSE_SECONDS = 3.0


@dataclass(slots=True, kw_only=True)
class Receiver:
    """Asks for updates and has each handled; a chat that takes long holds up no other there."""

    ask: Callable[[int | None], Awaitable[list[Update]]]
    handle: Callable[[Update], Awaitable[object]]
    _offset: int | None = field(default=None, init=False)

    async def step(self) -> bool:
        """Handle what has come, or wait for it as a long poll does; return whether any came."""
        updates = await self.ask(self._offset)
        chats: dict[int, list[Update]] = {}
        for update in updates:
            chats.setdefault(_chat_id(update), []).append(update)
        async with asyncio.TaskGroup() as tasks:
            for of_one_chat in chats.values():
                tasks.create_task(self._handle(of_one_chat))
        if updates:
            self._offset = updates[-1].update_id + 1
        return bool(updates)

    async def _handle(self, updates: list[Update]) -> None:
        for update in updates:
            try:
                await self.handle(update)
            # An update that cannot be handled would come back for ever and hold up all
            # the others; it is passed over instead, with its traceback.
            except Exception:
                log.exception("update %d cannot be handled", update.update_id)


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
    except ClientDecodeError as error:
        if updates := _one_by_one(bot, error.data):
            return updates
        log.warning("no updates from Telegram, trying again: %s", error.message)
        await asyncio.sleep(UNREACHABLE_PAUSE_SECONDS)
    except (TelegramNetworkError, TelegramServerError) as error:
        log.warning("no updates from Telegram, trying again: %s", error.message)
        await asyncio.sleep(UNREACHABLE_PAUSE_SECONDS)
    return []


def _one_by_one(bot: Bot, answer: object) -> list[Update]:
    """Return the updates of an answer that aiogram could not read as a whole.

    One that it cannot read by itself either is empty: passed over, and confirmed. Else it
    would come again for ever, and with it none that came later.
    """
    found = answer.get("result") if isinstance(answer, dict) else None
    return [_readable(bot, update) for update in found] if isinstance(found, list) else []


def _readable(bot: Bot, update: dict[str, object]) -> Update:
    try:
        return Update.model_validate(update, context={"bot": bot})
    except ValidationError:
        empty = Update.model_validate({"update_id": update["update_id"]})
        log.exception("update %d is of a kind that this aiogram cannot read", empty.update_id)
        return empty


def _chat_id(update: Update) -> int:
    """Return the id of the chat in which it happened, 0 for what happens in none."""
    press = update.callback_query
    event = (
        update.message
        or update.channel_post
        or update.my_chat_member
        or (press.message if press else None)
    )
    return event.chat.id if event else 0
