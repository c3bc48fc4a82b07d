"""Fakes for the outermost edge: the clock, and Telegram at the session."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
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


Answer = Callable[[TelegramMethod[Any]], Any]


@dataclass(slots=True)
class Script:
    """What Telegram is to answer next, and what it was asked."""

    answers: list[Answer] = field(default_factory=list)
    calls: list[TelegramMethod[Any]] = field(default_factory=list)


class FakeTelegram(BaseSession):
    """A session that remembers calls and answers, or fails, by script."""

    def __init__(self, script: Script) -> None:
        super().__init__()
        self.script = script

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        self.script.calls.append(method)
        return cast(TelegramType, self.script.answers.pop(0)(method))

    async def close(self) -> None:
        """Nothing is open."""

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        raise NotImplementedError
        yield b""
