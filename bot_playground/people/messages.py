"""How does what a person writes get into a chat? It is checked, shown, and told to the bot."""

import re

from bot_playground.bot_api.errors import Json
from bot_playground.bot_api.objects import placed
from bot_playground.formatting.entities import entity_text, finished
from bot_playground.formatting.html import Marked
from bot_playground.state.chats import Chat, ChatMessage, Person
from bot_playground.state.world import World


class ActionError(Exception):
    """A person cannot do that; the message says why in one sentence."""


def worded(text: str, name: str, *, most: int, least: int = 0) -> Json:
    """Return the text with the entities that Telegram finds, as the field of that name.

    Raises:
        ActionError: if it has too few or too many characters.
    """
    marked = finished(Marked(text))
    if not least <= len(marked.text) <= most:
        raise ActionError(f"A {name} has {least} to {most} characters.")
    if not marked.text:
        return {}
    field = "entities" if name == "message" else f"{name}_entities"
    entities: Json = {field: marked.entities} if marked.entities else {}
    return {("text" if name == "message" else name): marked.text, **entities}


def write(
    world: World,
    person: Person,
    chat: Chat,
    content: Json,
    *,
    reply_to: int | None = None,
    thread: int | None = None,
) -> ChatMessage:
    """Put what a person writes into a chat, and queue the update if the bot sees it.

    Raises:
        ActionError: if this person cannot write there.
    """
    check_writer(world, person, chat)
    content = content | _placed(chat, person, reply_to=reply_to, thread=thread)
    if chat.type == "private":
        world.chats.started.add(person.id)
    message = world.post(chat, content, sender_id=person.id)
    if bot_sees(world, chat, message):
        kind = "channel_post" if chat.type == "channel" else "message"
        world.updates.add(kind, message.body)
    return message


def check_writer(world: World, person: Person, chat: Chat) -> None:
    """Raise ActionError if the person may not write there at all."""
    if person.id in world.chats.deactivated:
        raise ActionError("This account is deleted.")
    if not chat.is_member(person.id) or chat.migrated_to is not None:
        raise ActionError("This person is not in the chat.")
    if chat.type == "channel" and not chat.is_admin(person.id):
        raise ActionError("In a channel only its administrators write.")
    if chat.type == "private" and person.id in world.chats.blocked:
        raise ActionError("Unblock the bot first.")


def quoted(message: ChatMessage) -> Json:
    """Return a message as it stands inside a reply: without the one that it replied to."""
    return {name: it for name, it in message.body.items() if name != "reply_to_message"}


def _placed(chat: Chat, person: Person, *, reply_to: int | None, thread: int | None) -> Json:
    place: Json = {}
    if reply_to is not None:
        if reply_to not in chat.messages:
            raise ActionError("There is no message to reply to.")
        place["reply_to_message"] = quoted(chat.messages[reply_to])
    if thread is not None and thread not in chat.threads:
        raise ActionError("There is no such topic.")
    topic = chat.general if thread is None else chat.threads[thread]
    if topic.is_closed and not chat.is_admin(person.id):
        raise ActionError("The topic is closed.")
    return place | placed(thread)


def bot_sees(world: World, chat: Chat, message: ChatMessage) -> bool:
    """Return whether privacy mode lets this message through to the bot."""
    if chat.type == "private" or chat.is_admin(world.bot.id):
        return True
    if chat.type == "channel" or not chat.is_member(world.bot.id):
        return False
    reply = message.body.get("reply_to_message")
    if isinstance(reply, dict) and reply.get("from", {}).get("id") == world.bot.id:
        return True
    if "via_bot" in message.body:
        return True
    entities = message.body.get("entities", message.body.get("caption_entities"))
    found_in = entities if isinstance(entities, list) else []
    return any(_is_addressed(world, message.text, entity) for entity in found_in)


def _is_addressed(world: World, text: str, entity: Json) -> bool:
    words = entity_text(text, entity).lower()
    name = f"@{world.bot.username}".lower()
    match entity["type"]:
        case "bot_command":
            return words.endswith(name) or not re.search("@", words)
        case "mention":
            return words == name
        case _:
            return False
