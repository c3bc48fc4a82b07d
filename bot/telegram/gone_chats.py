"""Worker that asks gone chats a few times whether the bot may write to them again.

Telegram tells of most returns by an update; one that never came would silence a chat for ever.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from aiogram import Bot
from aiogram.enums import ChatAction
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramUnauthorizedError,
)

from bot.model import ChatId
from bot.storage.database import Database
from bot.storage.errors import retry_until_written
from bot.storage.subscribers import absences, gone_chats, subscribers
from bot.storage.subscribers.gone_chats import GoneChat
from bot.telegram import chat_members

log = logging.getLogger(__name__)

CHECK_INTERVAL = timedelta(minutes=10)
# Telegram limits all calls together; a check can wait.
CALL_PAUSE = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneChatChecker:
    """Checks one chat at a time, a day, a week and a month after it was found gone."""

    db: Database
    bot: Bot
    now: Callable[[], datetime]

    async def step(self) -> bool:
        """Check one chat, and rest: shortly, or until the next look if there is none."""
        is_any_due = await self.check()
        await asyncio.sleep((CALL_PAUSE if is_any_due else CHECK_INTERVAL).total_seconds())
        return True

    async def check(self) -> bool:
        """Check the chat that has been due for the longest; return whether one was checked.

        One that Telegram does not answer about stays due.
        """
        chat = await gone_chats.next_due(self.db.reader, now=self.now())
        if chat is None:
            return False
        try:
            may_write, new_id = await may_write_to(self.bot, chat), chat.chat_id
        except TelegramMigrateToChat as error:
            may_write, new_id = True, ChatId(error.migrate_to_chat_id)
        except TelegramUnauthorizedError:
            raise
        except TelegramAPIError as error:
            log.warning("chat %d could not be asked about: %s", chat.chat_id, error.message)
            return False
        await retry_until_written(partial(self._record, chat, may_write=may_write, new_id=new_id))
        log.info("chat %d %s", chat.chat_id, "is back" if may_write else "is still gone")
        return True

    async def _record(self, chat: GoneChat, *, may_write: bool, new_id: ChatId) -> None:
        async with self.db.transaction() as tx:
            if not may_write:
                await gone_chats.postpone(tx, chat, now=self.now())
                return
            if new_id != chat.chat_id:
                await subscribers.move(tx, chat.chat_id, new_id)
            await absences.mark_back(tx, new_id, now=self.now())


async def may_write_to(bot: Bot, chat: GoneChat) -> bool:
    """Ask Telegram whether the bot may write to the chat.

    A private chat that blocks the bot can still be read: there only an action shows it.
    """
    try:
        if chat.kind == "private":
            return await bot.send_chat_action(chat.chat_id, ChatAction.TYPING)
        found = await bot.get_chat(chat.chat_id)
    except TelegramMigrateToChat:
        raise
    except (TelegramBadRequest, TelegramForbiddenError):
        return False
    return await chat_members.may_post(bot, found)
