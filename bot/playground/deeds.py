"""What can people do? They write, press, block, invite and kick, and the bot gets updates."""

from bot.playground.chats import Chat, ChatType, Message, Person, Standing
from bot.playground.entities import finished
from bot.playground.keyboards import callback_data
from bot.playground.markup import Marked
from bot.playground.members import channel_origin, member_object, placed
from bot.playground.privacy import bot_sees
from bot.playground.refusals import Json
from bot.playground.world import Press, World

MAX_LENGTH = 4096


class DeedError(Exception):
    """A person cannot do that; the message says why in one sentence."""


def say(
    world: World,
    person: Person,
    chat: Chat,
    text: str,
    *,
    reply_to: int | None = None,
    thread: int | None = None,
) -> Message:
    """Write a message and queue the update, if the bot sees it.

    Raises:
        DeedError: if this person cannot write that there.
    """
    _check_writer(world, person, chat)
    marked = finished(Marked(text))
    if not 0 < len(marked.text) <= MAX_LENGTH:
        raise DeedError(f"A message has 1 to {MAX_LENGTH} characters.")
    content: Json = {"text": marked.text}
    if marked.entities:
        content["entities"] = marked.entities
    content |= _placed(chat, person, reply_to=reply_to, thread=thread)
    return _post(world, person, chat, content)


def forward(world: World, person: Person, post: Message) -> Message:
    """Forward a channel's post to the bot.

    Raises:
        DeedError: if this person cannot write to the bot.
    """
    chat = world.chats.chats[person.id]
    _check_writer(world, person, chat)
    content: Json = {"text": post.text, "forward_origin": channel_origin(post)}
    return _post(world, person, chat, content)


def press(world: World, person: Person, message: Message, button: str) -> Press:
    """Press an inline button, named by its data or by its text, and queue the callback query.

    Raises:
        DeedError: if the message has no such button (any more), or this person does not see it.
    """
    chat = world.chats.chats[message.chat_id]
    shown = chat.messages.get(message.id)
    if shown is None or not chat.is_member(person.id):
        raise DeedError("There is no such message in a chat of this person.")
    buttons = callback_data(shown.body.get("reply_markup"))
    data = next((data for text, data in buttons if button in (data, text)), None)
    if data is None:
        raise DeedError(f"The message has no button {button!r}.")
    pressed = Press(
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
        DeedError: in a chat with the bot alone; there one blocks it.
    """
    if chat.type == "private":
        raise DeedError("In a private chat the bot is blocked, not kicked.")
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
        DeedError: if it is no group, or was one.
    """
    if group.type != "group" or group.migrated_to is not None:
        raise DeedError("Only a group can become a supergroup, and only once.")
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


def _post(world: World, person: Person, chat: Chat, content: Json) -> Message:
    if chat.type == "private":
        world.chats.started.add(person.id)
    message = world.post(chat, content, sender_id=person.id)
    if bot_sees(world, chat, message):
        kind = "channel_post" if chat.type == "channel" else "message"
        world.updates.add(kind, message.body)
    return message


def _check_writer(world: World, person: Person, chat: Chat) -> None:
    if person.id in world.chats.deactivated:
        raise DeedError("This account is deleted.")
    if not chat.is_member(person.id) or chat.migrated_to is not None:
        raise DeedError("This person is not in the chat.")
    if chat.type == "channel" and not chat.is_admin(person.id):
        raise DeedError("In a channel only its administrators write.")
    if chat.type == "private" and person.id in world.chats.blocked:
        raise DeedError("Unblock the bot first.")


def _placed(chat: Chat, person: Person, *, reply_to: int | None, thread: int | None) -> Json:
    place: Json = {}
    if reply_to is not None:
        if reply_to not in chat.messages:
            raise DeedError("There is no message to reply to.")
        place["reply_to_message"] = quoted(chat.messages[reply_to])
    if thread is not None and thread not in chat.threads:
        raise DeedError("There is no such topic.")
    topic = chat.general if thread is None else chat.threads[thread]
    if topic.is_closed and not chat.is_admin(person.id):
        raise DeedError("The topic is closed.")
    return place | placed(thread)


def quoted(message: Message) -> Json:
    """Return a message as it stands inside a reply: without the one that it replied to."""
    return {name: it for name, it in message.body.items() if name != "reply_to_message"}


def _owner(world: World, chat: Chat) -> Person:
    admins = [it for it in chat.standings if chat.is_admin(it) and it != world.bot.id]
    people = admins or [it for it in chat.standings if it != world.bot.id]
    if not people:
        raise DeedError("There is nobody in the chat.")
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
