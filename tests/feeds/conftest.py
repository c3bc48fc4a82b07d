"""A publisher's server on loopback, and feeds that live there."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle

import aiohttp
import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer

from bot.feeds.http.client import open_http

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
# What a bare server does with a connection, once it has read the head of a request.
Talk = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(slots=True)
class Publisher:
    """Answers each path as set, and keeps the requests."""

    base: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[web.Request] = field(default_factory=list)
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str = "/rss") -> str:
        return self.base + path

    def says(
        self,
        body: bytes | str = b"",
        *,
        path: str = "/rss",
        status: int = 200,
        headers: dict[str, str] | None = None,
    ) -> None:
        async def answer(_: web.Request) -> web.Response:
            raw = body.encode() if isinstance(body, str) else body
            return web.Response(body=raw, status=status, headers=headers)

        self.answers[path] = answer

    async def hang(self, _: web.Request) -> web.StreamResponse:
        await self.closing.wait()
        return web.Response()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        answer = self.answers.get(request.path)
        return await answer(request) if answer else web.Response(status=404)


@pytest.fixture
async def publisher() -> AsyncIterator[Publisher]:
    publisher = Publisher()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", publisher.handle)
    async with TestServer(app) as server:
        publisher.base = str(server.make_url("")).rstrip("/")
        yield publisher
        publisher.closing.set()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A session that may dial loopback, with a short time limit."""
    async with open_http(allow_private_addresses=True, time_limit=timedelta(seconds=5)) as session:
        yield session


@dataclass(slots=True)
class Wire:
    """Bare servers, for what no HTTP server would say; the heads that they read are kept."""

    stack: AsyncExitStack
    heads: list[bytes] = field(default_factory=list)
    dialled: int = 0
    meetings: list[asyncio.Task[None]] = field(default_factory=list)

    async def serve(
        self,
        talk: Talk | bytes = b"",
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> str:
        """Open a server that says some bytes, or talks otherwise, and hangs up; its URL."""

        async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self.dialled += 1
            if task := asyncio.current_task():
                self.meetings.append(task)
            try:
                self.heads.append(await reader.readuntil(b"\r\n\r\n"))
                if isinstance(talk, bytes):
                    writer.write(talk)
                    await writer.drain()
                else:
                    await talk(writer)
                writer.close()
                await writer.wait_closed()
            except (OSError, asyncio.IncompleteReadError):
                pass  # the other side has left
            finally:
                writer.transport.abort()

        server = await asyncio.start_server(meet, host, port, ssl=tls)
        self.stack.push_async_callback(server.wait_closed)
        self.stack.callback(server.close)
        at = server.sockets[0].getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        return f"{'https' if tls else 'http'}://{shown}:{at}/rss"


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with AsyncExitStack() as stack:
        wire = Wire(stack)
        yield wire
        for meeting in wire.meetings:
            meeting.cancel()
        await asyncio.gather(*wire.meetings, return_exceptions=True)


def answer(
    body: bytes = b"<rss version='2.0'/>", *headers: str, status: str = "200 OK", length: int = -1
) -> bytes:
    """Return an answer as it goes over the wire; a `length` below 0: the true one."""
    length = len(body) if length < 0 else length
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {length}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


class Names(AbstractResolver):
    """A name server that says what it is told, each time the next of it, over and over."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = cycle(answers)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in next(self._answers)
        ]

    async def close(self) -> None:
        pass
