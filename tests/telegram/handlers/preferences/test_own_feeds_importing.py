"""/import: an OPML file of another reader, in all the ways in which one comes."""

import pytest

from bot.app.wire_handlers import read_list, write_list
from bot.model import ChatId
from bot.storage.database import Database
from bot.storage.feeds import own_feeds
from bot.telegram.handlers.preferences import own_feeds_importing as importing
from bot.telegram.handlers.preferences.own_feeds import MOST
from bot_playground.state.chats import Chat, Message, Person
from tests.telegram.conftest import Conversation


@pytest.fixture
def ann(conversation: Conversation) -> Person:
    return conversation.telegram.person("Ann", language="en")


def opml(*urls: str) -> bytes:
    outlines = "".join(f'<outline text="Paper" xmlUrl="{url}"/>' for url in urls)
    return f'<opml version="2.0"><body>{outlines}</body></opml>'.encode()


async def send(
    conversation: Conversation,
    person: Person,
    content: bytes,
    *,
    name: str = "feeds.opml",
    caption: str = "/import",
    chat: Chat | None = None,
) -> Message:
    conversation.telegram.send_document(person, name, content, caption=caption, chat=chat)
    await conversation.settle()
    answer = conversation.last(chat or person)
    assert answer is not None
    return answer


async def urls(db: Database, chat_id: int) -> list[str]:
    return [it.url for it in await own_feeds.of_chat(db.reader, ChatId(chat_id))]


@pytest.mark.parametrize(
    ("name", "caption"),
    [("feeds.opml", ""), ("Feeds.OPML", "my feeds"), ("list.xml", "/import")],
)
async def test_the_feeds_of_a_file_are_added(
    conversation: Conversation, db: Database, ann: Person, name: str, caption: str
) -> None:
    content = opml("https://a.example/rss", "https://b.example/rss")
    answer = await send(conversation, ann, content, name=name, caption=caption)
    assert answer.text == "✅ 2 feeds added.\nWhat they publish from now on comes here."
    assert await urls(db, ann.id) == ["https://a.example/rss", "https://b.example/rss"]


async def test_what_is_there_already_is_said_and_not_added_twice(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await send(conversation, ann, opml("https://a.example/rss"))
    answer = await send(conversation, ann, opml("https://a.example/rss", "https://b.example/rss"))
    assert "✅ 1 feed added." in answer.text
    assert "1 feed was here already." in answer.text
    assert len(await urls(db, ann.id)) == 2


async def test_beyond_the_most_the_rest_is_left_out(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    many = opml(*(f"https://{number}.example/rss" for number in range(MOST + 5)))
    answer = await send(conversation, ann, many)
    assert "✅ 100 feeds added." in answer.text
    assert "5 feeds are left out.\nYou have 100 feeds, which are the most" in answer.text
    assert len(await urls(db, ann.id)) == MOST


@pytest.mark.parametrize(
    "content",
    [b"", b"not xml", b"<opml><body/></opml>", b"<rss/>", b"\xff\xfe\x00", b"<!ENTITY a>" * 9],
)
async def test_what_is_no_list_gets_one_kind_sentence(
    conversation: Conversation, db: Database, ann: Person, content: bytes
) -> None:
    answer = await send(conversation, ann, content or b" ")
    assert answer.text == "I find no feeds in that file. It should be an OPML file."
    assert await urls(db, ann.id) == []


async def test_a_file_that_is_too_large_is_not_read(
    conversation: Conversation, db: Database, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MAX_BYTES", 10)
    answer = await send(conversation, ann, opml("https://a.example/rss"))
    assert answer.text == "That file is too large for a list of feeds."


async def test_without_a_file_it_says_how(conversation: Conversation, ann: Person) -> None:
    answer = await conversation.say(ann, "/import")
    assert answer is not None
    assert answer.text.startswith("Send me the OPML file of another reader with /import")


async def test_in_a_group_admins_import_and_a_strangers_file_is_not_answered(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    bob = conversation.telegram.person("Bob", language="en")
    group = conversation.telegram.group("Town", admins=[ann], members=[bob])
    await conversation.settle()
    before = len(conversation.texts(group))
    content = opml("https://a.example/rss")
    conversation.telegram.send_document(bob, "a.opml", content, caption="/import", chat=group)
    await conversation.settle()
    assert len(conversation.texts(group)) == before
    await send(conversation, ann, content, chat=group)
    assert await urls(db, group.id) == ["https://a.example/rss"]
    assert await urls(db, ann.id) == []


async def test_what_is_exported_can_be_imported(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await send(conversation, ann, opml("https://a.example/rss?x=1&amp;y=2"))
    await conversation.say(ann, "/export")
    exported = conversation.last(ann)
    assert exported is not None
    assert exported.text.startswith("The feeds of your own, for any reader")
    content = conversation.telegram.content(exported)
    mine = await own_feeds.of_chat(db.reader, ChatId(ann.id))
    assert content == write_list(mine)
    read = read_list(content)
    assert read is not None
    assert [it.url for it in read] == ["https://a.example/rss?x=1&y=2"]
