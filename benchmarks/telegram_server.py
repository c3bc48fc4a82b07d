"""A Bot API on loopback that accepts every message at once, in a process of its own.

As light as Python lets it be: what is measured beside it must not wait for it.
"""

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from subprocess import PIPE, Popen

# What the Bot API answers is about a kilobyte: the whole message, with its entities.
_TEXT = "Bridge opens in Lakeside. " * 13
_ANSWER = json.dumps({
    "ok": True,
    "result": {
        "message_id": 987654321,
        "from": {"id": 42, "is_bot": True, "first_name": "ReadAlso", "username": "readalso_bot"},
        "chat": {"id": 123456789, "first_name": "Ann", "username": "ann", "type": "private"},
        "date": 1772452800,
        "text": _TEXT,
        "entities": [
            {"offset": 0, "length": 24, "type": "bold"},
            {"offset": 0, "length": 24, "type": "text_link", "url": "https://courier.example/b"},
            {"offset": 100, "length": 19, "type": "italic"},
        ],
        "link_preview_options": {"url": "https://courier.example/b", "prefer_small_media": True},
    },
})  # fmt: skip
_MYSELF = {"id": 42, "is_bot": True, "first_name": "ReadAlso", "username": "readalso_bot"}
_ME = json.dumps({"ok": True, "result": _MYSELF})
_HEADERS = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


@contextmanager
def open_telegram() -> Iterator[str]:
    """Start it and yield its address; it ends with the block, and with us."""
    command = [sys.executable, "-m", "benchmarks.telegram_server"]
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()  # that is its sign to end


class _Connection(asyncio.Protocol):
    """Answers request after request; of each it reads no more than where it ends."""

    numbers = count(100_000_000)

    def __init__(self) -> None:
        self.received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer what has come whole."""
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            whole = end + 4 + self._body_length(end)
            if len(self.received) < whole:
                return
            asked_who = b"/getMe" in self.received[: self.received.find(b"\r\n")]
            del self.received[:whole]
            number = str(next(self.numbers))
            body = (_ME if asked_who else _ANSWER.replace("987654321", number)).encode()
            self.transport.write((_HEADERS % len(body)).encode() + body)

    def _body_length(self, end: int) -> int:
        for line in self.received[:end].split(b"\r\n")[1:]:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                return int(value)
        return 0


async def _serve() -> None:
    server = await asyncio.get_running_loop().create_server(_Connection, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    sys.stdout.write(f"http://{host}:{port}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
