"""Messages of people: checks, privacy mode, and the updates of the bot."""

from bot_playground.bot_api.errors import Json
from bot_playground.bot_api.objects import thread_fields
from bot_playground.formatting.entities import entity_text, fix_formatted_text
from bot_playground.formatting.html import FormattedText
from bot_playground.state.chats import Chat, ChatMessage, Person
from bot_playground.state.world import World


class ActionError(Exception):
    """A person cannot do that; the message is the reason, in one sentence."""


def formatted_fields(text: str, name: str, *, max_length: int, min_length: int = 0) -> Json:
    """Return a text with detected entities, as the fields of a `message` or a `caption`.

    Raises:
        ActionError: if it has too few or too many characters.
    """
    formatted = fix_formatted_text(FormattedText(text))
    if not min_length <= len(formatted.text) <= max_length:
        raise ActionError(f"A {name} has {min_length} to {max_length} characters.")
    if not formatted.text:
        return {}
    field = "entities" if name == "message" else f"{name}_entities"
    entities: Json = {field: formatted.entities} if formatted.entities else {}
    return {("text" if name == "message" else name): formatted.text, **entities}


def write(
    world: World,
    person: Person,
    chat: Chat,
    content: Json,
    *,
    reply_to: int | None = None,
    thread: int | None = None,
) -> ChatMessage:
    """Add a person's message to a chat, and queue the update if the bot sees it.

    Raises:
        ActionError: if the person cannot write there.
    """
    check_writer(world, person, chat)
    content = content | _context_fields(chat, person, reply_to=reply_to, thread=thread)
    if chat.type == "private":
        world.chats.started.add(person.id)
    message = world.post(chat, content, sender_id=person.id)
    if bot_sees(world, chat, message):
        kind = "channel_post" if chat.type == "channel" else "message"
        world.updates.add(kind, message.body)
    return message


def check_writer(world: World, person: Person, chat: Chat) -> None:
    """Raise ActionError if the person may not write to the chat."""
    if person.id in world.chats.deactivated:
        raise ActionError("This account is deleted.")
    if not chat.is_member(person.id) or chat.migrated_to is not None:
        raise ActionError("This person is not in the chat.")
    if chat.type == "channel" and not chat.is_admin(person.id):
        raise ActionError("In a channel only its administrators write.")
    if chat.type == "private" and person.id in world.chats.blocked:
        raise ActionError("Unblock the bot first.")


def reply_object(message: ChatMessage) -> Json:
    """Return a message as the `reply_to_message` of another: without its own."""
    return {name: value for name, value in message.body.items() if name != "reply_to_message"}


def bot_sees(world: World, chat: Chat, message: ChatMessage) -> bool:
    """Return whether the bot gets the message, in privacy mode."""
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
    if not isinstance(entities, list):
        return False
    return any(_is_addressed(world, message.text, entity) for entity in entities)


def _is_addressed(world: World, text: str, entity: Json) -> bool:
    """Return whether an entity is a command, unless for another bot, or a mention of the bot."""
    covered = entity_text(text, entity).lower()
    name = f"@{world.bot.username}".lower()
    match entity["type"]:
        case "bot_command":
            return covered.endswith(name) or "@" not in covered
        case "mention":
            return covered == name
        case _:
            return False


def _context_fields(
    chat: Chat, person: Person, *, reply_to: int | None, thread: int | None
) -> Json:
    """Return the fields of a reply and of a topic."""
    reply: Json = {}
    if reply_to is not None:
        if reply_to not in chat.messages:
            raise ActionError("There is no message to reply to.")
        reply["reply_to_message"] = reply_object(chat.messages[reply_to])
    if thread is not None and thread not in chat.threads:
        raise ActionError("There is no such topic.")
    topic = chat.general if thread is None else chat.threads[thread]
    if topic.is_closed and not chat.is_admin(person.id):
        raise ActionError("The topic is closed.")
    return reply | thread_fields(thread)
