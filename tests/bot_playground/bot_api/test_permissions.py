import pytest

from bot_playground.bot_api import permissions
from bot_playground.bot_api.errors import BotApiError, Json
from bot_playground.people import actions
from bot_playground.state.chats import ChatType, MemberStatus, Person
from bot_playground.state.world import World
from tests.support.fakes import FakeClock


def test_the_bot_may_write_to_a_person_who_started_it(world: World) -> None:
    bob = world.chats.add_person("Bob")
    call: Json = {"chat_id": bob.id}
    with pytest.raises(BotApiError, match=r"403 .*can't initiate conversation with a user"):
        permissions.writable_chat(world, call)
    with pytest.raises(BotApiError, match=r"400 .*chat not found"):
        permissions.readable_chat(world, call)
    actions.say(world, bob, world.chats.chats[bob.id], "/start")
    assert permissions.writable_chat(world, call) is permissions.readable_chat(world, call)
    actions.block(world, bob, blocked=True)
    with pytest.raises(BotApiError, match="403 Forbidden: bot was blocked by the user"):
        permissions.writable_chat(world, call)
    actions.deactivate(world, bob)
    with pytest.raises(BotApiError, match="403 Forbidden: user is deactivated"):
        permissions.writable_chat(world, call)


@pytest.mark.parametrize("chat_id", [7, "@nobody"])
def test_an_unknown_chat_is_not_found(world: World, chat_id: object) -> None:
    with pytest.raises(BotApiError, match="400 Bad Request: chat not found"):
        permissions.find_chat(world, {"chat_id": chat_id})


def test_a_migrated_group_is_refused_with_its_new_id(world: World, ann: Person) -> None:
    group = actions.create_chat(world, "group", "Friends", admins=(ann,))
    supergroup = actions.migrate(world, group)
    with pytest.raises(BotApiError, match="upgraded to a supergroup chat") as caught:
        permissions.writable_chat(world, {"chat_id": group.id})
    assert caught.value.parameters == {"migrate_to_chat_id": supergroup.id}


@pytest.mark.parametrize(
    ("type_", "status", "refusal"),
    [
        ("group", "kicked", "403 Forbidden: bot was kicked from the group chat"),
        ("supergroup", "kicked", "403 Forbidden: bot was kicked from the supergroup chat"),
        ("channel", "kicked", "403 Forbidden: bot was kicked from the channel chat"),
        ("group", "left", "403 Forbidden: bot is not a member of the group chat"),
        ("channel", "member", "400 Bad Request: need administrator rights in the channel chat"),
    ],
)
def test_an_outsider_does_not_write(
    world: World, ann: Person, type_: ChatType, status: MemberStatus, refusal: str
) -> None:
    chat = actions.create_chat(world, type_, "Friends", admins=(ann,))
    chat.member_statuses[world.bot.id] = status
    with pytest.raises(BotApiError, match=refusal):
        permissions.writable_chat(world, {"chat_id": chat.id})


@pytest.mark.parametrize(
    ("type_", "status"),
    [("group", "member"), ("supergroup", "administrator"), ("channel", "administrator")],
)
def test_a_member_writes(world: World, ann: Person, type_: ChatType, status: MemberStatus) -> None:
    chat = actions.create_chat(world, type_, "Friends", admins=(ann,))
    chat.member_statuses[world.bot.id] = status
    assert permissions.writable_chat(world, {"chat_id": chat.id}) is chat


def test_a_topic_must_be_there_and_open(world: World, ann: Person) -> None:
    forum = actions.create_chat(world, "supergroup", "Forum", admins=(ann,), is_forum=True)
    forum.member_statuses[world.bot.id] = "member"
    thread = actions.open_thread(world, ann, forum, "News")
    call: Json = {"message_thread_id": thread}
    assert permissions.target_thread(world, forum, {}) == {}
    placed = permissions.target_thread(world, forum, call)
    assert placed == {"message_thread_id": thread, "is_topic_message": True}
    actions.change_thread(world, ann, forum, thread, "close")
    with pytest.raises(BotApiError, match="400 Bad Request: TOPIC_CLOSED"):
        permissions.target_thread(world, forum, call)
    forum.member_statuses[world.bot.id] = "administrator"
    assert permissions.target_thread(world, forum, call) == placed
    actions.change_thread(world, ann, forum, thread, "delete")
    with pytest.raises(BotApiError, match="400 Bad Request: message thread not found"):
        permissions.target_thread(world, forum, call)


@pytest.mark.parametrize(
    ("type_", "status"), [("supergroup", "restricted"), ("channel", "administrator")]
)
def test_a_bot_that_is_muted_may_not_write(
    world: World, ann: Person, type_: ChatType, status: MemberStatus
) -> None:
    chat = actions.create_chat(world, type_, "Chat", admins=(ann,))
    actions.set_bot_status(world, chat, status, is_muted=True)
    with pytest.raises(BotApiError, match="400 Bad Request: not enough rights to send text"):
        permissions.writable_chat(world, {"chat_id": chat.id})


def test_a_public_channel_is_readable_for_everyone_and_writable_for_admins(
    world: World, ann: Person
) -> None:
    channel = actions.create_chat(world, "channel", "News", admins=(ann,))
    with pytest.raises(BotApiError, match="bot is not a member of the channel chat"):
        permissions.readable_chat(world, {"chat_id": channel.id})
    channel.username = "harbour_news"
    assert permissions.readable_chat(world, {"chat_id": "@harbour_news"}) is channel
    with pytest.raises(BotApiError, match="need administrator rights"):
        permissions.writable_chat(world, {"chat_id": channel.id})
    group = actions.create_chat(world, "supergroup", "Group", admins=(ann,))
    group.username = "harbour_group"
    with pytest.raises(BotApiError, match="bot is not a member of the supergroup chat"):
        permissions.writable_chat(world, {"chat_id": group.id})


def test_only_the_bots_own_text_is_edited(world: World, ann: Person) -> None:
    own = world.chats.chats[ann.id]
    hers = world.post(own, {"text": "x"}, sender_id=ann.id)
    its = world.post(own, {"text": "y"}, sender_id=world.bot.id)
    assert permissions.editable_message(world, {"chat_id": ann.id, "message_id": its.id}) is its
    with pytest.raises(BotApiError, match="message can't be edited"):
        permissions.editable_message(world, {"chat_id": ann.id, "message_id": hers.id})
    with pytest.raises(BotApiError, match="message to edit not found"):
        permissions.editable_message(world, {"chat_id": ann.id, "message_id": 99})


def test_what_may_be_deleted(world: World, ann: Person, clock: FakeClock) -> None:
    group = actions.create_chat(world, "group", "Friends", admins=(ann,))
    group.member_statuses[world.bot.id] = "member"
    own = world.chats.chats[ann.id]

    def deletes(chat_id: int, message_id: int) -> bool:
        try:
            permissions.deletable_message(world, {"chat_id": chat_id, "message_id": message_id})
        except BotApiError as refusal:
            return not refusal.description.endswith("message can't be deleted")
        return True

    private = world.post(own, {"text": "x"}, sender_id=ann.id)
    hers = world.post(group, {"text": "x"}, sender_id=ann.id)
    its = world.post(group, {"text": "y"}, sender_id=world.bot.id)
    assert [deletes(it.chat_id, it.id) for it in (private, hers, its)] == [True, False, True]
    clock.advance(hours=49)
    assert [deletes(it.chat_id, it.id) for it in (private, its)] == [False, False]
    group.member_statuses[world.bot.id] = "administrator"
    assert [deletes(it.chat_id, it.id) for it in (hers, its)] == [True, True]
    with pytest.raises(BotApiError, match="message to delete not found"):
        permissions.deletable_message(world, {"chat_id": group.id, "message_id": 99})
