import pytest

from bot.model import ChatId
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from bot_playground.state.chats import Person
from tests.support.builders import SPORT, publish, reading
from tests.telegram.conftest import Conversation


@pytest.fixture
async def ann(conversation: Conversation) -> Person:
    """She reads a digest at eight in the evening."""
    person = conversation.telegram.person("Ann", language="en")
    await conversation.say(person, "/topics war")
    await conversation.say(person, "/when 20:00")
    return person


async def digest(conversation: Conversation, person: Person) -> str:
    message = await conversation.say(person, "/digest")
    assert message is not None
    return message.text


async def published(conversation: Conversation, db: Database, *titles: str) -> None:
    for title in titles:
        await publish(db, title, now=conversation.clock(), published_at=conversation.clock())
    await conversation.settle()


async def test_held_stories_come_at_once_and_once_only(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await published(conversation, db, "Bridge opens", "Bridge closes")
    before = conversation.texts(ann)
    assert not any("Bridge" in text for text in before)
    text = await digest(conversation, ann)
    assert text.startswith("🗞 Digest · 2 stories")
    assert "Bridge opens" in text
    assert "Bridge closes" in text
    assert len(conversation.texts(ann)) == len(before) + 1
    conversation.clock.advance(hours=24)
    await conversation.settle()
    assert conversation.texts(ann)[-1] == text


async def test_what_comes_later_waits_for_the_timetable_as_before(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await published(conversation, db, "Bridge opens")
    assert "Bridge opens" in await digest(conversation, ann)
    await published(conversation, db, "Bridge closes")
    assert "Bridge closes" not in conversation.texts(ann)[-1]
    conversation.clock.advance(hours=24)
    await conversation.settle()
    assert "Bridge closes" in conversation.texts(ann)[-1]


async def test_without_pending_deliveries_the_most_covered_stories_come_at_each_request(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await published(conversation, db, "Bridge opens")
    await publish(db, "Goal", made=reading(topic=SPORT), published_at=conversation.clock())
    first = await digest(conversation, ann)
    assert not first.startswith("🗞 The best")
    for _ in range(2):
        text = await digest(conversation, ann)
        assert text.startswith("🗞 The best since yesterday\n")
        assert "Bridge opens" in text
        assert "Goal" not in text


async def test_stories_of_an_unsubscribed_topic_make_no_digest(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await published(conversation, db, "Bridge opens")
    async with db.transaction() as tx:
        await subscribers.set_topics(tx, ChatId(ann.id), [SPORT], wanted=True)
        await subscribers.set_topics(tx, ChatId(ann.id), ["war"], wanted=False)  # type: ignore[list-item]
    assert (await digest(conversation, ann)).startswith("It has been quiet")


async def test_during_a_pause_the_most_covered_stories_are_shown_and_nothing_is_released(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    await published(conversation, db, "Bridge opens")
    await conversation.say(ann, "/pause")
    assert (await digest(conversation, ann)).startswith("🗞 The best since yesterday")
    await conversation.say(ann, "/resume")
    conversation.clock.advance(hours=24)
    await conversation.settle()
    assert "Bridge opens" in conversation.texts(ann)[-1]


@pytest.mark.parametrize(
    ("language", "nothing"),
    [("uk", "Було тихо"), ("ru", "Было тихо"), ("en", "It has been quiet")],
)
async def test_without_any_story_the_answer_says_so(
    conversation: Conversation, language: str, nothing: str
) -> None:
    person = conversation.telegram.person("Reader", language=language)
    assert (await digest(conversation, person)).startswith(nothing)


@pytest.mark.parametrize(
    ("language", "heading"),
    [("uk", "🗞 Найголовніше від учора"), ("ru", "🗞 Главное со вчерашнего дня")],
)
async def test_the_heading_of_the_most_covered_stories_is_in_the_readers_language(
    conversation: Conversation, db: Database, language: str, heading: str
) -> None:
    person = conversation.telegram.person("Reader", language=language)
    await publish(db, "Міст", made=reading(language=language))  # type: ignore[arg-type]
    assert (await digest(conversation, person)).startswith(heading)


async def test_the_digest_of_a_managed_channel_goes_there_and_its_admin_is_notified(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    channel = conversation.telegram.channel("Coast", admins=[ann], username="coast")
    await conversation.say(ann, "/channel @coast")
    await conversation.say(ann, "/topics war")
    await conversation.say(ann, "/when 20:00")
    await published(conversation, db, "Bridge opens")
    told = await digest(conversation, ann)
    assert told == "📢 @coast\n\n🗞 Sending the digest."
    assert "Bridge opens" in conversation.texts(channel)[-1]


async def test_in_a_forum_the_digest_goes_to_general_and_the_thread_is_notified(
    conversation: Conversation, db: Database, ann: Person
) -> None:
    forum = conversation.telegram.supergroup("Forum", admins=[ann], is_forum=True)
    thread = conversation.telegram.topic(ann, forum, "War")
    await conversation.say(ann, "/topics war", chat=forum)
    await conversation.say(ann, "/when 20:00", chat=forum)
    await published(conversation, db, "Bridge opens", "Bridge closes")
    conversation.telegram.say(ann, "/digest", chat=forum, thread=thread)
    await conversation.settle()
    told, sent = conversation.telegram.messages(forum, of_bot=True)[-2:]
    assert told.text == "🗞 Sending the digest."
    assert told.body["message_thread_id"] == thread
    assert "Bridge opens" in sent.text
    assert "message_thread_id" not in sent.body


async def test_in_a_group_only_its_admins_are_answered(
    conversation: Conversation, ann: Person
) -> None:
    stranger = conversation.telegram.person("Bob", language="en")
    group = conversation.telegram.group("Friends", admins=[ann], members=[stranger])
    await conversation.settle()
    before = conversation.texts(group)
    await conversation.say(stranger, "/digest", chat=group)
    assert conversation.texts(group) == before
    await conversation.say(ann, "/digest", chat=group)
    assert len(conversation.texts(group)) == len(before) + 1
