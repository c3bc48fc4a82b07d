"""Bounded decompression of gzip and Brotli, a piece at a time.

A kilobyte can unpack to a gigabyte: no step brings more than `PIECE` bytes, and the caller
counts and stops in time.
"""

import zlib
from collections.abc import Iterator

import brotli

from bot.errors import FetchError

PIECE = 65_536
# 32 + 15: gzip or zlib by its own header, with the largest window.
_GZIP = 32 + zlib.MAX_WBITS
_BROKEN = "its compressed answer is broken"


class _Plain:
    finished = True

    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield data


class _Gzip:
    """One gzip member; what follows it is padding and dropped."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(_GZIP)

    @property
    def finished(self) -> bool:
        return self._inflate.eof

    def pieces(self, data: bytes) -> Iterator[bytes]:
        while data and not self.finished:
            try:
                yield self._inflate.decompress(data, PIECE)
            except zlib.error:
                raise FetchError(_BROKEN) from None
            data = self._inflate.unconsumed_tail


class _Brotli:
    def __init__(self) -> None:
        self._decompress = brotli.Decompressor()

    @property
    def finished(self) -> bool:
        return bool(self._decompress.is_finished())

    def pieces(self, data: bytes) -> Iterator[bytes]:
        while not self.finished:
            try:
                piece = self._decompress.process(data, output_buffer_limit=PIECE)
            except brotli.error:
                raise FetchError(_BROKEN) from None
            if not piece:
                return
            yield piece
            # Called again without input: what the last one still unpacks to.
            data = b""


Unpacker = _Plain | _Gzip | _Brotli


def unpacker(encoding: str) -> Unpacker:
    """Return the decompressor of a Content-Encoding; empty: the body is plain.

    Raises:
        FetchError: if it is one that was not requested, or several at once.
    """
    match encoding.strip().lower():
        case "" | "identity" | "none":  # "none" is no standard, but some servers send it
            return _Plain()
        case "gzip" | "x-gzip":
            return _Gzip()
        case "br":
            return _Brotli()
        case other:
            raise FetchError(f"answers in an encoding that we do not read: {other[:40]!r}")
