import asyncio
import gzip
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web

from bot.errors import BusyError, FetchError, GoneError
from bot.feeds.http.client import open_http
from bot.feeds.http.fetch import fetch_feed
from bot.feeds.http.redirects import MAX_REDIRECTS
from bot.model.feeds import FeedDocument, FeedRequest, NotModified
from tests.feeds.conftest import Publisher, Wire, answer

RSS = b"<rss version='2.0'/>"
ETAG, LAST_MODIFIED = b'W/"a b"', b"yesterday, at about 8"


def again(url: str, etag: bytes | None = ETAG, last_modified: bytes | None = None) -> FeedRequest:
    """Ask for what was found there before."""
    return FeedRequest(url=url, document_url=url, etag=etag, last_modified=last_modified)


async def document(http: aiohttp.ClientSession, request: FeedRequest) -> FeedDocument:
    found = await fetch_feed(http, request)
    assert isinstance(found, FeedDocument)
    return found


async def failure(http: aiohttp.ClientSession, url: str) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetch_feed(http, FeedRequest(url=url))
    return caught.value


async def reason(http: aiohttp.ClientSession, url: str) -> str:
    return str(await failure(http, url))


def conditions(head: bytes) -> dict[bytes, bytes]:
    """Return what of a request makes it conditional."""
    headers = dict(line.split(b": ", 1) for line in head.strip().split(b"\r\n")[1:])
    return {
        name: headers[name]
        for name in (b"If-None-Match", b"If-Modified-Since", b"A-IM")
        if name in headers
    }


async def test_a_document_comes_with_its_headers(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    headers = {
        "ETag": ETAG.decode(),
        "Last-Modified": LAST_MODIFIED.decode(),
        "Content-Type": "text/xml; charset=windows-1251",
        "Content-Encoding": "gzip",
        "Cache-Control": "max-age=900",
        "Age": "300",
    }
    packed = gzip.compress(RSS)
    publisher.says(packed, headers=headers)
    assert await fetch_feed(http, FeedRequest(url=publisher.url())) == FeedDocument(
        url=publisher.url(),
        body=RSS,
        content_type="text/xml; charset=windows-1251",
        validators=(ETAG, LAST_MODIFIED),
        fresh_for=timedelta(seconds=600),
        complete=True,
        partial=False,
        moved_to=None,
        status=200,
        received=len(packed),
        conditional=False,
    )


# What servers call a validator, and what no server should.
ODD = [
    ETAG,
    b'""',
    b'W/"',
    b"no quotes at all",
    b'"a", "b"',
    b'"tab\there"',
    'W/"Їжак"'.encode(),
    "Їжак".encode("windows-1251"),
    b"\xff\xfe\x80",
    b"\xed\xa0\x80",
    bytes(range(0x80, 0x100)),
    b"Mon, 32 Nov 2026 25:00:00 CEST",
]


@pytest.mark.parametrize("validator", ODD)
async def test_p01_validators_come_and_go_back_byte_for_byte(
    wire: Wire, http: aiohttp.ClientSession, validator: bytes
) -> None:
    said = answer(RSS).replace(
        b"\r\n", b"\r\nETag: %b\r\nLast-Modified: %b\r\n" % (validator, validator), 1
    )
    url = await wire.serve(said)
    etag, last_modified = (await document(http, FeedRequest(url=url))).validators
    await fetch_feed(http, again(url, etag, last_modified))
    first, second = wire.heads
    assert conditions(first) == {}
    assert conditions(second) == {
        b"If-None-Match": validator,
        b"If-Modified-Since": validator,
        b"A-IM": b"feed",
    }


async def test_p01_the_rest_of_a_request_is_as_ever_beside_odd_bytes(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    url = await wire.serve(answer(RSS)) + "/%D0%97?q=%D1%97"
    await fetch_feed(http, again(url, b'"7"'))
    await fetch_feed(http, again(url, b'"\xd7"'))
    plain, odd = wire.heads
    assert odd == plain.replace(b'"7"', b'"\xd7"')


@pytest.mark.parametrize("etag", [b'"\r\nX-Injected: yes"', b'"\x00"', b"\x7f", b"a\nb", b"\x1b["])
async def test_a_validator_that_would_break_the_request_is_kept_back(
    wire: Wire, http: aiohttp.ClientSession, etag: bytes
) -> None:
    url = await wire.serve(answer(RSS))
    found = await document(http, again(url, etag, LAST_MODIFIED))
    assert found.conditional
    assert conditions(wire.heads[0]) == {b"If-Modified-Since": LAST_MODIFIED, b"A-IM": b"feed"}
    assert b"X-Injected" not in wire.heads[0]


@pytest.mark.parametrize("nothing", [None, b""])
async def test_p02_no_validator_is_invented(
    wire: Wire, http: aiohttp.ClientSession, nothing: bytes | None
) -> None:
    url = await wire.serve(answer(RSS))
    found = await document(http, again(url, nothing, nothing))
    assert (found.validators, found.conditional) == ((None, None), False)
    assert conditions(wire.heads[0]) == {}


@pytest.mark.parametrize(
    ("etag", "last_modified", "names"),
    [
        (ETAG, LAST_MODIFIED, {b"If-None-Match", b"If-Modified-Since"}),
        (ETAG, None, {b"If-None-Match"}),
        (None, LAST_MODIFIED, {b"If-Modified-Since"}),
    ],
)
async def test_p03_each_validator_that_is_known_is_sent(
    wire: Wire,
    http: aiohttp.ClientSession,
    etag: bytes | None,
    last_modified: bytes | None,
    names: set[bytes],
) -> None:
    url = await wire.serve(answer(RSS))
    assert (await document(http, again(url, etag, last_modified))).conditional
    assert conditions(wire.heads[0]).keys() == names | {b"A-IM"}


@pytest.mark.parametrize(
    ("headers", "validators"),
    [
        ([], (b'"old"', b"old")),
        (['ETag: "new"'], (b'"new"', b"old")),
        (["Last-Modified: new"], (b'"old"', b"new")),
        (['ETag: "new"', "Last-Modified: new"], (b'"new"', b"new")),
        (["ETag: ", "Last-Modified: "], (b'"old"', b"old")),
    ],
)
async def test_p04_not_modified_renews_the_validators_that_it_names(
    wire: Wire,
    http: aiohttp.ClientSession,
    headers: list[str],
    validators: tuple[bytes, bytes],
) -> None:
    url = await wire.serve(answer(b"", *headers, "Cache-Control: max-age=60", status="304 x"))
    assert await fetch_feed(http, again(url, b'"old"', b"old")) == NotModified(
        url=url,
        validators=validators,
        fresh_for=timedelta(minutes=1),
        moved_to=None,
        status=304,
        received=0,
        conditional=True,
    )


async def test_not_modified_is_no_answer_to_who_knows_nothing(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    error = await failure(http, await wire.serve(answer(b"", status="304 Not Modified")))
    assert str(error) == "says that nothing is new, where we know nothing"
    assert error.status == 304


@pytest.mark.parametrize(
    ("headers", "validators"),
    [
        ([], (None, None)),
        (['ETag: "new"'], (b'"new"', None)),
        (["Last-Modified: new"], (None, b"new")),
        (['ETag: "first"', 'ETag: "second"'], (b'"first"', None)),
    ],
)
async def test_p05_a_document_brings_its_validators_and_no_old_one_stays(
    wire: Wire,
    http: aiohttp.ClientSession,
    headers: list[str],
    validators: tuple[bytes | None, bytes | None],
) -> None:
    url = await wire.serve(answer(RSS, *headers))
    assert (await document(http, again(url, b'"old"', b"old"))).validators == validators


@pytest.mark.parametrize("elsewhere", [None, "http://other.example/rss", "{url}?", "{url}#top"])
async def test_p07_validators_are_for_the_address_that_they_came_from(
    wire: Wire, http: aiohttp.ClientSession, elsewhere: str | None
) -> None:
    url = await wire.serve(answer(RSS))
    request = replace(again(url), document_url=elsewhere and elsewhere.format(url=url))
    assert not (await document(http, request)).conditional
    assert conditions(wire.heads[0]) == {}


async def test_p07_on_the_way_only_the_address_of_the_document_sees_them(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    end = await wire.serve(answer(RSS))
    middle = await wire.serve(answer(b"", f"Location: {end}", status="301 Moved"))
    start = await wire.serve(answer(b"", f"Location: {middle}", status="302 Found"))
    request = FeedRequest(url=start, document_url=end, etag=ETAG)
    assert (await document(http, request)).conditional
    assert [bool(conditions(head)) for head in wire.heads] == [False, False, True]
    moved = await document(http, replace(request, document_url=start))
    assert (moved.url, moved.conditional) == (end, False)


async def test_p12_a_delta_is_requested_and_is_partial(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    url = await wire.serve(answer(RSS, "IM: feed", 'ETag: "8"', status="226 IM Used"))
    found = await document(http, again(url))
    assert (found.partial, found.complete, found.status) == (True, True, 226)
    assert (found.body, found.validators) == (RSS, (b'"8"', None))
    assert conditions(wire.heads[0])[b"A-IM"] == b"feed"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        (["Cache-Control: public", "Cache-Control: max-age=600", "Age: 60"], 540),
        (["Cache-Control: no-cache", "Cache-Control: max-age=600"], 0),
        (["Expires: Mon, 23 Nov 2026 09:00:00 GMT", "Date: Mon, 23 Nov 2026 08:00:00 GMT"], 3600),
        ([], 0),
    ],
)
async def test_p13_p14_an_answer_says_for_how_long_it_is_good(
    wire: Wire, http: aiohttp.ClientSession, headers: list[str], seconds: int
) -> None:
    url = await wire.serve(answer(RSS, *headers))
    assert (await document(http, FeedRequest(url=url))).fresh_for == timedelta(seconds=seconds)


async def test_p27_a_retry_after_is_a_busy_error(wire: Wire, http: aiohttp.ClientSession) -> None:
    error = await failure(http, await wire.serve(answer(b"", "Retry-After: 60", status="429 x")))
    assert isinstance(error, BusyError)
    assert (error.retry_after, error.status) == (timedelta(minutes=1), 429)


async def test_p33_gone_is_gone(wire: Wire, http: aiohttp.ClientSession) -> None:
    assert isinstance(await failure(http, await wire.serve(answer(status="410 Gone"))), GoneError)


@pytest.mark.parametrize(
    ("statuses", "moved_to"),
    [
        ([301], 1),
        ([308], 1),
        ([301, 308, 301], 3),
        ([301, 302], 1),
        ([308, 301, 307, 301], 2),
        ([301, 303, 308], 1),
        ([302], None),
        ([303], None),
        ([307, 301], None),
        ([302, 308, 301], None),
        ([], None),
    ],
)
async def test_p29_a_feed_has_moved_as_far_as_all_redirects_are_permanent(
    publisher: Publisher, http: aiohttp.ClientSession, statuses: list[int], moved_to: int | None
) -> None:
    for step, status in enumerate(statuses):
        publisher.says(path=f"/{step}", status=status, headers={"Location": f"/{step + 1}"})
    publisher.says(RSS, path=f"/{len(statuses)}")
    found = await document(http, FeedRequest(url=publisher.url("/0")))
    assert found.url == publisher.url(f"/{len(statuses)}")
    assert found.moved_to == (None if moved_to is None else publisher.url(f"/{moved_to}"))


async def test_p29_a_feed_that_has_moved_may_have_nothing_new(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(status=301, headers={"Location": "/new#top"})
    publisher.says(path="/new", status=304)
    new = publisher.url("/new")
    found = await fetch_feed(http, FeedRequest(url=publisher.url(), document_url=new, etag=ETAG))
    assert isinstance(found, NotModified)
    assert (found.url, found.moved_to) == (new, new)


async def test_p32_a_circle_of_redirects_is_left(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    publisher.says(status=302, headers={"Location": "/other"})
    publisher.says(path="/other", status=301, headers={"Location": "/rss"})
    error = await failure(http, publisher.url())
    assert (str(error), error.status) == ("redirects in a circle", 301)
    assert len(publisher.requests) == 2


async def test_p32_a_circle_that_does_not_go_back_to_the_start_is_left_too(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    for path, location in (("/rss", "/a"), ("/a", "/b"), ("/b", "/a")):
        publisher.says(path=path, status=302, headers={"Location": location})
    assert await reason(http, publisher.url()) == "redirects in a circle"
    assert len(publisher.requests) == 3


async def test_p32_a_chain_of_redirects_is_left(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    for step in range(20):
        publisher.says(path=f"/{step}", status=302, headers={"Location": f"/{step + 1}"})
    assert await reason(http, publisher.url("/0")) == "redirects more than 5 times"
    assert len(publisher.requests) == MAX_REDIRECTS + 1


@pytest.mark.parametrize(
    ("location", "wrong"),
    [
        ("file:///etc/passwd", "is not one of the web"),
        ("ftp://courier.example/", "is not one of the web"),
        ("ws://courier.example/", "is not one of the web"),
        ("javascript:alert(1)", "is not one of the web"),
        ("data:text/xml,<rss/>", "is not one of the web"),
        ("https:///", "is not one of the web"),
        ("http://[broken", "is not one of the web"),
        ("http://me:secret@courier.example/", "holds a user name or a password"),
        ("//me@courier.example/", "holds a user name or a password"),
        ("/" + "a" * 2048, "is longer than 2048 characters"),
    ],
)
async def test_p32_a_redirect_out_of_the_web_is_not_followed(
    publisher: Publisher, http: aiohttp.ClientSession, location: str, wrong: str
) -> None:
    publisher.says(status=301, headers={"Location": location})
    error = await failure(http, publisher.url())
    assert (str(error), error.status) == (f"redirects to an address that {wrong}", 301)
    assert "secret" not in str(error)
    assert len(publisher.requests) == 1


async def test_p32_a_redirect_has_to_say_where(wire: Wire, http: aiohttp.ClientSession) -> None:
    for headers in ([], ["Location: "], ["Location:   "]):
        url = await wire.serve(answer(b"", *headers, status="302 Found"))
        assert await reason(http, url) == "redirects without saying where"


async def test_p32_nothing_goes_along_to_another_host(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    end = await wire.serve(answer(RSS))
    location, cookie = f"Location: {end}", "Set-Cookie: id=7; Path=/"
    start = await wire.serve(answer(b"", location, cookie, status="302 Found"))
    await fetch_feed(http, again(start))
    for name in (b"cookie", b"authorization", b"referer", b"if-none-match", b"a-im"):
        assert b"\r\n" + name not in wire.heads[1].lower()


@pytest.mark.parametrize(
    ("location", "asked"),
    [
        (b"/a b", b"/a%20b"),
        ("/стрічка".encode(), b"/%D1%81%D1%82%D1%80%D1%96%D1%87%D0%BA%D0%B0"),
        ("/ї".encode("windows-1251"), b"/%BF"),
        (b"?page=2", b"/rss?page=2"),
        (b"/a/../b", b"/b"),
        (b"/signed?by=a%2Fb%7E%3D&x", b"/signed?by=a%2Fb%7E%3D&x"),
    ],
)
async def test_a_redirect_is_followed_as_it_is_written(
    wire: Wire, http: aiohttp.ClientSession, location: bytes, asked: bytes
) -> None:
    async def talk(writer: asyncio.StreamWriter) -> None:
        first = len(wire.heads) == 1
        head = b"HTTP/1.1 302 Found\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % location
        writer.write(head if first else answer(RSS))

    await fetch_feed(http, FeedRequest(url=await wire.serve(talk)))
    assert wire.heads[1].split(b" ")[1] == asked


@pytest.mark.parametrize(
    "path",
    [
        "/%7Efeeds/%e2%82%ac?a=%2F&b=a+b&c=%20&&=;",
        "/a//b/./c/../d",
        "/feed?url=https://courier.example/rss",
        "/!$&'()*+,;=:@",
    ],
)
async def test_p41_a_url_is_requested_exactly_as_it_is(
    wire: Wire, http: aiohttp.ClientSession, path: str
) -> None:
    url = (await wire.serve(answer(RSS))).replace("/rss", path)
    for _ in range(2):
        await fetch_feed(http, FeedRequest(url=url))
    assert {head.split(b" ")[1].decode() for head in wire.heads} == {path}


async def test_p41_an_address_with_letters_of_its_own_is_escaped(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    url = (await wire.serve(answer(RSS))).replace("/rss", "/їжа\r\nX-Injected: yes")
    await fetch_feed(http, FeedRequest(url=url))
    assert wire.heads[0].startswith(b"GET /%D1%97%D0%B6%D0%B0")
    assert b"\nX-Injected" not in wire.heads[0]


@pytest.mark.parametrize(
    ("readers", "told"), [(0, b"readalso)"), (1, b"; 1 subscribers)"), (999, b"; 999 subscribers)")]
)
async def test_p40_publishers_learn_how_many_read_them(
    wire: Wire, http: aiohttp.ClientSession, readers: int, told: bytes
) -> None:
    await fetch_feed(http, FeedRequest(url=await wire.serve(answer(RSS)), readers=readers))
    (agent,) = [line for line in wire.heads[0].split(b"\r\n") if line.startswith(b"User-Agent:")]
    assert agent.startswith(b"User-Agent: ReadAlso/")
    assert agent.endswith(told)


async def test_p39_a_document_that_broke_off_says_so(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    url = await wire.serve(answer(RSS, 'ETag: "7"', length=1000))
    found = await document(http, FeedRequest(url=url))
    assert (found.body, found.complete, found.received) == (RSS, False, len(RSS))


@pytest.mark.parametrize(
    "url",
    [
        "http://me:secret@courier.example/",
        "http://me@127.0.0.1/",
        "https://:secret@courier.example/",
    ],
)
async def test_an_address_with_a_password_is_refused_and_not_repeated(
    http: aiohttp.ClientSession, url: str
) -> None:
    assert await reason(http, url) == "its address holds a user name or a password"


@pytest.mark.parametrize("url", ["", "rss", "http://", "gopher://courier.example/", "http://[x"])
async def test_what_is_no_address_is_named(http: aiohttp.ClientSession, url: str) -> None:
    assert await reason(http, url) == "its address is not one of the web"


@pytest.mark.parametrize(
    "url",
    [
        "http://courier.example:99999/",
        "http://courier.example:port/",
        "http://127.1/rss",
        "http://a..example/",
        "http://" + "a" * 70 + ".ua",
        "http://\udcff.example/",
    ],
)
async def test_what_cannot_be_an_address_is_named(http: aiohttp.ClientSession, url: str) -> None:
    assert await reason(http, url) in (
        "not an address that can be fetched",
        "the server name is not known",
    )


async def test_p44_a_server_that_hangs_is_left(publisher: Publisher) -> None:
    publisher.answers["/rss"] = publisher.hang
    time_limit = timedelta(seconds=0.2)
    async with open_http(allow_private_addresses=True, time_limit=time_limit) as http:
        assert await reason(http, publisher.url()) == "did not answer within 0.2 s"


async def test_p44_a_drip_is_left(wire: Wire) -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with open_http(allow_private_addresses=True, time_limit=timedelta(seconds=0.8)) as http:
        assert "too slowly" in await reason(http, await wire.serve(drip))


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that nobody listens on, and nobody else can take."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


async def test_a_refused_connection_is_named(http: aiohttp.ClientSession, silent_port: int) -> None:
    assert await reason(http, f"http://127.0.0.1:{silent_port}/rss") == "refused the connection"


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


async def test_p44_a_server_that_does_not_take_the_call_is_named(full_port: int) -> None:
    time_limit = timedelta(seconds=0.4)
    async with open_http(allow_private_addresses=True, time_limit=time_limit) as http:
        said = await reason(http, f"http://127.0.0.1:{full_port}/rss")
    assert said == "no connection within 0.2 s"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://nowhere.invalid/rss", "the server name is not known"),
        ("http://255.255.255.255/rss", "could not be reached"),  # broadcast: TCP never does
    ],
)
async def test_a_server_that_is_not_there_is_named(
    http: aiohttp.ClientSession, url: str, said: str
) -> None:
    assert await reason(http, url) == said


async def test_a_server_that_speaks_no_tls_is_named(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    url = publisher.url().replace("http:", "https:")
    assert await reason(http, url) == "no secure connection: it does not speak proper TLS"


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
# A handshake's beginning, and the alert with which a TLS server answers plain HTTP.
TLS = [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x15\x03\x01\x00\x02\x02\x46"]


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"<rss version='2.0'><channel/></rss>\r\n\r\n",  # HTTP/0.9: a body and nothing else
        b"+OK POP3 ready\r\n",
        *TLS,
        b"\0" * 100,
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n123456",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 40 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 2_000_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"a" * 2_000_000 + b": x\r\n\r\n",
        b"HTTP/1.1 200 " + b"a" * 2_000_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 300_000 + b"\r\n",
        CHUNKED + b"nonsense\r\n",
        CHUNKED + b"-5\r\n",
        CHUNKED + b"5" * 5_000,
        CHUNKED + b"5\r\n<rss>nonsense\r\n",
    ],
)
async def test_what_is_no_http_is_named(
    wire: Wire, http: aiohttp.ClientSession, said: bytes
) -> None:
    assert await reason(http, await wire.serve(said)) in (
        "does not speak proper HTTP",
        "closed the connection without an answer",
        "broke off before anything came",
    )


@pytest.mark.parametrize("size", [9_000, 30_000])
async def test_a_long_header_is_not_held_against_a_server(
    wire: Wire, http: aiohttp.ClientSession, size: int
) -> None:
    url = await wire.serve(answer(RSS, "Content-Security-Policy: " + "a" * size))
    assert (await document(http, FeedRequest(url=url))).body == RSS


ENDLESS = {
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X: a\r\n"),
    "slow headers": (b"HTTP/1.1 200 OK\r\n", b""),
    "one header": (b"HTTP/1.1 200 OK\r\nX: ", b"a" * 1_000),
    "status line": (b"HTTP/1.1 200 ", b"a" * 1_000),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100),
    "nonsense within chunks": (CHUNKED + b"5\r\n<rss>\r\n", b"nonsense\r\n"),
    "size of a chunk": (CHUNKED, b"0"),
    "extension of a chunk": (CHUNKED + b"5;", b"a" * 1_000),
    "trailers": (CHUNKED + b"5\r\n<rss>\r\n0\r\n", b"X: a\r\n" * 100),
    "bodies": (b"", answer(RSS)),
}


@pytest.mark.parametrize("kind", ENDLESS)
async def test_nothing_endless_holds_us_up(wire: Wire, kind: str) -> None:
    first, then = ENDLESS[kind]

    async def talk(writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while True:
            await writer.drain()
            await asyncio.sleep(0.001)
            writer.write(then)

    began = asyncio.get_running_loop().time()
    async with open_http(allow_private_addresses=True, time_limit=timedelta(seconds=0.4)) as http:
        try:
            found = await document(http, FeedRequest(url=await wire.serve(talk)))
        except FetchError as error:
            assert str(error)  # noqa: PT017 - either will do, as long as it ends
        else:
            assert len(found.body) <= len(RSS)
    assert asyncio.get_running_loop().time() - began < 2


async def test_a_request_asks_for_a_feed_and_nothing_else(
    publisher: Publisher, http: aiohttp.ClientSession
) -> None:
    async def strict(request: web.Request) -> web.Response:
        assert (request.method, request.can_read_body) == ("GET", False)
        return web.Response(body=RSS)

    publisher.answers["/rss"] = strict
    found = await document(http, again(publisher.url(), b"\xff"))
    assert (found.body, found.conditional) == (RSS, True)


FEED = RSS + b"<!-- " + b"x" * 100 + b" -->"
LENGTH = b"Content-Length: %d\r\n" % len(FEED)
CHUNK = b"%x\r\n%b\r\n0\r\n\r\n" % (len(FEED), FEED)


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 200 OK\r\n" + LENGTH + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 7\r\n\r\n" + CHUNK,
        b"HTTP/1.1 200 OK\r\n" + 2 * b"Transfer-Encoding: chunked\r\n" + b"\r\n" + CHUNK,
        b"HTTP/1.1 200 OK\r\n" + LENGTH + LENGTH + b"\r\n" + FEED,
        b"HTTP/1.1 200 OK\r\n" + LENGTH + b"Transfer-Encoding: identity\r\n\r\n" + FEED,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n" + FEED,
        b'HTTP/1.1 200 OK\r\n"X-XSS-Protection: 0"\r\n' + LENGTH + b"\r\n" + FEED,
        b"HTTP/1.1 200 OK\r\nno colon here\r\n" + LENGTH + b"\r\n" + FEED,
        b"HTTP/1.1 200 OK\r\nContent-Type : text/xml\r\n" + LENGTH + b"\r\n" + FEED,
        b"HTTP/1.1 200 OK\n" + LENGTH.replace(b"\r", b"") + b"\n" + FEED,
        b"HTTP/1.1 200\r\n" + LENGTH + b"\r\n" + FEED,
        b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\n"
        + LENGTH
        + b"\r\n"
        + FEED,
        b"HTTP/1.1 203 Non-Authoritative\r\n" + LENGTH + b"\r\n" + FEED,
    ],
)
async def test_h2_a_server_is_understood_as_curl_understands_it(
    wire: Wire, http: aiohttp.ClientSession, said: bytes
) -> None:
    found = await document(http, FeedRequest(url=await wire.serve(said)))
    assert (found.body, found.complete) == (FEED, True)
