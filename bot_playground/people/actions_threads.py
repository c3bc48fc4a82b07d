"""What can people do with the topics of a forum? Open, close, reopen and delete them."""

from typing import Literal

from bot_playground.bot_api.errors import Json
from bot_playground.bot_api.objects import placed
from bot_playground.people.messages import DeedError
from bot_playground.state.chats import Chat, Person, Thread
from bot_playground.state.world import World

Change = Literal["close", "reopen", "delete"]


def open_thread(world: World, person: Person, chat: Chat, name: str) -> int:
    """Open a topic of a forum, and return its message_thread_id.

    Raises:
        DeedError: if the chat is no forum.
    """
    if not chat.is_forum:
        raise DeedError("Only a forum has topics.")
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
        DeedError: if there is no such topic.
    """
    if thread_id is None and change == "delete":
        raise DeedError("General cannot be deleted.")
    topic = chat.general if thread_id is None else chat.threads.get(thread_id)
    if topic is None:
        raise DeedError("There is no such topic.")
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
