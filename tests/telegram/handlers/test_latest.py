import pytest

from bot.playground.chats import Person
from bot.storage.database import Database
from tests.builders import SPORT, publish, reading
from tests.telegram.conftest import Conversation


@pytest.fixture
def ann(conversation: Conversation) -> Person:
    return conversation.telegram.person("Ann", language="en")


@pytest.fixture
async def stories(db: Database) -> None:
    await publish(db, "Bridge opens")
    await publish(db, "Goal", made=reading(topic=SPORT))
    await publish(db, "Міст відкрито", made=reading(language="uk"))


async def latest(conversation: Conversation, ann: Person, words: str = "") -> str:
    message = await conversation.say(ann, f"/latest {words}")
    assert message is not None
    return message.text


@pytest.mark.usefixtures("stories")
async def test_latest_lists_the_topics_that_one_follows(
    conversation: Conversation, ann: Person
) -> None:
    await conversation.say(ann, "/topics sport")
    text = await latest(conversation, ann)
    assert "Goal" in text
    assert "Bridge" not in text


@pytest.mark.usefixtures("stories")
async def test_latest_of_a_topic_lists_that_one(conversation: Conversation, ann: Person) -> None:
    await conversation.say(ann, "/topics sport")
    text = await latest(conversation, ann, "війна")
    assert "Bridge opens" in text
    assert "Goal" not in text


@pytest.mark.usefixtures("stories")
async def test_latest_of_one_who_chose_nothing_lists_all_in_his_language(
    conversation: Conversation, ann: Person
) -> None:
    text = await latest(conversation, ann)
    assert "Bridge opens" in text
    assert "Goal" in text
    assert "Міст" not in text


async def test_when_there_is_nothing_latest_says_so(
    conversation: Conversation, ann: Person
) -> None:
    assert await latest(conversation, ann) == "Nothing yet. I will write as soon as there is news."


async def test_latest_of_an_unknown_topic_names_the_known_ones(
    conversation: Conversation, ann: Person
) -> None:
    text = await latest(conversation, ann, "cooking")
    assert "I know no topic called “cooking”." in text
    assert "War" in text


async def test_looking_back_sends_nothing_twice(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await conversation.say(ann, "/topics war")
    await publish(db, "Bridge opens")
    await conversation.settle()
    await latest(conversation, ann)
    pushed = [text for text in conversation.texts(ann) if text.startswith("Bridge opens")]
    assert len(pushed) == 1
