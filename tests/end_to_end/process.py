"""The real bot as a process of its own, to be talked to, killed and started again.

`open_process` forks it from one that has it imported; `open_new_process` starts an interpreter.
"""

import asyncio
import os
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from tests.end_to_end.fork_server import ForkedProcess, fork_server

ROOT = Path(__file__).parents[2]
# Its import of aiogram alone takes seconds, more so on a busy machine.
READY_SECONDS = 180.0


@dataclass(slots=True)
class BotProcess:
    """`python -m bot ARGUMENTS` with exactly these settings; its log goes to a file."""

    arguments: tuple[str, ...]
    settings: dict[str, str]
    folder: Path
    is_forked: bool
    process: Process | ForkedProcess | None = None
    _earlier: int = 0

    @property
    def log(self) -> str:
        """All that every run has logged so far."""
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    @property
    def log_file(self) -> Path:
        return self.folder / "bot.log"

    async def start(self) -> None:
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            # Whether they are installed or not, all tests see the same bot.
            "EMBEDDINGS": "false",
            "HTTP_LISTEN": "off",
            **self.settings,
        }
        with self.log_file.open("ab") as log:
            self._earlier = log.tell()
            if self.is_forked:
                self.process = await asyncio.to_thread(
                    fork_server().start,
                    self.arguments,
                    folder=self.folder,
                    environment=environment,
                    log=self.log_file,
                )
                return
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot",
                *self.arguments,
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=log,
                # As under a service manager: without a terminal.
                start_new_session=True,
            )

    async def kill(self) -> None:
        """SIGKILL: nothing in it can prepare for that."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """SIGTERM, as a service manager does; return the exit code.

        Before it is at work there is nothing that it could finish: the kernel ends it.
        """
        assert self.process is not None
        async with asyncio.timeout(READY_SECONDS):
            while b"at work" not in self.log_file.read_bytes()[self._earlier :]:
                assert self.process.returncode is None, self.log
                await asyncio.sleep(0.05)
        self.process.terminate()
        return await asyncio.wait_for(self.process.wait(), 20)

    async def wait_for_log(self, words: str) -> str:
        """Wait until the log holds the words; return the log."""
        ends_at = monotonic() + READY_SECONDS
        while words not in self.log:
            assert self.process is not None
            assert self.process.returncode is None, self.log
            assert monotonic() < ends_at, self.log
            await asyncio.sleep(0.05)
        return self.log


@asynccontextmanager
async def open_process(folder: Path, *arguments: str, **settings: str) -> AsyncIterator[BotProcess]:
    """Start the bot; whatever becomes of the test, it is not left running."""
    async with _opened(BotProcess(arguments, settings, folder, is_forked=True)) as bot:
        yield bot


@asynccontextmanager
async def open_new_process(
    folder: Path, *arguments: str, **settings: str
) -> AsyncIterator[BotProcess]:
    """Start the bot in a new interpreter, as an operator does."""
    async with _opened(BotProcess(arguments, settings, folder, is_forked=False)) as bot:
        yield bot


@asynccontextmanager
async def _opened(bot: BotProcess) -> AsyncIterator[BotProcess]:
    await bot.start()
    try:
        yield bot
    finally:
        await bot.kill()
