"""Bounded reading of a body: its size, compression ratio and speed are checked at every step."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

import aiohttp

from bot.errors import FetchError
from bot.feeds.http.decompress import PIECE, Unpacker, unpacker
from bot.feeds.http.headers import list_header

# The largest of 274 real feeds had 2.5 MB, unpacked.
MAX_BYTES_ON_THE_WIRE = 5 * 1024 * 1024
MAX_BYTES_UNPACKED = 10 * 1024 * 1024
# The best packed of the 104 real feeds in feeds_real.tar.xz unpacks to 15 times its size; a bomb
# to a thousand times and more.
MAX_RATIO = 200
_MIN_BYTES_FOR_RATIO = 1024 * 1024
# Bytes a second, on average: slower than any line; only an attacker is as slow.
MIN_SPEED = 512
# How much of a page that is not a feed is read to know why.
_MAX_PEEK_BYTES = 64 * 1024

# The connection broke, or what it said about the body's length was not true.
_BREAKS = (aiohttp.ClientPayloadError, aiohttp.ClientConnectionError, ConnectionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyLimits:
    """The most bytes that a body may have, on the wire and unpacked."""

    on_the_wire: int = MAX_BYTES_ON_THE_WIRE
    unpacked: int = MAX_BYTES_UNPACKED

    def check(self, *, received: int, unpacked: int) -> None:
        """Return if so many bytes on the wire, unpacked to so many, are within the limits.

        Raises:
            FetchError: if not.
        """
        if received > self.on_the_wire:
            raise FetchError(f"larger than {self.on_the_wire // 1024**2} MiB")
        if unpacked > self.unpacked:
            raise FetchError(f"unpacks to more than {self.unpacked // 1024**2} MiB")
        if unpacked > _MIN_BYTES_FOR_RATIO and unpacked > MAX_RATIO * received:
            raise FetchError(f"unpacks to more than {MAX_RATIO} times its size")


FEED_LIMITS = BodyLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A body, unpacked; not `complete` where it broke off; `received` in bytes on the wire."""

    content: bytes
    complete: bool
    received: int


async def read_body(
    response: aiohttp.ClientResponse, *, grace: float, limits: BodyLimits = FEED_LIMITS
) -> Body:
    """Read a body to its end, or to where it breaks off; its speed counts after `grace` seconds.

    Raises:
        FetchError: if nothing came before it broke off, or it is too large, too slow or packed
            in an unknown way.
    """
    unpack = _unpacker(response)
    received, content, complete = 0, bytearray(), True
    began = asyncio.get_running_loop().time()
    try:
        while chunk := await _read_chunk(
            response, deadline_at=began + max(grace, received / MIN_SPEED)
        ):
            received += len(chunk)
            limits.check(received=received, unpacked=len(content))
            for piece in unpack.pieces(chunk):
                content += piece
                limits.check(received=received, unpacked=len(content))
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
            while len(content) < _MAX_PEEK_BYTES and (chunk := await response.content.read(PIECE)):
                for piece in islice(unpack.pieces(chunk), _MAX_PEEK_BYTES // PIECE):
                    content += piece
    return bytes(content[:_MAX_PEEK_BYTES])


def _unpacker(response: aiohttp.ClientResponse) -> Unpacker:
    return unpacker(list_header(response.headers, "Content-Encoding"))


async def _read_chunk(response: aiohttp.ClientResponse, *, deadline_at: float) -> bytes:
    """Return the next chunk, empty at the end; the deadline is by the event loop's clock."""
    deadline = asyncio.timeout_at(deadline_at)
    try:
        async with deadline:
            return await response.content.read(PIECE)
    except TimeoutError:
        if deadline.expired():
            raise FetchError(f"came too slowly: less than {MIN_SPEED} bytes a second") from None
        raise
