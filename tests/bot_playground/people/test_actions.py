import pytest

from bot_playground.bot_api.errors import Json
from bot_playground.people import actions
from bot_playground.people.messages import ActionError
from bot_playground.state.chats import Chat, ChatType, MemberStatus, Person
from bot_playground.state.files import Upload
from bot_playground.state.world import World


def updates(world: World) -> list[Json]:
    """Pending updates without their ids."""
    return [
        {name: it for name, it in update.items() if name != "update_id"}
        for update in world.updates.pending
    ]


def kinds(world: World) -> list[str]:
    return [next(iter(update)) for update in updates(world)]


def friends(
    world: World, ann: Person, *, type_: ChatType = "group", bot: MemberStatus = "member"
) -> Chat:
    """A chat of Ann's with the bot in it, and no pending updates."""
    chat = actions.create_chat(
        world, type_, "Friends", admins=(ann,), is_forum=type_ == "supergroup"
    )
    actions.set_bot_status(world, chat, bot)
    world.updates.pending.clear()
    return chat


def test_who_writes_to_the_bot_can_be_written_to(world: World) -> None:
    bob = world.chats.add_person("Bob")
    message = actions.say(world, bob, world.chats.chats[bob.id], " /start ")
    assert bob.id in world.chats.started
    assert message.body["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert updates(world) == [{"message": message.body}]


@pytest.mark.parametrize("text", ["  ", "x" * 4097])
def test_a_message_is_neither_empty_nor_endless(world: World, ann: Person, text: str) -> None:
    with pytest.raises(ActionError, match="1 to 4096 characters"):
        actions.say(world, ann, world.chats.chats[ann.id], text)


@pytest.mark.parametrize(
    ("type_", "bot", "seen"),
    [
        ("supergroup", "administrator", ["message"]),
        ("channel", "administrator", ["channel_post"]),
        ("channel", "member", []),
        ("group", "left", []),
        ("supergroup", "kicked", []),
    ],
)
def test_an_administrator_sees_everything_and_an_outsider_nothing(
    world: World, ann: Person, type_: ChatType, bot: MemberStatus, seen: list[str]
) -> None:
    actions.say(world, ann, friends(world, ann, type_=type_, bot=bot), "/hello")
    assert kinds(world) == seen


def test_who_may_not_write_does_not(world: World, ann: Person) -> None:
    bob = world.chats.add_person("Bob")
    channel = actions.create_chat(world, "channel", "News", admins=(ann,), members=(bob,))
    group = friends(world, ann)
    own = world.chats.chats[ann.id]
    with pytest.raises(ActionError, match="only its administrators write"):
        actions.say(world, bob, channel, "x")
    with pytest.raises(ActionError, match="not in the chat"):
        actions.say(world, bob, group, "x")
    with pytest.raises(ActionError, match="no message to reply to"):
        actions.say(world, ann, group, "x", reply_to=99)
    with pytest.raises(ActionError, match="no such topic"):
        actions.say(world, ann, group, "x", thread=99)
    actions.block(world, ann, blocked=True)
    with pytest.raises(ActionError, match="Unblock the bot first"):
        actions.say(world, ann, own, "x")
    actions.deactivate(world, ann)
    with pytest.raises(ActionError, match="account is deleted"):
        actions.say(world, ann, group, "x")


@pytest.mark.parametrize("button", ["Done", "d:1"])
def test_a_button_is_pressed_by_its_text_or_its_data(
    world: World, ann: Person, button: str
) -> None:
    markup = {"inline_keyboard": [[{"text": "Done", "callback_data": "d:1"}]]}
    own = world.chats.chats[ann.id]
    message = world.post(own, {"text": "x", "reply_markup": markup}, sender_id=world.bot.id)
    pressed = actions.press(world, ann, message, button)
    (update,) = updates(world)
    query = update["callback_query"]
    assert isinstance(query, dict)
    assert (query["id"], query["data"], query["message"]) == (pressed.id, "d:1", message.body)


def test_a_button_that_is_gone_cannot_be_pressed(world: World, ann: Person) -> None:
    own = world.chats.chats[ann.id]
    message = world.post(own, {"text": "x"}, sender_id=world.bot.id)
    with pytest.raises(ActionError, match="no button 'Done'"):
        actions.press(world, ann, message, "Done")
    with pytest.raises(ActionError, match="no such message"):
        actions.press(world, world.chats.add_person("Bob"), message, "Done")
    world.delete(message)
    with pytest.raises(ActionError, match="no such message"):
        actions.press(world, ann, message, "Done")


def test_block_and_unblock_are_one_my_chat_member_update_each(world: World, ann: Person) -> None:
    for blocked in (False, True, True, False, False):
        actions.block(world, ann, blocked=blocked)
    changes = [update["my_chat_member"] for update in updates(world)]
    states = [
        (it["old_chat_member"]["status"], it["new_chat_member"]["status"])
        for it in changes
        if isinstance(it, dict)
    ]
    assert states == [("member", "kicked"), ("kicked", "member")]


def test_joining_and_being_kicked_are_updates(world: World, ann: Person) -> None:
    bob = world.chats.add_person("Bob")
    group = actions.create_chat(world, "group", "Friends", admins=(ann, bob))
    assert [group.status_of(it.id) for it in (ann, bob)] == ["creator", "administrator"]
    actions.set_bot_status(world, group, "member")
    assert kinds(world) == ["my_chat_member", "message"]
    actions.set_bot_status(world, group, "administrator", by=bob)
    actions.set_bot_status(world, group, "administrator")
    actions.set_bot_status(world, group, "kicked")
    assert kinds(world) == ["my_chat_member", "message", "my_chat_member", "my_chat_member"]
    last = updates(world)[-2]["my_chat_member"]
    assert isinstance(last, dict)
    assert last["from"]["id"] == bob.id
    shown = [sorted(it.body)[-1] for it in group.messages.values()]
    assert shown == ["new_chat_members", "message_id"]
    assert "left_chat_member" in group.messages[max(group.messages)].body


def test_the_bot_cannot_be_kicked_from_a_private_chat_or_an_empty_one(
    world: World, ann: Person
) -> None:
    with pytest.raises(ActionError, match="blocked, not kicked"):
        actions.set_bot_status(world, world.chats.chats[ann.id], "kicked")
    with pytest.raises(ActionError, match="nobody in the chat"):
        actions.set_bot_status(world, world.chats.add_chat("group", "Empty"), "member")


@pytest.mark.parametrize(("bot", "told"), [("member", ["message", "message"]), ("left", [])])
def test_a_group_becomes_a_supergroup(
    world: World, ann: Person, bot: MemberStatus, told: list[str]
) -> None:
    group = friends(world, ann, bot=bot)
    supergroup = actions.migrate(world, group)
    assert (supergroup.type, supergroup.status_of(world.bot.id), group.migrated_to) == (
        "supergroup",
        bot,
        supergroup.id,
    )
    assert kinds(world) == told
    assert group.messages[max(group.messages)].body["migrate_to_chat_id"] == supergroup.id
    assert supergroup.messages[1].body["migrate_from_chat_id"] == group.id
    for chat in (group, supergroup):
        with pytest.raises(ActionError, match="and only once"):
            actions.migrate(world, chat)
    with pytest.raises(ActionError, match="not in the chat"):
        actions.say(world, ann, group, "x")


def test_a_post_of_a_channel_is_forwarded_to_the_bot(world: World, ann: Person) -> None:
    channel = actions.create_chat(world, "channel", "News", admins=(ann,))
    post = actions.say(world, ann, channel, "Bridge opens")
    forwarded = actions.forward(world, ann, post)
    origin = forwarded.body["forward_origin"]
    assert isinstance(origin, dict)
    assert (origin["type"], origin["chat"], origin["message_id"]) == (
        "channel",
        post.body["chat"],
        post.id,
    )
    assert kinds(world) == ["message"]


def test_muting_the_bot_is_a_my_chat_member_update(world: World, ann: Person) -> None:
    group = friends(world, ann, type_="supergroup")
    actions.set_bot_status(world, group, "restricted", is_muted=True)
    actions.set_bot_status(world, group, "restricted", is_muted=True)
    actions.set_bot_status(world, group, "restricted")
    may = []
    for update in updates(world):
        change = update["my_chat_member"]
        assert isinstance(change, dict)
        changed = (change["old_chat_member"], change["new_chat_member"])
        may += [member.get("can_send_messages") for member in changed]
    assert may == [None, False, False, True]


def test_a_file_is_sent_with_a_caption(world: World, ann: Person) -> None:
    own = world.chats.chats[ann.id]
    message = actions.send_document(world, ann, own, Upload("a.txt", b"x"), caption="/import")
    assert updates(world) == [{"message": message.body}]
    assert (message.text, message.body["caption"]) == ("/import", "/import")
    with pytest.raises(ActionError, match="An empty file cannot be sent"):
        actions.send_document(world, ann, own, Upload("a.txt", b""))
    with pytest.raises(ActionError, match="A caption has 0 to 1024 characters"):
        actions.send_document(world, ann, own, Upload("a.txt", b"x"), caption="x" * 1025)


@pytest.mark.parametrize(("caption", "seen"), [("", []), ("/import", ["message"])])
def test_in_a_group_the_bot_sees_a_file_by_the_command_in_its_caption(
    world: World, ann: Person, caption: str, seen: list[str]
) -> None:
    group = friends(world, ann)
    actions.send_document(world, ann, group, Upload("a.txt", b"x"), caption=caption)
    assert kinds(world) == seen


@pytest.fixture
def forum(world: World, ann: Person) -> Chat:
    return friends(world, ann, type_="supergroup")


def told(world: World) -> list[tuple[str, object]]:
    """Pending service messages, with their topics."""
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
    thread = actions.open_thread(world, ann, forum, "News")
    assert told(world) == [("forum_topic_created", thread)]
    message = actions.say(world, ann, forum, "x", thread=thread)
    assert (message.body["message_thread_id"], message.body["is_topic_message"]) == (thread, True)
    assert "message_thread_id" not in actions.say(world, ann, forum, "in General").body


def test_only_a_forum_has_topics(world: World, ann: Person) -> None:
    with pytest.raises(ActionError, match="Only a forum has topics"):
        actions.open_thread(world, ann, friends(world, ann), "News")


@pytest.mark.parametrize("in_general", [True, False])
def test_in_a_closed_topic_only_admins_write(
    world: World, ann: Person, forum: Chat, in_general: bool
) -> None:
    bob = world.chats.add_person("Bob")
    forum.member_statuses[bob.id] = "member"
    thread = None if in_general else actions.open_thread(world, ann, forum, "News")
    world.updates.pending.clear()
    actions.change_thread(world, ann, forum, thread, "close")
    with pytest.raises(ActionError, match="The topic is closed"):
        actions.say(world, bob, forum, "x", thread=thread)
    actions.say(world, ann, forum, "x", thread=thread)
    actions.change_thread(world, ann, forum, thread, "reopen")
    actions.say(world, bob, forum, "x", thread=thread)
    assert told(world) == [("forum_topic_closed", thread), ("forum_topic_reopened", thread)]


def test_a_topic_is_deleted_with_its_messages_and_without_an_update(
    world: World, ann: Person, forum: Chat
) -> None:
    thread = actions.open_thread(world, ann, forum, "News")
    actions.say(world, ann, forum, "x", thread=thread)
    kept = actions.say(world, ann, forum, "in General")
    world.updates.pending.clear()
    actions.change_thread(world, ann, forum, thread, "delete")
    assert kept.id in forum.messages
    assert not any(it.body.get("message_thread_id") for it in forum.messages.values())
    with pytest.raises(ActionError, match="no such topic"):
        actions.change_thread(world, ann, forum, thread, "close")
    with pytest.raises(ActionError, match="General cannot be deleted"):
        actions.change_thread(world, ann, forum, None, "delete")
    assert not world.updates.pending


def test_topics_of_a_forum_without_the_bot_are_no_updates(world: World, ann: Person) -> None:
    forum = actions.create_chat(world, "supergroup", "Forum", admins=(ann,), is_forum=True)
    actions.open_thread(world, ann, forum, "News")
    assert not world.updates.pending
