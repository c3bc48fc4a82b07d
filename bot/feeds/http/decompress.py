"""Bounded decompression of gzip and Brotli, a piece at a time.

A kilobyte can unpack to a gigabyte: no step brings more than `PIECE` bytes, and the caller
counts and stops in time. Servers forget to state that a body is packed, state it twice, or where it
is not: how a body begins counts more than what is stated.
"""

import zlib
from collections.abc import Iterator

import brotli

from bot.errors import FetchError

PIECE = 65_536
# 32 + 15: gzip or zlib by its own header, with the largest window. Below zero: neither has one.
_GZIP = 32 + zlib.MAX_WBITS
_RAW = -zlib.MAX_WBITS
# How a gzip member begins: two magic bytes, and the only method that there is.
_MAGIC = b"\x1f\x8b\x08"
_ALIASES = {"x-gzip": "gzip", "x-deflate": "deflate"}
# How documents begin, and nothing that is packed.
_TEXT_STARTS = (
    b"<?xml", b"<rss", b"<feed", b"<rdf", b"<!doctype", b"<!--", b"<html", b'{"', b"{\n", b"{ ",
    b"\xef\xbb\xbf", b"\xff\xfe<", b"\xfe\xff\0<",
)  # fmt: skip
_MAX_START = max(map(len, _TEXT_STARTS))
# "none" is no standard, but some servers send it.
_NO_ENCODINGS = frozenset({"", "identity", "none"})
# Of what lies between two layers; no feed is larger.
_MAX_BETWEEN = 10 * 1024 * 1024
_TOO_MUCH = "unpacks to more than 10 MiB"
_BROKEN = "its compressed answer is broken"


class _Plain:
    finished = True

    def pieces(self, data: bytes) -> Iterator[bytes]:
        yield data


class _Gzip:
    """One gzip member, or one of its relatives; what follows it is padding and dropped."""

    def __init__(self, form: int = _GZIP) -> None:
        self._inflate = zlib.decompressobj(form)

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


class _Sniffed:
    """A body that is packed as its first bytes say, else as is stated: "gzip", "br", or not."""

    def __init__(self, stated: str = "") -> None:
        self._stated = stated
        self._start = b""
        self._unpacker: _Plain | _Gzip | _Brotli | None = None

    @property
    def finished(self) -> bool:
        return self._unpacker.finished if self._unpacker else not self._start

    def pieces(self, data: bytes) -> Iterator[bytes]:
        if self._unpacker is None:
            data = self._start + data
            starts = (_MAGIC, *_TEXT_STARTS) if self._stated else (_MAGIC,)
            seen = data.lstrip().lower()
            if any(len(seen) < len(start) and start.startswith(seen) for start in starts) or (
                self._stated and len(data) < len(b"x\x9c")
            ):
                self._start = data
                return
            self._unpacker = self._choose(data)
        yield from self._unpacker.pieces(data)

    def _choose(self, data: bytes) -> "_Plain | _Gzip | _Brotli":
        if data.startswith(_MAGIC):
            return _Gzip()
        is_text = data.lstrip()[:_MAX_START].lower().startswith(_TEXT_STARTS)
        # Source: RFC 1950, 2.2: a method of 8, and a check of 31.
        is_zlib = data[0] & 15 == 8 and int.from_bytes(data[:2], "big") % 31 == 0
        if self._stated == "br" and not is_text:
            return _Brotli()
        if self._stated == "deflate" and not (is_text or is_zlib):
            return _Gzip(_RAW)
        return _Gzip() if self._stated and is_zlib else _Plain()


class _Twice:
    """A body that is called gzip twice: it is, or the header alone is doubled."""

    def __init__(self) -> None:
        self._outer, self._inner = _Sniffed("gzip"), _Sniffed()
        self._between = 0

    @property
    def finished(self) -> bool:
        return self._outer.finished and self._inner.finished

    def pieces(self, data: bytes) -> Iterator[bytes]:
        for piece in self._outer.pieces(data):
            # What unpacks to nothing in the end is counted by nobody else.
            self._between += len(piece)
            if self._between > _MAX_BETWEEN:
                raise FetchError(_TOO_MUCH)
            yield from self._inner.pieces(piece)


Unpacker = _Sniffed | _Twice


def unpacker(encoding: str) -> Unpacker:
    """Return the decompressor of a Content-Encoding; empty: the server states none.

    Raises:
        FetchError: if it is one that was not requested, or several at once.
    """
    stated = [token.strip().lower() for token in encoding.split(",")]
    match [_ALIASES.get(token, token) for token in stated if token not in _NO_ENCODINGS]:
        case []:
            return _Sniffed()
        case [("gzip" | "deflate" | "br") as encoding]:
            return _Sniffed(encoding)
        case ["gzip", "gzip"]:
            return _Twice()
        case _:
            other = encoding.strip().lower()[:40]
            raise FetchError(f"answers in an encoding that we do not read: {other!r}")
