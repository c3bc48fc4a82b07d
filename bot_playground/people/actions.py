"""Actions of people: messages, buttons, blocks, chats, forum topics, and their updates."""

from typing import Literal

from bot_playground.bot_api.errors import Json
from bot_playground.bot_api.objects import channel_origin, chat_member, thread_fields
from bot_playground.formatting.keyboards import callback_data
from bot_playground.people.messages import ActionError, check_writer, formatted_fields, write
from bot_playground.state.chats import Chat, ChatMessage, ChatType, MemberStatus, Person, Thread
from bot_playground.state.files import Upload
from bot_playground.state.world import ButtonPress, World

MAX_LENGTH = 4096
MAX_CAPTION = 1024

Change = Literal["close", "reopen", "delete"]


def say(
    world: World,
    person: Person,
    chat: Chat,
    text: str,
    *,
    reply_to: int | None = None,
    thread: int | None = None,
) -> ChatMessage:
    """Send a text message and queue the update, if the bot sees it.

    Raises:
        ActionError: if the text is too long, or the person cannot write there.
    """
    content = formatted_fields(text, "message", min_length=1, max_length=MAX_LENGTH)
    return write(world, person, chat, content, reply_to=reply_to, thread=thread)


def send_document(
    world: World,
    person: Person,
    chat: Chat,
    upload: Upload,
    *,
    caption: str = "",
    thread: int | None = None,
) -> ChatMessage:
    """Send a file and queue the update, if the bot sees it.

    Raises:
        ActionError: if the file is empty, or the person cannot write there.
    """
    if not upload.content:
        raise ActionError("An empty file cannot be sent.")
    content = formatted_fields(caption, "caption", max_length=MAX_CAPTION)
    # Checked first: only a file that is sent is stored.
    check_writer(world, person, chat)
    content["document"] = world.files.add(upload).document_object()
    return write(world, person, chat, content, thread=thread)


def forward(world: World, person: Person, post: ChatMessage) -> ChatMessage:
    """Forward a channel's post to the bot.

    Raises:
        ActionError: if the person cannot write to the bot.
    """
    content: Json = {"text": post.text, "forward_origin": channel_origin(post)}
    return write(world, person, world.chats.chats[person.id], content)


def press(world: World, person: Person, message: ChatMessage, button: str) -> ButtonPress:
    """Press an inline button, given by its data or its text, and queue the callback query.

    Raises:
        ActionError: if the message has no such button (any more), or the person does not see it.
    """
    chat = world.chats.chats[message.chat_id]
    shown = chat.messages.get(message.id)
    if shown is None or not chat.is_member(person.id):
        raise ActionError("There is no such message in a chat of this person.")
    buttons = callback_data(shown.body.get("reply_markup"))
    data = next((data for text, data in buttons if button in (data, text)), None)
    if data is None:
        raise ActionError(f"The message has no button {button!r}.")
    callback_query = ButtonPress(
        id=str(world.random.getrandbits(62)), person_id=person.id, message=shown, at=world.now()
    )
    world.callback_queries[callback_query.id] = callback_query
    update: Json = {
        "id": callback_query.id,
        "from": person.user(),
        "message": shown.body,
        "chat_instance": str(abs(chat.id) * 7919),
        "data": data,
    }
    world.updates.add("callback_query", update)
    return callback_query


def block(world: World, person: Person, *, blocked: bool) -> None:
    """Block the bot, or unblock it; a repetition changes nothing."""
    if (person.id in world.chats.blocked) == blocked:
        return
    chat = world.chats.chats[person.id]
    if blocked:
        world.chats.blocked.add(person.id)
        _queue_my_chat_member(world, chat, by=person, old="member", new="kicked")
    else:
        world.chats.blocked.discard(person.id)
        _queue_my_chat_member(world, chat, by=person, old="kicked", new="member")


def deactivate(world: World, person: Person) -> None:
    """Delete the person's account; there is no update for that."""
    world.chats.deactivated.add(person.id)
    world.announce(world.chats.chats[person.id])


def create_chat(
    world: World,
    type_: ChatType,
    title: str,
    *,
    admins: tuple[Person, ...] = (),
    members: tuple[Person, ...] = (),
    is_forum: bool = False,
) -> Chat:
    """Create a group, supergroup or channel without the bot; the first admin is the creator."""
    chat = world.chats.add_chat(type_, title, is_forum=is_forum)
    for member in members:
        chat.member_statuses[member.id] = "member"
    for position, admin in enumerate(admins):
        chat.member_statuses[admin.id] = "administrator" if position else "creator"
    world.announce(chat)
    return chat


def set_bot_status(
    world: World,
    chat: Chat,
    new: MemberStatus,
    *,
    by: Person | None = None,
    is_muted: bool = False,
) -> None:
    """Set the bot's member status: add, promote, demote, restrict, remove or kick it.

    `by` is the creator by default. `is_muted` takes the right to write from a restricted bot or an
    administrator.

    Raises:
        ActionError: in a private chat, where one blocks the bot instead.
    """
    if chat.type == "private":
        raise ActionError("In a private chat the bot is blocked, not kicked.")
    old = chat.status_of(world.bot.id)
    was_muted = world.bot.id in chat.muted
    if (new, is_muted) == (old, was_muted):
        return
    by = by or _owner(world, chat)
    was_member = chat.is_member(world.bot.id)
    chat.member_statuses[world.bot.id] = new
    (chat.muted.add if is_muted else chat.muted.discard)(world.bot.id)
    _queue_my_chat_member(world, chat, by=by, old=old, new=new, was_muted=was_muted)
    if chat.type == "channel" or was_member == chat.is_member(world.bot.id):
        return
    if was_member:
        world.post(chat, {"left_chat_member": world.bot.user()}, sender_id=by.id)
        return
    joined = world.post(chat, {"new_chat_members": [world.bot.user()]}, sender_id=by.id)
    world.updates.add("message", joined.body)


def migrate(world: World, group: Chat) -> Chat:
    """Migrate a group to a supergroup, as Telegram does by itself, and return that.

    Raises:
        ActionError: if it is no group, or is migrated already.
    """
    if group.type != "group" or group.migrated_to is not None:
        raise ActionError("Only a group can become a supergroup, and only once.")
    supergroup = world.chats.add_chat("supergroup", group.title, username=group.username)
    supergroup.member_statuses.update(group.member_statuses)
    owner = _owner(world, group)
    last = world.post(group, {"migrate_to_chat_id": supergroup.id}, sender_id=owner.id)
    group.migrated_to = supergroup.id
    first = world.post(supergroup, {"migrate_from_chat_id": group.id}, sender_id=owner.id)
    world.announce(supergroup, migrated_from=group.id)
    if supergroup.is_member(world.bot.id):
        world.updates.add("message", last.body)
        world.updates.add("message", first.body)
    return supergroup


def open_thread(world: World, person: Person, chat: Chat, name: str) -> int:
    """Create a topic of a forum and return its message_thread_id.

    Raises:
        ActionError: if the chat is no forum.
    """
    if not chat.is_forum:
        raise ActionError("Only a forum has topics.")
    created: Json = {"name": name, "icon_color": 0x6FB9F0}
    message = world.post(chat, {"forum_topic_created": created}, sender_id=person.id)
    chat.threads[message.id] = Thread(name=name)
    # The id of the first message of a topic is the id of the topic.
    message.body.update(thread_fields(message.id))
    world.announce(chat)
    _queue_service_message(world, chat, message.body)
    return message.id


def change_thread(
    world: World, person: Person, chat: Chat, thread_id: int | None, change: Change
) -> None:
    """Close, reopen or delete a topic; None is General, which cannot be deleted.

    A topic is deleted with its messages, and without an update.

    Raises:
        ActionError: if there is no such topic.
    """
    topic = chat.general if thread_id is None else chat.threads.get(thread_id)
    if topic is None:
        raise ActionError("There is no such topic.")
    if change == "delete":
        if thread_id is None:
            raise ActionError("General cannot be deleted.")
        del chat.threads[thread_id]
        for message in list(chat.messages.values()):
            if message.body.get("message_thread_id") == thread_id:
                world.delete(message)
        world.announce(chat)
        return
    topic.is_closed = change == "close"
    world.announce(chat)
    event = "forum_topic_closed" if topic.is_closed else "forum_topic_reopened"
    message = world.post(chat, {event: {}, **thread_fields(thread_id)}, sender_id=person.id)
    _queue_service_message(world, chat, message.body)


def _owner(world: World, chat: Chat) -> Person:
    """Return the first administrator, else the first member."""
    people = [user_id for user_id in chat.member_statuses if user_id != world.bot.id]
    if not people:
        raise ActionError("There is nobody in the chat.")
    owner_id = next((user_id for user_id in people if chat.is_admin(user_id)), people[0])
    return world.chats.people[owner_id]


def _queue_my_chat_member(
    world: World,
    chat: Chat,
    *,
    by: Person,
    old: MemberStatus,
    new: MemberStatus,
    was_muted: bool = False,
) -> None:
    change: Json = {
        "chat": world.chats.chat_object(chat),
        "from": by.user(),
        "date": int(world.now()),
        "old_chat_member": chat_member(world.bot, old, chat.type, is_muted=was_muted),
        "new_chat_member": chat_member(
            world.bot, new, chat.type, is_muted=world.bot.id in chat.muted
        ),
    }
    world.updates.add("my_chat_member", change)
    world.announce(chat)


def _queue_service_message(world: World, chat: Chat, body: Json) -> None:
    """Queue a service message for the bot; privacy mode does not hide these."""
    if chat.is_member(world.bot.id):
        world.updates.add("message", body)
