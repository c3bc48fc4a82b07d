"""How do we reach publishers' servers? Through one session, which is honest, wary and forgetful.

It says who we are, verifies every certificate, dials public addresses only, and keeps
neither cookies nor connections.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from importlib.metadata import PackageNotFoundError, version

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import Connection

from bot.feeds.http.errors import is_transient
from bot.feeds.http.ssrf_guard import public_only_socket

# For one poll with all its redirects; as long as Miniflux waits.
TIMEOUT = timedelta(seconds=20)

_HOME = "https://github.com/readalso/readalso"
_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json,"
    " application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)
# Shares of the patience: ten seconds to connect, and one before dialling again.
_TO_CONNECT = 1 / 2
_BEFORE_ANOTHER_TRY = 1 / 20
# aiohttp's own bound is 8 KiB, and a site's security policy may be longer.
_MAX_HEADER_BYTES = 32 * 1024
_DNS_SECONDS = 300
# A dead domain holds its thread for many seconds; those of asyncio itself serve others too.
_RESOLVER_THREADS = 16


@asynccontextmanager
async def open_http(
    *,
    allow_private_addresses: bool,
    patience: timedelta = TIMEOUT,
    resolver: AbstractResolver | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[aiohttp.ClientSession]:
    """Open the session for all feeds; `patience` is the time for one, with its redirects.

    Half of it is for connecting. Public addresses only are dialled unless told otherwise.
    Names are looked up by the system, in threads of our own, unless there is a `resolver`,
    and certificates verified by its authorities unless there is a `tls`.
    """
    seconds = patience.total_seconds()
    own_resolver = resolver or _Resolver()
    connector = aiohttp.TCPConnector(
        limit=0,  # the poller bounds what is in flight
        # Two polls of one feed are minutes apart: a kept connection is mostly a dead one.
        force_close=True,
        ttl_dns_cache=_DNS_SECONDS,
        resolver=own_resolver,
        ssl=tls or True,  # aiohttp builds one context of its own, once, and shares it
        socket_factory=None if allow_private_addresses else public_only_socket,
    )
    try:
        async with aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # a proxy would dial for us, past the guard
            auto_decompress=False,  # `unpack` counts as it goes
            timeout=aiohttp.ClientTimeout(total=seconds, connect=seconds * _TO_CONNECT),
            headers={
                "User-Agent": f"ReadAlso/{_version()} (+{_HOME})",
                "Accept": _ACCEPT,
                "Accept-Encoding": "gzip, br",
            },
            middlewares=(_DialTwice(pause=seconds * _BEFORE_ANOTHER_TRY),),
            request_class=_Request,
            max_field_size=_MAX_HEADER_BYTES,
        ) as http:
            yield http
    finally:
        if resolver is None:
            await own_resolver.close()


def user_agent(http: aiohttp.ClientSession, *, readers: int) -> str:
    """Return who we are, and for how many we ask: publishers count their readers by it."""
    nobody = http.headers["User-Agent"]
    return f"{nobody[:-1]}; {readers} subscribers)" if readers > 0 else nobody


def timeout_of(http: aiohttp.ClientSession) -> float:
    """Return the seconds for one poll with all its redirects."""
    return http.timeout.total or TIMEOUT.total_seconds()


class _DialTwice:
    """A middleware: dial once more what could not be reached, and ask nothing twice.

    A dial that was not answered in time is not repeated: TCP itself has by then, several times.
    aiohttp by itself would repeat a request that a server took and hung up on.
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


class _Request(aiohttp.ClientRequest):
    """A request whose header values stand for bytes, each character for one.

    aiohttp writes headers as UTF-8, and drops what is not: an ETag in another encoding
    would not go back as it came. Here, where it hands them to the transport, they are put right.
    """

    async def send(self, conn: Connection) -> aiohttp.ClientResponse:
        protocol = conn.protocol
        if protocol is None or protocol.transport is None or self._is_ascii():
            return await super().send(conn)
        transport = protocol.transport
        protocol.transport = _BytesForCharacters(transport)
        try:
            # A request without a body is written before `send` first waits for anything.
            return await super().send(conn)
        finally:
            protocol.transport = transport

    def _is_ascii(self) -> bool:
        return all(value.isascii() for value in self.headers.values())


class _BytesForCharacters(asyncio.Transport):
    """Stands before a transport; all that it has to do is to write a request's head."""

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._transport.write(bytes(data).decode("utf-8").encode("latin-1"))


class _Resolver(AbstractResolver):
    """Asks the system, in threads that dead domains may hold up without harm to others."""

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
        found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=found_family,
                proto=protocol,
                flags=socket.AI_NUMERICHOST,
            )
            for found_family, _, protocol, _, address in found
        ]

    async def close(self) -> None:
        # Not waited for: a lookup cannot be stopped, and nobody wants its answer any more.
        self._threads.shutdown(wait=False, cancel_futures=True)


def _version() -> str:
    try:
        return version("readalso")
    except PackageNotFoundError:  # run from a bare folder
        return "0"
