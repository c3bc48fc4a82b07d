"""Fork server: a process that has the bot imported, and forks one life of it at each request.

To import aiogram takes seconds of processor time; a fork has it at once. One server serves all
tests of a pytest process. The forked process is the real command line in every other respect: its
own pid, working folder, environment and log.

`python -m tests.end_to_end.fork_server` reads requests as lines of JSON and answers in lines:
`{"pid": …}` for a start, `{"pid": …, "code": …}` for an end.
"""

import asyncio
import atexit
import json
import os
import random
import selectors
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from queue import Queue
from typing import Any

ROOT = Path(__file__).parents[2]


@dataclass(slots=True)
class ForkedProcess:
    """What asyncio's `Process` says of a child, of one that the server forked."""

    pid: int
    returncode: int | None = None
    _ended: threading.Event = field(default_factory=threading.Event)

    def end(self, code: int) -> None:
        self.returncode = code
        self._ended.set()

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    async def wait(self) -> int:
        """Return the exit code; minus the signal's number where one ended it."""
        while not self._ended.is_set():
            await asyncio.sleep(0.02)
        assert self.returncode is not None
        return self.returncode


class ForkServer:
    """The client's side: it starts processes and learns how they end."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.end_to_end.fork_server"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._started: Queue[ForkedProcess] = Queue()
        self._living: dict[int, ForkedProcess] = {}
        threading.Thread(target=self._listen, daemon=True).start()
        atexit.register(self.close)

    def start(
        self, arguments: tuple[str, ...], *, folder: Path, environment: dict[str, str], log: Path
    ) -> ForkedProcess:
        request = {
            "arguments": arguments,
            "folder": str(folder),
            "environment": environment,
            "log": str(log),
        }
        assert self._server.stdin is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        return self._started.get(timeout=120)

    def close(self) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait()

    def _listen(self) -> None:
        assert self._server.stdout is not None
        for line in self._server.stdout:
            message = json.loads(line)
            if "code" in message:
                self._living.pop(message["pid"]).end(message["code"])
            else:
                process = ForkedProcess(message["pid"])
                self._living[process.pid] = process
                self._started.put(process)


@cache
def fork_server() -> ForkServer:
    """Return the server of this process; it ends with it."""
    return ForkServer()


def _live(request: dict[str, Any]) -> None:
    """Be `python -m bot ARGUMENTS`, to the end."""
    from bot.cli.main import main

    # The server may have been started where Ctrl+C is ignored; the bot is not.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    random.seed()
    sys.argv = ["readalso", *request["arguments"]]
    code = 1
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _answer(**message: int) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def _reap(living: set[int]) -> None:
    for pid in tuple(living):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            living.discard(pid)
            _answer(pid=pid, code=os.waitstatus_to_exitcode(status))


def _fork(line: str) -> int:
    pid = os.fork()
    if not pid:
        _live(json.loads(line))
    _answer(pid=pid)
    return pid


def _serve() -> None:
    """Fork at each line; end, and all that was forked with it, when there are no more."""
    for name in ("bot.app.run", "bot.cli.main", "bot_playground.playground"):
        import_module(name)
    read, write = os.pipe()
    for end in (read, write):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(write)
    selector = selectors.DefaultSelector()
    selector.register(sys.stdin, selectors.EVENT_READ)
    selector.register(read, selectors.EVENT_READ)
    living: set[int] = set()
    line: str | None = None
    while line != "":
        ready = {key.fileobj for key, _ in selector.select()}
        if read in ready:
            os.read(read, 4096)
            _reap(living)
        if sys.stdin in ready and (line := sys.stdin.readline()):
            living.add(_fork(line))
    for pid in living:
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    _serve()
