"""Deep links: to a story, to a topic, and invalid ones."""

import pytest

from bot.model import LANGUAGES, ChatId
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot_playground.state.chats import Person
from tests.support.builders import SPORT, TOPICS, WAR, publish, reading, retell
from tests.telegram.conftest import Conversation, FakeReadAlso, labels


@pytest.fixture
def ann(conversation: Conversation) -> Person:
    return conversation.telegram.person("Ann", language="en")


async def test_a_new_person_gets_the_story_and_the_greeting_below(
    conversation: Conversation, db: Database, ann: Person, fake_read_also: FakeReadAlso
) -> None:
    await publish(db, "Bridge opens")
    await conversation.say(ann, "/start s1")
    story, welcome = conversation.telegram.messages(ann, of_bot=True)
    assert story.text.startswith("Bridge opens\n")
    assert labels(story) == ["🔖 Save", "⋯"]
    assert "Hello!" in welcome.text
    assert len(labels(welcome)) == len(TOPICS) + 3
    assert fake_read_also.reader is not None
    assert fake_read_also.reader.topics == {topic.slug for topic in TOPICS}


async def test_a_story_opened_by_a_link_is_not_delivered_again(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await publish(db, "Bridge opens")
    welcome = await conversation.say(ann, "/start s1")
    assert welcome is not None
    await conversation.press(ann, welcome, "🪖 War")
    await conversation.press(ann, welcome, "📰 Show me the news")
    told = [text for text in conversation.texts(ann) if text.startswith("Bridge opens\n")]
    assert len(told) == 1


async def test_a_subscriber_with_topics_gets_the_story_without_greeting(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await conversation.say(ann, "/topics sport")
    await publish(db, "Bridge opens")
    before = len(conversation.texts(ann))
    message = await conversation.say(ann, "/start s1")
    assert message is not None
    assert message.text.startswith("Bridge opens\n")
    assert len(conversation.texts(ann)) == before + 1


@pytest.mark.parametrize(("code", "title"), [("en", "Bridge opens"), ("ru", "Міст відкрито")])
async def test_a_story_is_shown_in_the_readers_language_if_it_is_covered_in_that(
    conversation: Conversation, db: Database, code: str, title: str
) -> None:
    story_id = await publish(db, "Bridge opens")
    await retell(db, story_id, "Міст відкрито", language="uk")
    ira = conversation.telegram.person("Іра", language=code)
    await conversation.say(ira, "/start s1")
    assert conversation.texts(ira)[0].startswith(f"{title}\n")


async def test_a_link_leads_to_the_sources_of_a_story(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await conversation.say(ann, "/topics sport")
    await retell(db, await publish(db, "Bridge opens"))
    message = await conversation.say(ann, "/start s1_sources")
    assert message is not None
    assert "2 sources on this story:" in message.text
    await conversation.press(ann, message, "↩️ Back")
    assert "The new bridge was opened." in conversation.shown(message).text


async def test_a_new_person_is_subscribed_to_the_topic_of_the_link_and_greeted(
    conversation: Conversation, ann: Person
) -> None:
    message = await conversation.say(ann, "/start t_war")
    assert message is not None
    assert "Hello!" in message.text
    assert message.text.endswith("✅ Your topics: War.")
    assert "✅ War" in labels(message)


async def test_the_topic_of_a_link_is_added_to_the_chosen_ones_and_a_pause_ends(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await conversation.say(ann, "/topics sport")
    await conversation.say(ann, "/pause")
    message = await conversation.say(ann, "/start t_war")
    assert message is not None
    assert message.text == "✅ Your topics: War, Sport."
    reader = await subscribers.find(db.reader, ChatId(ann.id))
    assert reader is not None
    assert not reader.paused


async def test_a_link_acts_for_the_person_while_a_channel_is_managed(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    channel = conversation.telegram.channel("Harbour", admins=[ann], username="harbour_news")
    await conversation.settle()
    await publish(db, "Goal", made=reading(topic=SPORT))
    await conversation.say(ann, "/channel @harbour_news")
    message = await conversation.say(ann, "/start t_war")
    assert message is not None
    assert message.text.endswith("✅ Your topics: War.")
    assert labels(message) == []
    harbour = await subscribers.find(db.reader, ChatId(channel.id))
    assert harbour is not None
    assert WAR not in harbour.topics
    story = await conversation.say(ann, "/start s1")
    assert story is not None
    assert story.text.startswith("Goal\n")


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    "payload",
    [
        "s2",
        "s0",
        "s99999999999999999999",
        "t_cooking",
        "t_",
        "x",
        "-",
        "s1 s1",
        "S1",
        "<b>",
        "a" * 64,
    ],
)
async def test_a_link_that_leads_nowhere_is_a_plain_start(
    conversation: Conversation, db: Database, code: str, payload: str
) -> None:
    await publish(db, "Bridge opens")
    person = conversation.telegram.person("Іра", language=code)
    await conversation.say(person, "/start")
    await conversation.say(person, f"/start {payload}")
    plain, linked = conversation.telegram.messages(person, of_bot=True)
    assert linked.text == plain.text
    assert linked.buttons == plain.buttons


async def test_in_a_group_a_link_is_a_plain_start(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await publish(db, "Bridge opens")
    group = conversation.telegram.supergroup("Friends", admins=[ann])
    message = await conversation.say(ann, "/start t_war", chat=group)
    assert message is not None
    assert "Hello!" in message.text
    assert "✅ War" not in labels(message)
