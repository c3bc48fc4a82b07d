"""Start of the bots: getMe until it is answered; a wrong or doubly used token is a SetupError."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)

from bot.backoff import Reminder
from bot.errors import SetupError

log = logging.getLogger(__name__)

UNREACHABLE_PAUSE = timedelta(seconds=5)
WRONG_TOKEN = (
    "Telegram does not know this BOT_TOKEN: copy it again from @BotFather into .env,"
    " or make a new one there with /token"
)
SECOND_INSTANCE = (
    "another process is running with this BOT_TOKEN: stop it first, or make a second bot"
    " with @BotFather"
)

T = TypeVar("T")


async def check_token(*bots: Bot) -> None:
    """Call getMe with each bot, which caches the name that links to the bot need.

    Raises:
        SetupError: if the token is wrong.
    """
    log.info("connecting to Telegram")
    for bot in bots:
        await retry_until_answered(bot.me)
    me = await bots[0].me()
    log.info("this is @%s; write to it in Telegram", me.username)
    if not me.supports_inline_queries:
        log.info("to let people use it in any chat, send @BotFather /setinline")


async def username_of(bot: Bot) -> str:
    """Return the bot's username without the @, cached after the first call."""
    username = (await bot.me()).username
    assert username is not None  # every bot has one
    return username


async def retry_until_answered(call: Callable[[], Awaitable[T]]) -> T:
    """Repeat the call until Telegram answers it; failures are logged at once, then each minute.

    Raises:
        SetupError: if the token is wrong.
    """
    reminder = Reminder()
    while True:
        try:
            return await call()
        except (TelegramUnauthorizedError, TelegramNotFound):
            raise SetupError(WRONG_TOKEN) from None
        except TelegramAPIError as error:
            if reminder.is_due():
                log.warning("Telegram cannot be reached, trying again: %s", error.message)
            wait = error.retry_after if isinstance(error, TelegramRetryAfter) else 0
            await asyncio.sleep(max(UNREACHABLE_PAUSE.total_seconds(), wait))


def is_token_error(error: Exception) -> bool:
    """Return whether Telegram refuses the token, or another process uses it."""
    return isinstance(error, TelegramUnauthorizedError | TelegramNotFound | TelegramConflictError)


@contextmanager
def as_setup_error() -> Iterator[None]:
    """Turn Telegram's errors about the token, raised in a group, into one SetupError."""
    try:
        yield
    # Not `except*`, which before Python 3.11.4 wraps what is raised in it in a group.
    except Exception as error:
        errors = list(_errors_in(error))
        if any(isinstance(each, TelegramUnauthorizedError | TelegramNotFound) for each in errors):
            raise SetupError(WRONG_TOKEN) from None
        if any(isinstance(each, TelegramConflictError) for each in errors):
            raise SetupError(SECOND_INSTANCE) from None
        for each in errors:
            if isinstance(each, SetupError):
                raise each from None
        raise


def _errors_in(error: Exception) -> Iterator[Exception]:
    """Yield the error, or those of a group of groups."""
    if isinstance(error, ExceptionGroup):
        for each in error.exceptions:
            yield from _errors_in(each)
    else:
        yield error
