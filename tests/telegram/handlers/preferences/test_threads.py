"""/here: thread bindings, and their fallback when threads are closed or deleted."""

import pytest

from bot.storage.database import Database
from bot_playground.state.chats import Chat, ChatMessage, Person
from tests.support.builders import SPORT, publish, reading
from tests.telegram.conftest import Conversation, labels, relabel


@pytest.fixture
def ann(conversation: Conversation) -> Person:
    return conversation.telegram.person("Ann", language="en")


@pytest.fixture
async def forum(conversation: Conversation, ann: Person) -> Chat:
    made = conversation.telegram.supergroup("Forum", admins=[ann], is_forum=True)
    await conversation.settle()
    return made


@pytest.fixture
async def thread(conversation: Conversation, ann: Person, forum: Chat) -> int:
    """A thread to which war and science come; sports is followed too."""
    await conversation.say(ann, "/topics sport", chat=forum)
    made = conversation.telegram.topic(ann, forum, "War")
    await say_in(conversation, ann, forum, made, "/here war science")
    return made


async def say_in(
    conversation: Conversation, person: Person, forum: Chat, thread: int | None, text: str
) -> ChatMessage:
    conversation.telegram.say(person, text, chat=forum, thread=thread)
    await conversation.settle()
    answer = conversation.last(forum)
    assert answer is not None
    return answer


def where(message: ChatMessage) -> object:
    return message.body.get("message_thread_id")


async def told(conversation: Conversation, db: Database, forum: Chat, title: str) -> ChatMessage:
    """Publish a story of war, and return the one message that tells it."""
    await publish(db, title)
    await conversation.settle()
    (message,) = [
        message
        for message in conversation.telegram.messages(forum, of_bot=True)
        if f"{title}\n" in message.text
    ]
    return message


async def test_a_bound_topic_comes_to_its_thread_and_all_else_to_general(
    conversation: Conversation, db: Database, ann: Person, forum: Chat, thread: int
) -> None:
    answer = conversation.last(forum)
    assert answer is not None
    assert where(answer) == thread
    assert answer.text.startswith("This thread gets: War, Science.")
    assert where(await told(conversation, db, forum, "Bridge falls")) == thread
    await publish(db, "Goal", made=reading(topic=SPORT))
    await conversation.settle()
    last = conversation.last(forum)
    assert last is not None
    assert last.text.startswith("Goal")
    assert where(last) is None


async def test_buttons_bind_topics_here_and_unbind_them(
    conversation: Conversation, db: Database, ann: Person, forum: Chat, thread: int
) -> None:
    page = await say_in(conversation, ann, forum, thread, "/here")
    assert "✅ War" in labels(page)
    assert "✅ Sports" not in labels(page)
    await conversation.press(ann, page, "✅ War")
    await conversation.press(ann, page, "✅ Science")
    shown = conversation.shown(page)
    assert shown.text == "No topic comes to this thread yet. Tap those that should."
    assert where(await told(conversation, db, forum, "Bridge falls")) is None
    await conversation.press(ann, shown, "🪖 War")
    assert where(await told(conversation, db, forum, "Bridge opens")) == thread


async def test_general_shows_the_bound_topics_and_unbinds_them(
    conversation: Conversation, db: Database, ann: Person, forum: Chat, thread: int
) -> None:
    page = await say_in(conversation, ann, forum, None, "/here")
    assert page.text.startswith("Topics with a thread of their own: War, Science.")
    assert labels(page) == ["🪖 War", "🔬 Science"]
    await conversation.press(ann, page, "🪖 War")
    assert labels(conversation.shown(page)) == ["🔬 Science"]
    assert where(await told(conversation, db, forum, "Bridge opens")) is None
    page = await say_in(conversation, ann, forum, None, "/here science")
    assert page.text.startswith("All news comes here, to General.")
    assert labels(page) == []


async def test_a_digest_goes_to_general(
    conversation: Conversation, db: Database, ann: Person, forum: Chat, thread: int
) -> None:
    await say_in(conversation, ann, forum, thread, "/when 20:00")
    for title in ("Bridge falls", "Bridge opens"):
        await publish(db, title)
    conversation.clock.advance(hours=10)
    await conversation.settle()
    digest = conversation.last(forum)
    assert digest is not None
    assert "Bridge falls" in digest.text
    assert where(digest) is None


async def test_news_of_a_closed_thread_goes_to_general_with_one_notice_and_comes_back(
    conversation: Conversation, db: Database, ann: Person, forum: Chat, thread: int
) -> None:
    conversation.telegram.change_topic(ann, forum, thread, "close")
    first = await told(conversation, db, forum, "Bridge falls")
    assert where(first) is None
    assert first.text.startswith("🔒 The thread of “War” is closed")
    second = await told(conversation, db, forum, "Bridge opens")
    assert where(second) is None
    assert second.text.startswith("Bridge opens")
    conversation.telegram.change_topic(ann, forum, thread, "reopen")
    await conversation.settle()
    assert where(await told(conversation, db, forum, "Bridge closes")) == thread


async def test_a_promotion_reopens_closed_threads(
    conversation: Conversation, db: Database, ann: Person, forum: Chat, thread: int
) -> None:
    conversation.telegram.change_topic(ann, forum, thread, "close")
    assert where(await told(conversation, db, forum, "Bridge falls")) is None
    conversation.telegram.set_bot_status(forum, "administrator", by=ann)
    await conversation.settle()
    assert where(await told(conversation, db, forum, "Bridge opens")) == thread


async def test_a_deleted_thread_is_forgotten_and_its_news_goes_to_general(
    conversation: Conversation, db: Database, ann: Person, forum: Chat, thread: int
) -> None:
    conversation.telegram.change_topic(ann, forum, thread, "delete")
    for title in ("Bridge falls", "Bridge opens"):
        message = await told(conversation, db, forum, title)
        assert (where(message), message.text.startswith(title)) == (None, True)
    refused = [call for call in conversation.telegram.calls("sendMessage") if call.code == 400]
    assert len(refused) == 1
    page = await say_in(conversation, ann, forum, None, "/here")
    assert page.text.startswith("All news comes here")


async def test_general_closed_and_opened_loses_nothing(
    conversation: Conversation, db: Database, ann: Person, forum: Chat
) -> None:
    await conversation.say(ann, "/topics war", chat=forum)
    conversation.telegram.change_topic(ann, forum, None, "close")
    await publish(db, "Bridge falls")
    await conversation.settle()
    conversation.telegram.change_topic(ann, forum, None, "reopen")
    conversation.clock.advance(minutes=1)
    await conversation.settle()
    assert conversation.texts(forum)[-1].startswith("Bridge falls")


async def test_a_command_in_a_closed_thread_is_no_dead_letter(
    conversation: Conversation, db: Database, ann: Person, forum: Chat, thread: int
) -> None:
    conversation.telegram.change_topic(ann, forum, thread, "close")
    await say_in(conversation, ann, forum, thread, "/here")
    rows = await db.reader.execute_fetchall("SELECT 1 FROM updates WHERE problem IS NOT NULL")
    assert list(rows) == []


async def test_words_that_name_no_topic_are_quoted(
    conversation: Conversation, ann: Person, forum: Chat, thread: int
) -> None:
    answer = await say_in(conversation, ann, forum, thread, "/here cooking")
    assert answer.text.startswith("I know no topic called “cooking”.\n\nThis thread gets:")


async def test_outside_a_forum_one_sentence_says_what_it_is_for(
    conversation: Conversation, ann: Person
) -> None:
    group = conversation.telegram.group("Friends", admins=[ann])
    for place in (None, group):
        answer = await conversation.say(ann, "/here war", chat=place)
        assert answer is not None
        assert answer.text.startswith("This works in forums")


@pytest.mark.parametrize("data", ["here:cooking:1", "here:war:maybe"])
async def test_forged_callback_data_is_answered(
    conversation: Conversation, ann: Person, forum: Chat, thread: int, data: str
) -> None:
    page = await say_in(conversation, ann, forum, thread, "/here")
    relabel(page, data)
    assert await conversation.press(ann, page, data)


async def test_a_thread_takes_all_topics_but_some(
    conversation: Conversation, ann: Person, forum: Chat, thread: int
) -> None:
    answer = await say_in(conversation, ann, forum, thread, "/here world, except science")
    assert answer.text.startswith("This thread gets: War, World.")
    answer = await say_in(conversation, ann, forum, thread, "/here everything except war")
    assert answer.text.startswith("This thread gets: ")
    assert "War" not in answer.text
    assert "Sport" in answer.text
    general = await say_in(conversation, ann, forum, None, "/here sports")
    assert "Sport" not in general.text
