"""Fakes for the outermost edge: the clock, and Telegram at the session."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@dataclass(slots=True)
class FakeClock:
    """A clock that moves only when told to."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


class FakeTelegram(BaseSession):
    """A session that answers, or fails, by script: for what no look-alike would say."""

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
