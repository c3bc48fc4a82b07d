"""A publisher's server on loopback, and feeds that live there."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.feeds.fetch import open_http
from bot.model import Feed, FeedId

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Publisher:
    """Answers each path as told, and remembers what it was asked."""

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
    """A session that may dial loopback, and soon loses patience."""
    async with open_http(allow_private_addresses=True, patience=timedelta(seconds=5)) as session:
        yield session


def feed_at(
    url: str, *, etag: bytes | None = None, last_modified: bytes | None = None, failures: int = 0
) -> Feed:
    return Feed(
        id=FeedId(1),
        url=url,
        source="The Harbour Courier",
        language="en",
        topic=None,
        etag=etag,
        last_modified=last_modified,
        failures=failures,
        read_before=False,
    )
