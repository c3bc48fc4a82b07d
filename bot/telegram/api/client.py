"""How we reach the Bot API: plainly for broadcasts, patiently for replies to people.

The sender has its own way with failures: it leaves what was not sent in the outbox. A reply
has no outbox; the handler waits and tries again while the person is still looking.
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Protocol

from aiogram import Bot
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
from aiogram.methods import Response, SendMessage, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import MessageId

from bot.model import ChatId

Note = Callable[[str, str, timedelta], None]


# An answer that took longer is of no use to the person, and the next update waits for us.
MAX_RETRY_WAIT = timedelta(seconds=20)
FIRST_PAUSE = timedelta(seconds=0.5)
REQUEST_TIMEOUT_SECONDS = 15.0
# These count against Telegram's limits; questions do not. The first is a new message.
_WRITING = ("send", "edit")


@dataclass(frozen=True, slots=True)
class MetricsMiddleware(BaseRequestMiddleware):
    """Notes the method, how it went, and how long we are to wait."""

    note: Note

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Make the request; what is cut off is not noted."""
        name = method.__api_method__
        try:
            response = await make_request(bot, method)
        except AiogramError as error:
            asked = error.retry_after if isinstance(error, TelegramRetryAfter) else 0
            self.note(name, _outcome(error), timedelta(seconds=asked))
            raise
        self.note(name, "ok", timedelta(0))
        return response


def _outcome(error: AiogramError) -> str:
    match error:
        case TelegramNetworkError():
            return "unreachable"
        case TelegramRetryAfter():
            return "put_off"
        case TelegramServerError():
            return "failed"
        case _:
            return "refused"


class GetRawUpdates(TelegramMethod[list[object]]):
    """getUpdates, with each update as it came: what aiogram cannot read is not lost on us.

    Source: https://core.telegram.org/bots/api#getupdates
    """

    __returning__ = list[object]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int | None = None
    allowed_updates: list[str] | None = None


class GatewayErrorMiddleware(BaseRequestMiddleware):
    """Lets only the Bot API's own answers pass; a gateway's page is a failure of the network."""

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Make the request; an answer of a kind too new for aiogram stays a decode error."""
        try:
            return await make_request(bot, method)
        except UnicodeDecodeError as error:
            raise TelegramNetworkError(method, f"not an answer of the Bot API: {error}") from error
        except ClientDecodeError as error:
            if isinstance(error.data, dict) and "ok" in error.data:
                raise
            page = str(error.data)[:80]
            raise TelegramNetworkError(method, f"not an answer of the Bot API: {page!r}") from error


class RetryMiddleware(BaseRequestMiddleware):
    """Repeats a call that Telegram put off or that failed on the way, for `PATIENCE` in all."""

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Make the request; a long poll is not repeated, for it is asked again anyway."""
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


class Ahead(Protocol):
    """A block in which a message, new or edited, may be written; broadcasts make room for it."""

    def __call__(self, chat_id: ChatId, *, is_new: bool) -> AbstractAsyncContextManager[None]:
        """Begin it after a second at the most."""


@dataclass(frozen=True, slots=True)
class PriorityMiddleware(BaseRequestMiddleware):
    """Lets each call that writes to a chat go ahead of broadcasts."""

    ahead: Ahead

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Make the request, as soon as it may go."""
        chat_id, name = getattr(method, "chat_id", None), method.__api_method__
        if isinstance(chat_id, int) and name.startswith(_WRITING):
            turn = self.ahead(ChatId(chat_id), is_new=name.startswith(_WRITING[0]))
        else:
            turn = nullcontext()
        async with turn:
            return await make_request(bot, method)


class MessageIdSession(AiohttpSession):
    """Reads of an accepted message its id alone: the rest of the answer costs as much as sending.

    What is no such answer is read as ever, and so is every refusal.
    """

    def check_response(
        self, bot: Bot, method: TelegramMethod[TelegramType], status_code: int, content: str
    ) -> Response[TelegramType]:
        """Return the answer."""
        if isinstance(method, SendMessage) and status_code == HTTPStatus.OK:
            with suppress(ValueError, KeyError, TypeError):
                answer = self.json_loads(content)
                if answer["ok"] is True:
                    # Not even a Message without its fields: its 130 defaults cost as much.
                    accepted = MessageId(message_id=answer["result"]["message_id"])
                    return Response.model_construct(ok=True, result=accepted)
        return super().check_response(bot, method, status_code, content)


def open_bot(
    token: str, api: str, *, patient: bool, ahead: Ahead | None = None, note: Note | None = None
) -> Bot:
    """Return a bot for the API at this base URL; close its session when done.

    `ahead` is asked before each message that this bot writes to a chat, `note` is told how each
    call went. A bot that is not
    patient gets of an accepted message nothing but its id.
    """
    session = (AiohttpSession if patient else MessageIdSession)(
        api=TelegramAPIServer.from_base(api.rstrip("/")), timeout=REQUEST_TIMEOUT_SECONDS
    )
    if patient:
        session.middleware(RetryMiddleware())
    if ahead:  # inside Patience: what is repeated goes ahead each time
        session.middleware(PriorityMiddleware(ahead))
    if note:
        session.middleware(MetricsMiddleware(note))
    session.middleware(GatewayErrorMiddleware())
    return Bot(token, session=session, default=DefaultBotProperties(parse_mode=ParseMode.HTML))
