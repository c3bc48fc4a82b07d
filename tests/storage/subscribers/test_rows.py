import logging
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest

from bot.delivery.planning import plan_message
from bot.model import LANGUAGES, ChatId, ChatKind, Quiet, Timetable, Word
from bot.storage.database import Database
from bot.storage.outbox import deliveries
from bot.storage.subscribers import subscribers, words
from bot.text.phrases import parse_phrase
from tests.support.builders import publish, subscribe
from tests.support.fakes import NOON

HUGE = (0, -1, 1, 1440, -(2**63), 2**63 - 1, 2**53)
WORDS = (
    "", "Mars/Base", "-1001", "+99:99", "+25:00", "../../etc/passwd", "a\0b", "xx", "UK", "٣",
    "[]", "[", "null", "{}", '["x"]', "[1440]", "[-1]", "[1.5]", "[8,", "9" * 5000, "[" * 5000,
    b"\xff\xfe", b"[8\xff]",
)  # fmt: skip
CHOSEN = Timetable(
    when="digest", digest_at=(60,), zone="Europe/London", quiet=Quiet(since=0, until=60), per_day=9
)
# Keys, and the time that decides whether the chat is due at all.
UNTOUCHED = {"chat_id", "topic", "due_at", "gone_at", "phrase_id"}


def columns(path: Path) -> list[tuple[str, str, bool]]:
    """Return table, name and whether it is a text, of each column that a subscriber is read of."""
    tables = ("subscribers", "timetables", "threads", "news_languages", "words")
    with sqlite3.connect(path) as connection:
        return [
            (table, name, kind == "TEXT")
            for table in tables
            for _, name, kind, *_ in connection.execute(f"PRAGMA table_info({table})")
            if name not in UNTOUCHED
        ]


async def damage(
    db: Database, table: str, column: str, value: object, *, chats: Sequence[int] = (7,)
) -> None:
    """Write a value past the checks of the schema, as a newer version or a bad disk may have."""
    await db._writer.execute("PRAGMA ignore_check_constraints = ON")
    # Bytes become a text that is no UTF-8.
    new = "CAST(? AS TEXT)" if isinstance(value, bytes) else "?"
    await db._writer.executemany(
        f"UPDATE OR REPLACE {table} SET {column} = {new} WHERE chat_id = ?",
        [(value, chat_id) for chat_id in chats],
    )


async def settled(db: Database) -> ChatId:
    chat_id = await subscribe(db, 7)
    async with db.transaction() as tx:
        await subscribers.set_timetable(tx, chat_id, CHOSEN)
        await tx.execute("INSERT INTO threads (chat_id, topic, thread_id) VALUES (7, 'war', 5)")
        phrase = parse_phrase("bridge")
        assert phrase is not None
        await words.put(tx, chat_id, Word(text="bridge", phrase=phrase))
    return chat_id


async def test_a_row_with_any_value_in_any_column_is_read_and_a_message_is_planned(
    db: Database, migrated: Path
) -> None:
    chat_id, neighbour = await settled(db), await subscribe(db, 8)
    await publish(db, "Bridge opens")
    for table, column, is_text in columns(migrated):
        ((before,),) = await db.reader.execute_fetchall(
            f"SELECT {column} FROM {table} WHERE chat_id = 7"
        )
        for value in WORDS if is_text else HUGE:
            await damage(db, table, column, value)
            read = await subscribers.find(db.reader, chat_id)
            assert read is not None
            assert read.language in LANGUAGES
            assert read.kind in get_args(ChatKind)
            assert read.news_languages <= set(LANGUAGES)
            assert read.news_languages
            owed = (await deliveries.pending(db.reader, [chat_id], now=NOON))[chat_id]
            assert plan_message(read, owed, now=NOON) is not None, (column, value)
            due = await subscribers.due(db.reader, now=NOON + timedelta(days=1), limit=9)
            assert neighbour in {subscriber.chat_id for subscriber in due}
        await damage(db, table, column, before)


async def test_a_setting_that_means_nothing_any_more_is_the_default_and_the_others_stay(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    chat_id = await settled(db)
    await damage(db, "timetables", "zone", "Mars/Base")
    with caplog.at_level(logging.WARNING):
        read = [await subscribers.find(db.reader, chat_id) for _ in range(3)]
    assert read[0] is not None
    assert read[0].timetable.zone == Timetable().zone
    assert read[0].timetable.when == CHOSEN.when
    assert read[0].timetable.quiet == CHOSEN.quiet
    lines = [record.message for record in caplog.records if record.name.endswith("rows")]
    # Once a process, and perhaps in an earlier test.
    assert len(lines) <= 1
    assert all(line == "chat 7: its zone cannot be read, and counts as never set" for line in lines)


async def test_chats_that_chose_alike_are_each_warned_of_what_means_nothing(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    chats = [await subscribe(db, number) for number in (71, 72)]
    await damage(db, "subscribers", "fresh_hours", -1, chats=chats)
    with caplog.at_level(logging.WARNING):
        read = [await subscribers.find(db.reader, chat_id) for chat_id in chats]
    assert [each and each.fresh_for for each in read] == [timedelta(hours=24)] * 2
    assert [record.message for record in caplog.records if record.name.endswith("rows")] == [
        f"chat {number}: its fresh_hours cannot be read, and counts as never set"
        for number in (71, 72)
    ]


async def test_a_choice_that_is_changed_is_read_anew_and_that_of_who_chose_alike_stays(
    db: Database,
) -> None:
    changed, neighbour = [await subscribe(db, number) for number in (73, 74)]
    before = await subscribers.find(db.reader, neighbour)
    assert before is not None
    await damage(db, "subscribers", "fresh_hours", 5, chats=[changed])
    after = await subscribers.find(db.reader, changed)
    assert after is not None
    assert after.fresh_for == timedelta(hours=5)
    assert replace(after, chat_id=neighbour, fresh_for=before.fresh_for) == before
    assert await subscribers.find(db.reader, neighbour) == before


async def test_what_was_chosen_is_read_as_it_was_written(db: Database) -> None:
    read = await subscribers.find(db.reader, await settled(db))
    assert read is not None
    assert read.timetable == CHOSEN
    assert [binding.thread_id for binding in read.thread_bindings] == [5]
    assert [word.text for word in read.words] == ["bridge"]
