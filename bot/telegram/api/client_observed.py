"""How did each call of the Bot API go? Noted for whoever counts them; never what it said."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from aiogram import Bot
from aiogram.client.session.middlewares.base import BaseRequestMiddleware, NextRequestMiddlewareType
from aiogram.exceptions import (
    AiogramError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import Response, TelegramMethod
from aiogram.methods.base import TelegramType

Note = Callable[[str, str, timedelta], None]


@dataclass(frozen=True, slots=True)
class Observed(BaseRequestMiddleware):
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
