"""Failures of handling an update: retry it, drop it as its chat is closed, or dead-letter it."""

import logging
import sqlite3
import traceback
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)

from bot.backoff import backoff
from bot.errors import UnreadableError
from bot.storage.errors import is_transient
from bot.telegram.api.errors import closes_chat, closes_thread, ends_thread

# A quarter of an hour with the pauses below: the longest time that an update holds up its chat.
MAX_UPDATE_ATTEMPTS = 10
FIRST_PAUSE = timedelta(seconds=2)
MAX_PAUSE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Retry:
    """A transient error; `after` is the wait that Telegram asks for, if it names one."""

    error: Exception
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class ChatClosed:
    """There is nobody to answer: the chat blocked the bot, is gone, or lets it not write."""

    error: TelegramAPIError


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The update becomes a dead letter.

    An error of None means that the process ended in each of the attempts.
    """

    cause: Literal["unreadable", "exhausted", "bug"]
    error: Exception | None

    @property
    def level(self) -> int:
        """Return the log level: a newer aiogram mends what is unreadable, so it is a warning."""
        return logging.WARNING if self.cause == "unreadable" else logging.ERROR


Failure = Retry | ChatClosed | GiveUp


def classify_failure(error: Exception) -> Failure:
    """Return what to do with an update whose handling raised the error."""
    match error:
        case UnreadableError():
            return GiveUp("unreadable", error)
        case sqlite3.Error() if is_transient(error):
            return Retry(error)
        case TelegramRetryAfter():
            return Retry(error, timedelta(seconds=error.retry_after))
        case TelegramNetworkError() | TelegramServerError():
            return Retry(error)
        case TelegramAPIError() if _closes(error):
            return ChatClosed(error)
        case _:
            return GiveUp("bug", error)


def retry_pause(attempts: int, after: timedelta | None) -> timedelta:
    """Return the wait after so many failed attempts: as Telegram asks, else a backoff."""
    return after or backoff(attempts, first=FIRST_PAUSE, longest=MAX_PAUSE)


def log_text(failure: Failure) -> str:
    """Return the failure in words for the log.

    A bug is named by its class and lines only: messages of exceptions quote what people wrote.
    """
    error = failure.error
    if isinstance(failure, Retry | ChatClosed):
        return _error_text(error)
    match failure.cause:
        case "unreadable":
            return f"this aiogram cannot read it: {error}"
        case "exhausted":
            return f"all {MAX_UPDATE_ATTEMPTS} attempts failed: {_error_text(error)}"
        case "bug":
            message = f": {error.message}" if isinstance(error, TelegramAPIError) else ""
            lines = "".join(traceback.format_tb(error.__traceback__)) if error else ""
            return f"it cannot be handled: {type(error).__name__}{message}\n{lines}".rstrip()


def problem_text(failure: Failure) -> str:
    """Return the failure in words for the table `updates`, of a bug with the whole traceback."""
    if isinstance(failure, GiveUp) and failure.cause == "bug" and failure.error:
        return "".join(traceback.format_exception(failure.error))
    return log_text(failure)


def _error_text(error: Exception | None) -> str:
    match error:
        case None:
            return "each time the bot ended before it was handled"
        case sqlite3.Error():
            return f"the database: {error}"
        case TelegramRetryAfter():
            return "too many requests"
        case TelegramAPIError():
            return error.message
        case _:
            return str(error)


def _closes(error: TelegramAPIError) -> bool:
    match error:
        case TelegramForbiddenError() | TelegramMigrateToChat():
            return True
        case TelegramBadRequest(message=message):
            return closes_chat(message) or closes_thread(message) or ends_thread(message)
        case _:
            return False
