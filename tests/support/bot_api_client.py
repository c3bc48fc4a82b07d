"""Calls of the fake Telegram in tests: directly, or over HTTP."""

from dataclasses import dataclass
from typing import Any

import aiohttp

from bot_playground.bot_api.methods import execute
from bot_playground.bot_api.parameters import read_parameters
from bot_playground.state.call_log import Call
from bot_playground.state.world import World

TOKEN = "42:TEST-token-of-the-playground-0123456"


async def ask(world: World, method: str, **parameters: object) -> Any:
    """Execute a call without HTTP; an error answer is raised as `BotApiError`."""
    checked = read_parameters(method, parameters)
    call = Call(method=method, parameters=checked, chat_id=None, at=world.now())
    return await execute(world, call)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """HTTP client; answers are (status, decoded JSON)."""

    session: aiohttp.ClientSession

    async def call(self, method: str, **parameters: object) -> tuple[int, Any]:
        return await self.post(f"/bot{TOKEN}/{method}", **parameters)

    async def post(self, path: str, **body: object) -> tuple[int, Any]:
        async with self.session.post(path, json=body) as response:
            return response.status, await response.json()

    async def get(self, path: str) -> tuple[int, Any]:
        async with self.session.get(path) as response:
            return response.status, await response.json()
