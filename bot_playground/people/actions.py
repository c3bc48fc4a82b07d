"""What can people do? They write, press, block, invite and kick, and the bot gets updates."""

from typing import Literal

from bot_playground.bot_api.errors import Json
from bot_playground.bot_api.objects import channel_origin, member_object, placed
from bot_playground.formatting.keyboards import callback_data
from bot_playground.people.messages import ActionError, check_writer, worded, write
from bot_playground.state.chats import Chat, ChatMessage, ChatType, Person, Standing, Thread
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
    """Write a message and queue the update, if the bot sees it.

    Raises:
        ActionError: if this person cannot write that there.
    """
    content = worded(text, "message", least=1, most=MAX_LENGTH)
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
    """Send a file, as it is, and queue the update, if the bot sees it.

    Raises:
        ActionError: if this person cannot send that there.
    """
    if not upload.content:
        raise ActionError("An empty file cannot be sent.")
    content = worded(caption, "caption", most=MAX_CAPTION)
    # Kept only if it is sent.
    check_writer(world, person, chat)
    content["document"] = world.files.add(upload).document()
    return write(world, person, chat, content, thread=thread)


def forward(world: World, person: Person, post: ChatMessage) -> ChatMessage:
    """Forward a channel's post to the bot.

    Raises:
        ActionError: if this person cannot write to the bot.
    """
    content: Json = {"text": post.text, "forward_origin": channel_origin(post)}
    return write(world, person, world.chats.chats[person.id], content)


def press(world: World, person: Person, message: ChatMessage, button: str) -> ButtonPress:
    """Press an inline button, named by its data or by its text, and queue the callback query.

    Raises:
        ActionError: if the message has no such button (any more), or this person does not see it.
    """
    chat = world.chats.chats[message.chat_id]
    shown = chat.messages.get(message.id)
    if shown is None or not chat.is_member(person.id):
        raise ActionError("There is no such message in a chat of this person.")
    buttons = callback_data(shown.body.get("reply_markup"))
    data = next((data for text, data in buttons if button in (data, text)), None)
    if data is None:
        raise ActionError(f"The message has no button {button!r}.")
    pressed = ButtonPress(
        id=str(world.random.getrandbits(62)), person_id=person.id, message=shown, at=world.now()
    )
    world.presses[pressed.id] = pressed
    query: Json = {
        "id": pressed.id,
        "from": person.user(),
        "message": shown.body,
        "chat_instance": str(abs(chat.id) * 7919),
        "data": data,
    }
    world.updates.add("callback_query", query)
    return pressed


def block(world: World, person: Person, *, blocked: bool) -> None:
    """Block the bot, or unblock it; doing it twice changes nothing."""
    everyone = world.chats.blocked
    if (person.id in everyone) == blocked:
        return
    (everyone.add if blocked else everyone.discard)(person.id)
    chat = world.chats.chats[person.id]
    states: tuple[Standing, Standing] = ("member", "kicked") if blocked else ("kicked", "member")
    _tell_standing(world, chat, by=person, old=states[0], new=states[1])


def deactivate(world: World, person: Person) -> None:
    """Delete the person's account; Telegram tells the bot nothing."""
    world.chats.deactivated.add(person.id)
    world.announce(world.chats.chats[person.id])


def found(
    world: World,
    type_: ChatType,
    title: str,
    *,
    admins: tuple[Person, ...] = (),
    members: tuple[Person, ...] = (),
    is_forum: bool = False,
) -> Chat:
    """Found a group, supergroup or channel without the bot; the first admin owns it."""
    chat = world.chats.add_chat(type_, title, is_forum=is_forum)
    for member in members:
        chat.standings[member.id] = "member"
    for position, admin in enumerate(admins):
        chat.standings[admin.id] = "administrator" if position else "creator"
    world.announce(chat)
    return chat


def set_standing(
    world: World,
    chat: Chat,
    new: Standing,
    *,
    by: Person | None = None,
    is_muted: bool = False,
) -> None:
    """Add, promote, demote, restrict, remove or kick the bot; the owner does it unless said.

    `is_muted`: restricted or administrator, it may not write.

    Raises:
        ActionError: in a chat with the bot alone; there one blocks it.
    """
    if chat.type == "private":
        raise ActionError("In a private chat the bot is blocked, not kicked.")
    old = chat.standing(world.bot.id)
    was_muted = world.bot.id in chat.muted
    if (new, is_muted) == (old, was_muted):
        return
    doer = by or _owner(world, chat)
    was_member = chat.is_member(world.bot.id)
    chat.standings[world.bot.id] = new
    (chat.muted.add if is_muted else chat.muted.discard)(world.bot.id)
    _tell_standing(world, chat, by=doer, old=old, new=new, was_muted=was_muted)
    if chat.type == "channel" or was_member == chat.is_member(world.bot.id):
        return
    if was_member:
        world.post(chat, {"left_chat_member": world.bot.user()}, sender_id=doer.id)
        return
    joined = world.post(chat, {"new_chat_members": [world.bot.user()]}, sender_id=doer.id)
    world.updates.add("message", joined.body)


def migrate(world: World, group: Chat) -> Chat:
    """Turn a group into a supergroup, as Telegram does by itself, and return that.

    Raises:
        ActionError: if it is no group, or was one.
    """
    if group.type != "group" or group.migrated_to is not None:
        raise ActionError("Only a group can become a supergroup, and only once.")
    heir = world.chats.add_chat("supergroup", group.title, username=group.username)
    heir.standings.update(group.standings)
    owner = _owner(world, group)
    leaving = world.post(group, {"migrate_to_chat_id": heir.id}, sender_id=owner.id)
    group.migrated_to = heir.id
    arriving = world.post(heir, {"migrate_from_chat_id": group.id}, sender_id=owner.id)
    world.announce(heir, migrated_from=group.id)
    if heir.is_member(world.bot.id):
        world.updates.add("message", leaving.body)
        world.updates.add("message", arriving.body)
    return heir


def _owner(world: World, chat: Chat) -> Person:
    admins = [it for it in chat.standings if chat.is_admin(it) and it != world.bot.id]
    people = admins or [it for it in chat.standings if it != world.bot.id]
    if not people:
        raise ActionError("There is nobody in the chat.")
    return world.chats.people[people[0]]


def _tell_standing(
    world: World,
    chat: Chat,
    *,
    by: Person,
    old: Standing,
    new: Standing,
    was_muted: bool = False,
) -> None:
    change: Json = {
        "chat": world.chats.chat_object(chat),
        "from": by.user(),
        "date": int(world.now()),
        "old_chat_member": member_object(world.bot, old, chat.type, is_muted=was_muted),
        "new_chat_member": member_object(
            world.bot, new, chat.type, is_muted=world.bot.id in chat.muted
        ),
    }
    world.updates.add("my_chat_member", change)
    world.announce(chat)


def open_thread(world: World, person: Person, chat: Chat, name: str) -> int:
    """Open a topic of a forum, and return its message_thread_id.

    Raises:
        ActionError: if the chat is no forum.
    """
    if not chat.is_forum:
        raise ActionError("Only a forum has topics.")
    created: Json = {"name": name, "icon_color": 0x6FB9F0}
    message = world.post(chat, {"forum_topic_created": created}, sender_id=person.id)
    chat.threads[message.id] = Thread(name=name)
    # The message that opens a topic is the first in it, and gives it its id.
    message.body.update(placed(message.id))
    world.announce(chat)
    _tell(world, chat, message.body)
    return message.id


def change_thread(
    world: World, person: Person, chat: Chat, thread_id: int | None, change: Change
) -> None:
    """Close, reopen or delete a topic; None is General, which cannot be deleted.

    Of one that is deleted, with all that was said in it, Telegram tells the bot nothing.

    Raises:
        ActionError: if there is no such topic.
    """
    if thread_id is None and change == "delete":
        raise ActionError("General cannot be deleted.")
    topic = chat.general if thread_id is None else chat.threads.get(thread_id)
    if topic is None:
        raise ActionError("There is no such topic.")
    if change == "delete":
        _delete(world, chat, thread_id)
        world.announce(chat)
        return
    topic.is_closed = change == "close"
    world.announce(chat)
    event = "forum_topic_closed" if topic.is_closed else "forum_topic_reopened"
    message = world.post(chat, {event: {}, **placed(thread_id)}, sender_id=person.id)
    _tell(world, chat, message.body)


def _delete(world: World, chat: Chat, thread_id: int | None) -> None:
    assert thread_id is not None
    del chat.threads[thread_id]
    for message in list(chat.messages.values()):
        if message.body.get("message_thread_id") == thread_id:
            world.delete(message)


def _tell(world: World, chat: Chat, body: Json) -> None:
    """Tell the bot: no privacy mode hides what Telegram itself says."""
    if chat.is_member(world.bot.id):
        world.updates.add("message", body)
