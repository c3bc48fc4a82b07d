import gzip
import zlib

import brotli
import pytest

from bot.errors import FetchError
from bot.feeds.http.decompress import PIECE, unpacker

TEXT = "Міст відкрито. ".encode() * 20_000


def unpack(encoding: str, *chunks: bytes) -> bytes:
    unpacking = unpacker(encoding)
    pieces = [piece for chunk in chunks for piece in unpacking.pieces(chunk)]
    assert unpacking.finished
    return b"".join(pieces)


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("None", TEXT),
        ("gzip", gzip.compress(TEXT, mtime=0)),
        (" GZip ", gzip.compress(TEXT, mtime=0)),
        ("x-gzip", gzip.compress(TEXT, mtime=0)),
        ("br", brotli.compress(TEXT, quality=1)),
        ("", gzip.compress(TEXT, mtime=0)),
        ("identity", gzip.compress(TEXT, mtime=0)),
        ("gzip, gzip", gzip.compress(TEXT, mtime=0)),
        ("gzip, gzip", gzip.compress(gzip.compress(TEXT, mtime=0), mtime=0)),
        ("gzip, identity", gzip.compress(TEXT, mtime=0)),
    ],
)
def test_a_body_comes_out_whole_however_it_was_cut(encoding: str, packed: bytes) -> None:
    assert unpack(encoding, packed) == TEXT
    assert unpack(encoding, *(packed[i : i + 7] for i in range(0, len(packed), 7))) == TEXT


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", gzip.compress(bytes(1 << 26), 1, mtime=0)),
        ("br", brotli.compress(bytes(1 << 26), quality=1)),
    ],
)
def test_a_bomb_comes_out_in_small_pieces(encoding: str, bomb: bytes) -> None:
    pieces = unpacker(encoding).pieces(bomb)
    assert all(0 < len(next(pieces)) <= 2 * PIECE for _ in range(100))


def test_many_packed_bodies_in_one_are_the_first_of_them() -> None:
    """As in browsers; and each further one, however short, would cost a new unpacker."""
    assert unpack("gzip", gzip.compress(TEXT, mtime=0) + gzip.compress(b"x") * 10_000) == TEXT


def test_what_follows_the_compressed_body_is_dropped() -> None:
    assert unpack("gzip", gzip.compress(TEXT, mtime=0) + b"\0\0\0") == TEXT
    assert unpack("gzip", gzip.compress(TEXT, mtime=0), b"more") == TEXT
    assert unpack("br", brotli.compress(TEXT, quality=1), b"more") == TEXT


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_a_cut_off_body_is_not_finished(encoding: str) -> None:
    packed = (
        gzip.compress(TEXT, mtime=0) if encoding == "gzip" else brotli.compress(TEXT, quality=1)
    )
    unpacking = unpacker(encoding)
    list(unpacking.pieces(packed[:-9]))
    assert not unpacking.finished


RAW = zlib.compressobj(wbits=-zlib.MAX_WBITS)
DEFLATED = RAW.compress(TEXT) + RAW.flush()


@pytest.mark.parametrize(
    ("encoding", "sent"),
    [
        *((encoding, b"<rss>" + TEXT) for encoding in ("", "gzip", "deflate", "br", "gzip, gzip")),
        ("gzip", TEXT),
        ("br", b"\n  <RSS>" + TEXT),
        *((encoding, gzip.compress(TEXT, mtime=0)) for encoding in ("", "deflate", "br")),
        ("deflate", zlib.compress(TEXT)),
        ("gzip", zlib.compress(TEXT)),
        ("deflate", DEFLATED),
        ("x-deflate", DEFLATED),
        *(("gzip", start + TEXT) for start in (b"\xef\xbb\xbf", b"<?xml?>", b"<!-- 3 -->")),
    ],
)
def test_how_a_body_begins_counts_more_than_what_is_stated(encoding: str, sent: bytes) -> None:
    expected = sent if sent.endswith(TEXT) else TEXT
    assert unpack(encoding, sent) == expected
    one_by_one = (sent[place : place + 1] for place in range(64))
    assert unpack(encoding, *one_by_one, sent[64:]) == expected


@pytest.mark.parametrize(
    ("encoding", "sent"),
    [("gzip", b"\x1f\x8b\x08 and so on"), ("br", b"\x0f and so on"), ("deflate", b"\xff and so")],
)
def test_a_body_that_cannot_be_unpacked_is_refused(encoding: str, sent: bytes) -> None:
    with pytest.raises(FetchError, match="broken"):
        list(unpacker(encoding).pieces(sent + zlib.compress(TEXT)))


@pytest.mark.parametrize(
    "encoding", ["zstd", "compress", "br, br", "br, gzip", "gzip, gzip, gzip", "x" * 999]
)
def test_an_encoding_that_was_not_requested_is_refused(encoding: str) -> None:
    with pytest.raises(FetchError, match="encoding that we do not read"):
        unpacker(encoding)


@pytest.mark.parametrize("encoding", ["", "gzip, gzip"])
def test_h2_a_body_that_breaks_off_within_a_layer_is_not_finished(encoding: str) -> None:
    packed = gzip.compress(gzip.compress(TEXT, mtime=0) if encoding else TEXT, mtime=0)
    for end in (1, 2, 9, len(packed) // 2, len(packed) - 9):
        unpacking = unpacker(encoding)
        list(unpacking.pieces(packed[:end]))
        assert not unpacking.finished


def test_h2_a_gzip_file_within_a_packed_answer_stays_packed() -> None:
    inner = gzip.compress(b"x", mtime=0)
    assert unpack("gzip", gzip.compress(inner, mtime=0)) == inner
    assert unpack("gzip, gzip", gzip.compress(gzip.compress(inner, mtime=0), mtime=0)) == inner


def test_h2_what_unpacks_to_nothing_in_the_second_layer_is_stopped() -> None:
    empty_blocks = b"\x00\x00\x00\xff\xff" * 4_000_000
    inner = gzip.compress(b"", mtime=0)[:10] + empty_blocks
    with pytest.raises(FetchError, match="unpacks to more than"):
        list(unpacker("gzip, gzip").pieces(gzip.compress(inner, compresslevel=1, mtime=0)))
