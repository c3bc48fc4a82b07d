import asyncio
import gzip
import zlib
from datetime import timedelta

import aiohttp
import brotli
import pytest

from bot.errors import BusyError, FetchError
from bot.feeds.http.client import open_http
from bot.feeds.http.fetch import MAX_PAGE_BYTES, HtmlDocument, fetch_page
from tests.feeds.conftest import Names, Publisher, Wire, answer

HTML = {"Content-Type": "text/html; charset=utf-8"}
PAGE = b"<h1>Bridge opens</h1>"


async def reason(http: aiohttp.ClientSession, url: str) -> str:
    with pytest.raises(FetchError) as caught:
        await fetch_page(http, url)
    return str(caught.value)


async def test_a_page_comes_with_its_final_address_and_what_the_server_calls_it(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(status=301, headers={"Location": "/bridge"})
    publisher.says(
        gzip.compress(PAGE), path="/bridge", headers={**HTML, "Content-Encoding": "gzip"}
    )
    assert await fetch_page(http, publisher.url()) == HtmlDocument(
        url=publisher.url("/bridge"), body=PAGE, content_type="text/html; charset=utf-8"
    )


async def test_a_page_is_requested_as_html_with_the_bots_user_agent(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(PAGE, headers=HTML)
    await fetch_page(http, publisher.url())
    (request,) = publisher.requests
    assert request.headers["Accept"] == "text/html, application/xhtml+xml;q=0.9"
    assert request.headers["User-Agent"].startswith("ReadAlso/")
    assert not {"Cookie", "Referer", "If-None-Match"} & request.headers.keys()


@pytest.mark.parametrize("kind", ["text/html", "TEXT/HTML;charset=x", "application/xhtml+xml"])
async def test_what_is_html_is_read(
    publisher: Publisher, http: aiohttp.ClientSession, kind: str
) -> None:
    publisher.says(PAGE, headers={"Content-Type": kind})
    assert (await fetch_page(http, publisher.url())).body == PAGE


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("image/png", "not a page of HTML: image/png"),
        ("application/pdf", "not a page of HTML: application/pdf"),
        ("application/rss+xml; charset=utf-8", "not a page of HTML: application/rss+xml"),
        (" ", "not a page of HTML: of no kind that it names"),
    ],
)
async def test_what_is_no_page_is_not_read(
    publisher: Publisher, http: aiohttp.ClientSession, kind: str, words: str
) -> None:
    publisher.says(PAGE, headers={"Content-Type": kind})
    assert await reason(http, publisher.url()) == words


@pytest.mark.parametrize("status", [204, 404, 403, 500])
async def test_a_status_that_brings_no_page_is_its_reason(
    publisher: Publisher, http: aiohttp.ClientSession, status: int
) -> None:
    publisher.says(PAGE if status != 204 else b"", status=status, headers=HTML)
    assert await reason(http, publisher.url()) == f"HTTP {status}"


async def test_a_server_that_asks_for_time_is_busy(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(status=429, headers={"Retry-After": "90"})
    with pytest.raises(BusyError) as caught:
        await fetch_page(http, publisher.url())
    assert caught.value.retry_after == timedelta(seconds=90)


async def test_a_challenge_is_named(publisher: Publisher, http: aiohttp.ClientSession) -> None:
    publisher.says(b"<script src='/cdn-cgi/challenge-platform/x'>", status=403, headers=HTML)
    assert await reason(http, publisher.url()) == "HTTP 403: blocked by a challenge page"


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (gzip.compress(b" " * 50 * 2**20), "gzip"),
        (brotli.compress(b" " * 50 * 2**20, quality=1), "br"),
        (zlib.compress(b"<" * (MAX_PAGE_BYTES + 1)), "gzip"),
    ],
)
async def test_a_page_that_unpacks_to_more_than_any_has_is_not_read(
    publisher: Publisher, http: aiohttp.ClientSession, body: bytes, encoding: str
) -> None:
    publisher.says(body, headers={**HTML, "Content-Encoding": encoding})
    assert (await reason(http, publisher.url())).startswith("unpacks to more than 2")


async def test_a_page_larger_than_any_is_not_read(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(b"<" * (MAX_PAGE_BYTES + 1), headers=HTML)
    assert await reason(http, publisher.url()) == "larger than 2 MiB"


async def test_a_page_that_drips_is_not_waited_for(wire: Wire) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        while True:
            writer.write(b"<")
            await writer.drain()
            await asyncio.sleep(0.05)

    url = await wire.serve(drip)
    async with open_http(allow_private_addresses=True, time_limit=timedelta(seconds=2)) as http:
        assert await reason(http, url) == "came too slowly: less than 512 bytes a second"


async def test_a_redirect_into_our_own_network_is_not_followed(wire: Wire) -> None:
    inside = await wire.serve(answer(PAGE))
    names = Names(["127.0.0.1"])
    async with open_http(allow_private_addresses=False, resolver=names) as http:
        assert await reason(http, inside) == "its address is not a public one"
        assert await reason(http, "http://courier.example/a") == "its address is not a public one"
    assert wire.dialled == 0


async def test_a_page_that_broke_off_is_read_as_far_as_it_came(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    url = await wire.serve(answer(PAGE, "Content-Type: text/html", length=9999))
    assert (await fetch_page(http, url)).body == PAGE
