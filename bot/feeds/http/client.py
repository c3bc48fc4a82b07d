"""HTTP client: the aiohttp session for publishers' servers.

It sends an honest User-Agent, verifies every certificate, dials public addresses only, keeps
neither cookies nor connections, and puts heads of responses in order before they are parsed.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any, cast

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection

from bot import __version__
from bot.feeds.http.errors import is_transient
from bot.feeds.http.response_head import HeadReader
from bot.feeds.http.ssrf_guard import public_only_socket

# For one request with all its redirects; as long as Miniflux waits.
TIME_LIMIT = timedelta(seconds=20)

_HOME = "https://github.com/readalso/readalso"
_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json,"
    " application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
# Shares of the time limit: ten seconds to connect, and one before dialling again.
_CONNECT_SHARE = 1 / 2
_REDIAL_SHARE = 1 / 20
# aiohttp's own limit is 8 KiB, and a site's security policy may be longer.
_MAX_HEADER_BYTES = 32 * 1024
_DNS_TTL_SECONDS = 300
# A dead domain blocks its thread for many seconds; asyncio's own threads serve others too.
_RESOLVER_THREADS = 16


@asynccontextmanager
async def open_http(
    *,
    allow_private_addresses: bool,
    time_limit: timedelta = TIME_LIMIT,
    resolver: AbstractResolver | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[aiohttp.ClientSession]:
    """Open the session; `time_limit` is for one request with its redirects, half of it to connect.

    Names are looked up by the system, in separate threads, unless there is a `resolver`, and
    certificates verified by the system's authorities unless there is a `tls`.
    """
    seconds = time_limit.total_seconds()
    own_resolver = resolver or _Resolver()
    connector = _Connector(
        limit=0,  # the poller limits what is in flight
        # Two polls of one feed are minutes apart: a kept connection is mostly a dead one.
        force_close=True,
        ttl_dns_cache=_DNS_TTL_SECONDS,
        resolver=own_resolver,
        ssl=tls or True,  # aiohttp builds one context of its own, once, and shares it
        socket_factory=None if allow_private_addresses else public_only_socket,
    )
    try:
        async with aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # a proxy would dial for us, past the guard
            auto_decompress=False,  # `decompress` limits the size
            timeout=aiohttp.ClientTimeout(total=seconds, connect=seconds * _CONNECT_SHARE),
            headers={
                "User-Agent": f"ReadAlso/{__version__} (+{_HOME})",
                "Accept": _ACCEPT,
                "Accept-Encoding": "gzip, br",
            },
            middlewares=(_RedialOnce(pause=seconds * _REDIAL_SHARE),),
            request_class=_Request,
            max_field_size=_MAX_HEADER_BYTES,
        ) as http:
            yield http
    finally:
        if resolver is None:
            await own_resolver.close()


def user_agent(http: aiohttp.ClientSession, *, readers: int) -> str:
    """Return the User-Agent with the number of readers, by which publishers count theirs."""
    agent = http.headers["User-Agent"]
    return f"{agent[:-1]}; {readers} subscribers)" if readers > 0 else agent


def time_limit_of(http: aiohttp.ClientSession) -> float:
    """Return the seconds for one request with all its redirects."""
    return http.timeout.total or TIME_LIMIT.total_seconds()


class _RedialOnce:
    """Retry middleware: one more attempt to connect, and no request sent twice.

    A timeout is not retried: TCP itself has retried by then, several times. aiohttp by itself
    would repeat a request that a server took before it hung up.
    """

    def __init__(self, *, pause: float) -> None:
        self._pause = pause

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        try:
            try:
                return await handler(request)
            except aiohttp.ClientConnectorError as error:
                if not is_transient(error):
                    raise
            await asyncio.sleep(self._pause)
            return await handler(request)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            # Not one of those that make aiohttp try again.
            raise aiohttp.ClientConnectionError(str(error)) from error


class _Connector(aiohttp.TCPConnector):
    """A connector whose connections serve one request each, read by `_Protocol`."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        make: Callable[[], ResponseHandler] = partial(_Protocol, loop=self._loop)
        self._factory = cast("partial[ResponseHandler]", make)


class _Protocol(ResponseHandler):
    """A connection on which the head of the response is put in order before it is parsed."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._head = HeadReader()

    def data_received(self, data: bytes) -> None:
        if not data or (ready := self._head.feed(data)):
            super().data_received(data and ready)

    def connection_lost(self, exc: BaseException | None) -> None:
        if rest := self._head.rest():
            super().data_received(rest)
        super().connection_lost(exc)


class _Request(aiohttp.ClientRequest):
    """A request with header values in Latin-1, each character for one byte.

    aiohttp writes headers as UTF-8: an ETag in another encoding would not go back as it came.
    Here its bytes are re-encoded on their way to the transport.
    """

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        protocol = conn.protocol
        is_ascii = all(value.isascii() for value in self.headers.values())
        if protocol is None or protocol.transport is None or is_ascii:
            return await super().send(conn)
        transport = protocol.transport
        protocol.transport = _Latin1Transport(transport)
        try:
            # A request without a body is written before `send` first waits for anything.
            return await super().send(conn)
        finally:
            protocol.transport = transport


class _Latin1Transport(asyncio.Transport):
    """Wraps a transport to re-encode the head of a request from UTF-8 to Latin-1."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._transport.write(bytes(data).decode("utf-8").encode("latin-1"))


class _Resolver(AbstractResolver):
    """The system's resolver, in threads that dead domains may block without harm to others."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_RESOLVER_THREADS, thread_name_prefix="resolver")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        look_up = partial(
            socket.getaddrinfo,
            host,
            port,
            family=family,
            type=socket.SOCK_STREAM,
            flags=socket.AI_ADDRCONFIG,
        )
        addresses = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=address_family,
                proto=protocol,
                flags=socket.AI_NUMERICHOST,
            )
            for address_family, _, protocol, _, address in addresses
        ]

    async def close(self) -> None:
        # Not waited for: a lookup cannot be stopped, and its answer is not needed any more.
        self._threads.shutdown(wait=False, cancel_futures=True)
