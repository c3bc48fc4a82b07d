"""Heads of HTTP responses as servers write them, put in order as browsers and curl read them.

Where lengths contradict each other nothing is guessed: the head stays as it is, and is refused.
Source: RFC 9112, 2.2, 5.1, 5.2, 6.1 and 6.3.
"""

import re
from collections.abc import Iterator

# No server's head is longer; one that is gets no help.
MAX_HEAD_BYTES = 256 * 1024

_END = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_STATUS = re.compile(rb"(?:HTTP/1\.?(\d)?|HTTP/[23](?:\.\d)?|ICY)[ \t]+(\d{3})\b[ \t]*(.*)")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*:(.*)", re.DOTALL)
_UNSPEAKABLE = re.compile(rb"[\x00\r]")
_CHUNKED, _IDENTITY = b"chunked", b"identity"

Field = tuple[bytes, bytes]


class HeadReader:
    """Collects what comes from a server until its head is whole, and puts that in order."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._is_done = False

    def feed(self, data: bytes) -> bytes:
        """Return what is ready to be read on: nothing yet, or the head and what follows it."""
        if self._is_done:
            return data
        searched = max(0, len(self._head) - len(b"\r\n\r"))
        self._head += data if self._head else data.lstrip(b"\r\n")
        ready = b""
        # Interim responses (103, for one) come before the one that counts.
        while (end := _END.search(self._head, searched)) and not self._is_done:
            head, searched = bytes(self._head[: end.end()]), 0
            del self._head[: end.end()]
            ready += mend_head(head)
            status = _STATUS.match(head)
            self._is_done = status is None or status[2][:1] != b"1" or status[2] == b"101"
        if self._is_done or len(self._head) > MAX_HEAD_BYTES:
            ready += self.rest()
        return ready

    def rest(self) -> bytes:
        """Return what was kept back, when nothing more is to come or be mended."""
        rest, self._head, self._is_done = bytes(self._head), bytearray(), True
        return rest


def mend_head(head: bytes) -> bytes:
    """Return the head of a response with what no parser takes amiss, otherwise unchanged.

    Lines that are no fields are dropped, and spaces before a colon. Chunks count more than a
    length, one length that is given twice is one, and "identity" is no encoding.
    """
    status_line, *lines = _LINE_END.split(head.rstrip(b"\r\n"))
    status = _STATUS.fullmatch(status_line)
    if status is None:
        return head
    version = b"0" if status[1] == b"0" or status_line.startswith(b"ICY") else b"1"
    first = b"HTTP/1.%b %b %b" % (version, status[2], status[3].strip() or b"-")
    fields = _framed(list(_fields(lines)))
    return b"\r\n".join([first, *(b"%b: %b" % field for field in fields), b"", b""])


def _fields(lines: list[bytes]) -> Iterator[Field]:
    """Yield the fields; a line that begins with a space continues the one before."""
    unfolded: list[bytes] = []
    for line in lines:
        if line[:1] in (b" ", b"\t") and unfolded:
            unfolded[-1] += b" " + line.strip()
        else:
            unfolded.append(line)
    for line in unfolded:
        if field := _FIELD.fullmatch(line):
            yield field[1], _UNSPEAKABLE.sub(b" ", field[2]).strip(b" \t")


def _framed(fields: list[Field]) -> list[Field]:
    """Return the fields with one statement of how long the body is, where they agree."""
    codings = [coding for coding in _values(fields, b"transfer-encoding") if coding != _IDENTITY]
    lengths = _values(fields, b"content-length")
    kept = [field for field in fields if field[0].lower() != b"transfer-encoding"]
    if codings:
        kept.append((b"Transfer-Encoding", b", ".join(dict.fromkeys(codings))))
    is_chunked = _CHUNKED in codings
    if not is_chunked and len(set(lengths)) > 1:
        return kept
    kept = [field for field in kept if field[0].lower() != b"content-length"]
    return kept if is_chunked or not lengths else [*kept, (b"Content-Length", lengths[0])]


def _values(fields: list[Field], name: bytes) -> list[bytes]:
    """Return the values of a field that may be a list and may be given in several lines."""
    values = (value.split(b",") for key, value in fields if key.lower() == name)
    return [value.strip().lower() for listed in values for value in listed if value.strip()]
