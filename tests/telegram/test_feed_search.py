"""/add is answered at once, and its search edits the answer in."""

import asyncio
from dataclasses import replace

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError
from aiogram.methods import EditMessageText

from bot.model import DiscoveryFailure, FoundFeed
from bot.storage.database import Database
from bot.telegram.feed_search import MAX_ATTEMPTS, FeedSearcher
from bot_playground.state.chats import Person
from tests.telegram.conftest import Conversation

FEED = FoundFeed(
    url="https://own.example/rss", domain="own.example", title="My Own", newest=("First",)
)


class SlowWeb:
    """Finds the feed once it may."""

    def __init__(self) -> None:
        self.may_answer, self.asked = asyncio.Event(), list[str]()

    async def __call__(self, address: str) -> FoundFeed | DiscoveryFailure:
        self.asked.append(address)
        await self.may_answer.wait()
        return FEED


async def handle(conversation: Conversation) -> None:
    """Let the bot handle what was written, without any search."""
    while await conversation.update_poller.step() or await conversation.inbox.step():
        pass


@pytest.mark.parametrize(
    ("language", "looking", "added"),
    [
        ("en", "🔎 I am looking for the feed of own.example…", "✅ Added: My Own"),
        ("uk", "🔎 Шукаю стрічку за адресою own.example…", "✅ Додано: My Own"),
        ("ru", "🔎 Ищу ленту по адресу own.example…", "✅ Добавлено: My Own"),
    ],
)
async def test_add_answers_at_once_and_the_search_edits_the_answer(
    conversation: Conversation, db: Database, language: str, looking: str, added: str
) -> None:
    ann = conversation.telegram.person("Ann", language=language)
    conversation.web.sites["own.example"] = FEED
    conversation.telegram.say(ann, "/add own.example")
    await handle(conversation)
    assert conversation.texts(ann) == [looking]
    assert await conversation.feed_searcher.step()
    (answer,) = conversation.texts(ann)
    assert answer.startswith(f"{added}\n• First")
    assert not await conversation.feed_searcher.step()


async def test_a_server_that_drips_holds_up_neither_other_chats_nor_their_searches(
    conversation: Conversation,
) -> None:
    web = SlowWeb()
    searcher = replace(conversation.feed_searcher, find_feed=web)
    ann, bob = (conversation.telegram.person(name, language="en") for name in ("Ann", "Bob"))
    for person, address in ((ann, "one"), (ann, "two"), (bob, "three")):
        conversation.telegram.say(person, f"/add {address}.example")
    await handle(conversation)
    async with asyncio.TaskGroup() as lanes:
        for _ in range(3):
            lanes.create_task(searcher.step())
        async with asyncio.timeout(60):
            while len(web.asked) < 2:
                await asyncio.sleep(0)
        conversation.telegram.say(ann, "/help")
        await handle(conversation)
        assert "/topics" in conversation.texts(ann)[-1]
        assert web.asked == ["one.example", "three.example"]
        web.may_answer.set()


async def fail(_: str) -> FoundFeed | DiscoveryFailure:
    raise ZeroDivisionError


async def test_a_search_that_fails_is_answered(conversation: Conversation, ann: Person) -> None:
    conversation.telegram.say(ann, "/add own.example")
    await handle(conversation)
    assert await replace(conversation.feed_searcher, find_feed=fail).step()
    assert conversation.texts(ann) == [
        "The site cannot be read at the moment. Please try again later."
    ]


async def test_a_search_that_is_cut_off_again_and_again_is_given_up(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    conversation.telegram.say(ann, "/add own.example")
    await handle(conversation)
    async with db.transaction() as tx:
        await tx.execute("UPDATE feed_searches SET attempts = ?", (MAX_ATTEMPTS,))
    web = SlowWeb()
    assert await replace(conversation.feed_searcher, find_feed=web).step()
    assert web.asked == []
    assert conversation.texts(ann)[0].startswith("The site cannot be read")


async def test_an_answer_that_telegram_does_not_take_is_given_again_later(
    conversation: Conversation, db: Database, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation.web.sites["own.example"] = FEED
    conversation.telegram.say(ann, "/add own.example")
    await handle(conversation)
    searcher: FeedSearcher = conversation.feed_searcher
    method = EditMessageText(text="")

    async def refuse(*_: object, **__: object) -> None:
        raise TelegramNetworkError(method, "no way")

    with monkeypatch.context() as patched:
        patched.setattr(Bot, "edit_message_text", refuse)
        assert await searcher.step()
        assert not await searcher.step()
    conversation.clock.advance(minutes=5)
    assert await searcher.step()
    assert conversation.texts(ann)[0].startswith("✅ Added: My Own")


async def test_where_nobody_can_be_answered_the_search_ends(
    conversation: Conversation, db: Database, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation.telegram.say(ann, "/add own.example")
    await handle(conversation)

    async def refuse(*_: object, **__: object) -> None:
        raise TelegramBadRequest(EditMessageText(text=""), "chat not found")

    monkeypatch.setattr(Bot, "edit_message_text", refuse)
    assert await conversation.feed_searcher.step()
    assert not await conversation.feed_searcher.step()


async def test_who_has_left_meanwhile_gets_nothing(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    conversation.telegram.say(ann, "/add own.example")
    await handle(conversation)

    async def leave(_: str) -> FoundFeed | DiscoveryFailure:
        async with db.transaction() as tx:
            await tx.execute("DELETE FROM subscribers")
        return FEED

    assert await replace(conversation.feed_searcher, find_feed=leave).step()
    assert conversation.texts(ann) == ["🔎 I am looking for the feed of own.example…"]


@pytest.fixture
def ann(conversation: Conversation) -> Person:
    return conversation.telegram.person("Ann", language="en")
