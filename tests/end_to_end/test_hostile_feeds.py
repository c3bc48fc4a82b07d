"""Hostile feeds: a hundred of them and a good one, in bounded memory and time.

Each feed is a host of its own, as in the world: an address of the loopback network.
"""

import asyncio
import sys
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import brotli
import pytest

from bot.clock import now
from bot_playground.fake_telegram import FakeTelegram, open_fake_telegram
from bot_playground.state.chats import Person
from tests.end_to_end.kill_storm import words_of
from tests.end_to_end.process import READY_SECONDS, open_process
from tests.support.builders import entry
from tests.support.fakes import TOKEN
from tests.support.feed_server import rss
from tests.support.hostile_feeds import INPUTS
from tests.support.running_bot import news

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="elsewhere loopback is one address, not a network"
)

MAX_MEGABYTES = 300
# Four of the inputs hold one of the two parsers for 5 s each: if they come in pairs, for 10 s. A
# poll comes 1 s after the last. Those are seconds of a processor: on a machine that does other work
# too, up to six times as many. That one input alone holds up nobody is shown by
# tests/feeds/test_hostile.py.
MAX_WAIT = 60
STORIES = 8

Writer = asyncio.StreamWriter
Answer = Callable[[Writer], Awaitable[None]]

MEGABYTE = b" " * 2**20
GZIP_BOMB_MEGABYTES = 256


def bomb(compress: Callable[[], tuple[Callable[[bytes], bytes], Callable[[], bytes]]]) -> bytes:
    add, end = compress()
    return b"".join([add(MEGABYTE) for _ in range(GZIP_BOMB_MEGABYTES)] + [end()])


def gzip() -> tuple[Callable[[bytes], bytes], Callable[[], bytes]]:
    made = zlib.compressobj(1, wbits=31)
    return made.compress, made.flush


def br() -> tuple[Callable[[bytes], bytes], Callable[[], bytes]]:
    made = brotli.Compressor(quality=1)
    return made.process, made.finish


def whole(body: bytes, *headers: str) -> Answer:
    async def answer(writer: Writer) -> None:
        head = "\r\n".join(["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers])
        writer.write(head.encode() + b"\r\nCache-Control: max-age=1\r\n\r\n" + body)

    return answer


def once(answer: bytes) -> Answer:
    async def write(writer: Writer) -> None:
        writer.write(answer)

    return write


def forever(first: bytes, piece: bytes, *, seconds: float = 0.0) -> Answer:
    async def answer(writer: Writer) -> None:
        writer.write(first)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(seconds)

    return answer


def wire() -> Iterator[tuple[str, Answer]]:
    """What harms before any document is read."""
    ok = b"HTTP/1.1 200 OK\r\n"
    gzipped = bomb(gzip)
    yield "gzip bomb", whole(gzipped, "Content-Encoding: gzip")
    yield "brotli bomb", whole(bomb(br), "Content-Encoding: br")
    yield "nested bomb", whole(zlib.compress(gzipped), "Content-Encoding: gzip, gzip")
    yield "endless body", forever(ok + b"\r\n", MEGABYTE)
    yield "endless drip", forever(ok + b"\r\n", b" ", seconds=0.5)
    yield "endless head", forever(ok, b"X-More: " + b"x" * 1000 + b"\r\n")
    yield "a header of 2 MB", whole(b"", "X-Large: " + "x" * 2 * 2**20)
    yield "redirect loop", once(b"HTTP/1.1 302 Found\r\nLocation: /feed\r\n\r\n")
    yield "silence", forever(b"", b"", seconds=1)


@dataclass(slots=True)
class World:
    """Servers by the name of what they do; the honest one is asked at these moments."""

    urls: dict[str, str] = field(default_factory=dict)
    honest_at: list[float] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    stories: list[str] = field(default_factory=list)

    async def honest(self, writer: Writer) -> None:
        self.honest_at.append(time.monotonic())
        entries = [
            entry(title, url=f"https://courier.example/{number}", published_at=now())
            for number, title in enumerate(self.stories)
        ]
        await whole(rss(entries[::-1]).encode())(writer)

    def catalogue(self, path: Path) -> Path:
        tables = [
            f'[[feeds]]\nurl = "{url}"\nsource = "The {name[:20]!r} Courier"\n'.replace('\\"', "")
            + 'language = "en"\ntopic = "war"\npages = false\n'
            for name, url in self.urls.items()
        ]
        path.write_text("\n".join(tables), encoding="utf-8")
        return path


@asynccontextmanager
async def open_world() -> AsyncIterator[World]:
    world = World()
    answers = [
        ("honest", world.honest),
        *((name, whole(make())) for name, make in INPUTS.items()),
        *wire(),
    ]
    async with AsyncExitStack() as stack:
        for number, (name, answer) in enumerate(answers, 1):
            serve = _handler(world, name, answer)
            server = await asyncio.start_server(serve, f"127.0.{number // 250 + 1}.{number % 250}")
            stack.callback(server.close)
            host, port = server.sockets[0].getsockname()[:2]
            world.urls[name] = f"http://{host}:{port}/feed"
        yield world


def _handler(
    world: World, name: str, answer: Answer
) -> Callable[[asyncio.StreamReader, Writer], Awaitable[None]]:
    async def handle(reader: asyncio.StreamReader, writer: Writer) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            world.asked.add(name)
            await answer(writer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # they hung up on us, and rightly so; or the test is over
        finally:
            writer.close()

    return handle


def megabytes_at_most(pid: int) -> float:
    """Return the largest memory that the process ever had."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


async def test_among_a_hundred_hostile_feeds_the_honest_one_is_read_in_time_and_nothing_is_lost(
    tmp_path: Path,
) -> None:
    async with (
        open_world() as world,
        open_fake_telegram(token=TOKEN, now=lambda: now().timestamp()) as telegram,
    ):
        world.stories = ["Old news from before anyone subscribed"]
        settings = {
            "BOT_TOKEN": TOKEN,
            "TELEGRAM_API": telegram.url,
            "DATABASE": str(tmp_path / "hostile.db"),
            "FEEDS": str(world.catalogue(tmp_path / "feeds.toml")),
            "POLL_FLOOR": "1",
            "ALLOW_PRIVATE_ADDRESSES": "true",
        }
        ann = telegram.person("Ann", language="en")
        async with open_process(tmp_path, "run", **settings) as bot:
            telegram.say(ann, "/topics war")
            await telegram.wait_for(
                lambda: telegram.messages(ann, of_bot=True), timeout=READY_SECONDS
            )
            await publish(world)
            await telegram.wait_for(
                lambda: len(told(telegram, ann)) >= STORIES, timeout=READY_SECONDS
            )
            async with asyncio.timeout(READY_SECONDS):
                while world.asked != world.urls.keys():
                    await asyncio.sleep(0.05)
            assert bot.process is not None
            memory = megabytes_at_most(bot.process.pid)
            assert await bot.stop() == 0
    assert sorted(told(telegram, ann)) == world.stories[1:]
    assert max(later - earlier for earlier, later in pairwise(world.honest_at)) < MAX_WAIT
    assert memory < MAX_MEGABYTES
    assert "Traceback" not in bot.log
    assert "leaked" not in bot.log


async def publish(world: World) -> None:
    """Publish the stories one by one, once the honest feed is known."""
    async with asyncio.timeout(READY_SECONDS):
        while len(world.honest_at) < 2:
            await asyncio.sleep(0.05)
    for number in range(STORIES):
        world.stories.append(f"Shelling {number}: {' '.join(words_of(number)[:5])}")
        await asyncio.sleep(2.5)


def told(telegram: FakeTelegram, person: Person) -> list[str]:
    return [title for title in news(telegram, person) if title.startswith("Shelling")]
