"""How is a body read without trusting its sender? By the piece, weighed at every step."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

import aiohttp

from bot.errors import FetchError
from bot.feeds.http.decompress import PIECE, Unpacker, unpacker

# The largest of 274 real feeds had 2.5 MB, unpacked.
MAX_BYTES_ON_THE_WIRE = 5 * 1024 * 1024
MAX_BYTES_UNPACKED = 10 * 1024 * 1024
# Of the 104 real feeds of feeds_real.tar.xz the best packed unpacks to 15 times its size; a bomb
# to a thousand times and more.
MAX_RATIO = 200
_RATIO_COUNTS_FROM = 1024 * 1024
# Bytes a second, on average: slower than any line, and as slow as one who means to hold us up.
SLOWEST = 512
# How much of a page that is not a feed we look at to know why.
_GLIMPSE = 64 * 1024

# The connection broke, or what it said about the body's length was not true.
_BREAKS = (aiohttp.ClientPayloadError, aiohttp.ClientConnectionError, ConnectionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """How many bytes a body may have, on the wire and unpacked."""

    on_the_wire: int = MAX_BYTES_ON_THE_WIRE
    unpacked: int = MAX_BYTES_UNPACKED


OF_FEEDS = BodyLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What came, unpacked; `complete` is False where it broke off.

    `received` counts the bytes on the wire.
    """

    content: bytes
    complete: bool
    received: int


async def read_body(
    response: aiohttp.ClientResponse, *, grace: float, limits: BodyLimits = OF_FEEDS
) -> Body:
    """Read a body to its end, or to where it breaks off.

    After `grace` seconds it is measured how fast it comes.

    Raises:
        FetchError: if nothing came before it broke off, or what comes is too large, too slow
            or packed in a way that we do not read.
    """
    unpack = _unpacker(response)
    received, content, complete = 0, bytearray(), True
    began = asyncio.get_running_loop().time()
    try:
        while chunk := await _next(response, by=began + max(grace, received / SLOWEST)):
            received += len(chunk)
            if received > limits.on_the_wire:
                raise FetchError(f"larger than {limits.on_the_wire // 1024**2} MiB")
            for piece in unpack.pieces(chunk):
                content += piece
                _weigh(len(content), received, limits)
    except _BREAKS:
        complete = False
    complete = complete and (unpack.finished or not received)
    if not content and not complete:
        raise FetchError("broke off before anything came")
    return Body(content=bytes(content), complete=complete, received=received)


async def peek(response: aiohttp.ClientResponse, *, grace: float) -> bytes:
    """Return the beginning of a body, up to 64 KiB: as much as came within `grace` seconds."""
    content = bytearray()
    with suppress(*_BREAKS, FetchError, TimeoutError):
        async with asyncio.timeout(grace):
            unpack = _unpacker(response)
            while len(content) < _GLIMPSE and (chunk := await response.content.read(PIECE)):
                for piece in islice(unpack.pieces(chunk), _GLIMPSE // PIECE):
                    content += piece
    return bytes(content[:_GLIMPSE])


def _unpacker(response: aiohttp.ClientResponse) -> Unpacker:
    return unpacker(", ".join(response.headers.getall("Content-Encoding", [])))


async def _next(response: aiohttp.ClientResponse, *, by: float) -> bytes:
    """Return what comes next, nothing at the end; `by` when, by the event loop's clock."""
    deadline = asyncio.timeout_at(by)
    try:
        async with deadline:
            return await response.content.read(PIECE)
    except TimeoutError:
        if deadline.expired():
            raise FetchError(f"came too slowly: less than {SLOWEST} bytes a second") from None
        raise


def _weigh(unpacked: int, received: int, limits: BodyLimits) -> None:
    if unpacked > limits.unpacked:
        raise FetchError(f"unpacks to more than {limits.unpacked // 1024**2} MiB")
    if unpacked > _RATIO_COUNTS_FROM and unpacked > MAX_RATIO * received:
        raise FetchError(f"unpacks to more than {MAX_RATIO} times its size")
