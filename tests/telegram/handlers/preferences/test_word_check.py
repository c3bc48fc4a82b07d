"""What a chat is asked and shown when it follows or mutes a word."""

import pytest

from bot.storage.database import Database
from bot.stories.related import terms
from bot.telegram.handlers.preferences.word_check import MIN_HEADLINES
from bot_playground.state.chats import ChatMessage, Person
from tests.support.builders import publish, reading
from tests.telegram.conftest import Conversation, labels


@pytest.fixture
async def ann(conversation: Conversation) -> Person:
    person = conversation.telegram.person("Ann", language="en")
    await conversation.say(person, "/topics science")
    return person


def shown(conversation: Conversation, person: Person) -> ChatMessage:
    message = conversation.last(person)
    assert message is not None
    return message


async def test_the_last_three_headlines_of_a_followed_word_are_shown(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    for number in range(5):
        title = f"Ferry {number} leaves"
        await publish(db, title, made=reading(terms=terms(title, "")))
    answer = await conversation.say(ann, "/follow ferries")
    assert answer is not None
    assert "Last week's headlines with “ferries”:\n• Ferry 4 leaves\n• Ferry 3" in answer.text
    assert "Ferry 1" not in answer.text


async def test_a_word_without_headlines_says_so_and_a_slip_is_named(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await publish(db, "Election ends")
    answer = await conversation.say(ann, "/mute elecion")
    assert answer is not None
    assert "No headline of the last week has “elecion”." in answer.text
    assert "Did you mean “election”?" in answer.text
    await conversation.press(ann, answer, "“election”")
    assert "🔕 election" in labels(shown(conversation, ann))


async def test_a_word_of_many_headlines_is_stored_only_after_a_question(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    for number in range(MIN_HEADLINES):
        await publish(db, f"Ferry {number} leaves" if number % 10 == 0 else f"Tram {number} stops")
    answer = await conversation.say(ann, "/mute ferry")
    assert answer is not None
    assert "“ferry” is in 10 % of the last headlines." in answer.text
    assert "🔕 ferry" not in labels(answer)
    await conversation.press(ann, answer, "Yes, “ferry”")
    assert "🔕 ferry" in labels(shown(conversation, ann))


async def test_a_name_that_is_more_than_its_letters_is_refused(
    conversation: Conversation, ann: Person
) -> None:
    for typed in ("C#", "C++", "№1", "x", "7"):
        answer = await conversation.say(ann, f"/follow {typed}")
        assert answer is not None
        assert f"I cannot look for “{typed}”" in answer.text
