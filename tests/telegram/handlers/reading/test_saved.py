"""/saved: the paged list of a person's saved stories."""

import pytest
from aiogram import Bot

from bot.model import ChatId, StoryId
from bot.storage.database import Database
from bot.storage.stories import saved
from bot.storage.subscribers import subscribers
from bot.telegram.handlers.reading.saved import remove_saved
from bot.telegram.keyboards.story import RemoveSaved
from bot.telegram.story_lists import StoryLists
from bot_playground.state.chats import ChatMessage, Person
from tests.support.builders import SPORT, TOPICS, publish, reading
from tests.telegram.conftest import Conversation, labels, late_callback, relabel


@pytest.fixture
async def ann(conversation: Conversation) -> Person:
    person = conversation.telegram.person("Ann", language="en")
    await conversation.say(person, "/start")
    return person


async def keep(
    conversation: Conversation, db: Database, person: Person, *titles: str
) -> list[StoryId]:
    """Have the person keep stories, one after the other."""
    kept = []
    for title in titles:
        kept.append(await publish(db, title, made=reading(topic=SPORT)))
        conversation.clock.advance(seconds=1)
        async with db.transaction() as tx:
            assert await saved.add(tx, ChatId(person.id), kept[-1], now=conversation.clock())
    return kept


async def listed(conversation: Conversation, person: Person) -> ChatMessage:
    message = await conversation.say(person, "/saved")
    assert message is not None
    return message


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", "Nothing saved yet. Tap 🔖 under a story to keep it here."),
        ("uk", "Тут поки порожньо. Натисніть 🔖 під новиною, щоб зберегти її."),
        ("ru", "Здесь пока пусто. Нажмите 🔖 под новостью, чтобы сохранить её."),
    ],
)
async def test_an_empty_list_says_how_to_save(
    conversation: Conversation, db: Database, code: str, words: str
) -> None:
    stranger = conversation.telegram.person("Іра", language=code)
    assert (await listed(conversation, stranger)).text == words
    assert await subscribers.find(db.reader, ChatId(stranger.id)) is None
    await conversation.say(stranger, "/start")
    assert (await listed(conversation, stranger)).text == words


async def test_the_story_saved_last_comes_first_with_a_number_to_remove_it_by(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await keep(conversation, db, ann, "Bridge opens", "Goal")
    message = await listed(conversation, ann)
    first, second, third = message.text.split("\n\n")
    assert first == "🔖 Saved"
    assert second.startswith("1. Goal — ")
    assert third.startswith("2. Bridge opens — ")
    assert labels(message) == ["✖ 1", "✖ 2"]
    await conversation.press(ann, message, "✖ 1")
    left = conversation.shown(message)
    assert "Goal" not in left.text
    assert "1. Bridge opens" in left.text
    await conversation.press(ann, left, "✖ 1")
    assert conversation.shown(message).text.startswith("Nothing saved yet.")
    assert labels(conversation.shown(message)) == []


async def test_a_repeated_press_removes_one_story(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await keep(conversation, db, ann, "Bridge opens", "Goal")
    message = await listed(conversation, ann)
    for _ in range(2):
        conversation.telegram.press(ann, message, "✖ 1")
    await conversation.settle()
    assert "1. Bridge opens" in conversation.shown(message).text


async def test_after_the_last_story_of_a_page_the_page_before_is_shown(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await keep(conversation, db, ann, *[f"Story {number}" for number in range(8)])
    message = await listed(conversation, ann)
    assert message.buttons == (tuple(f"✖ {number}" for number in range(1, 8)), ("Older ▶️",))
    await conversation.press(ann, message, "Older ▶️")
    older = conversation.shown(message)
    assert "1. Story 0" in older.text
    assert older.buttons == (("✖ 1",), ("◀️ Newer",))
    await conversation.press(ann, older, "✖ 1")
    assert conversation.shown(message).text.count("Story") == 7


async def test_the_list_is_the_persons_while_a_channel_is_managed(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    conversation.telegram.channel("Harbour", admins=[ann], username="harbour_news")
    await conversation.settle()
    await keep(conversation, db, ann, *[f"Story {number}" for number in range(8)])
    await conversation.say(ann, "/channel @harbour_news")
    message = await listed(conversation, ann)
    assert message.text.startswith("🔖 Saved\n")
    await conversation.press(ann, message, "Older ▶️")
    assert "Story 0" in conversation.shown(message).text


async def test_a_press_in_an_inaccessible_list_removes(
    conversation: Conversation, bot: Bot, db: Database, ann: Person
) -> None:
    (story_id,) = await keep(conversation, db, ann, "Goal")
    lists = StoryLists(db=db, topics=TOPICS, now=conversation.clock)
    await remove_saved(
        late_callback(bot, ann.id), RemoveSaved(story_id=story_id, skipped=0), db, lists
    )
    assert await saved.count(db.reader, ChatId(ann.id)) == 0


async def test_in_a_group_the_answer_points_to_the_private_chat(
    conversation: Conversation, ann: Person
) -> None:
    group = conversation.telegram.supergroup("Friends", admins=[ann])
    answer = await conversation.say(ann, "/saved", chat=group)
    assert answer is not None
    assert answer.text == "What you save is in our private chat: write /saved there."


async def test_after_stop_nothing_is_saved_and_old_lists_are_answered(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await keep(conversation, db, ann, *[f"Story {number}" for number in range(8)])
    message = await listed(conversation, ann)
    async with db.transaction() as tx:
        await subscribers.forget(tx, ChatId(ann.id))
    assert await saved.count(db.reader, ChatId(ann.id)) == 0
    assert "out of date" in await conversation.press(ann, message, "✖ 1")
    assert "out of date" in await conversation.press(ann, message, "Older ▶️")


@pytest.mark.parametrize("data", ["page:saved:700", "unsave:0:0", "unsave:1:-7", "unsave:1:99999"])
async def test_forged_callback_data_is_answered(
    conversation: Conversation, db: Database, ann: Person, data: str
) -> None:
    await keep(conversation, db, ann, "Goal")
    message = await listed(conversation, ann)
    relabel(message, data)
    assert "out of date" in await conversation.press(ann, message, data)
