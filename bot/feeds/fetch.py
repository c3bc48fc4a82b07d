"""What has a feed's server to say? One polite, conditional and bounded GET.

Whatever goes wrong is a `FetchError` whose message is the fact in plain words.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urljoin, urlsplit

import aiohttp

from bot.errors import BusyError, FetchError
from bot.feeds.guard import BlockedError, guarded_socket
from bot.feeds.retry_after import read_retry_after
from bot.feeds.unpack import PIECE, unpacker
from bot.model import Feed

TIMEOUT = timedelta(seconds=20)
# The largest of 274 real feeds had 2.5 MB.
MAX_BYTES = 5 * 1024 * 1024
MAX_REDIRECTS = 5
MAX_URL_LENGTH = 2048

_HOME = "https://github.com/readalso/readalso"
_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json,"
    " application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_COME_BACK_LATER = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})

# The ETag and the Last-Modified, each as the server's own bytes; None where it gave none.
Validators = tuple[bytes | None, bytes | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What the feed's server sent, unpacked; a `content_type` of None: it named none."""

    body: bytes
    content_type: str | None
    validators: Validators


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """Nothing is new; the validators are those to send from now on."""

    validators: Validators


@asynccontextmanager
async def open_http(
    *, allow_private_addresses: bool, patience: timedelta = TIMEOUT
) -> AsyncIterator[aiohttp.ClientSession]:
    """Open the session for all feeds; `patience` is the time for one, with its redirects.

    Half of it is for connecting. The session knows no cookies and no proxy, and dials
    public addresses only unless told otherwise.
    """
    connector = aiohttp.TCPConnector(
        limit=0,  # the poller bounds what is in flight
        ttl_dns_cache=300,
        socket_factory=None if allow_private_addresses else guarded_socket,
    )
    seconds = patience.total_seconds()
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,  # a proxy would dial for us, past the guard
        auto_decompress=False,  # `unpack` counts as it goes
        timeout=aiohttp.ClientTimeout(total=seconds, sock_connect=seconds / 2),
        headers={
            "User-Agent": f"ReadAlso/{_version()} (+{_HOME})",
            "Accept": _ACCEPT,
            "Accept-Encoding": "gzip, br",
        },
    ) as http:
        yield http


async def fetch(http: aiohttp.ClientSession, feed: Feed) -> Document | NotModified:
    """Return the feed's document, or that it has not changed since the poll that we know of.

    Raises:
        BusyError: if the server says when to come back.
        FetchError: if no document came for any other reason.
    """
    total = http.timeout.total
    try:
        # One deadline for all redirects; a server that drips is cut off by it too.
        async with asyncio.timeout(total):
            return await _follow(http, feed)
    except aiohttp.ConnectionTimeoutError:
        raise FetchError(f"no connection within {http.timeout.sock_connect:g} s") from None
    except TimeoutError:
        raise FetchError(f"did not answer within {total:g} s") from None
    except (aiohttp.ClientError, ValueError, OSError) as error:
        # ValueError: an address that yarl, or a name that IDNA, cannot make sense of.
        raise FetchError(_in_words(error)) from error


async def _follow(http: aiohttp.ClientSession, feed: Feed) -> Document | NotModified:
    """Follow redirects by hand: each step is checked, and none takes credentials along."""
    url = feed.url
    conditions = _conditions(feed)
    for _ in range(MAX_REDIRECTS + 1):
        async with http.get(url, headers=conditions, allow_redirects=False) as response:
            if response.status not in _REDIRECTS:
                return await _read(response, feed)
            url = _target(url, response.headers.get("Location"))
    raise FetchError(f"redirects more than {MAX_REDIRECTS} times")


def _conditions(feed: Feed) -> dict[str, str]:
    """Send each validator back byte for byte, or not at all: a changed one would be invented."""
    conditions = {}
    for name, validator in (
        ("If-None-Match", feed.etag),
        ("If-Modified-Since", feed.last_modified),
    ):
        try:
            # aiohttp writes headers as UTF-8, so this is what comes out unchanged.
            text = (validator or b"").decode("utf-8")
        except UnicodeDecodeError:
            continue
        if text:
            conditions[name] = text
    return conditions


def _target(url: str, location: str | None) -> str:
    if not location:
        raise FetchError("redirects without saying where")
    target = urljoin(url, location.strip())
    parts = urlsplit(target)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError(f"redirects to what is no web address: {target[:200]!r}")
    if parts.username is not None or len(target) > MAX_URL_LENGTH:
        raise FetchError("redirects to an address that we do not follow")
    return target


async def _read(response: aiohttp.ClientResponse, feed: Feed) -> Document | NotModified:
    match response.status:
        case HTTPStatus.OK:
            return Document(
                body=await _body(response),
                content_type=response.headers.get("Content-Type"),
                validators=_validators(response),
            )
        case HTTPStatus.NOT_MODIFIED:
            etag, last_modified = _validators(response)
            # RFC 9111, 4.3.4: a 304 may renew validators; those it does not name stay.
            return NotModified(validators=(etag or feed.etag, last_modified or feed.last_modified))
        case status if status in _COME_BACK_LATER:
            raise _busy(status, response.headers)
        case status:
            raise FetchError(f"HTTP {status}")


def _busy(status: int, headers: Mapping[str, str]) -> FetchError:
    wait = read_retry_after(headers.get("Retry-After", ""), date=headers.get("Date", ""))
    if wait is None:
        return FetchError(f"HTTP {status}")
    message = f"HTTP {status}, asks to wait {wait.total_seconds():.0f} s"
    return BusyError(message, retry_after=wait)


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """Read and unpack; both what comes over the wire and what it unpacks to are bounded."""
    unpack = unpacker(", ".join(response.headers.getall("Content-Encoding", [])))
    received = 0
    body = bytearray()
    async for chunk in response.content.iter_chunked(PIECE):
        received += len(chunk)
        for piece in unpack.pieces(chunk):
            body += piece
            if max(received, len(body)) > MAX_BYTES:
                raise FetchError(f"larger than {MAX_BYTES // 1024**2} MiB")
    if received and not unpack.finished:
        raise FetchError("broke off in the middle")
    return bytes(body)


def _validators(response: aiohttp.ClientResponse) -> Validators:
    """Return the bytes as received: `headers` would have decoded them."""
    raw = {name.lower(): value for name, value in reversed(response.raw_headers)}
    return raw.get(b"etag") or None, raw.get(b"last-modified") or None


def _in_words(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "the server name is not known"
        case aiohttp.ClientConnectorError(os_error=BlockedError()):
            return "its address is not a public one"
        case aiohttp.ClientSSLError():
            return "no secure connection: its certificate or its TLS is not in order"
        case aiohttp.ClientConnectorError(os_error=ConnectionRefusedError()):
            return "refused the connection"
        case aiohttp.ClientConnectorError():
            return "could not be reached"
        case _:
            return _broken_answer(error)


def _broken_answer(error: Exception) -> str:
    match error:
        case aiohttp.ClientPayloadError():
            return "broke off in the middle"
        case aiohttp.ClientResponseError():
            return "does not speak proper HTTP"
        case aiohttp.ClientConnectionError() | OSError():
            return "closed the connection without an answer"
        case _:
            return "not an address that can be fetched"


def _version() -> str:
    try:
        return version("readalso")
    except PackageNotFoundError:  # run from a bare folder
        return "0"
