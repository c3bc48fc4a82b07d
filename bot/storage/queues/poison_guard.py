"""Poison guard: finds the row whose processing ends the process or fails, and sets it aside.

Rows that were in hand when the process ended are suspects. A suspect is processed alone, so that
an attempt that ends the process again is its own; after `MAX_ATTEMPTS` attempts it is a dead
letter. Failures that would meet any row (the database, the network, a wrong token) count for none.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

import aiosqlite

from bot.errors import SetupError
from bot.storage.database import Database
from bot.storage.errors import is_database_error, retry_until_written
from bot.storage.queues import attempts
from bot.storage.queues.attempts import MAX_ATTEMPTS, Queue, QueueRow
from bot.storage.queues.exclusive import ExclusiveSection
from bot.storage.queues.group_commit import GroupCommit
from bot.text.safe import printable

log = logging.getLogger(__name__)

PROCESS_ENDED = f"the process ended in each of {MAX_ATTEMPTS} attempts"
# A message of several rows is tried again as it is; after a second failure each row goes alone.
ISOLATED_AFTER = 2
# A row that ended the process alone waits for so long after the start: other work goes first.
RETRY_PAUSE = timedelta(seconds=5)


@dataclass(slots=True, kw_only=True)
class PoisonGuard:
    """Counts attempts at rows of all queues; one guard serves all workers of a process."""

    db: Database
    now: Callable[[], datetime]
    monotonic: Callable[[], float] = monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _section: ExclusiveSection = field(default_factory=ExclusiveSection, init=False)
    # Attempts at rows that were in hand when a process ended, or that failed in this one.
    _suspects: dict[QueueRow, int] = field(default_factory=dict, init=False)
    # Rows whose present attempt is counted; a failure that is not theirs does not count anew.
    _begun: set[QueueRow] = field(default_factory=set, init=False)
    _began_at: float = field(init=False)
    # Rows of open blocks: 0 once their attempt has ended well, else the number of failed attempts.
    _ended: dict[QueueRow, int | None] = field(default_factory=dict, init=False)
    _begins: GroupCommit[Sequence[QueueRow], None] = field(init=False)

    def __post_init__(self) -> None:
        """Note when the process began, and open the queue of attempts to write."""
        self._began_at = self.monotonic()
        self._begins = GroupCommit(self._write_begins)

    async def recover(self, tx: aiosqlite.Connection) -> None:
        """Suspect what the last process had in hand, and set aside what has ended it too often.

        To be called before the workers start, and before interrupted rows become pending.
        """
        await attempts.delete_orphans(tx)
        await attempts.add_interrupted(tx)
        for row, reason in await attempts.exhausted(tx):
            await self._set_aside_and_log(tx, row, reason=reason or PROCESS_ENDED)
        self._suspects = await attempts.counts(tx)

    def is_suspect(self, queue: Queue, key: int) -> bool:
        """Return whether the row failed, or was in hand when the process ended."""
        return QueueRow(queue, key) in self._suspects

    def isolated(self, queue: Queue, keys: Iterable[int]) -> frozenset[int]:
        """Return those of the rows that must not share a message with others."""
        if not self._suspects:
            return frozenset()
        return frozenset(
            key for key in keys if self._suspects.get(QueueRow(queue, key), 0) >= ISOLATED_AFTER
        )

    def attempt(
        self, queue: Queue, *keys: int, is_written: bool = False
    ) -> AbstractAsyncContextManager[None]:
        """Count an attempt at the rows, and process them in the block: alone, if one is suspect.

        `is_written`: the state of a row tells by itself that it is in hand, so only attempts at
        suspects are written. The transaction that ends the block's work calls `finish` or `fail`.
        """
        rows = [QueueRow(queue, key) for key in keys]
        if is_written and self._suspects.keys().isdisjoint(rows):
            return self._section.shared()
        return self._counted_attempt(rows, is_written=is_written)

    @asynccontextmanager
    async def _counted_attempt(
        self, rows: list[QueueRow], *, is_written: bool
    ) -> AsyncIterator[None]:
        self._ended.update(dict.fromkeys(rows))
        try:
            async with self._entered([row for row in rows if row in self._suspects]) as suspected:
                if is_written:
                    # They are claimed: nobody else would take them up again.
                    await retry_until_written(partial(self.begin, suspected))
                else:
                    await self.begin(rows)
                yield
        except BaseException:
            # What was to be stored of them is not.
            for row in rows:
                self._ended.pop(row, None)
            raise
        self._settle(rows)

    async def begin(self, rows: Iterable[QueueRow]) -> None:
        """Write that the rows are in hand, unless it is written; those of many callers together."""
        new = [row for row in rows if row not in self._begun]
        if new:
            await self._begins(new)

    async def finish(self, tx: aiosqlite.Connection, queue: Queue, keys: Iterable[int]) -> None:
        """Record that the attempts at the rows have ended without a failure of their own."""
        if not self._begun and not self._suspects:
            return
        known = [
            row
            for row in (QueueRow(queue, key) for key in keys)
            if row in self._begun or row in self._suspects
        ]
        if known:
            await attempts.finish(tx, known)
            self._note(known, 0)

    async def fail(self, tx: aiosqlite.Connection, queue: Queue, key: int, *, reason: str) -> bool:
        """Record that the attempt at the row failed; return whether it is a dead letter now."""
        row = QueueRow(queue, key)
        if row not in self._ended:  # no block has counted the attempt
            await attempts.begin(tx, [row])
        count = await attempts.record_failure(tx, row, reason=reason)
        self._note([row], count)
        if count < MAX_ATTEMPTS:
            return False
        await self._set_aside_and_log(tx, row, reason=reason)
        return True

    async def end(
        self, tx: aiosqlite.Connection, queue: Queue, keys: Sequence[int], *, failure: str | None
    ) -> None:
        """Record that the attempts at the rows have ended: well, or each with the failure."""
        if failure is None:
            await self.finish(tx, queue, keys)
        else:
            for key in keys:
                await self.fail(tx, queue, key, reason=failure)

    async def set_aside(self, tx: aiosqlite.Connection, row: QueueRow, *, reason: str) -> None:
        """Make the row a dead letter."""
        await attempts.dead_letter(tx, row, reason=reason, now=self.now())
        self._note([row], MAX_ATTEMPTS)

    async def forgive(self) -> None:
        """Take back attempts that the orderly end of the process has cut off."""
        if self._begun:
            async with self.db.transaction() as tx:
                await attempts.forgive(tx, self._begun)
            self._begun.clear()

    async def _set_aside_and_log(
        self, tx: aiosqlite.Connection, row: QueueRow, *, reason: str
    ) -> None:
        await self.set_aside(tx, row, reason=reason)
        log.error("%s %d is set aside: %s", row.queue, row.key, printable(reason))

    @asynccontextmanager
    async def _entered(self, suspected: list[QueueRow]) -> AsyncIterator[list[QueueRow]]:
        """Enter the section: alone, and not too soon, for a suspect."""
        if not suspected:
            async with self._section.shared():
                yield suspected
            return
        if max(self._suspects[row] for row in suspected) >= ISOLATED_AFTER:
            pause = self._began_at + RETRY_PAUSE.total_seconds() - self.monotonic()
            await self.sleep(max(pause, 0))
        async with self._section.alone():
            yield suspected

    def _note(self, rows: Iterable[QueueRow], count: int) -> None:
        """Keep how the attempts have ended until their block has; those without one end at once."""
        for row in rows:
            is_open = row in self._ended
            self._ended[row] = count
            if not is_open:
                self._settle([row])

    def _settle(self, rows: Iterable[QueueRow]) -> None:
        """Apply what `finish`, `fail` and `set_aside` have stored of the rows."""
        for row in rows:
            count = self._ended.pop(row, None)
            if count is None:
                continue
            self._begun.discard(row)
            if count:
                self._suspects[row] = count
            else:
                self._suspects.pop(row, None)

    async def _write_begins(self, batches: Sequence[Sequence[QueueRow]]) -> list[None]:
        rows = {row for batch in batches for row in batch}
        async with self.db.transaction() as tx:
            await attempts.begin(tx, rows)
        self._begun |= rows
        return [None] * len(batches)


def is_own_failure(error: Exception) -> bool:
    """Return whether the error counts against a row, and would not meet any other one as well."""
    return not (isinstance(error, SetupError) or is_database_error(error))


def failure_reason(error: BaseException) -> str:
    """Return the class of the error and its message, whatever that holds."""
    try:
        return f"{type(error).__name__}: {error}"
    except Exception:  # a message may be computed, and fail too
        return type(error).__name__
