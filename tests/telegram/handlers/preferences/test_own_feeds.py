"""/add and /remove: feeds that only this chat sees."""

from typing import get_args

import pytest

from bot.model import ChatId, FoundFeed, NoFeed
from bot.storage.database import Database
from bot.storage.feeds import own_feeds
from bot.telegram.handlers.preferences.own_feeds import MOST
from bot_playground.state.chats import Message, Person
from tests.telegram.conftest import Conversation, labels, relabel


@pytest.fixture
def ann(conversation: Conversation) -> Person:
    conversation.web.sites["own.example"] = feed()
    return conversation.telegram.person("Ann", language="en")


def feed(url: str = "https://own.example/rss", title: str = "Ann's Own") -> FoundFeed:
    return FoundFeed(url=url, domain="own.example", title=title, newest=("Second", "First"))


async def said(conversation: Conversation, person: Person, text: str) -> Message:
    answer = await conversation.say(person, text)
    assert answer is not None
    return answer


async def urls(db: Database, chat_id: int) -> list[str]:
    return [it.url for it in await own_feeds.of_chat(db.reader, ChatId(chat_id))]


async def test_a_feed_is_found_shown_and_kept_once(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    for _ in range(2):
        answer = await said(conversation, ann, "/add own.example")
        assert answer.text.startswith("✅ Added: Ann's Own\n• Second\n• First\n\nWhat it publishes")
    assert await urls(db, ann.id) == ["https://own.example/rss"]
    everything = await said(conversation, ann, "/add")
    assert everything.text.startswith("Feeds of your own\n\n• Ann's Own\n\nOnly this chat sees")
    await conversation.press(ann, everything, "🗑 Ann's Own")
    assert "You have none yet." in conversation.shown(everything).text
    assert await urls(db, ann.id) == []


@pytest.mark.parametrize("name", ["own.example", "https://own.example/rss/", "ANN'S OWN"])
async def test_it_is_removed_by_whatever_one_calls_it(
    conversation: Conversation, db: Database, ann: Person, name: str
) -> None:
    await said(conversation, ann, "/add own.example")
    answer = await said(conversation, ann, f"/remove {name}")
    assert answer.text.startswith("➖ No longer: Ann's Own")
    assert await urls(db, ann.id) == []


async def test_what_one_does_not_have_is_not_removed(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await said(conversation, ann, "/add own.example")
    answer = await said(conversation, ann, "/remove courier")
    assert answer.text.startswith("You have no feed called “courier”.")
    answer = await said(conversation, ann, "/remove")
    assert answer.text.startswith("Feeds of your own")
    assert len(await urls(db, ann.id)) == 1


@pytest.mark.parametrize("reason", get_args(NoFeed))
@pytest.mark.parametrize("language", ["en", "uk", "ru"])
async def test_whatever_is_not_a_feed_gets_one_kind_sentence(
    conversation: Conversation, db: Database, reason: NoFeed, language: str
) -> None:
    reader = conversation.telegram.person("Ann", language=language)
    conversation.web.sites["bad.example"] = reason
    answer = await said(conversation, reader, "/add bad.example")
    assert 10 < len(answer.text) < 120
    assert answer.text.endswith((".", "news"))
    assert await urls(db, reader.id) == []


async def test_a_hundred_are_the_most(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await said(conversation, ann, "/add own.example")
    async with db.transaction() as tx:
        for number in range(1, MOST):
            found = feed(f"https://{number}.example/rss", f"Paper {number:02}")
            await own_feeds.add(tx, ChatId(ann.id), found, language="en", now=conversation.clock())
    answer = await said(conversation, ann, "/add another.example")
    assert answer.text == "You have 100 feeds, which are the most: /remove one first."
    page = await said(conversation, ann, "/remove")
    await conversation.press(ann, page, "▶️")
    assert "🗑 Paper 10" in labels(conversation.shown(page))
    await conversation.press(ann, conversation.shown(page), "🗑 Paper 10")
    assert "🗑 Paper 20" in labels(conversation.shown(page))
    await conversation.press(ann, conversation.shown(page), "◀️")
    assert "🗑 Ann's Own" in labels(conversation.shown(page))


async def test_a_dead_one_is_marked_with_its_reason(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await said(conversation, ann, "/add own.example")
    async with db.transaction() as tx:
        await tx.execute("UPDATE feeds SET stopped = 'gone'")
    page = await said(conversation, ann, "/remove")
    assert "• Ann's Own\n   ⚠️ its publisher has closed it" in page.text


async def test_what_a_publisher_calls_himself_breaks_nothing(
    conversation: Conversation, ann: Person
) -> None:
    conversation.web.sites["own.example"] = feed(title="<b>" + "W" * 400)
    answer = await said(conversation, ann, "/add own.example")
    assert "<b>WWW" in answer.text
    assert len(answer.text) < 300


async def test_a_press_of_a_chat_that_is_forgotten_is_answered(
    conversation: Conversation, ann: Person
) -> None:
    page = await said(conversation, ann, "/add")
    stop = await said(conversation, ann, "/stop")
    await conversation.press(ann, stop, "🗑 Delete everything")
    relabel(page, "unown:7:0")
    toast = await conversation.press(ann, page, labels(page)[0])
    assert toast.startswith("This keyboard is an old one.")
