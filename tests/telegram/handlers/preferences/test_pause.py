import pytest

from bot.storage.database import Database
from bot_playground.state.chats import Person
from tests.support.builders import publish
from tests.telegram.conftest import Conversation, labels


@pytest.fixture
async def ann(conversation: Conversation) -> Person:
    person = conversation.telegram.person("Ann", language="en")
    await conversation.say(person, "/topics war")
    return person


async def test_nothing_comes_during_a_pause_and_news_comes_after_it(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    message = await conversation.say(ann, "/pause")
    assert message is not None
    assert "Your topics are kept" in message.text
    await publish(db, "Meanwhile", now=conversation.clock())
    await conversation.settle()
    assert not any("Meanwhile" in text for text in conversation.texts(ann))
    await conversation.say(ann, "/resume")
    await publish(db, "After", now=conversation.clock())
    await conversation.settle()
    assert conversation.texts(ann)[-1].startswith("After")


async def test_a_pause_ends_by_its_own_button(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    message = await conversation.say(ann, "/pause")
    assert message is not None
    await conversation.press(ann, message, "▶️ Resume")
    assert "The news is back" in conversation.shown(message).text
    await publish(db, "After", now=conversation.clock())
    await conversation.settle()
    assert conversation.texts(ann)[-1].startswith("After")


async def test_start_and_show_news_end_a_pause(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await conversation.say(ann, "/pause")
    await conversation.say(ann, "/start")
    await publish(db, "After the start", now=conversation.clock())
    await conversation.settle()
    assert conversation.texts(ann)[-1].startswith("After the start")
    await conversation.say(ann, "/pause")
    await publish(db, "Asked for", now=conversation.clock())
    keyboard = await conversation.say(ann, "/topics")
    assert keyboard is not None
    await conversation.press(ann, keyboard, "📰 Show me the news")
    assert conversation.texts(ann)[-1].startswith("Asked for")


async def test_a_pause_of_a_length_says_its_end_and_offers_another_reading(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    message = await conversation.say(ann, "/pause 2")
    assert message is not None
    assert "Quiet until Mon, Mar 2, 16:00" in message.text
    await conversation.press(ann, message, "↩️ No: until Wed, Mar 4, 14:00")
    assert "Quiet until Wed, Mar 4, 14:00" in conversation.shown(message).text


async def test_a_pause_that_is_not_understood_is_asked_for_with_buttons(
    conversation: Conversation, ann: Person
) -> None:
    message = await conversation.say(ann, "/pause <b>soon</b>")
    assert message is not None
    assert message.text.startswith("I do not understand “<b>soon</b>”")
    await conversation.press(ann, message, "⏸ 1 week")
    assert "Quiet until" in conversation.shown(message).text


async def test_a_word_ends_a_pause(conversation: Conversation, ann: Person) -> None:
    await conversation.say(ann, "/pause до завтра")
    message = await conversation.say(ann, "/pause off")
    assert message is not None
    assert "The news is back" in message.text


async def test_a_pause_that_is_over_before_its_button_is_pressed_is_none(
    conversation: Conversation, ann: Person
) -> None:
    message = await conversation.say(ann, "/pause 2")
    assert message is not None
    conversation.clock.advance(seconds=3 * 86_400)
    button = next(label for row in message.buttons for label in row if label.startswith("↩️"))
    assert "out of date" in await conversation.press(ann, message, button)


async def test_a_pause_that_is_not_understood_is_asked_back(
    conversation: Conversation, ann: Person
) -> None:
    guessed = await conversation.say(ann, "/pause well until Monday then")
    assert guessed is not None
    assert labels(guessed)[0].startswith("⏸ Until Mon, ")
    hours = await conversation.say(ann, "/pause 23:00-7:00 everyday")
    assert hours is not None
    assert labels(hours)[0] == "🗓 /when 23:00-7:00 everyday"
    await conversation.press(ann, hours, labels(hours)[0])
    assert "🌙 Quiet hours: 23:00–07:00" in labels(conversation.shown(hours))
    other = await conversation.say(ann, "/pause cooking")
    assert other is not None
    assert labels(other)[0] == "⏸ 1 hour"
