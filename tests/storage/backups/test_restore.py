from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import SetupError
from bot.model import ChatId
from bot.storage import lock
from bot.storage.backups.copies import backup
from bot.storage.backups.departures import DepartureList
from bot.storage.backups.restore import restore
from bot.storage.database import Database, open_database
from tests.support.builders import publish
from tests.support.fakes import NOON


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "readalso.db"  # where the fixture `db` has it


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "copies" / "monday.db"


async def stories(database: Path) -> list[str]:
    async with open_database(database) as db:
        rows = await db.reader.execute_fetchall("SELECT title FROM articles ORDER BY id")
        return [row[0] for row in rows]


async def test_a_restored_database_is_the_backup_and_the_old_one_is_kept(
    database: Path, file: Path, tmp_path: Path
) -> None:
    async with open_database(database) as db:
        await publish(db, "Bridge opens")
    backup(database, file)
    async with open_database(database) as db:
        await publish(db, "Road closes")
    old = restore(file, database, now=NOON)
    assert old == tmp_path / "readalso.db.before-restore-20260302T120000"
    assert await stories(database) == ["Bridge opens"]
    assert await stories(old) == ["Bridge opens", "Road closes"]
    assert await stories(file) == ["Bridge opens"], "it may serve again"


async def test_a_backup_is_restored_where_there_is_no_database(
    database: Path, file: Path, tmp_path: Path
) -> None:
    async with open_database(database) as db:
        await publish(db, "Bridge opens")
    backup(database, file)
    elsewhere = tmp_path / "new" / "readalso.db"
    assert restore(file, elsewhere, now=NOON) is None
    assert await stories(elsewhere) == ["Bridge opens"]


async def test_what_a_killed_bot_left_in_its_log_is_kept_with_the_old_database(
    database: Path, file: Path, tmp_path: Path
) -> None:
    async with open_database(database) as db:
        backup(database, file)
        await publish(db, "Bridge opens")
        log = database.with_name("readalso.db-wal").read_bytes()
        main = database.read_bytes()
    database.write_bytes(main)
    database.with_name("readalso.db-wal").write_bytes(log)
    old = restore(file, database, now=NOON)
    assert old is not None
    assert await stories(database) == []
    assert await stories(old) == ["Bridge opens"]


async def test_a_damaged_database_is_replaced_by_a_backup_and_kept_as_it_is(
    database: Path, file: Path
) -> None:
    async with open_database(database) as db:
        await publish(db, "Bridge opens")
    backup(database, file)
    database.write_bytes(b"a cosmic ray" * 1000)
    database.with_name("readalso.db-wal").write_bytes(b"another")
    old = restore(file, database, now=NOON + timedelta(days=1))
    assert old is not None
    assert old.read_bytes() == b"a cosmic ray" * 1000
    assert old.with_name(f"{old.name}-wal").read_bytes() == b"another"
    assert await stories(database) == ["Bridge opens"]


async def test_no_database_is_restored_under_a_running_bot(
    db: Database, database: Path, file: Path
) -> None:
    backup(database, file)
    await publish(db, "Bridge opens")
    words = r"in use by another ReadAlso .*: stop that one first"
    with lock.hold_lock(database), pytest.raises(SetupError, match=words):
        restore(file, database, now=NOON)
    assert await stories(database) == ["Bridge opens"]


async def test_what_is_no_backup_is_not_restored(
    db: Database, database: Path, tmp_path: Path
) -> None:
    await publish(db, "Bridge opens")
    notes = tmp_path / "notes.txt"
    with pytest.raises(SetupError, match=r"notes\.txt: there is no such file"):
        restore(notes, database, now=NOON)
    notes.write_text("These are my notes. " * 200)
    with pytest.raises(SetupError, match=r"notes\.txt: cannot be read as a database"):
        restore(notes, database, now=NOON)
    assert await stories(database) == ["Bridge opens"]


async def test_a_file_system_without_hard_links_is_supported(
    database: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    async with open_database(database) as db:
        await publish(db, "Bridge opens")
    backup(database, file)
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    old = restore(file, database, now=NOON)
    assert old is not None
    assert await stories(old) == await stories(database) == ["Bridge opens"]


async def test_departures_are_known_before_the_backup_is_in_place(
    database: Path, file: Path, tmp_path: Path
) -> None:
    async with open_database(database) as db:
        backup(database, file)
        await publish(db, "Bridge opens")
    DepartureList(file.parent).add(ChatId(1), now=NOON)
    folder = tmp_path / "backups"
    folder.write_text("no folder, so that no list can be written")
    with pytest.raises(SetupError, match=r"departures\.txt: cannot be written"):
        restore(file, database, now=NOON)
    assert await stories(database) == ["Bridge opens"], "the old one is still in its place"
    folder.unlink()
    restore(file, database, now=NOON)
    assert DepartureList(folder).lines() == DepartureList(file.parent).lines() != []
    assert await stories(database) == []
