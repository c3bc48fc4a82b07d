"""Publishers on loopback, each on a host of its own, that fail and recover."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Literal, get_args

from aiohttp import web

from bot.clock import now
from bot.model import Entry
from tests.support.builders import entry
from tests.support.feed_server import rss

Illness = Literal[
    "slow", "busy", "broken", "gateway", "torn", "hangs", "garbles", "vanishes", "hangs up"
]
ILLNESSES: tuple[Illness, ...] = get_args(Illness)
# In seconds: how long who hangs says nothing.
HANGS_FOR = 40
# So many entries a feed shows.
SHOWN = 15
_ANSWERS: Mapping[Illness, tuple[int, str, Mapping[str, str]]] = {
    "busy": (429, "too many", {"Retry-After": "30"}),
    "broken": (500, "out of order", {}),
    "gateway": (502, "<h1>Bad Gateway</h1>", {"Content-Type": "text/html"}),
    "vanishes": (404, "not found", {}),
}


@dataclass(slots=True, kw_only=True, eq=False)
class Newspaper:
    """A publisher of one topic; ill until an instant of the monotonic clock."""

    url: str
    topic: str
    validates: bool
    entries: list[Entry] = field(default_factory=list)
    illness: Illness = "slow"
    ill_until: float = 0.0

    @property
    def document(self) -> bytes:
        """The feed as it is now."""
        return rss(self.entries[:SHOWN]).encode()


@dataclass(slots=True, kw_only=True, eq=False)
class Newspapers:
    """All of them by host, and how often each illness was met."""

    chance: Random
    fresh_for: int
    by_host: dict[str, Newspaper] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    met: dict[str, int] = field(default_factory=dict)

    def fall_ill(self, count: int, *, seconds: tuple[float, float]) -> None:
        """Let some fall ill, each in its own way and for its own while."""
        for paper in self.chance.sample(list(self.by_host.values()), count):
            paper.illness = self.chance.choice(ILLNESSES)
            paper.ill_until = time.monotonic() + self.chance.uniform(*seconds)

    def get_well(self) -> None:
        """Let all get well at once."""
        for paper in self.by_host.values():
            paper.ill_until = 0.0

    def of(self, topic: str) -> list[Newspaper]:
        """Return those of a topic."""
        return [it for it in self.by_host.values() if it.topic == topic]

    def catalogue(self, path: Path, *, with_pages: Sequence[str]) -> Path:
        """Write the TOML of all, and want the pages of some topics' articles."""
        tables = (
            f'[[feeds]]\nurl = "{it.url}/feed"\nsource = "The {number}th Courier"\n'
            f'language = "en"\ntopic = "{it.topic}"\n'
            f"pages = {str(it.topic in with_pages).lower()}\n"
            for number, it in enumerate(self.by_host.values(), 1)
        )
        path.write_text("\n".join(tables), encoding="utf-8")
        return path

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer a request for a feed, or for an article's page."""
        paper = self.by_host[request.host.partition(":")[0]]
        if time.monotonic() < paper.ill_until:
            self.met[paper.illness] = self.met.get(paper.illness, 0) + 1
            if paper.illness != "slow":
                return await _ill(paper, request, self.chance)
            await asyncio.sleep(self.chance.uniform(1, 5))
        if request.path != "/feed":
            page = self.pages.get(request.path)
            if page is None:  # robots.txt, for one
                raise web.HTTPNotFound
            return web.Response(text=page, content_type="text/html")
        document = paper.document
        headers = {"Cache-Control": f"max-age={self.fresh_for}", "ETag": f'"{len(paper.entries)}"'}
        # Every second one can tell whether anything is new.
        if paper.validates and request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        return web.Response(body=document, content_type="application/rss+xml", headers=headers)


async def _ill(paper: Newspaper, request: web.Request, chance: Random) -> web.StreamResponse:
    if paper.illness in _ANSWERS:
        status, text, headers = _ANSWERS[paper.illness]
        return web.Response(status=status, text=text, headers=headers)
    if paper.illness == "garbles":
        return web.Response(body=chance.randbytes(5000), content_type="application/rss+xml")
    if paper.illness == "hangs":
        await asyncio.sleep(HANGS_FOR)
    if paper.illness == "torn":
        answer = web.StreamResponse(headers={"Content-Length": str(len(paper.document))})
        await answer.prepare(request)
        await answer.write(paper.document[: len(paper.document) // 2])
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


@asynccontextmanager
async def open_newspapers(
    count: int, topics: Sequence[str], chance: Random, *, fresh_for: int
) -> AsyncIterator[Newspapers]:
    """Open so many, topic by topic in turn; each has one old entry.

    What they show is fresh for so many seconds.
    """
    papers = Newspapers(chance=chance, fresh_for=fresh_for)
    application = web.Application()
    application.router.add_get("/{name}", papers.serve)
    runner = web.AppRunner(application, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    try:
        port = 0
        for number in range(count):
            host = f"127.1.{number // 250}.{1 + number % 250}"
            await web.TCPSite(runner, host, port).start()
            port = runner.addresses[0][1]
            old = entry(f"Old news {number}", url=f"http://{host}:{port}/old", published_at=now())
            papers.by_host[host] = Newspaper(
                url=f"http://{host}:{port}",
                topic=topics[number % len(topics)],
                entries=[old],
                validates=number % 2 == 0,
            )
        yield papers
    finally:
        await runner.cleanup()
