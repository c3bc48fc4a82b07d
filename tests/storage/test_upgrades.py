"""Upgrades from every schema: what subscribers chose, and what they had and are owed, is kept."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.storage.migrations import migrate
from bot.storage.schema import MIGRATIONS, newest_schema
from tests.support.fakes import NOON

T = int(NOON.timestamp())
Row = dict[str, int | str | None]

# Rows of every table that holds what people did, with the columns of all schemas.
ROWS: dict[str, list[Row]] = {
    "feeds": [
        {"id": 1, "url": "https://mayak.example/rss", "source": "Maiak", "language": "uk",
         "domain": "mayak.example", "due_at": T},
        {"id": 2, "url": "https://own.example/rss", "source": "Own", "language": "en",
         "domain": "own.example", "due_at": T, "private": 1},
    ],
    "articles": [
        {"id": number, "feed_id": feed, "guid": str(number), "title": title, "text": "",
         "url": f"https://mayak.example/{number}", "categories": "[]", "backlog": 0,
         "canonical_url": f"https://mayak.example/{number}", "published_at": T, "stored_at": T,
         "edited_at": T, "language": "uk", "summary": "", "title_key": title, "story_id": None}
        for number, feed, title in [(1, 1, "Міст відкрито"), (2, 1, "Дощ"), (3, 2, "Own news")]
    ],
    "stories": [
        {"id": number, "lead_id": number, "topic": "war", "language": "uk", "published_at": T,
         "opened_at": T}
        for number in (1, 2, 3)
    ],
    "story_topics": [
        {"topic": "war", "published_at": T, "story_id": number} for number in (1, 2, 3)
    ],
    "subscribers": [
        {"chat_id": 1, "kind": "private", "language": "uk", "joined_at": T},
        {"chat_id": 2, "kind": "group", "language": "ru", "joined_at": T, "paused_at": T},
        {"chat_id": -1003, "kind": "channel", "language": "en", "joined_at": T, "gone_at": T},
    ],
    "subscriptions": [
        {"chat_id": 1, "topic": "war"}, {"chat_id": 1, "topic": "tech"},
        {"chat_id": 2, "topic": "war"},
    ],
    "news_languages": [
        {"chat_id": 1, "language": "uk"}, {"chat_id": 1, "language": "en"},
        {"chat_id": 2, "language": "ru"},
    ],
    "deliveries": [
        {"id": 1, "story_id": 1, "chat_id": 1, "state": "sent", "owed_at": T, "done_at": T,
         "message_id": 7},
        {"id": 2, "story_id": 2, "chat_id": 1, "state": "pending", "owed_at": T},
        {"id": 3, "story_id": 1, "chat_id": 2, "state": "rejected", "owed_at": T, "done_at": T},
        {"id": 4, "story_id": 3, "chat_id": 1, "state": "pending", "owed_at": T},
    ],
    "timetables": [
        {"chat_id": 1, "mode": "digest", "digest_at": "[540]", "zone": "Europe/Kyiv",
         "quiet_since": 1320, "quiet_until": 480, "silently": 1, "urgent_from": 5, "per_day": 3},
    ],
    "post_looks": [
        {"chat_id": -1003, "is_draft": 0, "summary": 0, "source": 1, "read_also": 1, "buttons": 1,
         "picture": 1, "own_line": "More: @coast", "per_hour": 4, "bundles": 1},
    ],
    "phrases": [
        {"id": 1, "stems": " міст ", "anchor": "міст", "sounds": "", "sound_anchor": ""},
    ],
    "words": [
        {"chat_id": 1, "phrase_id": 1, "said": "міст", "muted": 0, "topic": ""},
    ],
    "refusals": [{"chat_id": 1, "feed_id": 1}],
    "own_feeds": [{"chat_id": 1, "feed_id": 2, "added_at": T}],
    "feed_searches": [
        {"id": 1, "chat_id": 1, "asked_in": 1, "message_id": 8, "address": "own.example",
         "due_at": T},
    ],
    "followed_storylines": [{"chat_id": 1, "storyline": 1, "followed_at": T}],
    "saved": [{"chat_id": 1, "story_id": 1, "saved_at": T}],
    "threads": [{"chat_id": 2, "topic": "war", "thread_id": 9, "state": "open"}],
    "managing": [{"chat_id": 1, "channel_id": -1003, "name": "@coast"}],
    "letters": [{"id": 1, "html": "Hello", "written_at": T}],
    "notices": [{"id": 1, "letter_id": 1, "chat_id": 1, "state": "pending"}],
    "updates": [
        {"update_id": 5, "chat_id": 1, "kind": "message", "content": "{}", "received_at": T,
         "due_at": T},
    ],
}  # fmt: skip


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "x.db"


def fill(connection: sqlite3.Connection) -> Iterator[tuple[str, Row]]:
    """Insert the rows of the tables and columns that there are; yield what was inserted."""
    for table, rows in ROWS.items():
        columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
        for row in rows if columns else []:
            known = {name: value for name, value in row.items() if name in columns}
            names, marks = ", ".join(known), ", ".join("?" * len(known))
            connection.execute(
                f"INSERT INTO {table} ({names}) VALUES ({marks})", list(known.values())
            )
            yield table, known
    connection.execute("UPDATE articles SET story_id = id")


def database_of(schema: int, database: Path) -> list[tuple[str, Row]]:
    """Make a database of the schema with all that it can hold; return its rows."""
    scripts = database.parent / "scripts"
    scripts.mkdir()
    for script in sorted(MIGRATIONS.glob("*.sql"))[:schema]:
        shutil.copy(script, scripts)
    migrate(database, scripts)
    with closing(sqlite3.connect(database)) as connection, connection:
        return list(fill(connection))


@pytest.mark.parametrize("schema", range(1, newest_schema()))
def test_subscribers_choices_and_deliveries_of_every_schema_are_kept(
    database: Path, schema: int
) -> None:
    inserted = database_of(schema, database)
    result = migrate(database)
    assert (result.before, result.after) == (schema, newest_schema())
    kept = {"subscribers", "subscriptions", "news_languages", "deliveries"}
    assert kept <= {table for table, _ in inserted}
    with closing(sqlite3.connect(database)) as connection:
        for table, row in inserted:
            columns = {column[1] for column in connection.execute(f"PRAGMA table_info({table})")}
            same = {name: value for name, value in row.items() if name in columns}
            if table == "articles":
                same["story_id"] = same["id"]
            condition = " AND ".join(f"{name} IS ?" for name in same)
            found = connection.execute(
                f"SELECT count(*) FROM {table} WHERE {condition}", list(same.values())
            ).fetchone()
            assert found == (1,), (table, row)
        for table in kept:
            (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert count == len(ROWS[table]), table
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_the_rows_are_of_every_table_that_holds_what_people_chose(database: Path) -> None:
    """A migration that adds such a table adds its rows above."""
    migrate(database)
    with closing(sqlite3.connect(database)) as connection:
        tables = [
            row[0]
            for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        ]
        chosen = {
            table
            for table in tables
            if any(
                key[2] == "subscribers"
                for key in connection.execute(f"PRAGMA foreign_key_list({table})")
            )
        }
    assert chosen <= set(ROWS)
