import pytest

from bot_playground.people import actions
from bot_playground.people import actions_threads as threads
from bot_playground.people.messages import DeedError
from bot_playground.state.chats import Chat, Person
from bot_playground.state.world import World
from tests.bot_playground.people.test_actions import friends, updates


@pytest.fixture
def forum(world: World, ann: Person) -> Chat:
    return friends(world, ann, type_="supergroup")


def told(world: World) -> list[tuple[str, object]]:
    """The service messages that the bot was told of, with their topics."""
    found = []
    for update in updates(world):
        message = update["message"]
        assert isinstance(message, dict)
        event = next(name for name in message if name.startswith("forum_topic_"))
        found.append((event, message.get("message_thread_id")))
    return found


def test_the_message_that_opens_a_topic_is_the_first_in_it(
    world: World, ann: Person, forum: Chat
) -> None:
    thread = threads.open_thread(world, ann, forum, "News")
    assert told(world) == [("forum_topic_created", thread)]
    message = actions.say(world, ann, forum, "x", thread=thread)
    assert (message.body["message_thread_id"], message.body["is_topic_message"]) == (thread, True)
    assert "message_thread_id" not in actions.say(world, ann, forum, "in General").body


def test_only_a_forum_has_topics(world: World, ann: Person) -> None:
    with pytest.raises(DeedError, match="Only a forum has topics"):
        threads.open_thread(world, ann, friends(world, ann), "News")


@pytest.mark.parametrize("in_general", [True, False])
def test_in_a_closed_topic_only_admins_write(
    world: World, ann: Person, forum: Chat, in_general: bool
) -> None:
    bob = world.chats.add_person("Bob")
    forum.standings[bob.id] = "member"
    thread = None if in_general else threads.open_thread(world, ann, forum, "News")
    world.updates.waiting.clear()
    threads.change_thread(world, ann, forum, thread, "close")
    with pytest.raises(DeedError, match="The topic is closed"):
        actions.say(world, bob, forum, "x", thread=thread)
    actions.say(world, ann, forum, "x", thread=thread)
    threads.change_thread(world, ann, forum, thread, "reopen")
    actions.say(world, bob, forum, "x", thread=thread)
    assert told(world) == [("forum_topic_closed", thread), ("forum_topic_reopened", thread)]


def test_a_topic_is_deleted_with_its_messages_and_without_a_word(
    world: World, ann: Person, forum: Chat
) -> None:
    thread = threads.open_thread(world, ann, forum, "News")
    actions.say(world, ann, forum, "x", thread=thread)
    kept = actions.say(world, ann, forum, "in General")
    world.updates.waiting.clear()
    threads.change_thread(world, ann, forum, thread, "delete")
    assert kept.id in forum.messages
    assert not any(it.body.get("message_thread_id") for it in forum.messages.values())
    with pytest.raises(DeedError, match="no such topic"):
        threads.change_thread(world, ann, forum, thread, "close")
    with pytest.raises(DeedError, match="General cannot be deleted"):
        threads.change_thread(world, ann, forum, None, "delete")
    assert not world.updates.waiting


def test_of_topics_of_a_forum_that_it_is_not_in_the_bot_is_told_nothing(
    world: World, ann: Person
) -> None:
    forum = actions.found(world, "supergroup", "Forum", admins=(ann,), is_forum=True)
    threads.open_thread(world, ann, forum, "News")
    assert not world.updates.waiting
