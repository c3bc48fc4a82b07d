import shutil
import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import MigrationError, SetupError
from bot.model import LANGUAGES
from bot.storage import migrations as module
from bot.storage.backups.copies import kept_files
from bot.storage.database import open_database
from bot.storage.lock import hold_lock
from bot.storage.migrations import migrate
from bot.storage.schema import MIGRATIONS
from bot.storage.stories import queries
from bot.stories.article_processor import ArticleProcessor
from tests.support.builders import WAR, guard_of, publish, reading, receive, told
from tests.support.fakes import NOON, FakeClock

# One story of two tellings, sent to one reader and owed to another.
FIRST_DATA = f"""
INSERT INTO feeds (id, url, source, language, due_at) VALUES
       (1, 'https://mayak.example/rss', 'Maiak', 'uk', 0),
       (2, 'https://vesti.example/rss', 'Vesti', 'ru', 0);
INSERT INTO articles
       (id, feed_id, guid, url, canonical_url, title, text, categories, published_at, stored_at,
        backlog, edited_at, language, summary, title_key, story_id)
VALUES (1, 1, '1', 'https://mayak.example/1', 'https://mayak.example/1', 'Міст відкрито', '',
        '[]', {NOON.timestamp():.0f}, 0, 0, 1, 'uk', '', '', NULL),
       (2, 2, '1', 'https://vesti.example/1', 'https://mayak.example/1', 'Мост открыт', '',
        '[]', {NOON.timestamp():.0f}, 0, 0, 1, 'ru', '', '', NULL);
INSERT INTO stories VALUES
       (1, 1, 'war', 'uk', {NOON.timestamp():.0f}, {NOON.timestamp():.0f});
UPDATE articles SET story_id = 1;
INSERT INTO story_terms (rowid, terms) VALUES (1, 'міст відкрит');
INSERT INTO subscribers (chat_id, kind, language, joined_at) VALUES
       (1, 'private', 'uk', 0), (2, 'private', 'uk', 0);
INSERT INTO subscriptions (chat_id, topic) VALUES (1, 'war'), (2, 'war');
INSERT INTO news_languages (chat_id, language) VALUES (1, 'uk'), (2, 'uk');
INSERT INTO deliveries (story_id, chat_id, state, owed_at) VALUES
       (1, 1, 'sent', 0), (1, 2, 'pending', 0);
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    scripts = tmp_path / "migrations"
    scripts.mkdir()
    (scripts / "0001_first.sql").write_text("CREATE TABLE a (id INTEGER PRIMARY KEY) STRICT;")
    return scripts


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "x.db"


def tables(database: Path) -> set[str]:
    with closing(sqlite3.connect(database)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema")}


def version(database: Path) -> int:
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_a_new_database_gets_all_shipped_migrations(database: Path) -> None:
    assert migrate(database).applied == len(list(MIGRATIONS.glob("*.sql")))
    assert {"articles", "stories", "subscribers", "deliveries"} <= tables(database)


def test_a_migrated_database_is_left_alone(database: Path) -> None:
    migrate(database)
    assert migrate(database).applied == 0


def test_only_what_is_missing_is_applied(database: Path, folder: Path) -> None:
    migrate(database, folder)
    (folder / "0002_second.sql").write_text("CREATE TABLE b (id INTEGER PRIMARY KEY) STRICT;")
    assert migrate(database, folder).applied == 1
    assert version(database) == 2


def test_a_migration_that_fails_half_way_leaves_nothing_behind(
    database: Path, folder: Path
) -> None:
    migrate(database, folder)
    (folder / "0002_bad.sql").write_text("CREATE TABLE b (id INTEGER); CREATE TABLE a (id);")
    with pytest.raises(MigrationError, match=r"0002_bad\.sql: table a already exists"):
        migrate(database, folder)
    assert "b" not in tables(database)
    assert version(database) == 1


def test_a_migration_that_breaks_a_reference_is_undone(database: Path, folder: Path) -> None:
    (folder / "0002_orphan.sql").write_text(
        "CREATE TABLE b (a_id INTEGER REFERENCES a); INSERT INTO b VALUES (7);"
    )
    with pytest.raises(MigrationError, match="leave a broken reference in b; nothing was"):
        migrate(database, folder)
    assert "b" not in tables(database)


@pytest.mark.parametrize("statement", ["BEGIN;", "commit;", "  PRAGMA foreign_keys = ON;", "END;"])
def test_a_migration_may_not_touch_its_transaction(
    database: Path, folder: Path, statement: str
) -> None:
    (folder / "0002_bold.sql").write_text(f"CREATE TABLE b (id INTEGER);\n{statement}")
    with pytest.raises(MigrationError, match="not allowed in a migration"):
        migrate(database, folder)


@pytest.mark.parametrize("name", ["0003_gap.sql", "2_short.sql", "0002-dash.sql"])
def test_migrations_are_numbered_without_gaps(database: Path, folder: Path, name: str) -> None:
    (folder / name).write_text("CREATE TABLE b (id INTEGER);")
    with pytest.raises(MigrationError, match=r"the name should be 0002_what_it_does\.sql"):
        migrate(database, folder)


def test_a_missing_folder_is_named(database: Path, tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="is the installation complete"):
        migrate(database, tmp_path / "nowhere")


def test_a_database_newer_than_the_code_is_refused(database: Path, folder: Path) -> None:
    migrate(database)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(MigrationError, match="newer than this ReadAlso"):
        migrate(database, folder)


def test_the_database_file_is_readable_by_the_bots_own_user_only(database: Path) -> None:
    migrate(database)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE more (id INTEGER)")
        files = [*database.parent.glob("x.db*")]
        assert {it.name for it in files} >= {"x.db", "x.db-wal", "x.db-shm"}
        assert {stat.S_IMODE(it.stat().st_mode) for it in files if it.suffix != ".lock"} == {0o600}


def test_a_file_that_is_no_database_is_named(database: Path) -> None:
    database.write_bytes(b"These are my notes, not a database. " * 40)
    with pytest.raises(MigrationError, match=r"x\.db is damaged \(file is not a database\)"):
        migrate(database)


def test_an_old_sqlite_is_refused(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MIN_SQLITE_VERSION", (99, 0, 0))
    with pytest.raises(MigrationError, match="is too old"):
        migrate(database)


def test_the_schema_does_not_change_under_a_running_bot(database: Path, folder: Path) -> None:
    migrate(database, folder)
    with hold_lock(database):
        assert migrate(database, folder).applied == 0
        (folder / "0002_second.sql").write_text("CREATE TABLE b (id INTEGER PRIMARY KEY) STRICT;")
        with pytest.raises(MigrationError, match=r"in use .*: stop that one before the schema"):
            migrate(database, folder)
        assert version(database) == 1
        assert migrate(database, folder, is_locked=True).applied == 1


def test_a_missing_folder_is_created(tmp_path: Path) -> None:
    migrate(tmp_path / "new" / "folder" / "x.db")


def test_a_folder_that_cannot_be_created_is_reported_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MigrationError, match="its folder cannot be made"):
        migrate(tmp_path / "file" / "x.db")


@pytest.fixture
def old_database(database: Path, tmp_path: Path) -> Path:
    first = tmp_path / "first"
    first.mkdir()
    shutil.copy(MIGRATIONS / "0001_first_schema.sql", first)
    migrate(database, first)
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(FIRST_DATA)
    return database


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("id, story_id, language FROM articles", [(1, 1, "uk"), (2, 1, "ru")]),
        ("id, lead_id, topic FROM stories", [(1, 1, "war")]),
        ("topic, story_id FROM story_topics", [("war", 1)]),
        ("rowid, terms FROM story_terms", [(1, "міст відкрит")]),
        ("chat_id, state FROM deliveries", [(1, "sent"), (2, "pending")]),
        ("chat_id, topic FROM subscriptions", [(1, "war"), (2, "war")]),
        ("chat_id, language FROM news_languages", [(1, "uk"), (2, "uk")]),
    ],
)
def test_nothing_of_the_first_schema_is_lost(
    old_database: Path, query: str, rows: list[tuple[object, ...]]
) -> None:
    assert migrate(old_database).applied == len(list(MIGRATIONS.glob("*.sql"))) - 1
    with closing(sqlite3.connect(old_database)) as connection:
        assert connection.execute(f"SELECT {query} ORDER BY 1").fetchall() == rows


async def test_stories_of_the_first_schema_are_shown_and_joined_and_not_queued_again(
    old_database: Path,
) -> None:
    async with open_database(old_database) as db:
        await receive(db, "Міст відкрито!", url="https://mayak.example/1")
        assert await ArticleProcessor(
            db=db, guard=guard_of(db), analyze=lambda _: reading(language="uk"), now=FakeClock()
        ).step()
        deliveries = await db.reader.execute_fetchall("SELECT chat_id FROM deliveries ORDER BY 1")
        assert [row[0] for row in deliveries] == [1, 2]
        (story,) = await queries.newest(db.reader, topics=[WAR], languages=LANGUAGES, limit=9)
        assert (story.id, story.title) == (1, "Міст відкрито!")
        opened = await publish(db, "Міст знову закрито", made=reading(language="uk"))
        related = await queries.sharing_terms(
            db.reader,
            await told(db, opened),
            words={"міст": 1.0},
            topics=[WAR],
            languages=["uk"],
            since=NOON - timedelta(days=30),
        )
        assert [found.id for found, _ in related] == [story.id]


def copies_beside(database: Path) -> list[Path]:
    return kept_files(database, "before-migration")


def test_a_verified_copy_is_made_before_and_the_last_three_are_kept(
    database: Path, folder: Path, clock: FakeClock
) -> None:
    assert migrate(database, folder).copy is None, "there was nothing to lose"
    for number in range(2, 7):
        (folder / f"000{number}_more.sql").write_text(f"CREATE TABLE t{number} (id INTEGER);")
        clock.advance(days=1)
        copy = migrate(database, folder, now=clock).copy
        assert copy is not None
        assert version(copy) == number - 1
        assert migrate(database, folder).copy is None, "nothing was to migrate"
    assert [version(copy) for copy in copies_beside(database)] == [3, 4, 5]


def test_a_full_disk_stops_a_migration_before_anything_changes(
    database: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(database, folder)
    (folder / "0002_second.sql").write_text("CREATE TABLE b (id INTEGER PRIMARY KEY) STRICT;")
    before = database.read_bytes()
    usage = shutil.disk_usage(database.parent)._replace(free=2 * len(before) - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(MigrationError, match=r"are free: make room; nothing was changed"):
        migrate(database, folder)
    assert database.read_bytes() == before
    assert copies_beside(database) == []
    usage = usage._replace(free=2 * len(before))
    assert migrate(database, folder).applied == 1


def test_a_migration_that_fails_keeps_no_copy_and_deletes_none(
    database: Path, folder: Path
) -> None:
    migrate(database, folder)
    (folder / "0002_second.sql").write_text("CREATE TABLE b (id INTEGER PRIMARY KEY) STRICT;")
    migrate(database, folder, now=lambda: NOON)
    (folder / "0003_third.sql").write_text("CREATE TABLE c (id INTEGER PRIMARY KEY) STRICT;")
    (folder / "0004_bad.sql").write_text("CREATE TABLE a (id INTEGER);")
    kept = copies_beside(database)
    for _ in range(4):
        with pytest.raises(MigrationError, match=r"0004_bad\.sql: .*; nothing was changed"):
            migrate(database, folder)
    assert copies_beside(database) == kept
    assert version(database) == 2, "all migrations are applied, or none"
    assert "c" not in tables(database)


def test_a_damaged_database_is_not_migrated(database: Path, folder: Path) -> None:
    migrate(database, folder)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE big (text)")
        connection.executemany("INSERT INTO big VALUES (?)", [("x" * 900,)] * 60)
        connection.commit()
    with database.open("r+b") as file:
        file.seek(5 * 4096)
        file.write(b"\xff" * 4096)
    (folder / "0002_second.sql").write_text("CREATE TABLE b (id INTEGER PRIMARY KEY) STRICT;")
    before = database.read_bytes()
    with pytest.raises(SetupError, match=r"x\.db"):
        migrate(database, folder)
    assert database.read_bytes() == before
    assert copies_beside(database) == []


def test_the_database_of_another_program_is_left_alone(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE holidays (day)")
    before = database.read_bytes()
    with pytest.raises(MigrationError, match="of another program"):
        migrate(database)
    assert database.read_bytes() == before
