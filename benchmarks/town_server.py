"""Ten thousand publishers on loopback, in a process of their own, that count requests.

Each has a host of its own, 127.x.y.z, so that our manners towards hosts show. The clock is the
visitor's: `/clock/SECONDS` on 127.0.0.1 sets it, and `/report` tells what was counted.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from subprocess import PIPE, Popen

from benchmarks.town import BUSY_FOR, Answer, Publisher

CONTROL = "127.0.0.1"
# In seconds; without it no two requests would ever be seen at once.
LATENCY = 0.005


@contextmanager
def open_town(count: int, *, began_at: datetime) -> Iterator[int]:
    """Start a town of so many publishers, and yield its port; it ends with the block."""
    command = [sys.executable, "-m", "benchmarks.town_server", str(count), began_at.isoformat()]
    with Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.stdin.close()  # that is its sign to end


@dataclass(slots=True, kw_only=True)
class Counts:
    """What was asked of the town, and in which manner."""

    statuses: Counter[int] = field(default_factory=Counter)
    sent_bytes: int = 0
    most_at_once: int = 0
    # Requests to a host that had asked for silence, and to a feed that had said that it is gone.
    impatient: int = 0
    after_gone: int = 0
    # Items that were shown, each counted once.
    shown: int = 0
    # Requests without a validator, by feed, where one would have been understood.
    unconditional: Counter[int] = field(default_factory=Counter)

    def as_json(self) -> str:
        """Return them in figures."""
        figures = {
            **{str(status): number for status, number in self.statuses.items()},
            "sent_bytes": self.sent_bytes,
            "most_at_once": self.most_at_once,
            "impatient": self.impatient,
            "after_gone": self.after_gone,
            "shown": self.shown,
            "unconditional": self.unconditional.total(),
            "most_unconditional": max(self.unconditional.values(), default=0),
            "validating": len(self.unconditional),
        }
        return json.dumps(figures)


@dataclass(slots=True, kw_only=True)
class Town:
    """The publishers, what they remember of their visitor, and what was counted."""

    publishers: tuple[Publisher, ...]
    at: datetime
    counts: Counts = field(default_factory=Counts)
    visits: Counter[int] = field(default_factory=Counter)
    newest_shown: dict[int, int] = field(default_factory=dict)
    silent_until: dict[str, datetime] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    at_once: Counter[str] = field(default_factory=Counter)

    def answer(self, host: str, path: str, headers: Mapping[str, str]) -> Answer:
        """Answer a request, and count it."""
        if host == CONTROL:
            return self._control(path)
        number = int(path.rpartition("/")[2])
        self.counts.impatient += self.at < self.silent_until.get(host, self.at)
        self.counts.after_gone += number in self.gone
        known = headers.get("if-none-match", "")
        visits = self.visits[number]
        answer = self.publishers[number].answer(path, known=known, visits=visits, at=self.at)
        self._count(number, host, answer, conditional=bool(known))
        return answer

    def _count(self, number: int, host: str, answer: Answer, *, conditional: bool) -> None:
        self.visits[number] += 1
        self.counts.statuses[answer.status] += 1
        self.counts.sent_bytes += len(answer.body)
        if "ETag" in answer.headers and not conditional:
            self.counts.unconditional[number] += 1
        if "Retry-After" in answer.headers:
            self.silent_until[host] = self.at + BUSY_FOR
        if answer.status == HTTPStatus.GONE:
            self.gone.add(number)
        if answer.items:
            before = self.newest_shown.get(number, 0)
            self.counts.shown += answer.items.stop - max(before + 1, answer.items.start)
            self.newest_shown[number] = answer.items.stop - 1

    def _control(self, path: str) -> Answer:
        _, what, *rest = path.split("/")
        if what == "clock":
            self.at = datetime.fromtimestamp(int(rest[0]), UTC)
        return Answer(status=HTTPStatus.OK, headers={}, body=self.counts.as_json().encode())


@dataclass(slots=True)
class _Visit(asyncio.Protocol):
    """One request, and the end of its connection."""

    town: Town
    host: str = ""
    received: bytes = b""
    transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.host = transport.get_extra_info("sockname")[0]
        if not self.host.startswith("127."):  # we are for this machine alone
            transport.abort()

    def data_received(self, data: bytes) -> None:
        self.received += data
        if self.received.endswith(b"\r\n\r\n"):
            at_once = self.town.at_once
            at_once[self.host] += 1
            if self.host != CONTROL:
                counts = self.town.counts
                counts.most_at_once = max(counts.most_at_once, at_once[self.host])
            asyncio.get_running_loop().call_later(LATENCY, self._respond)

    def _respond(self) -> None:
        assert self.transport
        request, *lines = self.received.decode("latin-1").strip().split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines)
        }
        answer = self.town.answer(self.host, request.split()[1], headers)
        head = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n"
        fields = {**answer.headers, "Content-Length": len(answer.body), "Connection": "close"}
        head += "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self.transport.write(head.encode() + b"\r\n" + answer.body)
        self.transport.close()
        self.town.at_once[self.host] -= 1


async def _serve(count: int, began_at: datetime) -> None:
    publishers = tuple(Publisher(number=number, began_at=began_at) for number in range(count))
    town = Town(publishers=publishers, at=began_at)
    loop = asyncio.get_running_loop()
    # All of 127.0.0.0/8 is this machine; others are turned away above.
    server = await loop.create_server(partial(_Visit, town), "0.0.0.0", 0, backlog=1000)
    async with server:
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), datetime.fromisoformat(sys.argv[2])))
