"""What does a call want to say? From its parameters to the content of a message. Pure."""

from itertools import accumulate

from bot_playground.bot_api.errors import Json, bad_request
from bot_playground.bot_api.parameters import ARRAY, BOOL, CHAT, INT, OBJECT, STR, only_fields
from bot_playground.formatting.entities import finished, utf16_length
from bot_playground.formatting.html import TYPES, Marked, MarkupError, parse_html
from bot_playground.formatting.links import LinkError, checked_link

MAX_BYTES = 32_768
MAX_LENGTH = 4096
MAX_CAPTION = 1024

_PREVIEW = {
    "is_disabled": BOOL,
    "url": STR,
    "prefer_small_media": BOOL,
    "prefer_large_media": BOOL,
    "show_above_text": BOOL,
}
_ENTITY = {
    "type": STR,
    "offset": INT,
    "length": INT,
    "url": STR,
    "user": OBJECT,
    "language": STR,
    "custom_emoji_id": STR,
    "unix_time": INT,
    "date_time_format": STR,
}
_REPLY = {
    "message_id": INT,
    "chat_id": CHAT,
    "allow_sending_without_reply": BOOL,
    "quote": STR,
    "quote_parse_mode": STR,
    "quote_entities": ARRAY,
    "quote_position": INT,
    "checklist_task_id": INT,
    "poll_option_id": STR,
    "ephemeral_message_id": INT,
}
# Telegram finds these by itself; sent as entities they are accepted and not looked at.
_FOUND_ALONE = {
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "bank_card_number",
}
_MARKED = set(TYPES.values()) | {"expandable_blockquote", "text_mention"}


def text_content(parameters: Json) -> Json:
    """Return the text, entities and link preview of a message.

    Raises:
        RefusalError: with Telegram's text for bad markup, no text or too long a text.
    """
    source = str(parameters.get("text", ""))
    if not source:
        raise bad_request("message text is empty")
    if len(source.encode("utf-8", "replace")) > MAX_BYTES:
        raise bad_request("text is too long")
    marked = finished(_marked(source, parameters))
    if not marked.text:
        raise bad_request("text must be non-empty")
    if len(marked.text) > MAX_LENGTH:
        raise bad_request("message is too long")
    content: Json = {"text": marked.text}
    if marked.entities:
        content["entities"] = marked.entities
    return content | _preview(parameters)


def caption_content(parameters: Json) -> Json:
    """Return the caption and its entities; nothing where there is none.

    Raises:
        RefusalError: with Telegram's text for bad markup, or too long a caption.
    """
    source = str(parameters.get("caption", ""))
    given = {**parameters, "entities": parameters.get("caption_entities")}
    marked = finished(_marked(source, given))
    if len(marked.text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    if not marked.text:
        return {}
    entities: Json = {"caption_entities": marked.entities} if marked.entities else {}
    return {"caption": marked.text, **entities}


def reply_target(parameters: Json) -> tuple[int | None, bool]:
    """Return which message to reply to, and whether to send without it if it is gone."""
    reply = parameters.get("reply_parameters")
    if reply is None:
        old = parameters.get("reply_to_message_id")
        return (old if isinstance(old, int) else None), _is_lenient(parameters)
    fields = only_fields(reply, _REPLY, what="reply parameters")
    target = fields.get("message_id")
    return (target if isinstance(target, int) else None), _is_lenient(fields)


def _is_lenient(fields: Json) -> bool:
    return fields.get("allow_sending_without_reply") is True


def _marked(source: str, parameters: Json) -> Marked:
    mode = str(parameters.get("parse_mode", "")).lower()
    if mode == "html":
        try:
            return parse_html(source)
        except MarkupError as error:
            raise bad_request(f"can't parse entities: {error}") from error
    if mode:
        # Telegram also reads Markdown and MarkdownV2; nothing here writes them.
        raise bad_request("unsupported parse_mode")
    given = parameters.get("entities")
    entities = given if isinstance(given, list) else []
    checked = [_entity(entity, source) for entity in entities]
    return Marked(source, [it for it in checked if it["type"] not in _FOUND_ALONE])


def _entity(given: object, text: str) -> Json:
    entity = only_fields(given, _ENTITY, what="MessageEntity")
    for name in ("type", "offset", "length"):
        if name not in entity:
            raise bad_request(f"can't parse MessageEntity: Can't find field \"{name}\"")
    if entity["type"] not in _MARKED | _FOUND_ALONE:
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    offset, length = entity["offset"], entity["length"]
    assert isinstance(offset, int)
    assert isinstance(length, int)
    _check_place(text, offset, offset + length)
    if entity["type"] == "text_link":
        return {**entity, "url": _link(str(entity.get("url", "")))}
    return entity


def _check_place(text: str, begin: int, end: int) -> None:
    """Refuse an entity that begins or ends outside the text or within a character."""
    if begin < 0 or end <= begin:
        raise bad_request(f"entity has the wrong offset {begin} or the wrong length {end - begin}")
    borders = {0, *accumulate(utf16_length(letter) for letter in text)}
    if begin not in borders:
        raise bad_request(f"entity begins in a middle of a UTF-16 symbol at offset {begin}")
    if end > max(borders):
        raise bad_request(
            f"entity beginning at UTF-16 offset {begin} ends after the end of the text"
        )
    if end not in borders:
        raise bad_request(
            f"entity beginning at UTF-16 offset {begin} ends in a middle of a UTF-16 symbol"
        )


def _link(address: str) -> str:
    try:
        return checked_link(address)
    except LinkError as error:
        raise bad_request(f"entity {error}") from error


def _preview(parameters: Json) -> Json:
    options = parameters.get("link_preview_options")
    if options is None:
        disabled = parameters.get("disable_web_page_preview") is True
        return {"link_preview_options": {"is_disabled": True}} if disabled else {}
    return {"link_preview_options": only_fields(options, _PREVIEW, what="link preview options")}
