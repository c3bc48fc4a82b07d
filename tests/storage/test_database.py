import asyncio
import sqlite3
from pathlib import Path

import pytest

from bot.storage.database import Database, open_database
from bot.storage.outbox import deliveries
from bot.storage.subscribers import subscribers
from tests.support.builders import publish, subscribe
from tests.support.fakes import NOON


async def count(db: Database, table: str) -> int:
    rows = await db.reader.execute_fetchall(f"SELECT count(*) FROM {table}")
    return next(int(row[0]) for row in rows)


async def test_the_folder_of_a_new_database_is_created(tmp_path: Path) -> None:
    async with open_database(tmp_path / "far" / "away" / "x.db") as db:
        assert await count(db, "subscribers") == 0


async def test_a_transaction_that_raises_is_rolled_back(db: Database) -> None:
    with pytest.raises(RuntimeError):
        async with db.transaction() as tx:
            await tx.execute(
                "INSERT INTO subscribers (chat_id, kind, language, joined_at)"
                " VALUES (1, 'private', 'en', 0)"
            )
            raise RuntimeError
    assert await count(db, "subscribers") == 0


async def test_transactions_wait_for_each_other(db: Database) -> None:
    async def add(chat_id: int) -> None:
        async with db.transaction() as tx:
            await tx.execute(
                "INSERT INTO subscribers (chat_id, kind, language, joined_at)"
                " VALUES (?, 'private', 'en', 0)",
                (chat_id,),
            )
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as tasks:
        for chat_id in range(1, 21):
            tasks.create_task(add(chat_id))
    assert await count(db, "subscribers") == 20


@pytest.mark.parametrize("turns", range(12))
async def test_a_task_cancelled_anywhere_leaves_the_writer_usable(db: Database, turns: int) -> None:
    async def write() -> None:
        async with db.transaction() as tx:
            await tx.execute("UPDATE subscribers SET kind = 'group'")
            await tx.execute("UPDATE subscribers SET kind = 'private'")

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(write())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
    await subscribe(db, 1)
    assert await count(db, "subscribers") == 1


async def test_the_reader_cannot_write(db: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await db.reader.execute("DELETE FROM subscribers")


async def test_what_was_committed_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    async with open_database(path) as db:
        ann = await subscribe(db, 1)
        await publish(db, "Bridge opens")
    async with open_database(path) as db:
        assert await subscribers.find(db.reader, ann) is not None
        async with db.transaction() as tx:
            assert await deliveries.recover(tx, ready_at=NOON) == 0
        assert await count(db, "deliveries") == 1


async def test_damage_in_a_page_that_no_query_reads_is_found(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    async with open_database(path) as db:
        assert await db.damage() is None
        async with db.transaction() as tx:
            await tx.executemany(
                "INSERT INTO letters (html, written_at) VALUES (?, 1)", [("news " * 500,)] * 50
            )
    with path.open("r+b") as file:
        file.seek(path.stat().st_size - 10 * 4096)
        file.write(b"\xff" * 4096)
    async with open_database(path) as db:
        assert "age" in str(await db.damage())
