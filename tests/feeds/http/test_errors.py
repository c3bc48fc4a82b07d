import asyncio
import gzip
from datetime import timedelta

import aiohttp
import pytest

from bot.errors import BusyError, FetchError, GoneError
from bot.feeds.http.errors import ChallengeError, client_error, status_error
from tests.feeds.conftest import Wire, answer


async def fault(
    wire: Wire, http: aiohttp.ClientSession, status: int, *headers: str, page: bytes = b""
) -> FetchError:
    url = await wire.serve(answer(page, *headers, status=f"{status} Anything"))
    async with http.get(url, allow_redirects=False) as response:
        return await status_error(response, grace=1)


@pytest.mark.parametrize("status", [204, 206, 300, 400, 401, 403, 404, 418, 429, 500, 502, 503])
async def test_a_status_is_the_message(
    wire: Wire, http: aiohttp.ClientSession, status: int
) -> None:
    error = await fault(wire, http, status)
    assert (str(error), error.status, type(error)) == (f"HTTP {status}", status, FetchError)


async def test_p33_gone_is_gone(wire: Wire, http: aiohttp.ClientSession) -> None:
    error = await fault(wire, http, 410)
    assert isinstance(error, GoneError)
    assert (str(error), error.status) == ("HTTP 410: gone for good", 410)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("wait", "seconds", "words"),
    [
        ("43200", 43_200, "12 h"),
        ("0", 0, "0 s"),
        ("Mon, 23 Nov 2026 08:02:00 GMT", 120, "2 min"),
        ("Monday, 23-Nov-26 08:02:00 GMT", 120, "2 min"),
    ],
)
async def test_p27_a_retry_after_is_honoured(
    wire: Wire, http: aiohttp.ClientSession, status: int, wait: str, seconds: int, words: str
) -> None:
    date = "Date: Mon, 23 Nov 2026 08:00:00 GMT"
    error = await fault(wire, http, status, f"Retry-After: {wait}", date)
    assert isinstance(error, BusyError)
    assert (error.retry_after, error.status) == (timedelta(seconds=seconds), status)
    assert str(error) == f"HTTP {status}, asks for {words}"


@pytest.mark.parametrize("wait", ["soon", "-1", "", "Mon, 23 Nov 2026 08:00:00 +99999999999999"])
async def test_p27_a_server_that_names_no_time_just_failed(
    wire: Wire, http: aiohttp.ClientSession, wait: str
) -> None:
    error = await fault(wire, http, 503, f"Retry-After: {wait}")
    assert (str(error), type(error)) == ("HTTP 503", FetchError)


async def test_a_retry_after_with_another_status_is_ignored(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    assert not isinstance(await fault(wire, http, 500, "Retry-After: 60"), BusyError)


PAGE = b"<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script></html>"


@pytest.mark.parametrize("status", [403, 503])
@pytest.mark.parametrize(
    ("headers", "page"),
    [
        (["cf-mitigated: challenge"], b""),
        (["CF-Mitigated:  Challenge "], b"<html></html>"),
        ([], PAGE),
        (["Content-Encoding: gzip"], gzip.compress(PAGE, mtime=0)),
        ([], b"<script src='/.well-known/ddos-guard/check.js'></script>"),
        ([], b"<script src='https://ct.captcha-delivery.com/c.js'></script>"),
        ([], b"<script src='/_Incapsula_Resource?SWJIYLWA=7'></script>"),
    ],
)
async def test_p37_a_challenge_is_named(
    wire: Wire, http: aiohttp.ClientSession, status: int, headers: list[str], page: bytes
) -> None:
    error = await fault(wire, http, status, *headers, page=page)
    assert isinstance(error, ChallengeError)
    assert str(error) == f"HTTP {status}: blocked by a challenge page"
    assert error.status == status


@pytest.mark.parametrize(
    ("status", "headers", "page"),
    [
        (404, [], PAGE),
        (403, ["cf-mitigated: block"], b"<html>Just a moment, please: no entry</html>"),
        (403, ["Content-Encoding: zstd"], PAGE),
        (403, [], b" " * 70_000 + PAGE),
    ],
)
async def test_p37_what_is_not_plainly_a_challenge_is_a_status(
    wire: Wire, http: aiohttp.ClientSession, status: int, headers: list[str], page: bytes
) -> None:
    assert str(await fault(wire, http, status, *headers, page=page)) == f"HTTP {status}"


async def test_p37_a_retry_after_takes_precedence_over_a_challenge(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    assert isinstance(await fault(wire, http, 503, "Retry-After: 60", page=PAGE), BusyError)


async def test_a_page_that_does_not_come_does_not_hold_up_its_status(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    async def stall(writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"<html>", status="403 Forbidden", length=100))
        await asyncio.sleep(9)

    async with http.get(await wire.serve(stall)) as response:
        assert str(await status_error(response, grace=0.05)) == "HTTP 403"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (aiohttp.ClientPayloadError(), "broke off in the middle"),
        (aiohttp.ServerDisconnectedError(), "closed the connection without an answer"),
        (ConnectionResetError(), "closed the connection without an answer"),
        (aiohttp.InvalidURL("http:/"), "not an address that can be fetched"),
        (UnicodeError(), "not an address that can be fetched"),
    ],
)
def test_a_client_error_has_a_message(error: Exception, words: str) -> None:
    assert str(client_error(error)) == words
