"""People are served whatever Telegram adds to its updates or leaves out of them.

`make weather` runs twenty seeds, which the names of the tests show; the suite runs one.
"""

import json
import os
from collections.abc import Awaitable, Callable

import pytest
from aiogram import Bot
from aiogram.types import Update
from pydantic import ValidationError

from bot.errors import UnreadableError
from bot.model import ChatId
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot.telegram.updates import inbox
from bot_playground.people.inline import send_inline_query
from bot_playground.state.chats import Chat, ChatMessage, Person
from tests.support.builders import publish
from tests.telegram.conftest import Conversation, labels

SEEDS = pytest.mark.parametrize("seed", range(1, 1 + int(os.environ.get("SEEDS", "1"))))
SHARE = 0.7

Scene = Callable[[Conversation, Database], Awaitable[bool]]


def reader(conversation: Conversation) -> Person:
    return conversation.telegram.person("Ann", language="en")


async def last(conversation: Conversation, where: Person | Chat) -> ChatMessage:
    await conversation.settle()
    message = conversation.last(where)
    assert message is not None
    return message


async def gets_news(conversation: Conversation, db: Database, where: Person | Chat) -> bool:
    if await subscribers.find(db.reader, ChatId(where.id)) is None:
        return False
    async with db.transaction() as tx:
        await subscribers.set_news_language(tx, ChatId(where.id), "en", wanted=True)
    title = f"Bridge {where.id} opens {len(conversation.texts(where))}"
    await publish(db, title)
    return title in (await last(conversation, where)).text


async def a_command_is_answered(conversation: Conversation, db: Database) -> bool:
    ann = reader(conversation)
    conversation.telegram.say(ann, "/start")
    greeting = await last(conversation, ann)
    conversation.telegram.say(ann, "/help", reply_to=greeting)
    return "/start" in (await last(conversation, ann)).text


async def a_button_is_heeded_and_its_message_edited(
    conversation: Conversation, db: Database
) -> bool:
    ann = reader(conversation)
    conversation.telegram.say(ann, "/start")
    topics = await last(conversation, ann)
    query_id = conversation.telegram.press(ann, topics, "🪖 War")
    await conversation.settle()
    is_answered = conversation.telegram.callback_answer(query_id) is not None
    return is_answered and "✅ War" in labels(conversation.shown(topics))


async def a_reader_gets_the_news_of_a_topic(conversation: Conversation, db: Database) -> bool:
    ann = reader(conversation)
    conversation.telegram.say(ann, "/topics war")
    await conversation.settle()
    return await gets_news(conversation, db, ann)


async def who_unblocks_the_bot_gets_news_again(conversation: Conversation, db: Database) -> bool:
    ann = reader(conversation)
    conversation.telegram.say(ann, "/topics war")
    await conversation.settle()
    for blocked in (True, False):
        conversation.telegram.block(ann, blocked=blocked)
        await conversation.settle()
    return await gets_news(conversation, db, ann)


async def a_group_that_unmutes_the_bot_gets_news_again(
    conversation: Conversation, db: Database
) -> bool:
    ann = reader(conversation)
    group = conversation.telegram.supergroup("Friends", admins=[ann])
    conversation.telegram.say(ann, "/topics war", chat=group)
    await conversation.settle()
    conversation.telegram.set_bot_status(group, "restricted", is_muted=True)
    await conversation.settle()
    conversation.telegram.set_bot_status(group, "member")
    await conversation.settle()
    return await gets_news(conversation, db, group)


async def a_channel_that_promotes_the_bot_gets_news(
    conversation: Conversation, db: Database
) -> bool:
    ann = reader(conversation)
    channel = conversation.telegram.channel("News", admins=[ann], bot="member")
    conversation.telegram.set_bot_status(channel, "administrator", by=ann)
    await conversation.settle()
    conversation.telegram.say(ann, "/topics war", chat=channel)
    await conversation.settle()
    return await gets_news(conversation, db, channel)


async def a_group_that_migrates_keeps_its_news(conversation: Conversation, db: Database) -> bool:
    ann = reader(conversation)
    group = conversation.telegram.group("Friends", admins=[ann])
    conversation.telegram.say(ann, "/topics war", chat=group)
    await conversation.settle()
    supergroup = conversation.telegram.migrate(group)
    await conversation.settle()
    return await gets_news(conversation, db, supergroup)


async def an_inline_query_is_answered(conversation: Conversation, db: Database) -> bool:
    ann = reader(conversation)
    world = conversation.telegram.world
    query = send_inline_query(world, ann, conversation.telegram.chat(ann), "bridge")
    await conversation.settle()
    return query.answer is not None


SCENES: tuple[Scene, ...] = (
    a_command_is_answered,
    a_button_is_heeded_and_its_message_edited,
    a_reader_gets_the_news_of_a_topic,
    who_unblocks_the_bot_gets_news_again,
    a_group_that_unmutes_the_bot_gets_news_again,
    a_channel_that_promotes_the_bot_gets_news,
    a_group_that_migrates_keeps_its_news,
    an_inline_query_is_answered,
)


async def failed_scenes(conversation: Conversation, db: Database, *, seed: int) -> list[str]:
    conversation.telegram.mutate_updates(share=SHARE, seed=seed)
    failed = []
    for scene in SCENES:
        try:
            has_succeeded = await scene(conversation, db)
        except AssertionError:
            has_succeeded = False
        if not has_succeeded:
            failed.append(getattr(scene, "__name__", ""))
    counts = conversation.telegram.world.updates.mutator.counts
    assert len(counts) > len(SCENES), (seed, counts)
    return failed


async def dead_letters(db: Database) -> list[str]:
    rows = await db.reader.execute_fetchall("SELECT problem FROM updates WHERE problem IS NOT NULL")
    return [row[0] for row in rows]


@SEEDS
async def test_everybody_is_served_whatever_updates_hold(
    conversation: Conversation, db: Database, seed: int
) -> None:
    assert await failed_scenes(conversation, db, seed=seed) == []
    assert await dead_letters(db) == []


@pytest.fixture
def strict_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read updates by aiogram's models alone."""

    def load_strictly(content: str, bot: Bot) -> Update:
        try:
            return Update.model_validate(json.loads(content), context={"bot": bot})
        except ValidationError:
            raise UnreadableError("strict") from None

    monkeypatch.setattr(inbox, "load_update", load_strictly)


@SEEDS
@pytest.mark.usefixtures("strict_reader")
async def test_a_strict_reader_would_serve_not_everybody(
    conversation: Conversation, db: Database, seed: int
) -> None:
    assert await failed_scenes(conversation, db, seed=seed) != []
    assert await dead_letters(db) != []
