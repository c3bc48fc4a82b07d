import pytest

from bot.feeds.http.response_head import MAX_HEAD_BYTES, HeadReader, mend_head

LENGTH = b"Content-Length: 153"


def mended(*lines: bytes, status: bytes = b"HTTP/1.1 200 OK") -> list[bytes]:
    """Return the lines of the head after the status, without the empty ones."""
    head = mend_head(b"\r\n".join([status, *lines, b"", b""]))
    assert head.endswith(b"\r\n\r\n")
    return head.split(b"\r\n")[1:-2]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([LENGTH], [LENGTH]),
        ([LENGTH, b"Transfer-Encoding: chunked"], [b"Transfer-Encoding: chunked"]),
        ([b"transfer-encoding: Chunked", LENGTH], [b"Transfer-Encoding: chunked"]),
        ([b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked"],
         [b"Transfer-Encoding: chunked"]),
        ([b"Transfer-Encoding: chunked, chunked"], [b"Transfer-Encoding: chunked"]),
        ([LENGTH, LENGTH], [LENGTH]),
        ([b"Content-Length: 153, 153"], [LENGTH]),
        ([LENGTH, b"content-length:153"], [LENGTH]),
        ([LENGTH, b"Transfer-Encoding: identity"], [LENGTH]),
        ([b"Transfer-Encoding: identity"], []),
        ([b"Content-Length:"], []),
        ([b"X-A: 1", LENGTH, b"X-B: 2"], [b"X-A: 1", b"X-B: 2", LENGTH]),
    ],
)  # fmt: skip
def test_h2_the_length_of_a_body_is_stated_once(lines: list[bytes], expected: list[bytes]) -> None:
    assert mended(*lines) == expected


def test_h2_lengths_that_contradict_each_other_are_left_to_be_refused() -> None:
    lines = [b"Content-Length: 5", b"Content-Length: 6"]
    assert mended(*lines) == lines
    assert mended(b"Content-Length: 5, 6") == [b"Content-Length: 5, 6"]


@pytest.mark.parametrize(
    "line",
    [
        b'"X-XSS-Protection: 0"',
        b"just some words",
        b"<meta charset=utf-8>: 1",
        b": no name",
        b"Two words: 1",
        b"Warnung: Zeile 7 in /srv/feed.php"[3:4] + b"\x00",
    ],
)
def test_h2_a_line_that_is_no_field_is_dropped(line: bytes) -> None:
    assert mended(b"Content-Type: text/xml", line, LENGTH) == [b"Content-Type: text/xml", LENGTH]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"Content-Type : text/xml", b"Content-Type: text/xml"),
        (b"Content-Type\t:text/xml ", b"Content-Type: text/xml"),
        (b"Content-Type: text/xml;\r\n charset=utf-8", b"Content-Type: text/xml; charset=utf-8"),
        (b'ETag: W/"\xff \x01b"', b'ETag: W/"\xff \x01b"'),
        (b"X-A: one\x00two\rthree", b"X-A: one two three"),
        (b"X-Empty:", b"X-Empty: "),
    ],
)
def test_h2_a_field_is_read_as_browsers_do(line: bytes, expected: bytes) -> None:
    assert mended(line) == [expected]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK"),
        (b"HTTP/1.0 200 OK", b"HTTP/1.0 200 OK"),
        (b"HTTP/1.1 404", b"HTTP/1.1 404 -"),
        (b"HTTP/1.1  200  All is well", b"HTTP/1.1 200 All is well"),
        (b"HTTP/2 200", b"HTTP/1.1 200 -"),
        (b"HTTP/1 200 OK", b"HTTP/1.1 200 OK"),
        (b"ICY 200 OK", b"HTTP/1.0 200 OK"),
    ],
)
def test_h2_a_status_line_is_read_as_curl_does(status: bytes, expected: bytes) -> None:
    assert mend_head(status + b"\nA: 1\n\n") == expected + b"\r\nA: 1\r\n\r\n"


@pytest.mark.parametrize("head", [b"<html>\n\n", b"220 ftp ready\r\n\r\n", b"HTTP/1.1 OK\r\n\r\n"])
def test_what_is_no_head_stays_as_it_is(head: bytes) -> None:
    assert mend_head(head) == head


@pytest.mark.parametrize("step", [1, 2, 3, 7, 4096])
def test_a_head_is_put_in_order_however_it_was_cut(step: int) -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    said = interim + b"HTTP/1.1 200 OK\njunk\nA : 1\n\n" + b"body\r\n\r\nHTTP/1.1 200 OK\njunk\n\n"
    reader = HeadReader()
    said = b"\r\n" + said
    got = b"".join(reader.feed(said[at : at + step]) for at in range(0, len(said), step))
    assert got + reader.rest() == (
        interim + b"HTTP/1.1 200 OK\r\nA: 1\r\n\r\n" + b"body\r\n\r\nHTTP/1.1 200 OK\njunk\n\n"
    )


def test_a_head_without_end_is_not_kept() -> None:
    reader = HeadReader()
    line = b"X-A: " + b"a" * 1019
    got = sum(len(reader.feed(line)) for _ in range(2 * MAX_HEAD_BYTES // len(line)))
    assert got + len(reader.rest()) == 2 * MAX_HEAD_BYTES // len(line) * len(line)
    assert got > MAX_HEAD_BYTES


def test_of_a_head_that_breaks_off_nothing_is_lost() -> None:
    reader = HeadReader()
    assert reader.feed(b"HTTP/1.1 200 OK\r\nA: 1") == b""
    assert reader.rest() == b"HTTP/1.1 200 OK\r\nA: 1"
    assert reader.rest() == b""
