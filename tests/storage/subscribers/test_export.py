"""Every table with a `chat_id` is exported, and emptied by /stop: also one that comes later."""

import aiosqlite

from bot.model import (
    ChatId,
    FoundFeed,
    ManagedChannel,
    Phrase,
    PostLook,
    RawUpdate,
    ThreadId,
    Timetable,
    UpdateId,
    Word,
)
from bot.storage import updates
from bot.storage.database import Database
from bot.storage.feeds import own_feeds, searches
from bot.storage.outbox import notices
from bot.storage.subscribers import export, post_looks, subscribers, threads, visibility, words
from tests.support.builders import WAR, publish, reading, subscribe
from tests.support.fakes import NOON

OWN = FoundFeed(url="https://own.example/rss", domain="own.example", title="Own", newest=())
ANN, BOB, NEWS = ChatId(1), ChatId(2), ChatId(-1001)


async def fill(db: Database, chat_id: ChatId) -> None:
    """Store something of the chat in every table that can hold it; a new table is added here."""
    await subscribe(db, chat_id, WAR)
    incoming = RawUpdate(
        id=UpdateId(chat_id),
        chat_id=chat_id,
        person_id=chat_id,
        kind="message",
        content='{"text": "hi"}',
    )
    async with db.transaction() as tx:
        await subscribers.set_timetable(tx, chat_id, Timetable(when="digest"))
        await post_looks.save_draft(tx, chat_id, PostLook(own_line="More"))
        await threads.bind(tx, chat_id, [WAR], ThreadId(5))
        feed_id = await own_feeds.add(tx, chat_id, OWN, language="en", now=NOON)
        await visibility.set_refused(tx, chat_id, [feed_id], refused=True)
        await words.put(tx, chat_id, Word(text="tram", phrase=Phrase(stems=" tram ")))
        await tx.execute(
            "INSERT INTO saved (chat_id, story_id, saved_at) SELECT ?, id, 0 FROM stories",
            (chat_id,),
        )
        await tx.execute(
            "INSERT INTO followed_storylines SELECT ?, storyline, 0 FROM stories", (chat_id,)
        )
        await notices.enqueue(tx, "Hello", [chat_id], now=NOON)
        await subscribers.start_managing(tx, chat_id, ManagedChannel(channel_id=NEWS, name="@news"))
        await searches.add(tx, chat_id, "own.example", asked_in=chat_id, message_id=1, now=NOON)
        await updates.store(tx, [incoming], now=NOON)
        await updates.dead_letter(tx, incoming.id, problem="x", now=NOON)


async def everything(db: Database, chat_id: ChatId) -> dict[str, list[export.Row]]:
    return await export.rows_of_chat(db.reader, chat_id)


async def test_the_chats_rows_of_every_table_are_exported(db: Database) -> None:
    await publish(db, "Ferry leaves")
    for chat_id in (ANN, BOB):
        await fill(db, chat_id)
    await publish(db, "Bridge opens")
    found = await everything(db, ANN)
    assert [name for name, rows in found.items() if not rows] == []
    assert {row["chat_id"] for rows in found.values() for row in rows} == {ANN}


async def test_the_export_is_readable_by_people(db: Database) -> None:
    await fill(db, ANN)
    await publish(db, "Bridge opens")
    found = await everything(db, ANN)
    (reader,) = found["subscribers"]
    assert (reader["joined_at"], reader["gone_at"]) == ("2026-03-02T12:00:00+00:00", None)
    assert (reader["asked_at"], reader["ready_at"]) == (None, None)
    (timetable,) = found["timetables"]
    assert timetable["digest_at"] == [480, 1140]
    (delivery,) = found["deliveries"]
    assert delivery["title"] == "Bridge opens"
    assert str(delivery["url"]).startswith("https://courier.example/")
    (update,) = found["updates"]
    assert update["content"] == {"text": "hi"}
    (own,) = found["own_feeds"]
    assert (own["source"], own["url"]) == ("Own", "https://own.example/rss")
    (word,) = found["words"]
    assert (word["said"], word["muted"]) == ("tram", 0)


async def test_a_value_that_cannot_be_read_is_exported_as_it_is_stored(db: Database) -> None:
    await fill(db, ANN)
    async with db.transaction() as tx:
        await tx.execute("UPDATE timetables SET digest_at = '[' WHERE chat_id = 1")
        await tx.execute("UPDATE subscribers SET joined_at = ? WHERE chat_id = 1", (2**62,))
    rows = await export.rows_of_chat(db.reader, ANN)
    assert rows["timetables"][0]["digest_at"] == "["
    assert rows["subscribers"][0]["joined_at"] == 2**62


async def test_a_story_has_the_headline_of_the_chats_own_language(db: Database) -> None:
    await subscribe(db, ANN, language="uk")
    await publish(db, "Міст відкрито", made=reading(language="uk"))
    (delivery,) = (await everything(db, ANN))["deliveries"]
    assert delivery["title"] == "Міст відкрито"


async def test_a_new_table_is_exported_too(db: Database) -> None:
    async with db.transaction() as tx:
        await tx.execute("CREATE TABLE later (chat_id INTEGER, word BLOB)")
        await tx.execute("INSERT INTO later VALUES (?, ?)", (ANN, b"\x01"))
    assert (await everything(db, ANN))["later"] == [{"chat_id": ANN, "word": "01"}]


async def forget(tx: aiosqlite.Connection, chat_id: ChatId) -> None:
    await subscribers.forget(tx, chat_id)
    await subscribers.forget_managed(tx, chat_id)
    await updates.forget(tx, chat_id)


async def test_no_table_has_rows_of_a_forgotten_chat(db: Database) -> None:
    await publish(db, "Ferry leaves")
    for chat_id in (ANN, BOB):
        await fill(db, chat_id)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await forget(tx, ANN)
    assert not any((await everything(db, ANN)).values())
    assert all((await everything(db, BOB)).values())
