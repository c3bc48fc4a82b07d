"""Sessions of the Bot API: of an answer they demand only what the bot uses."""

from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.exceptions import ClientDecodeError
from aiogram.methods import Response, SendMessage, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import Message
from aiohttp.payload import BytesPayload

from bot.errors import UnreadableError
from bot.telegram.api.lenient_parsing import parse
from bot.telegram.api.prepared_message import PreparedMessage
from bot.text.safe import loads


@dataclass(frozen=True, slots=True)
class _AcceptedMessage:
    """What is read of a message that was accepted."""

    message_id: int


@dataclass(frozen=True, slots=True)
class _Accepted:
    """What aiogram's sessions read of a response: pydantic's own takes ten times as long."""

    result: _AcceptedMessage


class LenientSession(AiohttpSession):
    """Parses leniently what aiogram's models cannot read; all texts are storable."""

    def __init__(self, **options: Any) -> None:
        """Take the options of aiogram's session."""
        super().__init__(json_loads=loads, **options)

    async def close(self) -> None:
        """Close all connections; aiohttp waits for those of TLS, which aiogram's own does twice."""
        if self._session is not None:
            await self._session.close()

    def check_response(
        self, bot: Bot, method: TelegramMethod[TelegramType], status_code: int, content: str
    ) -> Response[TelegramType]:
        """Return the answer.

        Raises:
            ClientDecodeError: if it lacks what the bot needs.
            TelegramAPIError: if Telegram refuses the call.
        """
        _response_type(method.__returning__)
        try:
            return super().check_response(bot, method, status_code, content)
        except ClientDecodeError as error:
            match error.data:
                case {"ok": True, "result": result} if status_code == HTTPStatus.OK:
                    with suppress(UnreadableError):
                        parsed = _parse_result(bot, method, result)
                        return Response.model_construct(ok=True, result=parsed)
            raise


class MessageIdSession(LenientSession):
    """Sends a prepared message as it is, and reads of an accepted message its id alone.

    Parsing the rest costs as much as sending. Every other answer is read in full.
    """

    def build_form_data(self, bot: Bot, method: TelegramMethod[TelegramType]) -> Any:
        """Return the body of the request, as aiohttp takes it: a form, or JSON."""
        if isinstance(method, PreparedMessage) and (body := method.body):
            return BytesPayload(body, content_type="application/json")
        return super().build_form_data(bot, method)

    def check_response(
        self, bot: Bot, method: TelegramMethod[TelegramType], status_code: int, content: str
    ) -> Response[TelegramType]:
        """Return the answer."""
        if isinstance(method, SendMessage) and status_code == HTTPStatus.OK:
            with suppress(ValueError, KeyError, TypeError):
                answer = self.json_loads(content)
                if answer["ok"] is True:
                    # A Message without its fields costs as much, for its 130 defaults.
                    accepted = _AcceptedMessage(int(answer["result"]["message_id"]))
                    return cast(Response[TelegramType], _Accepted(accepted))
        return super().check_response(bot, method, status_code, content)


@cache
def _response_type(returning: Any) -> Any:
    """Keep the type of a response: pydantic forgets one that nobody holds, and builds it anew.

    That takes as long as forty calls.
    """
    return Response[returning]


def _parse_result(bot: Bot, method: TelegramMethod[Any], result: object) -> Any:
    try:
        return parse(method.__returning__, result, bot)
    except UnreadableError:
        # Telegram gives an id to a message that it accepted, whatever else the answer says.
        message_id = result.get("message_id") if isinstance(result, dict) else None
        if not isinstance(message_id, int):
            raise
        return Message.model_construct(message_id=message_id).as_(bot)
