"""The wiring alone: the stages and the conversations have tests of their own."""

from datetime import timedelta
from pathlib import Path

from bot.app.build_handlers import build_handlers, read_also_in
from bot.errors import ParseError
from bot.model import ChatId, EditorLink
from bot.storage.backups.departures import DepartureList
from bot.storage.database import Database
from bot.storage.stories import editor_links
from bot.storage.subscribers import subscribers
from bot.storage.subscribers.moved_chat import MovedChat
from bot.telegram.updates.person_load import PersonLoad
from bot.web import opml
from tests.support.builders import TOPICS, WAR, publish, subscribe, told
from tests.support.fakes import FakeClock


async def read_nothing(_: bytes) -> opml.Outlines:
    return opml.Outlines()


async def read_no_export(_: bytes) -> MovedChat:
    raise ParseError("no export")


async def test_all_kinds_of_updates_that_are_handled_are_requested(
    db: Database, tmp_path: Path
) -> None:
    handlers = build_handlers(
        db,
        TOPICS,
        read_nothing,
        read_no_export,
        admins=frozenset(),
        poll_floor=timedelta(minutes=5),
        departures=DepartureList(tmp_path),
        copy_lifetime=timedelta(days=30),
        load=PersonLoad(),
        now=FakeClock(),
    )
    assert set(handlers.resolve_used_update_types()) == {
        "edited_message",
        "edited_channel_post",
        "callback_query",
        "channel_post",
        "inline_query",
        "message",
        "my_chat_member",
    }


async def test_links_are_those_that_the_reader_may_see(db: Database) -> None:
    ann = await subscribe(db, 1, WAR)
    story = await told(db, await publish(db, "Bridge opens"))
    async with db.transaction() as tx:
        (row,) = await tx.execute_fetchall("SELECT lead_id FROM stories")
        link = EditorLink(title="Ferries in the harbour", url="https://courier.example/other")
        await editor_links.replace(tx, row[0], [link], canonical=str)
        await editor_links.resolve(tx, row[0], link, language="en", topics=[WAR])
    reader = await subscribers.find(db.reader, ann)
    assert reader is not None
    links = await read_also_in(db)(story, reader)
    assert [link.title for link in links] == ["Ferries in the harbour"]
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO refusals VALUES (?, ?)", (ChatId(1), story.feed_id))
    refuser = await subscribers.find(db.reader, ann)
    assert refuser is not None
    assert await read_also_in(db)(story, refuser) == ()
