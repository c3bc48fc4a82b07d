import socket

import aiohttp
import pytest

from bot.errors import SetupError
from bot.monitoring.health import (
    DatabaseFailing,
    HealthProblem,
    NotStarted,
    TelegramSilent,
    WorkerStalled,
)
from bot.monitoring.http import health_problem_text, serve_monitoring
from bot.version import version_text


async def no_problems() -> list[HealthProblem]:
    return []


async def exposition() -> bytes:
    return b"readalso_polls_total 1\n"


async def get(address: str, path: str) -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as http, http.get(address + path) as answer:
        return answer.status, answer.content_type, await answer.text()


async def test_a_healthy_bot_is_ready() -> None:
    async with serve_monitoring("127.0.0.1:0", problems=no_problems, metrics=exposition) as address:
        assert await get(address, "/healthz") == (
            200,
            "application/json",
            f'{{"live": true, "ready": true, "reasons": [], "version": "{version_text()}"}}',
        )
        assert (await get(address, "/healthz/live"))[::2] == (200, '{"live": true}')
        status, kind, text = await get(address, "/metrics")
        assert (status, kind, text) == (200, "text/plain", "readalso_polls_total 1\n")


async def test_a_bot_with_problems_is_live_but_not_ready_and_says_why() -> None:
    async def stalled() -> list[HealthProblem]:
        return [WorkerStalled("sender", 200.4)]

    async with serve_monitoring("127.0.0.1:0", problems=stalled, metrics=exposition) as address:
        status, _, text = await get(address, "/healthz")
        assert (status, "sender has not come round for 200 s" in text) == (503, True)
        assert (await get(address, "/healthz/live"))[0] == 200


async def test_there_is_nothing_else_to_ask_for_and_nothing_to_tell_it() -> None:
    async with serve_monitoring("127.0.0.1:0", problems=no_problems, metrics=exposition) as address:
        assert (await get(address, "/"))[0] == 404
        async with aiohttp.ClientSession() as http, http.post(address + "/metrics") as answer:
            assert answer.status == 405


@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.1"])
async def test_an_address_that_cannot_be_bound_is_a_sentence_that_says_what_to_do(
    host: str,
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = f"{host}:{taken.getsockname()[1]}"
        with pytest.raises(SetupError, match=f"HTTP_LISTEN: {where}: .*; choose another, or off"):
            async with serve_monitoring(where, problems=no_problems, metrics=exposition):
                pass


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (NotStarted(), "the bot is still starting"),
        (WorkerStalled("sender", 181.4), "sender has not come round for 181 s"),
        (TelegramSilent(None), "Telegram has not answered yet"),
        (TelegramSilent(200.0), "Telegram has not answered for 200 s"),
        (DatabaseFailing("disk I/O error"), "the database: disk I/O error"),
    ],
)
def test_each_problem_has_a_clause(problem: HealthProblem, text: str) -> None:
    assert health_problem_text(problem) == text
