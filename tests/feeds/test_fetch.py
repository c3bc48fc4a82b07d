import gzip
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from importlib import metadata

import aiohttp
import brotli
import pytest
from aiohttp import web

from bot.errors import BusyError, FetchError
from bot.feeds.fetch import (
    MAX_BYTES,
    MAX_REDIRECTS,
    Document,
    NotModified,
    fetch,
    open_http,
)
from tests.feeds.conftest import Publisher, feed_at

RSS = b"<rss version='2.0'/>"


async def failure(http: aiohttp.ClientSession, url: str) -> str:
    with pytest.raises(FetchError) as caught:
        await fetch(http, feed_at(url))
    return str(caught.value)


async def test_a_document_comes_with_its_type_and_validators(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    headers = {
        "ETag": 'W/"a b"',
        "Last-Modified": "yesterday, at about 8",
        "Content-Type": "text/xml; charset=windows-1251",
    }
    publisher.says(RSS, headers=headers)
    assert await fetch(http, feed_at(publisher.url())) == Document(
        body=RSS,
        content_type="text/xml; charset=windows-1251",
        validators=(b'W/"a b"', b"yesterday, at about 8"),
    )


async def test_validators_go_back_byte_for_byte(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(RSS)
    etag, last_modified = 'W/"Їжак"'.encode(), b"yesterday, at about 8"
    await fetch(http, feed_at(publisher.url(), etag=etag, last_modified=last_modified))
    (request,) = publisher.requests
    sent = dict(request.raw_headers)
    assert (sent[b"If-None-Match"], sent[b"If-Modified-Since"]) == (etag, last_modified)


@pytest.mark.parametrize("etag", [None, b"", b"\xff\xfe"])
async def test_no_validator_is_invented(
    publisher: Publisher, http: aiohttp.ClientSession, etag: bytes | None
) -> None:
    publisher.says(RSS)
    document = await fetch(http, feed_at(publisher.url(), etag=etag))
    assert document.validators == (None, None)
    (request,) = publisher.requests
    assert not {"If-None-Match", "If-Modified-Since"} & request.headers.keys()


async def test_a_feed_that_has_not_changed_keeps_its_validators_or_gets_new_ones(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(status=304, headers={"ETag": '"new"'})
    feed = feed_at(publisher.url(), etag=b'"old"', last_modified=b"yesterday")
    assert await fetch(http, feed) == NotModified(validators=(b'"new"', b"yesterday"))


async def test_requests_are_honest_and_leave_no_trace(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(RSS, headers={"Set-Cookie": "visitor=7; Path=/"})
    await fetch(http, feed_at(publisher.url()))
    await fetch(http, feed_at(publisher.url()))
    request = publisher.requests[-1]
    home = "https://github.com/readalso/readalso"
    assert request.headers["User-Agent"] == f"ReadAlso/{metadata.version('readalso')} (+{home})"
    assert request.headers["Accept-Encoding"] == "gzip, br"
    assert "application/rss+xml" in request.headers["Accept"]
    assert not {"Cookie", "Referer", "Authorization"} & request.headers.keys()


async def test_a_bare_folder_has_no_version(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: str) -> str:
        raise metadata.PackageNotFoundError

    monkeypatch.setattr("bot.feeds.fetch.version", missing)
    publisher.says(RSS)
    async with open_http(allow_private_addresses=True) as http:
        await fetch(http, feed_at(publisher.url()))
    assert publisher.requests[0].headers["User-Agent"].startswith("ReadAlso/0 (+https://")


@pytest.mark.parametrize(
    ("encoding", "body"), [("gzip", gzip.compress(RSS)), ("br", brotli.compress(RSS)), ("", RSS)]
)
async def test_a_compressed_document_is_unpacked(
    publisher: Publisher, http: aiohttp.ClientSession, encoding: str, body: bytes
) -> None:
    publisher.says(body, headers={"Content-Encoding": encoding})
    document = await fetch(http, feed_at(publisher.url()))
    assert isinstance(document, Document)
    assert document.body == RSS


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418, 500, 502, 204, 206, 300])
async def test_another_status_is_said_plainly(
    publisher: Publisher, http: aiohttp.ClientSession, status: int
) -> None:
    publisher.says(RSS, status=status)
    assert await failure(http, publisher.url()) == f"HTTP {status}"


@pytest.mark.parametrize("status", [429, 503])
async def test_a_server_that_names_a_time_is_heard(
    publisher: Publisher, http: aiohttp.ClientSession, status: int
) -> None:
    publisher.says(status=status, headers={"Retry-After": "3600"})
    with pytest.raises(BusyError, match=f"^HTTP {status}, asks to wait 3600 s$") as caught:
        await fetch(http, feed_at(publisher.url()))
    assert caught.value.retry_after == timedelta(hours=1)


async def test_a_server_that_names_no_time_just_failed(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(status=503, headers={"Retry-After": "soon"})
    assert await failure(http, publisher.url()) == "HTTP 503"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_followed_with_the_validators(
    publisher: Publisher, http: aiohttp.ClientSession, status: int
) -> None:
    publisher.says(status=status, headers={"Location": "/new"})
    publisher.says(RSS, path="/new")
    document = await fetch(http, feed_at(publisher.url(), etag=b'"7"'))
    assert isinstance(document, Document)
    assert publisher.requests[-1].headers["If-None-Match"] == '"7"'


async def test_a_loop_of_redirects_is_left(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(status=302, headers={"Location": "/rss"})
    assert await failure(http, publisher.url()) == "redirects more than 5 times"
    assert len(publisher.requests) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("file:///etc/passwd", "redirects to what is no web address: 'file:///etc/passwd'"),
        ("ftp://courier.example/", "redirects to what is no web address"),
        ("https:///", "redirects to what is no web address"),
        ("http://me:secret@courier.example/", "redirects to an address that we do not follow"),
        ("/" + "a" * 2048, "redirects to an address that we do not follow"),
        ("http://[broken", "not an address that can be fetched"),
        ("", "redirects without saying where"),
    ],
)
async def test_a_redirect_out_of_the_web_is_not_followed(
    publisher: Publisher, http: aiohttp.ClientSession, location: str, reason: str
) -> None:
    publisher.says(status=301, headers={"Location": location})
    assert (await failure(http, publisher.url())).startswith(reason)
    assert len(publisher.requests) == 1


@pytest.mark.parametrize("encoding", ["gzip", "br"])
async def test_a_bomb_is_stopped(
    publisher: Publisher, http: aiohttp.ClientSession, encoding: str
) -> None:
    bomb = gzip.compress(bytes(1 << 26)) if encoding == "gzip" else brotli.compress(bytes(1 << 26))
    publisher.says(bomb, headers={"Content-Encoding": encoding})
    assert await failure(http, publisher.url()) == "larger than 5 MiB"


@pytest.mark.parametrize("encoding", ["", "gzip"])
async def test_an_endless_body_is_stopped_by_what_came_over_the_wire(
    publisher: Publisher, http: aiohttp.ClientSession, encoding: str
) -> None:
    # Stored gzip blocks of no length: endless on the wire, and unpacking to nothing.
    chunk = b"\0\0\0\xff\xff" * 20_000 if encoding else b"x" * 100_000
    sent = 0

    async def endless(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Encoding": encoding})
        await response.prepare(request)
        await response.write(gzip.compress(b"")[:10] if encoding else b"")
        while not request.transport or not request.transport.is_closing():
            await response.write(chunk)
            sent += len(chunk)
        return response

    publisher.answers["/rss"] = endless
    assert await failure(http, publisher.url()) == "larger than 5 MiB"
    assert sent < 10 * MAX_BYTES


@pytest.mark.parametrize("encoding", ["zstd", "gzip, gzip"])
async def test_an_unknown_or_stacked_encoding_is_refused(
    publisher: Publisher, http: aiohttp.ClientSession, encoding: str
) -> None:
    publisher.says(RSS, headers={"Content-Encoding": encoding})
    assert "encoding that we do not read" in await failure(http, publisher.url())


async def test_a_body_that_breaks_off_is_no_document(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(gzip.compress(RSS)[:-4], headers={"Content-Encoding": "gzip"})
    assert await failure(http, publisher.url()) == "broke off in the middle"


async def test_a_connection_that_breaks_off_is_no_document(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    async def broken(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(RSS)
        assert request.transport
        request.transport.close()
        return response

    publisher.answers["/rss"] = broken
    assert await failure(http, publisher.url()) == "broke off in the middle"


async def test_a_server_that_hangs_is_left(publisher: Publisher) -> None:
    publisher.answers["/rss"] = publisher.hang
    patience = timedelta(seconds=0.2)
    async with open_http(allow_private_addresses=True, patience=patience) as http:
        assert await failure(http, publisher.url()) == "did not answer within 0.2 s"


async def test_a_server_that_hangs_up_is_named(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    async def hang_up(request: web.Request) -> web.StreamResponse:
        assert request.transport
        request.transport.close()
        return web.Response()

    publisher.answers["/rss"] = hang_up
    assert await failure(http, publisher.url()) == "closed the connection without an answer"


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that nobody listens on, and nobody else can take."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


async def test_a_refused_connection_is_named(http: aiohttp.ClientSession, silent_port: int) -> None:
    url = f"http://127.0.0.1:{silent_port}/rss"
    assert await failure(http, url) == "refused the connection"


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose queue is full: it neither takes nor refuses another connection."""
    with socket.socket() as server, ExitStack() as queued:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        for _ in range(4):
            waiting = queued.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(server.getsockname())
        yield server.getsockname()[1]


async def test_a_server_that_does_not_take_the_call_is_named(full_port: int) -> None:
    patience = timedelta(seconds=0.4)
    async with open_http(allow_private_addresses=True, patience=patience) as http:
        reason = await failure(http, f"http://127.0.0.1:{full_port}/rss")
    assert reason == "no connection within 0.2 s"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://nowhere.invalid/rss", "the server name is not known"),
        ("http://255.255.255.255/rss", "could not be reached"),  # broadcast: TCP never does
    ],
)
async def test_a_server_that_is_not_there_is_named(
    http: aiohttp.ClientSession, url: str, reason: str
) -> None:
    assert await failure(http, url) == reason


async def test_a_server_that_speaks_no_tls_is_named(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    url = publisher.url().replace("http:", "https:")
    assert (await failure(http, url)).startswith("no secure connection")


@pytest.mark.parametrize(
    "url", ["http://", "http://[broken", "gopher://courier.example/", "http://" + "a" * 70 + ".ua"]
)
async def test_what_is_no_address_is_named(http: aiohttp.ClientSession, url: str) -> None:
    assert await failure(http, url) in (
        "not an address that can be fetched",
        "the server name is not known",
    )


async def test_what_is_no_http_is_named(publisher: Publisher, http: aiohttp.ClientSession) -> None:
    async def babble(request: web.Request) -> web.StreamResponse:
        assert request.transport
        request.transport.write(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")
        request.transport.close()
        return web.Response()

    publisher.answers["/rss"] = babble
    assert await failure(http, publisher.url()) == "does not speak proper HTTP"


LOOPBACKS = [
    "http://127.0.0.1:{port}/rss",
    "http://localhost:{port}/rss",
    "http://127.1:{port}/rss",
    "http://127.0.0.2:{port}/rss",
    "http://0.0.0.0:{port}/rss",
    "http://0:{port}/rss",
    "http://2130706433:{port}/rss",
    "http://0x7f000001:{port}/rss",
    "http://0177.0.0.1:{port}/rss",
    "http://user@127.0.0.1:{port}/rss",
    "http://[::1]:{port}/rss",
    "http://[::]:{port}/rss",
    "http://[::ffff:127.0.0.1]:{port}/rss",
    "http://[::ffff:7f00:1]:{port}/rss",
    "http://[64:ff9b::7f00:1]:{port}/rss",
    "http://①②⑦.⓪.⓪.①:{port}/rss",
    "http://127.0.0.1.:{port}/rss",
]


@pytest.mark.parametrize("form", LOOPBACKS)
async def test_no_spelling_of_a_private_address_reaches_it(publisher: Publisher, form: str) -> None:
    publisher.says(RSS)
    port = publisher.base.rpartition(":")[2]
    async with open_http(allow_private_addresses=False) as http:
        reason = await failure(http, form.format(port=port))
    assert reason in (
        "its address is not a public one",
        "the server name is not known",
        "not an address that can be fetched",
    )
    assert not publisher.requests


async def test_a_redirect_to_a_private_address_does_not_reach_it(
    publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher.says(status=302, headers={"Location": "http://127.0.0.1:1/admin"})
    port = int(publisher.base.rpartition(":")[2])
    monkeypatch.setattr("bot.feeds.guard.allowed", lambda _, dialled: dialled == port)
    async with open_http(allow_private_addresses=False) as http:
        assert await failure(http, publisher.url()) == "its address is not a public one"
    assert [request.path for request in publisher.requests] == ["/rss"]
