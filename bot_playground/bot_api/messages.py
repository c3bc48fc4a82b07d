"""Bot API methods that send, edit and delete messages, send files and answer callback queries."""

import re

from bot_playground.bot_api.errors import Json, bad_request, too_large, too_many_requests
from bot_playground.bot_api.permissions import (
    deletable_message,
    editable_message,
    target_thread,
    writable_chat,
)
from bot_playground.formatting.content import caption_content, reply_target, text_content
from bot_playground.formatting.keyboards import normalize_keyboard
from bot_playground.people.messages import reply_object
from bot_playground.state.call_log import AcceptedMessage, Call
from bot_playground.state.chats import Chat, ChatMessage
from bot_playground.state.files import Upload
from bot_playground.state.world import World

# Seconds. Telegram documents none; it refuses answers after about a minute.
_MAX_ANSWER_DELAY = 60.0
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
_CONTENT_FIELDS = ("text", "entities", "link_preview_options", "reply_markup")
_ACTIONS = (
    "typing upload_photo record_video upload_video record_voice upload_voice upload_document "
    "choose_sticker find_location record_video_note upload_video_note"
)
# Bytes. Source: https://core.telegram.org/bots/api#senddocument and #getfile
MAX_UPLOAD = 50 << 20
MAX_DOWNLOAD = 20 << 20


def send_message(world: World, parameters: Json, call: Call) -> Json:
    """Store a message and return it."""
    chat = writable_chat(world, parameters)
    return _send(world, chat, text_content(parameters), call)


def send_document(world: World, parameters: Json, call: Call) -> Json:
    """Store a message with a file, uploaded or known by its file_id, and return it."""
    chat = writable_chat(world, parameters, what="documents")
    content = caption_content(parameters)
    document = parameters["document"]
    if not isinstance(document, Upload):
        file = world.files.by_id.get(str(document))
        if file is None:
            # Telegram would also fetch a file from a URL; the playground does not.
            raise bad_request("wrong file identifier/HTTP URL specified")
    elif not document.content:
        raise bad_request("file must be non-empty")
    elif len(document.content) > MAX_UPLOAD:
        raise too_large()
    else:
        file = world.files.add(document)
    content["document"] = file.document_object()
    return _send(world, chat, content, call)


def get_file(world: World, parameters: Json, _: Call) -> Json:
    """Return the File object, with the path to download it at."""
    file = world.files.by_id.get(str(parameters["file_id"]))
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(file.upload.content) > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return file.file_object()


def edit_message_text(world: World, parameters: Json, _: Call) -> Json:
    """Replace the text and the keyboard; a call without a keyboard removes it."""
    message = editable_message(world, parameters)
    return _edited(world, message, text_content(parameters) | keyboard_fields(parameters))


def edit_message_reply_markup(world: World, parameters: Json, _: Call) -> Json:
    """Replace the keyboard, or remove it."""
    message = editable_message(world, parameters)
    content = {name: message.body[name] for name in _CONTENT_FIELDS[:-1] if name in message.body}
    return _edited(world, message, content | keyboard_fields(parameters))


def delete_message(world: World, parameters: Json, _: Call) -> bool:
    """Delete a message."""
    world.delete(deletable_message(world, parameters))
    return True


def answer_callback_query(world: World, parameters: Json, _: Call) -> bool:
    """Store and publish the answer to a callback query: one answer, within a minute."""
    query = world.callback_queries.get(str(parameters["callback_query_id"]))
    if query is None or query.answer is not None or world.now() - query.at > _MAX_ANSWER_DELAY:
        raise bad_request(_TOO_OLD)
    if len(str(parameters.get("text", ""))) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    url = str(parameters.get("url") or "")
    if url and not _is_own_deep_link(url, world.bot.username or ""):
        raise bad_request("URL_INVALID")
    query.answer = {
        "text": parameters.get("text") or None,
        "show_alert": parameters.get("show_alert", False),
        "url": parameters.get("url") or None,
    }
    event: Json = {
        "callback_query_id": query.id,
        "chat_id": query.message.chat_id,
        "person_id": query.person_id,
        "message_id": query.message.id,
        **query.answer,
    }
    world.events.publish("callback_answer", event)
    return True


def _is_own_deep_link(url: str, username: str) -> bool:
    """Return whether a callback query may open the link: one that starts this bot."""
    name = re.escape(username)
    start = r"start=[A-Za-z0-9_-]{1,64}"
    link = rf"(?:https?://)?t(?:elegram)?\.me/{name}\?{start}|tg://resolve\?domain={name}&{start}"
    return re.fullmatch(link, url, re.IGNORECASE) is not None


def send_chat_action(world: World, parameters: Json, _: Call) -> bool:
    """Show that the bot is typing."""
    chat = writable_chat(world, parameters)
    target_thread(world, chat, parameters)
    if parameters["action"] not in _ACTIONS.split():
        raise bad_request("wrong parameter action in request")
    world.events.publish("typing", {"chat_id": chat.id, "action": parameters["action"]})
    return True


def _send(world: World, chat: Chat, content: Json, call: Call) -> Json:
    """Store a message with the thread, reply and keyboard of the call, and return it."""
    parameters = call.parameters
    content = content | keyboard_fields(parameters)
    content |= target_thread(world, chat, parameters)
    content |= _reply_fields(chat, parameters)
    if parameters.get("protect_content"):
        content["has_protected_content"] = True
    is_group = chat.type != "private"
    wait = world.limits.admit(chat.id, is_group=is_group, now=world.now())
    if wait is not None:
        raise too_many_requests(wait)
    message = world.post(chat, content, sender_id=world.bot.id)
    world.call_log.sent.append(
        AcceptedMessage(
            chat_id=chat.id, message_id=message.id, text=message.text, at=world.now(), call=call
        )
    )
    return message.body


def _reply_fields(chat: Chat, parameters: Json) -> Json:
    target, is_lenient = reply_target(parameters)
    if target is not None and target in chat.messages:
        reply = parameters.get("reply_parameters")
        quote = reply.get("quote") if isinstance(reply, dict) else None
        if quote and str(quote) not in chat.messages[target].text:
            raise bad_request("QUOTE_TEXT_INVALID")
        return {"reply_to_message": reply_object(chat.messages[target])}
    if target is not None and not is_lenient:
        raise bad_request("message to be replied not found")
    return {}


def _edited(world: World, message: ChatMessage, content: Json) -> Json:
    before = {name: message.body.get(name) for name in _CONTENT_FIELDS}
    if before == {name: content.get(name) for name in _CONTENT_FIELDS}:
        raise bad_request(_NOT_MODIFIED)
    return world.edit(message, content, without=_CONTENT_FIELDS).body


def keyboard_fields(parameters: Json) -> Json:
    """Return the field `reply_markup` of a message; nothing without an inline keyboard."""
    given = parameters.get("reply_markup")
    markup = normalize_keyboard(given) if isinstance(given, dict) else None
    return {"reply_markup": markup} if markup else {}
