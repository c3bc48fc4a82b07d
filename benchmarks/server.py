"""Publisher of recorded feeds on loopback, in a process of its own."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from subprocess import PIPE, Popen
from typing import Literal, get_args
from urllib.request import urlopen

from aiohttp import web

from benchmarks.recording import built_later, read_recording, without_newest

Stage = Literal["first poll", "304", "200, same bytes", "200, later date", "one new item"]
STAGES: tuple[Stage, ...] = get_args(Stage)


@dataclass(frozen=True, slots=True)
class RunningPublisher:
    """Where the publisher is reached, and whose documents it has."""

    base: str
    count: int

    def urls(self) -> list[str]:
        """Return the addresses of its feeds, in the order of the recording."""
        return [f"{self.base}/feed/{number}" for number in range(self.count)]

    def enter(self, stage: Stage) -> list[str]:
        """Go on to the stage; return the addresses of the feeds for which there is one."""
        with urlopen(f"{self.base}/stage/{STAGES.index(stage)}") as answer:
            return [f"{self.base}{path}" for path in answer.read().decode().split()]


@contextmanager
def open_publisher() -> Iterator[RunningPublisher]:
    """Start the publisher; it ends with the block, and with us."""
    command = [sys.executable, "-m", "benchmarks.server"]
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            base, count = process.stdout.readline().split()
            yield RunningPublisher(base, int(count))
        finally:
            process.stdin.close()  # that is its sign to end


@dataclass(slots=True)
class _Publisher:
    """What it has to show at the stage that it is at."""

    recorded: tuple[bytes, ...]
    stage: Stage = "first poll"
    shown: dict[int, bytes] = field(default_factory=dict)

    async def enter(self, request: web.Request) -> web.Response:
        """Answer the addresses of the feeds that have something to show at that stage."""
        self.stage = STAGES[int(request.match_info["stage"])]
        changed = {
            number: self._at_this_stage(document) for number, document in enumerate(self.recorded)
        }
        now = {number: document for number, document in changed.items() if document is not None}
        self.shown.update(now)
        return web.Response(text="\n".join(f"/feed/{number}" for number in now))

    def _at_this_stage(self, recorded: bytes) -> bytes | None:
        before = without_newest(recorded)
        match self.stage:
            case "one new item":
                return recorded if before is not None else None
            case "200, later date":
                return built_later(before or recorded)
            case _:
                return before or recorded

    async def feed(self, request: web.Request) -> web.Response:
        """Answer the feed's document; that it is not modified only where that is the stage."""
        document = self.shown[int(request.match_info["number"])]
        etag = f'"{sha256(document).hexdigest()[:16]}"'
        headers = {"ETag": etag, "Content-Type": "application/xml"}
        if self.stage == "304" and request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=document, headers=headers)


async def _serve() -> None:
    publisher = _Publisher(read_recording())
    application = web.Application()
    application.router.add_get("/stage/{stage}", publisher.enter)
    application.router.add_get("/feed/{number}", publisher.feed)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        sys.stdout.write(f"http://{host}:{port} {len(publisher.recorded)}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)
    finally:
        await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve())
