"""How we reach the Bot API: plainly for broadcasts, patiently for replies to people.

The sender has its own way with failures: it leaves what was not sent in the outbox. A reply
has no outbox; the handler waits and tries again while the person is still looking.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus

from aiogram import Bot
from aiogram.client.default import DefaultBotProperties
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import Response, SendMessage, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import MessageId

from bot.model import ChatId

# An answer that took longer is of no use to the person, and the next update waits for us.
PATIENCE = timedelta(seconds=20)
FIRST_PAUSE = timedelta(seconds=0.5)
REQUEST_TIMEOUT_SECONDS = 15.0
# These count against Telegram's limits; questions do not.
_WRITING = ("send", "edit", "copy", "forward")


class GetRawUpdates(TelegramMethod[list[object]]):
    """getUpdates, with each update as it came: what aiogram cannot read is not lost on us.

    Source: https://core.telegram.org/bots/api#getupdates
    """

    __returning__ = list[object]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int | None = None
    allowed_updates: list[str] | None = None


class OnlyAnswers(BaseRequestMiddleware):
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


class Patience(BaseRequestMiddleware):
    """Repeats a call that Telegram put off or that failed on the way, for `PATIENCE` in all."""

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Make the request; a long poll is not repeated, for it is asked again anyway."""
        pause, now = FIRST_PAUSE.total_seconds(), asyncio.get_running_loop().time
        end = now() + PATIENCE.total_seconds()
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
class GoesAhead(BaseRequestMiddleware):
    """Tells of each call that writes to a chat, so that broadcasts make room for it."""

    tell: Callable[[ChatId], None]

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[TelegramType],
        bot: Bot,
        method: TelegramMethod[TelegramType],
    ) -> Response[TelegramType]:
        """Make the request, at once."""
        chat_id = getattr(method, "chat_id", None)
        if isinstance(chat_id, int) and method.__api_method__.startswith(_WRITING):
            self.tell(ChatId(chat_id))
        return await make_request(bot, method)


class OnlyIds(AiohttpSession):
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
    token: str, api: str, *, patient: bool, ahead: Callable[[ChatId], None] | None = None
) -> Bot:
    """Return a bot for the API at this base URL; close its session when done.

    `ahead` is told of each message that this bot writes, and to whom. A bot that is not
    patient gets of an accepted message nothing but its id.
    """
    session = (AiohttpSession if patient else OnlyIds)(
        api=TelegramAPIServer.from_base(api.rstrip("/")), timeout=REQUEST_TIMEOUT_SECONDS
    )
    if patient:
        session.middleware(Patience())
    if ahead:  # inside Patience: what is repeated goes ahead each time
        session.middleware(GoesAhead(ahead))
    session.middleware(OnlyAnswers())
    return Bot(token, session=session, default=DefaultBotProperties(parse_mode=ParseMode.HTML))
