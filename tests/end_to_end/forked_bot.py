"""The real bot, forked from a process that has it imported, and a record of where a kill hit it.

Importing aiogram takes seconds; a fork has it at once, so that a hundred lives fit into minutes.
Which stages of its work are open is noted in memory that outlives the bot: what is noted there
when it is dead is what the kill hit. Run `python -m tests.end_to_end.forked_bot FOLDER`.
"""

import asyncio
import json
import mmap
import os
import random
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.end_to_end.process import READY_SECONDS, ROOT

STAGES = (
    "migrating the schema",
    "polling a feed",
    "fetching a page",
    "editing",
    "fanning out",
    "claiming",
    "sending",
    "acknowledging",
    "moving a group",
    "handling an update",
    "editing a message",
    "sending a notice",
    "sending a digest",
    "starting a broadcast",
    "searching for a feed",
)
MIGRATE, POLL, PAGE, EDIT, FAN_OUT, CLAIM, SEND, ACKNOWLEDGE, MOVE, UPDATE = range(10)
EDIT_MESSAGE, NOTICE, DIGEST, BROADCAST, SEARCH = range(10, len(STAGES))
# Beside them it is noted how many answers are not yet recorded, and how many seconds the bot's
# clock is ahead.
_ANSWERS, _AHEAD = len(STAGES), len(STAGES) + 1
# In seconds: how often the killer looks.
_LOOK_EVERY = 0.0001


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """How a life ended: `hit` are the stages that were open, `code` is None after a kill.

    `in_hand` counts messages that were written to Telegram, or were being written, and not yet
    recorded as sent.
    """

    hit: frozenset[str]
    in_hand: int
    code: int | None


@dataclass(frozen=True, slots=True)
class BlackBox:
    """The handle of the process that starts the bot, and kills it; its log is `bot.log`."""

    process: Process
    folder: Path

    @property
    def log(self) -> str:
        """All that every life has logged so far."""
        return (self.folder / "bot.log").read_text(encoding="utf-8", errors="replace")

    async def start(self) -> None:
        """Begin a life."""
        await self._order({"do": "start"})

    async def kill(self, stage: str, *, patience: float, delay: float) -> Death:
        """SIGKILL once the stage is open, `delay` seconds later; or when the patience ends."""
        return await self._order(
            {"do": "kill", "stage": STAGES.index(stage), "patience": patience, "delay": delay}
        )

    async def set_clock(self, ahead: int) -> None:
        """Let the bot's clock be so many seconds ahead, in this life and the next ones."""
        await self._order({"do": "set the clock", "ahead": ahead})

    async def stop(self) -> Death:
        """SIGTERM, as a service manager does."""
        return await self._order({"do": "stop"})

    async def _order(self, order: dict[str, object]) -> Death:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        answer = json.loads(await asyncio.wait_for(self.process.stdout.readline(), READY_SECONDS))
        hit = frozenset(STAGES[it] for it in answer["hit"])
        return Death(hit=hit, in_hand=answer["in_hand"], code=answer["code"])


@asynccontextmanager
async def open_black_box(folder: Path, **settings: str) -> AsyncIterator[BlackBox]:
    """Open one; no life of its bot outlasts the block. Migrations are those in `migrations/`."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.end_to_end.forked_bot",
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "EMBEDDINGS": "false",
            "HTTP_LISTEN": "off",
            **settings,
        },
        stdin=PIPE,
        stdout=PIPE,
    )
    try:
        yield BlackBox(process, folder)
    finally:
        assert process.stdin is not None
        process.stdin.close()  # that is its sign to end
        await process.wait()


class _Notes:
    """How often each stage is open, in memory that forks share."""

    def __init__(self) -> None:
        self._counts = memoryview(mmap.mmap(-1, 4 * (len(STAGES) + 2))).cast("i")

    def __getitem__(self, stage: int) -> int:
        return self._counts[stage]

    def begin(self, stage: int, count: int = 1) -> None:
        self._counts[stage] += count

    def end(self, *stages: int) -> None:
        for stage in stages:
            self._counts[stage] = 0

    @contextmanager
    def during(self, stage: int) -> Iterator[None]:
        self._counts[stage] += 1
        try:
            yield
        finally:
            self._counts[stage] -= 1

    def set(self, place: int, value: int) -> None:
        self._counts[place] = value

    def open(self) -> list[int]:
        return [stage for stage in range(len(STAGES)) if self._counts[stage]]


_Step = Callable[..., Awaitable[Any]]


def _watched(notes: _Notes, stage: int, step: _Step, *, ends: tuple[int, ...] = ()) -> _Step:
    """Note the stage while the step is taken."""

    async def noted(*args: Any, **kwargs: Any) -> Any:
        with notes.during(stage):
            try:
                return await step(*args, **kwargs)
            finally:
                notes.end(*ends)

    return noted


def _begun(notes: _Notes, stage: int, step: _Step) -> _Step:
    """Note a stage that ends with the transaction of whoever takes the step."""

    async def noted(*args: Any, **kwargs: Any) -> Any:
        notes.begin(stage)
        return await step(*args, **kwargs)

    return noted


def _answered(notes: _Notes, send: _Step) -> _Step:
    async def noted(*args: Any) -> Any:
        outcome = await send(*args)
        notes.begin(_ANSWERS)
        return outcome

    return noted


def _recorded(notes: _Notes, record: _Step) -> _Step:
    async def noted(outbox: object, answers: Sequence[object]) -> Any:
        recorded = await record(outbox, answers)
        # Of what could not be rendered there was no answer.
        notes.begin(_ANSWERS, -min(len(answers), notes[_ANSWERS]))
        return recorded

    return noted


def _notice_recorded(notes: _Notes, record: _Step) -> _Step:
    async def noted(*args: Any, **kwargs: Any) -> Any:
        recorded = await record(*args, **kwargs)
        notes.begin(_ANSWERS, -min(1, notes[_ANSWERS]))
        return recorded

    return noted


def _digest_delivered(notes: _Notes, deliver: _Step) -> _Step:
    """Note the stage while a digest is delivered, and no other message."""

    async def noted(sender: object, subscriber: object, plan: Any) -> Any:
        step = _watched(notes, DIGEST, deliver) if plan.form == "digest" else deliver
        return await step(sender, subscriber, plan)

    return noted


@dataclass(frozen=True, slots=True)
class _Clock:
    """What `datetime` is to `bot.clock`: as many seconds ahead as is noted."""

    notes: _Notes

    def now(self, zone: tzinfo) -> datetime:
        return datetime.now(zone) + timedelta(seconds=self.notes[_AHEAD])  # noqa: TID251


def _migrated(notes: _Notes, apply: Callable[..., None]) -> Callable[..., None]:
    def noted(*args: Any) -> None:
        with notes.during(MIGRATE):
            apply(*args)

    return noted


def _watch(notes: _Notes, migrations: Path) -> None:
    """Note the stages; nothing else about the bot changes but its clock and its migrations."""
    app, channel = _module("app.run"), _module("telegram.api.send")
    engine, database = _module("feeds.engine"), _module("storage.database")
    previews = _module("feeds.previews.channel_previews")
    migrations_module = _module("storage.migrations")
    fan_out = _module("storage.outbox.fan_out")
    subscribers = _module("storage.subscribers.subscribers")
    processor = _module("stories.article_processor").ArticleProcessor
    outbox = _module("delivery.outbox").Outbox
    editor = _module("delivery.message_editor").MessageEditor
    sender, notices = _module("delivery.sender").Sender, _module("delivery.notice_sender")
    broadcasts = _module("storage.outbox.broadcasts")
    send, record = _answered(notes, channel.send), _recorded(notes, outbox._record_batch)
    _module("clock").datetime = _Clock(notes)
    database.migrate = partial(migrations_module.migrate, migrations=migrations)
    migrations_module._apply = _migrated(notes, migrations_module._apply)
    previews.fetch_feed = _watched(notes, POLL, previews.fetch_feed)
    engine.fetch_page = _watched(notes, PAGE, engine.fetch_page)
    engine.find_feed = _watched(notes, SEARCH, engine.find_feed)
    app.dispatch = _watched(notes, UPDATE, app.dispatch, ends=(MOVE, BROADCAST))
    processor._process = _watched(notes, EDIT, processor._process, ends=(FAN_OUT,))
    fan_out.enqueue_story = _begun(notes, FAN_OUT, fan_out.enqueue_story)
    outbox._claim_batch = _watched(notes, CLAIM, outbox._claim_batch)
    channel.send = _watched(notes, SEND, send)
    outbox._record_batch = _watched(notes, ACKNOWLEDGE, record, ends=(MOVE,))
    subscribers.move = _begun(notes, MOVE, subscribers.move)
    editor._edit = _watched(notes, EDIT_MESSAGE, editor._edit)
    notices.send_message = _watched(notes, NOTICE, notices.send_message)
    notices.NoticeSender._record = _notice_recorded(notes, notices.NoticeSender._record)
    sender._deliver = _digest_delivered(notes, sender._deliver)
    broadcasts.send = _begun(notes, BROADCAST, broadcasts.send)


def _module(name: str) -> Any:
    """Return a module of the bot, to be changed: only here, where it is certain to be forked."""
    return import_module(f"bot.{name}")


def _live() -> None:
    """Be the bot, until the end; nothing of the one who forked us is left in the way."""
    from bot.cli.main import main

    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    log = os.open("bot.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(log, 1)
    os.dup2(log, 2)
    random.seed()
    code = 70
    try:
        main(["run"])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _wait(pid: int, until: Callable[[], bool], patience: float) -> int | None:
    """Wait for the condition or the end of the process; return the latter's exit code, if so."""
    end = time.monotonic() + patience
    while not until() and time.monotonic() < end:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(_LOOK_EVERY)
    return None


def _end(pid: int, order: dict[str, Any], notes: _Notes) -> int | None:
    if order["do"] == "stop":
        os.kill(pid, signal.SIGTERM)
        return _wait(pid, lambda: False, 20.0)
    code = _wait(pid, lambda: bool(notes[order["stage"]]), order["patience"])
    if code is None:
        time.sleep(order["delay"])
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return code


def _obey() -> None:
    """Do what is asked for, line by line."""
    notes, pid = _Notes(), 0
    _watch(notes, Path("migrations").resolve())
    try:
        for line in sys.stdin:
            order, code = json.loads(line), None
            if order["do"] == "start":
                notes.end(*range(len(STAGES) + 1))
                pid = os.fork()
                if not pid:
                    _live()
            elif order["do"] == "set the clock":
                notes.set(_AHEAD, order["ahead"])
            else:
                code = _end(pid, order, notes)
            sys.stdout.write(
                json.dumps(
                    {"hit": notes.open(), "in_hand": notes[SEND] + notes[_ANSWERS], "code": code}
                )
                + "\n"
            )
            sys.stdout.flush()
    finally:
        with suppress(ProcessLookupError, ChildProcessError):
            if pid and os.waitpid(pid, os.WNOHANG) == (0, 0):
                os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    _obey()
