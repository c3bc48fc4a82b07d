"""Sending and editing of one message: Telegram's answer becomes a `SendOutcome`.

A 429 becomes `RetryLater`: `bot.delivery.outcomes` says what it means for the delivery and
`bot.delivery.rate_limiter` for all chats; replies wait in `bot.telegram.api.client`.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from aiogram import Bot, types
from aiogram.enums import ParseMode
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramConflictError,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiohttp import ClientConnectorError

from bot.errors import SetupError
from bot.model import (
    ChatGone,
    ChatId,
    ChatMigrated,
    OutgoingMessage,
    Rejected,
    RetryLater,
    SendOutcome,
    Sent,
    ThreadClosed,
    ThreadId,
    Unanswered,
)
from bot.telegram.api.errors import closes_chat, closes_thread, ends_thread
from bot.telegram.api.prepared_message import keyboard, prepare, preview
from bot.telegram.api.startup import SECOND_INSTANCE, WRONG_TOKEN, username_of

_NOT_MODIFIED = "message is not modified"
MAX_QUOTED_CHARS = 80
# What SQLite stores as an integer is below it.
MAX_STORED = 2**63
# No longer wait is believed.
MAX_RETRY_AFTER = timedelta(days=7)


async def send(bot: Bot, chat_id: ChatId, message: OutgoingMessage) -> SendOutcome:
    """Send the message to a chat, with a preview if it has one.

    Raises:
        SetupError: if the token is revoked or used by another process: no other message would
            fare better, so the process should end.
    """

    async def call() -> types.Message:
        bot_name = await username_of(bot) if message.buttons else ""
        return await bot(prepare(bot, message, bot_name=bot_name).to(chat_id))

    return await _outcome(call, message.thread_id)


async def edit(bot: Bot, chat_id: ChatId, message_id: int, message: OutgoingMessage) -> SendOutcome:
    """Replace a sent message; one that reads so already counts as sent."""

    async def call() -> types.Message | bool:
        bot_name = await username_of(bot) if message.buttons else ""
        return await bot.edit_message_text(
            text=message.text,
            chat_id=chat_id,
            message_id=message_id,
            parse_mode=ParseMode.HTML if message.is_html else None,
            link_preview_options=preview(message.preview, is_picture=message.is_picture),
            # An edit without a keyboard removes the buttons.
            reply_markup=keyboard(message, bot_name=bot_name),
        )

    outcome = await _outcome(call, message.thread_id)
    if isinstance(outcome, Rejected) and _NOT_MODIFIED in outcome.reason:
        return Sent(message_id)
    return outcome


async def _outcome(
    call: Callable[[], Awaitable[types.Message | bool]], thread_id: ThreadId | None
) -> SendOutcome:
    try:
        answer = await call()
    except (TelegramNetworkError, TelegramServerError, ClientDecodeError) as error:
        return _failure_outcome(error)
    except (
        TelegramRetryAfter,
        TelegramMigrateToChat,
        TelegramForbiddenError,
        TelegramBadRequest,
    ) as error:
        return _thread_outcome(error, thread_id) or _refusal_outcome(error)
    except (TelegramUnauthorizedError, TelegramNotFound):
        raise SetupError(WRONG_TOKEN) from None
    except TelegramConflictError:
        raise SetupError(SECOND_INSTANCE) from None
    except TelegramAPIError as error:  # of a code unknown to aiogram
        return RetryLater(None, error.message)
    assert not isinstance(answer, bool)  # only for inline messages
    return _sent_outcome(answer.message_id)


def _sent_outcome(message_id: int) -> SendOutcome:
    """Return the outcome of a message that was accepted, as far as its id can be stored."""
    if not 0 < message_id < MAX_STORED:
        return Unanswered("not an answer of the Bot API: its message has an impossible id")
    return Sent(message_id)


def _failure_outcome(
    error: TelegramNetworkError | TelegramServerError | ClientDecodeError,
) -> SendOutcome:
    """Return the outcome of a call that the Bot API itself did not answer."""
    match error:
        case TelegramEntityTooLarge():
            return Rejected(error.message)
        case TelegramServerError():
            return RetryLater(None, error.message)
        # Without a connection nothing was sent; after any later failure it is unknown.
        case TelegramNetworkError(__cause__=ClientConnectorError()):
            return RetryLater(None, error.message)
        case TelegramNetworkError():
            return Unanswered(error.message)
        # A message of a kind unknown to aiogram was accepted all the same.
        case ClientDecodeError(data={"ok": True, "result": {"message_id": int(message_id)}}):
            return _sent_outcome(message_id)
        # A gateway's error page does not tell whether the message was accepted.
        case _:
            page = str(error.data)[:MAX_QUOTED_CHARS]
            return Unanswered(f"not an answer of the Bot API: {page!r}")


def _thread_outcome(error: TelegramAPIError, thread_id: ThreadId | None) -> SendOutcome | None:
    """Return the outcome of a refusal that concerns the thread alone; None for any other."""
    if thread_id and ends_thread(error.message):
        return ThreadClosed(thread_id, for_good=True)
    if not closes_thread(error.message):
        return None
    # General can be closed too, and then there is no other thread to send to.
    return ThreadClosed(thread_id, for_good=False) if thread_id else RetryLater(None, error.message)


def _refusal_outcome(
    error: TelegramRetryAfter | TelegramMigrateToChat | TelegramForbiddenError | TelegramBadRequest,
) -> SendOutcome:
    match error:
        case TelegramRetryAfter():
            seconds = min(error.retry_after, MAX_RETRY_AFTER.total_seconds())
            return RetryLater(timedelta(seconds=seconds), "too many requests")
        case TelegramMigrateToChat() if abs(error.migrate_to_chat_id) < MAX_STORED:
            return ChatMigrated(ChatId(error.migrate_to_chat_id))
        case TelegramForbiddenError():
            return ChatGone(error.message)
        case TelegramBadRequest() if closes_chat(error.message):
            return ChatGone(error.message)
        case _:
            return Rejected(error.message)
