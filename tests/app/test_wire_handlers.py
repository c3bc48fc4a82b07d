"""What answers people: the stages behind it have tests of their own, conversations too."""

from datetime import timedelta

from bot.app.wire_handlers import open_handlers, related_in
from bot.model import ChatId, DiscoveryFailure, EditorLink, FoundFeed
from bot.storage.database import Database
from bot.storage.stories import editor_links
from bot.storage.subscribers import subscribers
from tests.support.builders import TOPICS, WAR, publish, subscribe, told
from tests.support.fakes import FakeClock


async def find_nothing(_: str) -> FoundFeed | DiscoveryFailure:
    return "unknown"


async def test_it_asks_telegram_for_all_kinds_of_updates_that_it_handles(db: Database) -> None:
    desk = open_handlers(
        db,
        TOPICS,
        find_nothing,
        admins=frozenset(),
        poll_floor=timedelta(minutes=5),
        now=FakeClock(),
    )
    assert set(desk.resolve_used_update_types()) == {
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
        await editor_links.file(tx, row[0], link, language="en", topics=[WAR])
    reader = await subscribers.find(db.reader, ann)
    assert reader is not None
    found = await related_in(db)(story, reader)
    assert [it.title for it in found] == ["Ferries in the harbour"]
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO refusals VALUES (?, ?)", (ChatId(1), story.feed_id))
    refuser = await subscribers.find(db.reader, ann)
    assert refuser is not None
    assert await related_in(db)(story, refuser) == ()
