"""Followed storylines: the button under a chapter, /why, and the list of /follow."""

import pytest
from aiogram import Bot

from bot.model import ChatId, StoryId
from bot.storage.database import Database
from bot.storage.stories import storylines
from bot.storage.subscribers import subscribers
from bot.telegram.handlers.reading.storylines import end_storyline
from bot.telegram.keyboards.story import EndStoryline
from bot_playground.state.chats import ChatMessage, Person
from tests.support.builders import SPORT, publish
from tests.telegram.conftest import Conversation, labels, late_callback


@pytest.fixture
async def ann(conversation: Conversation, db: Database) -> Person:
    person = conversation.telegram.person("Ann", language="en")
    await conversation.say(person, "/start")
    async with db.transaction() as tx:
        await subscribers.set_topics(tx, ChatId(person.id), [SPORT], wanted=True)
    return person


async def chapters(db: Database, conversation: Conversation) -> tuple[StoryId, StoryId]:
    """Publish a story, and a chapter that continues it."""
    now = conversation.clock()
    first = await publish(db, "Talks begin", now=now)
    return first, await publish(db, "Truce agreed", now=now, continues=first)


async def shown(conversation: Conversation, person: Person, story_id: StoryId) -> ChatMessage:
    message = await conversation.say(person, f"/start s{story_id}")
    assert message is not None
    return message


async def menu(conversation: Conversation, person: Person, story_id: StoryId) -> ChatMessage:
    """Show the story and open its menu."""
    message = await shown(conversation, person, story_id)
    await conversation.press(person, message, "⋯")
    return conversation.shown(message)


async def followed(db: Database, person: Person) -> frozenset[StoryId]:
    subscriber = await subscribers.find(db.reader, ChatId(person.id))
    assert subscriber is not None
    return subscriber.followed_storylines


async def test_a_chapter_is_followed_and_ended_by_the_button_under_it(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    first, second = await chapters(db, conversation)
    message = await menu(conversation, ann, second)
    toast = await conversation.press(ann, message, "🔔 Follow this story")
    assert toast == "🔔 You follow this story. What happens next comes at once."
    assert await followed(db, ann) == {first}
    message = conversation.shown(message)
    assert "↩️ Back" in labels(message), "other buttons stay"
    toast = await conversation.press(ann, message, "➖ Unfollow this story")
    assert toast == "➖ You no longer follow this story."
    assert await followed(db, ann) == frozenset()
    assert "🔔 Follow this story" in labels(conversation.shown(message))


async def test_a_story_that_is_no_chapter_has_no_such_button(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    first, _ = await chapters(db, conversation)
    assert "🔔 Follow this story" not in labels(await menu(conversation, ann, first))


async def test_the_page_of_a_story_shows_the_chapters_around_it(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    first, second = await chapters(db, conversation)
    third = await publish(db, "Truce holds", now=conversation.clock(), continues=second)
    text = (await shown(conversation, ann, second)).text
    assert "↩️ Earlier: Talks begin" in text
    assert "➡️ Since then: Truce holds" in text
    newest = (await shown(conversation, ann, third)).text
    assert newest.index("Earlier: Truce agreed") < newest.index("Earlier: Talks begin")
    assert "Since then" not in newest
    assert "Earlier" not in (await shown(conversation, ann, first)).text


async def test_why_offers_to_follow_and_names_that_it_is_followed(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    first, second = await chapters(db, conversation)
    message = await menu(conversation, ann, second)
    await conversation.press(ann, message, "🔕 Less of this")
    await conversation.press(ann, conversation.shown(message), "🔔 Follow this story")
    assert await followed(db, ann) == {first}
    for label in ("↩️ Back", "⋯", "❔ Why it came"):
        await conversation.press(ann, conversation.shown(message), label)
    why = conversation.shown(message)
    assert "🔔 You follow this story." in why.text
    await conversation.press(ann, why, "🔕 Less of this")
    await conversation.press(ann, conversation.shown(message), "➖ Unfollow this story")
    assert await followed(db, ann) == frozenset()


async def test_follow_lists_the_storylines_and_each_ends_with_one_press(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    _, second = await chapters(db, conversation)
    other = await publish(db, "Дощ у місті", now=conversation.clock())
    async with db.transaction() as tx:
        for story_id in (second, other):
            await storylines.follow(tx, ChatId(ann.id), story_id, now=conversation.clock())
    message = await conversation.say(ann, "/follow")
    assert message is not None
    heading, first, last = message.text.split("\n\n")
    assert heading == "🔔 Stories you follow"
    assert (first, last) == ("1. Truce agreed", "2. Дощ у місті")
    await conversation.press(ann, message, "✖ 1")
    left = conversation.shown(message)
    assert "1. Дощ у місті" in left.text
    await conversation.press(ann, left, "✖ 1")
    assert conversation.shown(message).text == "You follow no stories."
    words = await conversation.say(ann, "/follow")
    assert words is not None
    assert words.text.startswith("Words"), "nothing is followed, so no list comes"


async def test_what_cannot_be_followed_is_said(
    conversation: Conversation,
    db: Database,
    ann: Person,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _, second = await chapters(db, conversation)
    message = await menu(conversation, ann, second)
    monkeypatch.setattr(storylines, "MAX_FOLLOWED", 0)
    toast = await conversation.press(ann, message, "🔔 Follow this story")
    assert toast == "You've reached the limit of 0 followed stories. End one first."
    monkeypatch.undo()
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM stories")
    assert (
        await conversation.press(ann, message, "🔔 Follow this story")
        == "This story is no longer there."
    )


async def test_old_buttons_are_answered(
    conversation: Conversation, bot: Bot, db: Database, ann: Person
) -> None:
    _, second = await chapters(db, conversation)
    message = await menu(conversation, ann, second)
    await end_storyline(late_callback(bot, ann.id), EndStoryline(story_id=second), db)
    async with db.transaction() as tx:
        await subscribers.forget(tx, ChatId(ann.id))
    assert "out of date" in await conversation.press(ann, message, "🔔 Follow this story")
