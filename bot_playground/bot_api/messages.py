"""What do the methods about messages do? Send, edit, delete, answer."""

from bot_playground.bot_api.errors import Json, bad_request, too_large, too_many_requests
from bot_playground.bot_api.permissions import (
    check_thread,
    deletable_message,
    own_message,
    writable_chat,
)
from bot_playground.formatting.content import caption_content, reply_target, text_content
from bot_playground.formatting.keyboards import checked_keyboard
from bot_playground.people.messages import quoted
from bot_playground.state.call_log import AcceptedMessage, Call
from bot_playground.state.chats import Chat, ChatMessage
from bot_playground.state.files import File, Upload
from bot_playground.state.world import World

# Telegram names no number; after about a minute answers are refused.
_ANSWER_WITHIN = 60.0
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
_SHOWN = ("text", "entities", "link_preview_options", "reply_markup")
_ACTIONS = (
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document "
    "choose_sticker find_location record_video_note upload_video_note"
)


MAX_UPLOAD = 50 << 20
MAX_DOWNLOAD = 20 << 20


def send_message(world: World, parameters: Json, call: Call) -> Json:
    """Store a message and return it."""
    chat = writable_chat(world, parameters)
    return send(world, chat, text_content(parameters), call)


def send(world: World, chat: Chat, content: Json, call: Call) -> Json:
    """Store what is sent where and how the call says, and return it."""
    parameters = call.parameters
    content = content | keyboard(parameters)
    content |= check_thread(world, chat, parameters)
    content |= _reply(chat, parameters)
    if parameters.get("protect_content"):
        content["has_protected_content"] = True
    is_group = chat.type != "private"
    wait = world.limits.admit(chat.id, is_group=is_group, now=world.now())
    if wait is not None:
        raise too_many_requests(wait)
    message = world.post(chat, content, sender_id=world.bot.id)
    world.record.sent.append(
        AcceptedMessage(
            chat_id=chat.id, message_id=message.id, text=message.text, at=world.now(), call=call
        )
    )
    return message.body


def edit_message_text(world: World, parameters: Json, _: Call) -> Json:
    """Replace the text and the keyboard; without a keyboard in the call, it is taken away."""
    message = own_message(world, parameters)
    return _edited(world, message, text_content(parameters) | keyboard(parameters))


def edit_message_reply_markup(world: World, parameters: Json, _: Call) -> Json:
    """Replace the keyboard, or take it away."""
    message = own_message(world, parameters)
    kept = {name: message.body[name] for name in _SHOWN[:-1] if name in message.body}
    return _edited(world, message, kept | keyboard(parameters))


def delete_message(world: World, parameters: Json, _: Call) -> bool:
    """Take a message away."""
    world.delete(deletable_message(world, parameters))
    return True


def answer_callback_query(world: World, parameters: Json, _: Call) -> bool:
    """Show the answer to whoever pressed the button; each press is answered once, and soon."""
    press = world.presses.get(str(parameters["callback_query_id"]))
    if press is None or press.answer is not None or world.now() - press.at > _ANSWER_WITHIN:
        raise bad_request(_TOO_OLD)
    if len(str(parameters.get("text", ""))) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    press.answer = {
        "text": parameters.get("text") or None,
        "show_alert": parameters.get("show_alert", False),
        "url": parameters.get("url") or None,
    }
    event: Json = {
        "callback_query_id": press.id,
        "chat_id": press.message.chat_id,
        "person_id": press.person_id,
        "message_id": press.message.id,
        **press.answer,
    }
    world.events.publish("callback_answer", event)
    return True


def send_chat_action(world: World, parameters: Json, _: Call) -> bool:
    """Show that the bot is typing."""
    chat = writable_chat(world, parameters)
    check_thread(world, chat, parameters)
    if parameters["action"] not in _ACTIONS.split():
        raise bad_request("wrong parameter action in request")
    world.events.publish("typing", {"chat_id": chat.id, "action": parameters["action"]})
    return True


def _edited(world: World, message: ChatMessage, shown: Json) -> Json:
    before = {name: message.body.get(name) for name in _SHOWN}
    if before == {name: shown.get(name) for name in _SHOWN}:
        raise bad_request(_NOT_MODIFIED)
    return world.edit(message, shown, without=_SHOWN).body


def keyboard(parameters: Json) -> Json:
    """Return the keyboard as a message has it; nothing where it has none."""
    given = parameters.get("reply_markup")
    markup = checked_keyboard(given) if isinstance(given, dict) else None
    return {"reply_markup": markup} if markup else {}


def _reply(chat: Chat, parameters: Json) -> Json:
    target, is_lenient = reply_target(parameters)
    if target is None:
        return {}
    if target in chat.messages:
        return {"reply_to_message": quoted(chat.messages[target])}
    if is_lenient:
        return {}
    raise bad_request("message to be replied not found")


def send_document(world: World, parameters: Json, call: Call) -> Json:
    """Store a message with a file, and return it."""
    chat = writable_chat(world, parameters, what="documents")
    content = caption_content(parameters)
    content["document"] = _file(world, parameters["document"]).document()
    return send(world, chat, content, call)


def get_file(world: World, parameters: Json, _: Call) -> Json:
    """Tell where a file can be fetched."""
    file = world.files.by_id.get(str(parameters["file_id"]))
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(file.upload.content) > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return file.described()


def _file(world: World, given: object) -> File:
    """Return the file that is sent: a new one, or one that the bot knows already."""
    if not isinstance(given, Upload):
        known = world.files.by_id.get(str(given))
        if known is None:
            # Telegram would also fetch a file from an address; nothing here does.
            raise bad_request("wrong file identifier/HTTP URL specified")
        return known
    if not given.content:
        raise bad_request("file must be non-empty")
    if len(given.content) > MAX_UPLOAD:
        raise too_large()
    return world.files.add(given)
