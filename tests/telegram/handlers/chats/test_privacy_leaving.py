import pytest

from bot.storage.database import Database
from bot_playground.state.chats import Message, Person
from bot_playground.state.faults import Fault, Kind
from tests.builders import publish
from tests.telegram.conftest import Conversation

TABLES = ("subscribers", "subscriptions", "news_languages", "deliveries")


@pytest.fixture
async def ann(conversation: Conversation, db: Database) -> Person:
    person = conversation.telegram.person("Ann", language="en")
    await conversation.say(person, "/topics war")
    await publish(db, "Bridge opens")
    await conversation.settle()
    return person


@pytest.fixture
async def question(conversation: Conversation, ann: Person) -> Message:
    message = await conversation.say(ann, "/stop")
    assert message is not None
    return message


async def count(db: Database) -> int:
    counts = [list(await db.reader.execute_fetchall(f"SELECT 1 FROM {name}")) for name in TABLES]
    return sum(len(rows) for rows in counts)


async def test_stop_asks_before_it_deletes(db: Database, question: Message) -> None:
    assert "Delete everything" in question.text
    assert await count(db) == 4


async def test_confirmed_everything_known_of_the_chat_is_deleted(
    conversation: Conversation, db: Database, ann: Person, question: Message
) -> None:
    await conversation.press(ann, question, "🗑 Delete everything")
    assert conversation.shown(question).text.startswith("Everything is deleted.")
    assert await count(db) == 0


async def test_not_confirmed_all_stays(
    conversation: Conversation, db: Database, ann: Person, question: Message
) -> None:
    await conversation.press(ann, question, "Keep my settings")
    assert conversation.shown(question).text == "Nothing has changed."
    assert await count(db) == 4


async def test_privacy_says_what_where_and_how_long(
    conversation: Conversation, ann: Person
) -> None:
    message = await conversation.say(ann, "/privacy")
    assert message is not None
    for question in ("What I keep", "Where", "How long", "/stop"):
        assert question in message.text


async def test_everything_is_deleted_although_the_press_cannot_be_answered(
    conversation: Conversation, db: Database, ann: Person, question: Message
) -> None:
    conversation.telegram.fault(
        Fault(kind=Kind.SERVER_ERROR, method="answerCallbackQuery", times=1)
    )
    conversation.telegram.press(ann, question, "🗑 Delete everything")
    await conversation.settle()
    assert await count(db) == 0


async def test_who_deletes_a_channel_manages_it_no_more(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    conversation.telegram.channel("Coast", admins=[ann], username="coast")
    await conversation.say(ann, "/channel @coast")
    question = await conversation.say(ann, "/stop")
    assert question is not None
    await conversation.press(ann, question, "🗑 Delete everything")
    assert conversation.shown(question).text == (
        "Everything I knew of @coast is deleted. From now on we speak of this chat again."
    )
    assert list(await db.reader.execute_fetchall("SELECT 1 FROM managing")) == []
    assert await count(db) == 4  # her own


async def test_privacy_tells_how_to_get_all_of_it(conversation: Conversation, ann: Person) -> None:
    message = await conversation.say(ann, "/privacy")
    assert message is not None
    assert "/export gives you all of it" in message.text
