"""A fake session of a bot: for answers that the fake Telegram never gives."""

from collections.abc import AsyncGenerator, Callable
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType


class FakeSession(BaseSession):
    """A session that gives scripted answers or raises scripted errors, in turn."""

    def __init__(self, answers: list[Callable[[TelegramMethod[Any]], Any]]) -> None:
        super().__init__()
        self.answers = answers

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        return cast(TelegramType, self.answers.pop(0)(method))

    async def close(self) -> None:
        """Nothing is open."""

    async def stream_content(self, *args: Any, **kwargs: Any) -> AsyncGenerator[bytes, None]:
        raise NotImplementedError
        yield b""
