import socket

import aiohttp
import pytest

from bot.errors import SetupError
from bot.monitoring.http import listening


async def nothing() -> list[str]:
    return []


async def numbers() -> bytes:
    return b"readalso_polls_total 1\n"


async def get(address: str, path: str) -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as http, http.get(address + path) as answer:
        return answer.status, answer.content_type, await answer.text()


async def test_one_that_is_well_says_so() -> None:
    async with listening("127.0.0.1:0", complaints=nothing, metrics=numbers) as address:
        assert await get(address, "/healthz") == (
            200,
            "application/json",
            '{"live": true, "ready": true, "reasons": []}',
        )
        assert (await get(address, "/healthz/live"))[::2] == (200, '{"live": true}')
        status, kind, text = await get(address, "/metrics")
        assert (status, kind, text) == (200, "text/plain", "readalso_polls_total 1\n")


async def test_one_that_is_not_says_why_and_lives_all_the_same() -> None:
    async def late() -> list[str]:
        return ["sender has not come round for 200 s"]

    async with listening("127.0.0.1:0", complaints=late, metrics=numbers) as address:
        status, _, text = await get(address, "/healthz")
        assert (status, "sender has not come round for 200 s" in text) == (503, True)
        assert (await get(address, "/healthz/live"))[0] == 200


async def test_there_is_nothing_else_to_ask_for_and_nothing_to_tell_it() -> None:
    async with listening("127.0.0.1:0", complaints=nothing, metrics=numbers) as address:
        assert (await get(address, "/"))[0] == 404
        async with aiohttp.ClientSession() as http, http.post(address + "/metrics") as answer:
            assert answer.status == 405


@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.1"])
async def test_where_nothing_can_listen_a_sentence_says_what_to_do(host: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = f"{host}:{taken.getsockname()[1]}"
        with pytest.raises(SetupError, match=f"HTTP_LISTEN: {where}: .*; choose another, or off"):
            async with listening(where, complaints=nothing, metrics=numbers):
                pass
