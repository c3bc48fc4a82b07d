import asyncio
import gzip
import socket
import struct
import subprocess
import sys
import zlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import aiohttp
import brotli
import pytest

from bot.errors import FetchError
from bot.feeds.http.body import (
    MAX_BYTES_ON_THE_WIRE,
    MAX_BYTES_UNPACKED,
    MAX_RATIO,
    Body,
    peek,
    read_body,
)
from bot.feeds.http.client import open_http
from tests.feeds.conftest import Wire, answer

RSS = b"<rss version='2.0'/>"
GZIP = "Content-Encoding: gzip"
BR = "Content-Encoding: br"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
# Noise that no packer makes smaller, and text that packs as feeds do.
NOISE = bytes(zlib.crc32(n.to_bytes(4)) & 0xFF for n in range(1 << 16))


async def body(http: aiohttp.ClientSession, url: str, *, grace: float = 5) -> Body:
    async with http.get(url) as response:
        return await read_body(response, grace=grace)


async def failure(http: aiohttp.ClientSession, url: str, *, grace: float = 5) -> str:
    with pytest.raises(FetchError) as caught:
        await body(http, url, grace=grace)
    return str(caught.value)


@pytest.mark.parametrize(
    ("header", "packed"),
    [("X-Plain: yes", RSS), (GZIP, gzip.compress(RSS, mtime=0)), (BR, brotli.compress(RSS))],
)
async def test_a_body_comes_unpacked_and_weighed_as_it_was_sent(
    wire: Wire, http: aiohttp.ClientSession, header: str, packed: bytes
) -> None:
    url = await wire.serve(answer(packed, header))
    assert await body(http, url) == Body(content=RSS, complete=True, received=len(packed))


async def test_a_body_without_a_stated_length_ends_with_the_connection(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    url = await wire.serve(b"HTTP/1.0 200 OK\r\n\r\n" + RSS)
    assert await body(http, url) == Body(content=RSS, complete=True, received=len(RSS))


@pytest.mark.parametrize("header", ["X-Plain: yes", GZIP, BR])
async def test_an_empty_body_is_whole(wire: Wire, http: aiohttp.ClientSession, header: str) -> None:
    url = await wire.serve(answer(b"", header))
    assert await body(http, url) == Body(content=b"", complete=True, received=0)


LONG = RSS * 5_000
SIZED = b"%x\r\n" % len(LONG) + LONG + b"\r\n"


@pytest.mark.parametrize(
    "said",
    [
        answer(LONG, length=len(LONG) + 1),
        CHUNKED + SIZED,
        CHUNKED + SIZED + SIZED[:-9],
    ],
    ids=["shorter than it said", "no last chunk", "within a chunk"],
)
async def test_p39_a_body_that_breaks_off_comes_as_far_as_it_went(
    wire: Wire, http: aiohttp.ClientSession, said: bytes
) -> None:
    found = await body(http, await wire.serve(said))
    assert not found.complete
    assert (LONG + LONG).startswith(found.content)
    assert len(found.content) >= len(LONG) - 9


async def test_p39_a_connection_that_is_reset_breaks_off_there(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    async def reset(writer: asyncio.StreamWriter) -> None:
        writer.write(answer(RSS, length=100))
        await writer.drain()
        await asyncio.sleep(0.05)
        ends_at_once = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, ends_at_once
        )

    found = await body(http, await wire.serve(reset))
    assert (found.content, found.complete) == (RSS, False)


@pytest.mark.parametrize("cut", [1, 4, 9, 200])
@pytest.mark.parametrize("header", [GZIP, BR])
async def test_p39_a_packed_body_that_was_cut_comes_as_far_as_it_can_be_unpacked(
    wire: Wire, http: aiohttp.ClientSession, header: str, cut: int
) -> None:
    whole = NOISE
    packed = gzip.compress(whole) if header == GZIP else brotli.compress(whole)
    found = await body(http, await wire.serve(answer(packed[:-cut], header)))
    assert not found.complete
    assert found.content
    assert whole.startswith(found.content)


@pytest.mark.parametrize(
    "said",
    [
        answer(b"", length=10),
        CHUNKED,
        CHUNKED + b"5",
        answer(gzip.compress(RSS, mtime=0)[:5], GZIP),
    ],
    ids=["nothing", "no chunk", "half a size", "head of a packet"],
)
async def test_p39_nothing_at_all_is_no_document(
    wire: Wire, http: aiohttp.ClientSession, said: bytes
) -> None:
    assert await failure(http, await wire.serve(said)) == "broke off before anything came"


async def test_what_is_not_packed_as_it_claims_is_refused(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    for header, start in ((GZIP, b"\x1f\x8b\x08"), (BR, b"\x0f")):
        url = await wire.serve(answer(start + b"<html>no packet at all</html>", header))
        assert await failure(http, url) == "its compressed answer is broken"


async def test_p42_an_encoding_that_we_did_not_ask_for_is_refused(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    for stacked in (["gzip"] * 3, ["zstd"], ["gzip", "br"], ["br, br"]):
        headers = [f"Content-Encoding: {encoding}" for encoding in stacked]
        reason = await failure(http, await wire.serve(answer(RSS, *headers)))
        assert reason.startswith("answers in an encoding that we do not read"), stacked


def drip(piece: bytes, *, every: float) -> Callable[[asyncio.StreamWriter], Awaitable[None]]:
    async def talk(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(every)

    return talk


async def test_p44_a_drip_is_left(wire: Wire, http: aiohttp.ClientSession) -> None:
    reason = await failure(http, await wire.serve(drip(b"x", every=0.02)), grace=0.1)
    assert reason == "came too slowly: less than 512 bytes a second"


async def test_p44_a_body_that_stops_coming_is_a_drip(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    url = await wire.serve(drip(b"x" * 64, every=60))
    assert "too slowly" in await failure(http, url, grace=0.1)


async def test_p44_a_body_may_not_outlast_the_time_limit(wire: Wire) -> None:
    url = await wire.serve(drip(b"x", every=60))
    async with open_http(allow_private_addresses=True, time_limit=timedelta(seconds=0.1)) as http:
        with pytest.raises(TimeoutError):
            await body(http, url, grace=9)


async def test_p44_a_slow_line_is_waited_for(wire: Wire, http: aiohttp.ClientSession) -> None:
    """It comes ten times as fast as the slowest may, and takes three times the grace."""

    async def slow(writer: asyncio.StreamWriter) -> None:
        writer.write(answer(b"", length=1_500)[:-4] + b"\r\n\r\n")
        for _ in range(15):
            writer.write(b"x" * 100)
            await writer.drain()
            await asyncio.sleep(0.02)

    found = await body(http, await wire.serve(slow), grace=0.1)
    assert (found.complete, found.received) == (True, 1_500)


async def test_p45_what_is_as_large_as_it_may_be_is_read(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    large = bytes(MAX_BYTES_ON_THE_WIRE)
    found = await body(http, await wire.serve(answer(large)))
    assert (len(found.content), found.complete) == (MAX_BYTES_ON_THE_WIRE, True)
    assert await failure(http, await wire.serve(answer(large + b"x"))) == "larger than 5 MiB"


async def test_p45_an_endless_body_is_left(wire: Wire, http: aiohttp.ClientSession) -> None:
    url = await wire.serve(drip(b"x" * 100_000, every=0))
    assert await failure(http, url) == "larger than 5 MiB"


async def test_p45_a_body_that_unpacks_to_nothing_for_ever_is_left(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    async def nothing(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
        writer.write(gzip.compress(b"")[:10])
        while True:
            writer.write(b"\0\0\0\xff\xff" * 20_000)  # stored blocks of no length
            await writer.drain()

    assert await failure(http, await wire.serve(nothing)) == "larger than 5 MiB"


async def test_p45_what_unpacks_too_large_is_left(wire: Wire, http: aiohttp.ClientSession) -> None:
    # 16 times its size: as a feed may well be packed, were it not for so much of it.
    text = b"".join(NOISE[n : n + 64] + b" " * 1024 for n in range(0, 1 << 16, 4))[: 11 << 20]
    packed = gzip.compress(text, compresslevel=1)
    assert MAX_BYTES_UNPACKED < len(text) < MAX_RATIO * len(packed)
    url = await wire.serve(answer(packed, GZIP))
    assert await failure(http, url) == "unpacks to more than 10 MiB"


@pytest.mark.parametrize("header", [GZIP, BR])
async def test_p45_what_unpacks_to_too_many_times_its_size_is_left(
    wire: Wire, http: aiohttp.ClientSession, header: str
) -> None:
    text = bytes(2 << 20)
    packed = gzip.compress(text) if header == GZIP else brotli.compress(text)
    url = await wire.serve(answer(packed, header))
    assert await failure(http, url) == "unpacks to more than 200 times its size"


async def test_p45_a_short_text_may_be_packed_as_well_as_it_can(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    text = bytes(1 << 20)
    found = await body(http, await wire.serve(answer(gzip.compress(text), GZIP)))
    assert (found.content, found.complete) == (text, True)


def gzip_bomb() -> bytes:
    """A gibibyte of nothing; its blocks are all alike, so that one is packed for them all."""
    packer = zlib.compressobj(9, wbits=31)
    mebibyte = bytes(1 << 20)
    blocks = [packer.compress(mebibyte) + packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2)]
    return blocks[0] + blocks[1] * 1023


def br_bomb() -> bytes:
    packer = brotli.Compressor(quality=5)
    packed = b"".join(packer.process(bytes(1 << 22)) for _ in range(256))
    return packed + bytes(packer.finish())


# Reads what lies at the addresses it is given; says what came of it, and by how many MiB it grew.
VICTIM = """
import asyncio, re, sys
from pathlib import Path
from bot.errors import FetchError
from bot.feeds.http.fetch import fetch_feed
from bot.model.feeds import FeedRequest
from bot.feeds.http.client import open_http

def mebibytes():
    # Not `resource`: its peak is inherited from the parent.
    peak = re.search("VmHWM:\\s+([0-9]+) kB", Path("/proc/self/status").read_text())
    return int(peak[1]) // 1024

async def main():
    async with open_http(allow_private_addresses=True) as http:
        before = mebibytes()
        for url in sys.argv[1:]:
            try:
                print("read", len((await fetch_feed(http, FeedRequest(url=url))).body))
            except FetchError as error:
                print(error)
        print(mebibytes() - before)

asyncio.run(main())
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="nobody here knows the peak")
async def test_p45_no_bomb_grows_in_memory(wire: Wire) -> None:
    members = gzip.compress(b"x") * 100_000
    nested = gzip.compress(gzip.compress(bytes(1 << 26)))
    urls = [
        await wire.serve(answer(gzip_bomb(), GZIP)),
        await wire.serve(answer(br_bomb(), BR)),
        await wire.serve(answer(gzip_bomb(), GZIP, status="403 Forbidden")),
        await wire.serve(answer(members, GZIP)),
        await wire.serve(answer(nested, GZIP)),
        await wire.serve(answer(nested, "Content-Encoding: gzip, gzip")),
        await wire.serve(drip(b"x" * 100_000, every=0)),
    ]
    command = [sys.executable, "-c", VICTIM, *urls]
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, timeout=60, check=True
    )
    *said, grown = done.stdout.splitlines()
    assert all(reason.startswith("unpacks to more than ") for reason in said[:2])
    assert said[2:4] == ["HTTP 403", "read 1"]
    assert said[4].startswith("read ")  # the packet within, which is no feed
    assert said[5].startswith("unpacks to more than ")
    assert said[6:] == ["larger than 5 MiB"]
    assert int(grown) < 40


async def seen(http: aiohttp.ClientSession, url: str, *, grace: float = 5) -> bytes:
    async with http.get(url) as response:
        return await peek(response, grace=grace)


async def test_of_a_page_that_is_no_feed_the_beginning_is_enough(
    wire: Wire, http: aiohttp.ClientSession
) -> None:
    assert await seen(http, await wire.serve(answer(RSS))) == RSS
    assert await seen(http, await wire.serve(answer(gzip.compress(RSS), GZIP))) == RSS
    assert len(await seen(http, await wire.serve(drip(b"x" * 9_999, every=0)))) == 65_536
    assert len(await seen(http, await wire.serve(answer(gzip_bomb(), GZIP)))) == 65_536


async def test_what_cannot_be_seen_is_nothing(wire: Wire, http: aiohttp.ClientSession) -> None:
    zstd = "Content-Encoding: zstd"
    for said in (answer(b"", length=9), answer(b"\x1f\x8b\x08x", GZIP), answer(RSS, zstd)):
        assert await seen(http, await wire.serve(said)) == b""
    assert await seen(http, await wire.serve(drip(b"x", every=9)), grace=0.05) == b"x"
