"""Handling an update failed: is it worth another try, and what may be said of it? Pure.

What may be said is what quotes nobody: errors of libraries like to quote what they stumbled over.
"""

import logging
import sqlite3
import traceback
from dataclasses import dataclass
from datetime import timedelta

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

# With the pauses below about a quarter of an hour in all; so long may a chat be held up.
MAX_ATTEMPTS = 10
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Retry:
    """It may go well the next time; an `after` of None: nobody named a time to wait."""

    reason: str
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class ChatClosed:
    """There is nobody to answer: the chat has blocked us, is gone, or does not let us write."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveUp:
    """It would fail again. `says` is for the log and quotes nobody; `problem` is for the table.

    `level` is the log's: what only a newer aiogram can mend is a warning.
    """

    says: str
    problem: str
    level: int


Failure = Retry | ChatClosed | GiveUp


def classify_failure(error: Exception) -> Failure:
    """Return what kind of failure it is."""
    match error:
        case UnreadableError():
            return _final(f"this aiogram cannot read it: {error}", logging.WARNING)
        case sqlite3.Error() if is_transient(error):
            return Retry(f"the database: {error}")
        case TelegramRetryAfter():
            return Retry("too many requests", timedelta(seconds=error.retry_after))
        case TelegramNetworkError() | TelegramServerError():
            return Retry(error.message)
        case TelegramAPIError() if _is_closed(error):
            return ChatClosed(error.message)
        case _:
            return _bug(error)


def retry_pause(attempts: int, after: timedelta | None) -> timedelta:
    """Return how long to wait after so many failed attempts: as asked, else ever longer."""
    return after or backoff(attempts, first=FIRST_PAUSE, longest=LONGEST_PAUSE)


def exhausted(passing: Retry) -> GiveUp:
    """Return what becomes of a passing failure that does not pass."""
    return _final(f"all {MAX_ATTEMPTS} attempts failed: {passing.reason}", logging.ERROR)


def _final(says: str, level: int) -> GiveUp:
    return GiveUp(says=says, problem=says, level=level)


def _is_closed(error: TelegramAPIError) -> bool:
    match error:
        case TelegramForbiddenError() | TelegramMigrateToChat():
            return True
        case TelegramBadRequest(message=words):
            return closes_chat(words) or closes_thread(words) or ends_thread(words)
        case _:
            return False


def _bug(error: Exception) -> GiveUp:
    """Say which kind of error came from which lines; what it quotes stays in the table."""
    said = f": {error.message}" if isinstance(error, TelegramAPIError) else ""
    lines = "".join(traceback.format_tb(error.__traceback__))
    return GiveUp(
        says=f"it cannot be handled: {type(error).__name__}{said}\n{lines}".rstrip(),
        problem="".join(traceback.format_exception(error)),
        level=logging.ERROR,
    )
