import asyncio
import sqlite3

import pytest

from bot.errors import FetchError, KilledError, SetupError
from bot.storage.database import Database
from bot.storage.queues import attempts
from bot.storage.queues.attempts import QueueRow
from bot.storage.queues.poison_guard import (
    RETRY_PAUSE,
    PoisonGuard,
    failure_reason,
    is_own_failure,
)
from tests.support.builders import guard_of, receive
from tests.support.fakes import NOON


class CutOff(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
async def key(db: Database) -> int:
    return (await receive(db, "Bridge opens")).id


async def restarted(db: Database) -> PoisonGuard:
    guard = guard_of(db)
    async with db.transaction() as tx:
        await guard.recover(tx)
    return guard


async def counts(db: Database) -> list[int]:
    return list((await attempts.counts(db.reader)).values())


async def test_an_attempt_is_on_the_disk_before_the_work_and_gone_with_its_result(
    db: Database, key: int
) -> None:
    guard = guard_of(db)
    async with guard.attempt("articles", key):
        assert await counts(db) == [1]
        async with db.transaction() as tx:
            await guard.finish(tx, "articles", [key])
    assert await counts(db) == []


async def test_a_result_that_is_not_stored_ends_no_attempt(db: Database, key: int) -> None:
    guard = guard_of(db)
    with pytest.raises(CutOff):
        async with guard.attempt("articles", key), db.transaction() as tx:
            await guard.finish(tx, "articles", [key])
            raise CutOff
    assert await counts(db) == [1]
    async with guard.attempt("articles", key):
        # The same attempt, begun anew: nothing has failed but the database.
        assert await counts(db) == [1]


async def test_what_was_in_hand_is_processed_alone_after_a_restart(db: Database, key: int) -> None:
    guard = guard_of(db)
    with pytest.raises(CutOff):
        async with guard.attempt("articles", key):
            raise CutOff
    guard = await restarted(db)
    assert guard.is_suspect("articles", key)
    assert guard.isolated("articles", [key]) == frozenset()
    entered = asyncio.Event()

    async def other() -> None:
        async with guard.attempt("articles", key + 1):
            entered.set()

    async with asyncio.TaskGroup() as tasks, guard.attempt("articles", key):
        tasks.create_task(other())
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert not entered.is_set()
        assert await counts(db) == [2]
    assert entered.is_set()


async def test_a_row_that_ended_the_process_alone_waits_a_while_after_the_next_start(
    db: Database, key: int
) -> None:
    for _ in range(2):
        with pytest.raises(CutOff):
            async with (await restarted(db)).attempt("articles", key):
                raise CutOff
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    guard = PoisonGuard(db=db, now=lambda: NOON, monotonic=lambda: 100.0, sleep=sleep)
    async with db.transaction() as tx:
        await guard.recover(tx)
    async with guard.attempt("articles", key):
        assert slept == [RETRY_PAUSE.total_seconds()]


async def test_many_attempts_are_one_transaction(db: Database) -> None:
    keys = [(await receive(db, f"Bridge {number}")).id for number in range(20)]
    guard = guard_of(db)
    begun = 0

    async def lane(each: int) -> None:
        nonlocal begun
        async with guard.attempt("articles", each):
            begun += 1
            while begun < len(keys):
                await asyncio.sleep(0.001)

    async with asyncio.TaskGroup() as tasks:
        for each in keys:
            tasks.create_task(lane(each))
    assert await counts(db) == [1] * len(keys)


@pytest.mark.parametrize(
    ("error", "is_own"),
    [
        (ValueError("x"), True),
        (KilledError("took too long"), True),
        (FetchError("x"), True),
        (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates"), True),
        (sqlite3.IntegrityError("x"), True),
        (RecursionError(), True),
        (SetupError("copy the token again"), False),
    ],
)
def test_a_failure_that_would_meet_any_row_is_not_its_own(error: Exception, is_own: bool) -> None:
    assert is_own_failure(error) is is_own


@pytest.mark.parametrize(
    "code", [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT]
)
def test_a_failure_of_the_database_is_no_rows_own(code: int) -> None:
    error = sqlite3.OperationalError("x")
    error.sqlite_errorcode = code
    assert not is_own_failure(error)


def test_a_reason_names_the_class_even_where_the_message_fails() -> None:
    class SilentError(Exception):
        def __str__(self) -> str:
            raise ValueError("no words")

    assert failure_reason(SilentError()) == "SilentError"
    assert failure_reason(ValueError("torn")) == "ValueError: torn"


async def test_a_dead_letter_that_is_put_back_elsewhere_is_not_one_any_more(
    db: Database, key: int
) -> None:
    async with db.transaction() as tx:
        await attempts.dead_letter(tx, QueueRow("articles", key), reason="torn", now=NOON)
    guard = await restarted(db)
    async with guard.attempt("articles", key):
        assert not await attempts.dead_letters(db.reader)
