"""Bots, that is clients of the Bot API: one for replies to people, one for deliveries.

A failed delivery stays in the outbox and is sent again from there. A reply has no outbox, so its
bot retries the call while the person is still waiting.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from aiogram import Bot as Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

from bot.model import ChatId
from bot.telegram.api.refused_options import RefusedOptionsMiddleware
from bot.telegram.api.sessions import LenientSession, MessageIdSession

# Method, outcome ("ok", "unreachable", "put_off", "failed" or "refused"), wait that Telegram asks.
RecordCall = Callable[[str, str, timedelta], None]

# A later answer is of no use to the person, and the chat's next update waits meanwhile.
MAX_RETRY_WAIT = timedelta(seconds=20)
FIRST_PAUSE = timedelta(seconds=0.5)
REQUEST_TIMEOUT_SECONDS = 15.0
# Methods that count against Telegram's rate limits.
_SEND, _EDIT = "send", "edit"
MAX_QUOTED_CHARS = 80


# Whose update is being answered in this task; None: that of the chat itself.
replying_to: ContextVar[ChatId | None] = ContextVar("replying_to", default=None)


class ReplySlot(Protocol):
    """Opens a block in which a message to the chat may be sent or edited, ahead of broadcasts."""

    def __call__(
        self, chat_id: ChatId, *, is_new: bool, person_id: ChatId | None
    ) -> AbstractAsyncContextManager[None]:
        """Return the block; entering it waits for the share of the person that is answered."""


class GetRawUpdates(TelegramMethod[list[object]]):
    """getUpdates with the updates as JSON, so that those unknown to aiogram are not lost.

    Source: https://core.telegram.org/bots/api#getupdates
    """

    __returning__ = list[object]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int | None = None
    allowed_updates: list[str] | None = None


def open_reply_bot(
    token: str,
    api: str,
    *,
    reply_slot: ReplySlot | None = None,
    record_call: RecordCall | None = None,
) -> Bot:
    """Return a bot that retries failed calls, and sends and edits within a `reply_slot`.

    `api` is the base URL of the Bot API. The caller closes the bot's session.
    """
    session = LenientSession(
        api=TelegramAPIServer.from_base(api.rstrip("/")), timeout=REQUEST_TIMEOUT_SECONDS
    )
    session.middleware(RefusedOptionsMiddleware())
    session.middleware(RetryMiddleware())
    if reply_slot:  # inside the retries: each of them takes a slot of its own
        session.middleware(PriorityMiddleware(reply_slot))
    return _open_bot(token, session, record_call)


def open_delivery_bot(token: str, api: str, *, record_call: RecordCall | None = None) -> Bot:
    """Return a bot that makes each call once, and reads of an accepted message its id alone.

    `api` is the base URL of the Bot API. The caller closes the bot's session.
    """
    session = MessageIdSession(
        api=TelegramAPIServer.from_base(api.rstrip("/")), timeout=REQUEST_TIMEOUT_SECONDS
    )
    # The outbox records a closed thread, and sends to General with a note.
    session.middleware(RefusedOptionsMiddleware(reports_threads=True))
    return _open_bot(token, session, record_call)


@dataclass(frozen=True, slots=True)
class MetricsMiddleware(BaseRequestMiddleware):
    """Records the method and outcome of each call."""

    record_call: RecordCall

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Make the request; a cancelled one is not recorded."""
        name = method.__api_method__
        try:
            response = await make_request(bot, method)
        except TelegramNetworkError:
            self.record_call(name, "unreachable", timedelta(0))
            raise
        except TelegramRetryAfter as error:
            self.record_call(name, "put_off", timedelta(seconds=error.retry_after))
            raise
        except TelegramServerError:
            self.record_call(name, "failed", timedelta(0))
            raise
        except AiogramError:
            self.record_call(name, "refused", timedelta(0))
            raise
        self.record_call(name, "ok", timedelta(0))
        return response


class GatewayErrorMiddleware(BaseRequestMiddleware):
    """Turns a page that is no answer of the Bot API, such as a gateway's, into a network error."""

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Make the request; an answer too new for aiogram stays a decode error."""
        try:
            return await make_request(bot, method)
        except UnicodeDecodeError as error:
            raise TelegramNetworkError(method, f"not an answer of the Bot API: {error}") from error
        except ClientDecodeError as error:
            if isinstance(error.data, dict) and "ok" in error.data:
                raise
            page = str(error.data)[:MAX_QUOTED_CHARS]
            raise TelegramNetworkError(method, f"not an answer of the Bot API: {page!r}") from error


class RetryMiddleware(BaseRequestMiddleware):
    """Retries a call after a network error, a server error or a rate limit, with backoff.

    It waits for `MAX_RETRY_WAIT` in all.
    """

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Make the request; a long poll is not retried, as its caller polls again anyway."""
        pause, now = FIRST_PAUSE.total_seconds(), asyncio.get_running_loop().time
        end = now() + MAX_RETRY_WAIT.total_seconds()
        while True:
            try:
                return await make_request(bot, method)
            except (TelegramRetryAfter, TelegramNetworkError, TelegramServerError) as error:
                wait = pause
                if isinstance(error, TelegramRetryAfter):
                    wait = error.retry_after
                if isinstance(method, GetRawUpdates) or now() + wait > end:
                    raise
            await asyncio.sleep(wait)
            pause *= 2


@dataclass(frozen=True, slots=True)
class PriorityMiddleware(BaseRequestMiddleware):
    """Makes each call that sends or edits a message within a reply slot."""

    reply_slot: ReplySlot

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Make the request, once the slot opens."""
        chat_id, name = getattr(method, "chat_id", None), method.__api_method__
        if isinstance(chat_id, int) and name.startswith((_SEND, _EDIT)):
            slot = self.reply_slot(
                ChatId(chat_id), is_new=name.startswith(_SEND), person_id=replying_to.get()
            )
        else:
            slot = nullcontext()
        async with slot:
            return await make_request(bot, method)


def _open_bot(token: str, session: AiohttpSession, record_call: RecordCall | None) -> Bot:
    if record_call:
        session.middleware(MetricsMiddleware(record_call))
    session.middleware(GatewayErrorMiddleware())
    return Bot(token, session=session, default=DefaultBotProperties(parse_mode=ParseMode.HTML))
