"""Content of a message from the parameters of a call: text or caption, entities, link preview."""

from itertools import accumulate

from bot_playground.bot_api.errors import Json, bad_request
from bot_playground.bot_api.parameters import ARRAY, BOOL, CHAT, INT, OBJECT, STR, check_fields
from bot_playground.formatting.entities import fix_formatted_text, utf16_length
from bot_playground.formatting.html import TYPES, FormattedText, MarkupError, parse_html
from bot_playground.formatting.links import LinkError, normalize_link

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
# Telegram detects these itself; sent as entities they are accepted and ignored.
_DETECTED = {
    "mention",
    "hashtag",
    "cashtag",
    "bot_command",
    "url",
    "email",
    "phone_number",
    "bank_card_number",
}
_ACCEPTED = set(TYPES.values()) | {"expandable_blockquote", "text_mention"}


def text_content(parameters: Json) -> Json:
    """Return the text, entities and link preview of a message.

    Raises:
        BotApiError: with Telegram's text for bad markup, no text or too long a text.
    """
    source = str(parameters.get("text", ""))
    if not source:
        raise bad_request("message text is empty")
    if len(source.encode("utf-8", "replace")) > MAX_BYTES:
        raise bad_request("text is too long")
    formatted = fix_formatted_text(_parse_text(source, parameters))
    if not formatted.text:
        raise bad_request("text must be non-empty")
    if len(formatted.text) > MAX_LENGTH:
        raise bad_request("message is too long")
    content: Json = {"text": formatted.text}
    if formatted.entities:
        content["entities"] = formatted.entities
    return content | _link_preview(parameters)


def caption_content(parameters: Json) -> Json:
    """Return the caption and its entities; nothing without a caption.

    Raises:
        BotApiError: with Telegram's text for bad markup, or too long a caption.
    """
    source = str(parameters.get("caption", ""))
    as_text = {**parameters, "entities": parameters.get("caption_entities")}
    formatted = fix_formatted_text(_parse_text(source, as_text))
    if len(formatted.text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    if not formatted.text:
        return {}
    entities: Json = {"caption_entities": formatted.entities} if formatted.entities else {}
    return {"caption": formatted.text, **entities}


def reply_target(parameters: Json) -> tuple[int | None, bool]:
    """Return the id of the message to reply to, and whether to send without it if it is gone."""
    reply = parameters.get("reply_parameters")
    if reply is None:
        fields, target = parameters, parameters.get("reply_to_message_id")
    else:
        fields = check_fields(reply, _REPLY, what="reply parameters")
        target = fields.get("message_id")
    is_lenient = fields.get("allow_sending_without_reply") is True
    return (target if isinstance(target, int) else None), is_lenient


def _parse_text(source: str, parameters: Json) -> FormattedText:
    mode = str(parameters.get("parse_mode", "")).lower()
    if mode == "html":
        try:
            return parse_html(source)
        except MarkupError as error:
            raise bad_request(f"can't parse entities: {error}") from error
    if mode:
        # Telegram also reads Markdown and MarkdownV2, which the bot does not write.
        raise bad_request("unsupported parse_mode")
    given = parameters.get("entities")
    entities = given if isinstance(given, list) else []
    checked = [_check_entity(entity, source) for entity in entities]
    return FormattedText(source, [item for item in checked if item["type"] not in _DETECTED])


def _check_entity(value: object, text: str) -> Json:
    entity = check_fields(value, _ENTITY, what="MessageEntity")
    for name in ("type", "offset", "length"):
        if name not in entity:
            raise bad_request(f"can't parse MessageEntity: Can't find field \"{name}\"")
    if entity["type"] not in _ACCEPTED | _DETECTED:
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    offset, length = entity["offset"], entity["length"]
    assert isinstance(offset, int)
    assert isinstance(length, int)
    _check_span(text, offset, offset + length)
    if entity["type"] != "text_link":
        return entity
    try:
        return {**entity, "url": normalize_link(str(entity.get("url", "")))}
    except LinkError as error:
        raise bad_request(f"entity {error}") from error


def _check_span(text: str, begin: int, end: int) -> None:
    """Raise if an entity begins or ends outside the text, or inside a surrogate pair."""
    if begin < 0 or end <= begin:
        raise bad_request(f"entity has the wrong offset {begin} or the wrong length {end - begin}")
    boundaries = {0, *accumulate(utf16_length(character) for character in text)}
    if begin not in boundaries:
        raise bad_request(f"entity begins in a middle of a UTF-16 symbol at offset {begin}")
    if end > max(boundaries):
        raise bad_request(
            f"entity beginning at UTF-16 offset {begin} ends after the end of the text"
        )
    if end not in boundaries:
        raise bad_request(
            f"entity beginning at UTF-16 offset {begin} ends in a middle of a UTF-16 symbol"
        )


def _link_preview(parameters: Json) -> Json:
    options = parameters.get("link_preview_options")
    if options is not None:
        options = check_fields(options, _PREVIEW, what="link preview options")
        return {"link_preview_options": options}
    if parameters.get("disable_web_page_preview") is True:
        return {"link_preview_options": {"is_disabled": True}}
    return {}
