"""May the bot do this in that chat? Refusals in Telegram's words."""

from bot_playground.bot_api.errors import Json, RefusalError, bad_request, forbidden
from bot_playground.bot_api.objects import placed
from bot_playground.state.chats import Chat, ChatMessage
from bot_playground.state.world import World


def known_chat(world: World, parameters: Json) -> Chat:
    """Return the chat that `chat_id` names.

    Raises:
        RefusalError: if there is none, or it became a supergroup (with `migrate_to_chat_id`).
    """
    chat_id = parameters["chat_id"]
    assert isinstance(chat_id, (int, str))
    chat = world.chats.find(chat_id)
    if chat is None:
        raise bad_request("chat not found")
    if chat.migrated_to is not None:
        raise RefusalError(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=chat.migrated_to,
        )
    return chat


def readable_chat(world: World, parameters: Json) -> Chat:
    """Return the chat, if the bot has ever met it and is not kicked out.

    Raises:
        RefusalError: if it may not even look at it.
    """
    chat = known_chat(world, parameters)
    if chat.type == "private":
        if chat.id not in world.chats.started:
            raise bad_request("chat not found")
        return chat
    is_public = chat.username is not None
    match chat.standing(world.bot.id):
        case "kicked":
            raise forbidden(f"bot was kicked from the {chat.type} chat")
        # What is public may be looked at by everyone.
        case "left" if not is_public:
            raise forbidden(f"bot is not a member of the {chat.type} chat")
        case _:
            return chat


def writable_chat(world: World, parameters: Json, *, what: str = "text messages") -> Chat:
    """Return the chat, if the bot may write there.

    Raises:
        RefusalError: if a person blocked it, never wrote to it or is gone, or it may not write.
    """
    chat = known_chat(world, parameters)
    if chat.type == "private":
        _check_person(world, chat.id)
        return chat
    readable_chat(world, parameters)
    if chat.type == "channel" and not chat.is_admin(world.bot.id):
        raise bad_request("need administrator rights in the channel chat")
    if not chat.is_member(world.bot.id):
        raise forbidden(f"bot is not a member of the {chat.type} chat")
    if world.bot.id in chat.muted:
        raise bad_request(f"not enough rights to send {what} to the chat")
    return chat


def check_thread(world: World, chat: Chat, parameters: Json) -> Json:
    """Return what places a message in the topic that the call names; none named is General.

    General has no id of its own to write to: 1 is not found, as with Telegram.

    Raises:
        RefusalError: if there is no such topic, or it is closed and the bot no administrator.
    """
    thread_id = parameters.get("message_thread_id") or None
    assert thread_id is None or isinstance(thread_id, int)
    topic = chat.general if thread_id is None else chat.threads.get(thread_id)
    if topic is None:
        raise bad_request("message thread not found")
    if topic.is_closed and not chat.is_admin(world.bot.id):
        raise bad_request("TOPIC_CLOSED")
    return placed(thread_id)


def own_message(world: World, parameters: Json) -> ChatMessage:
    """Return the message that the call wants to edit.

    Raises:
        RefusalError: if it is gone, or not the bot's own.
    """
    chat = writable_chat(world, parameters)
    message = chat.messages.get(_message_id(parameters))
    if message is None:
        raise bad_request("message to edit not found")
    if "document" in message.body:
        raise bad_request("there is no text in the message to edit")
    if message.sender_id != world.bot.id or "text" not in message.body:
        raise bad_request("message can't be edited")
    return message


def deletable_message(world: World, parameters: Json) -> ChatMessage:
    """Return the message that the call wants to delete.

    Others' messages are deleted in private chats, and by an administrator elsewhere; none of them
    after 48 hours.

    Raises:
        RefusalError: if it is gone, or may not be deleted.
    """
    chat = readable_chat(world, parameters)
    message = chat.messages.get(_message_id(parameters))
    if message is None:
        raise bad_request("message to delete not found")
    sent_at = message.body["date"]
    assert isinstance(sent_at, int)
    is_old = world.now() - sent_at > 48 * 3600
    is_own = message.sender_id == world.bot.id or chat.type == "private"
    if not chat.is_admin(world.bot.id) and (is_old or not is_own):
        raise bad_request("message can't be deleted")
    return message


def _check_person(world: World, person_id: int) -> None:
    if person_id in world.chats.deactivated:
        raise forbidden("user is deactivated")
    if person_id not in world.chats.started:
        raise forbidden("bot can't initiate conversation with a user")
    if person_id in world.chats.blocked:
        raise forbidden("bot was blocked by the user")


def _message_id(parameters: Json) -> int:
    identifier = parameters["message_id"]
    assert isinstance(identifier, int)
    return identifier
