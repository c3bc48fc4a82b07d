"""Permissions of the bot in a chat, refused with Telegram's error texts."""

from bot_playground.bot_api.errors import BotApiError, Json, bad_request, forbidden
from bot_playground.bot_api.objects import thread_fields
from bot_playground.state.chats import Chat, ChatMessage
from bot_playground.state.world import World


def find_chat(world: World, parameters: Json) -> Chat:
    """Return the chat with the id or @username in `chat_id`.

    Raises:
        BotApiError: if there is none, or it became a supergroup (with `migrate_to_chat_id`).
    """
    chat_id = parameters["chat_id"]
    assert isinstance(chat_id, (int, str))
    chat = world.chats.find(chat_id)
    if chat is None:
        raise bad_request("chat not found")
    if chat.migrated_to is not None:
        raise BotApiError(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=chat.migrated_to,
        )
    return chat


def readable_chat(world: World, parameters: Json) -> Chat:
    """Return the chat, if the bot may read it: a started chat, a public one, or a member's.

    Raises:
        BotApiError: if the bot may not, or there is no such chat.
    """
    chat = find_chat(world, parameters)
    if chat.type == "private":
        if chat.id not in world.chats.started:
            raise bad_request("chat not found")
        return chat
    is_public = chat.username is not None
    match chat.status_of(world.bot.id):
        case "kicked":
            raise forbidden(f"bot was kicked from the {chat.type} chat")
        # Everyone may read a public chat.
        case "left" if not is_public:
            raise forbidden(f"bot is not a member of the {chat.type} chat")
        case _:
            return chat


def writable_chat(world: World, parameters: Json, *, what: str = "text messages") -> Chat:
    """Return the chat, if the bot may write there.

    Raises:
        BotApiError: if the person blocked the bot, never wrote to it or is deactivated; if the bot
            is not a member, or may not write.
    """
    chat = find_chat(world, parameters)
    if chat.type == "private":
        _check_private_chat(world, chat)
        return chat
    readable_chat(world, parameters)
    if chat.type == "channel" and not chat.is_admin(world.bot.id):
        raise bad_request("need administrator rights in the channel chat")
    if not chat.is_member(world.bot.id):
        raise forbidden(f"bot is not a member of the {chat.type} chat")
    if world.bot.id in chat.muted:
        raise bad_request(f"not enough rights to send {what} to the chat")
    return chat


def target_thread(world: World, chat: Chat, parameters: Json) -> Json:
    """Return the fields of a message in the call's topic; without one it is General.

    General has no id to write to: 1 is not found, as with Telegram.

    Raises:
        BotApiError: if there is no such topic, or it is closed and the bot is no administrator.
    """
    thread_id = parameters.get("message_thread_id") or None
    assert thread_id is None or isinstance(thread_id, int)
    topic = chat.general if thread_id is None else chat.threads.get(thread_id)
    if topic is None:
        raise bad_request("message thread not found")
    if topic.is_closed and not chat.is_admin(world.bot.id):
        raise bad_request("TOPIC_CLOSED")
    return thread_fields(thread_id)


def editable_message(world: World, parameters: Json) -> ChatMessage:
    """Return the bot's own text message that the call edits.

    Raises:
        BotApiError: if it is gone, or cannot be edited.
    """
    chat = writable_chat(world, parameters)
    message = _find_message(chat, parameters)
    if message is None:
        raise bad_request("message to edit not found")
    if "document" in message.body:
        raise bad_request("there is no text in the message to edit")
    if message.sender_id != world.bot.id or "text" not in message.body:
        raise bad_request("message can't be edited")
    return message


def deletable_message(world: World, parameters: Json) -> ChatMessage:
    """Return the message that the call deletes.

    Without administrator rights, the bot may delete its own messages, and any in a private chat,
    for 48 hours.

    Raises:
        BotApiError: if it is gone, or cannot be deleted.
    """
    chat = readable_chat(world, parameters)
    message = _find_message(chat, parameters)
    if message is None:
        raise bad_request("message to delete not found")
    sent_at = message.body["date"]
    assert isinstance(sent_at, int)
    is_old = world.now() - sent_at > 48 * 3600
    is_own = message.sender_id == world.bot.id or chat.type == "private"
    if not chat.is_admin(world.bot.id) and (is_old or not is_own):
        raise bad_request("message can't be deleted")
    return message


def _check_private_chat(world: World, chat: Chat) -> None:
    if chat.id in world.chats.deactivated:
        raise forbidden("user is deactivated")
    if chat.id not in world.chats.started:
        raise forbidden("bot can't initiate conversation with a user")
    if chat.id in world.chats.blocked:
        raise forbidden("bot was blocked by the user")


def _find_message(chat: Chat, parameters: Json) -> ChatMessage | None:
    message_id = parameters["message_id"]
    assert isinstance(message_id, int)
    return chat.messages.get(message_id)
