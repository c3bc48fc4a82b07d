"""Which parameters does each method take, and of which type? Pure.

Clients send JSON, or forms in which objects are JSON strings and numbers and booleans are words;
both are read. Telegram ignores what it does not know; here it is refused, so that a misspelt
parameter is found by a test and not by a reader.

Source: Bot API 10.3.
"""

import json
from collections.abc import Callable, Mapping
from typing import NewType

from bot_playground.bot_api.errors import Json, RefusalError, bad_request
from bot_playground.state.files import Upload

Kind = NewType("Kind", str)
INT, STR, BOOL = Kind("an integer"), Kind("a string"), Kind("a boolean")
OBJECT, ARRAY = Kind("an object"), Kind("an array")
CHAT = Kind("an integer or a @username")
FILE = Kind("a file, or the id of one")

_TEXT = {"parse_mode": STR, "entities": ARRAY, "link_preview_options": OBJECT}
_OLD = {"disable_web_page_preview": BOOL}
_PLACE = {"business_connection_id": STR, "message_thread_id": INT}
_SEND = {
    **_PLACE,
    "direct_messages_topic_id": INT,
    "disable_notification": BOOL,
    "protect_content": BOOL,
    "allow_paid_broadcast": BOOL,
    "message_effect_id": STR,
    "suggested_post_parameters": OBJECT,
    "reply_parameters": OBJECT,
    "reply_markup": OBJECT,
    "ephemeral_message_parameters": OBJECT,
    "receiver_user_id": INT,
    "callback_query_id": STR,
    "allow_sending_without_reply": BOOL,
    "reply_to_message_id": INT,
}
_EDIT = {
    "business_connection_id": STR,
    "chat_id": CHAT,
    "message_id": INT,
    "inline_message_id": STR,
    "reply_markup": OBJECT,
}
_COMMANDS = {"scope": OBJECT, "language_code": STR}
_LANGUAGE = {"language_code": STR}

METHODS: Mapping[str, Mapping[str, Kind]] = {
    "getMe": {},
    "getUpdates": {"offset": INT, "limit": INT, "timeout": INT, "allowed_updates": ARRAY},
    "setWebhook": {
        "url": STR,
        "ip_address": STR,
        "max_connections": INT,
        "allowed_updates": ARRAY,
        "drop_pending_updates": BOOL,
        "secret_token": STR,
    },
    "deleteWebhook": {"drop_pending_updates": BOOL},
    "getWebhookInfo": {},
    "sendMessage": {"chat_id": CHAT, "text": STR, **_TEXT, **_OLD, **_SEND},
    "sendDocument": {
        "chat_id": CHAT,
        "document": FILE,
        "thumbnail": FILE,
        "caption": STR,
        "parse_mode": STR,
        "caption_entities": ARRAY,
        "disable_content_type_detection": BOOL,
        **_SEND,
    },
    "getFile": {"file_id": STR},
    "editMessageText": {"text": STR, **_TEXT, **_OLD, **_EDIT, "rich_message": OBJECT},
    "editMessageReplyMarkup": _EDIT,
    "deleteMessage": {"chat_id": CHAT, "message_id": INT},
    "answerCallbackQuery": {
        "callback_query_id": STR,
        "text": STR,
        "show_alert": BOOL,
        "url": STR,
        "cache_time": INT,
    },
    "answerInlineQuery": {
        "inline_query_id": STR,
        "results": ARRAY,
        "cache_time": INT,
        "is_personal": BOOL,
        "next_offset": STR,
        "button": OBJECT,
    },
    "sendChatAction": {"chat_id": CHAT, "action": STR, **_PLACE},
    "getChat": {"chat_id": CHAT},
    "getChatMember": {"chat_id": CHAT, "user_id": INT},
    "getChatAdministrators": {"chat_id": CHAT, "return_bots": BOOL},
    "leaveChat": {"chat_id": CHAT},
    "setMyCommands": {"commands": ARRAY, **_COMMANDS},
    "getMyCommands": _COMMANDS,
    "deleteMyCommands": _COMMANDS,
    "setMyName": {"name": STR, **_LANGUAGE},
    "getMyName": _LANGUAGE,
    "setMyDescription": {"description": STR, **_LANGUAGE},
    "getMyDescription": _LANGUAGE,
    "setMyShortDescription": {"short_description": STR, **_LANGUAGE},
    "getMyShortDescription": _LANGUAGE,
    "setChatMenuButton": {"chat_id": INT, "menu_button": OBJECT},
    "getChatMenuButton": {"chat_id": INT},
}
_NEEDED = {
    "chat_id": "chat_id is empty",
    "message_id": "message identifier is not specified",
    "user_id": "invalid user_id specified",
    "text": "message text is empty",
    "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
    "inline_query_id": "query is too old and response timeout expired or query ID is invalid",
    "results": "results are not specified",
    "action": "wrong parameter action in request",
    "commands": "commands are not specified",
    "document": "there is no document in the request",
    "file_id": "file_id not specified",
}
_OPTIONAL_HERE = {
    "answerCallbackQuery": {"text"},
    "sendMessage": {"callback_query_id"},
    "sendDocument": {"callback_query_id"},
    "setChatMenuButton": {"chat_id"},
    "getChatMenuButton": {"chat_id"},
}
_SENDING = ("sendMessage", "sendDocument")
# Real features that nothing here can act out; to accept them in silence would be a lie.
_NOT_PLAYED = (
    "business_connection_id",
    "direct_messages_topic_id",
    "suggested_post_parameters",
    "ephemeral_message_parameters",
    "receiver_user_id",
    "inline_message_id",
    "rich_message",
    "thumbnail",
)


def canonical_name(method: str) -> str:
    """Return the method's name in the documentation's spelling; Telegram ignores the case.

    Raises:
        RefusalError: 404, if there is none of that name here.
    """
    for name in METHODS:
        if name.lower() == method.lower():
            return name
    raise RefusalError(404, "Not Found: method not found")


def read_parameters(method: str, given: Mapping[str, object]) -> Json:
    """Return the parameters of a call as typed values; null counts as not given.

    Raises:
        RefusalError: for an unknown parameter, a wrong type, or one that is missing.
    """
    kinds = METHODS[method]
    values: Json = {}
    for name, value in given.items():
        if name not in kinds:
            raise bad_request(f'{method} takes no parameter "{name}"')
        if name in _NOT_PLAYED or (name == "callback_query_id" and method in _SENDING):
            raise bad_request(f'the playground does not act out the parameter "{name}"')
        if value is not None:
            values[name] = _read(name, value, kinds[name])
    for name in kinds:
        _need(method, name, values)
    return values


def only_fields(value: object, kinds: Mapping[str, Kind], *, what: str) -> Json:
    """Return `value` if it is an object with none but these fields, of these types.

    Raises:
        RefusalError: naming `what` and the field.
    """
    if not isinstance(value, dict):
        raise bad_request(f"can't parse {what}: object expected")
    for name, field in value.items():
        if name not in kinds:
            raise bad_request(f'can\'t parse {what}: unknown field "{name}"')
        if _READERS[kinds[name]](field) is None:
            raise bad_request(f'can\'t parse {what}: field "{name}" must be {kinds[name]}')
    return value


def _need(method: str, name: str, values: Json) -> None:
    needed = name in _NEEDED and name not in _OPTIONAL_HERE.get(method, ())
    if needed and values.get(name) in (None, ""):
        raise bad_request(_NEEDED[name])


def _read(name: str, value: object, kind: Kind) -> object:
    decoded = _READERS[kind](_from_form(value, kind))
    if decoded is not None:
        return decoded
    if name == "reply_markup":
        is_text = isinstance(value, str)
        what = "can't parse reply keyboard markup JSON object" if is_text else "object expected"
        raise bad_request(what if is_text else "object expected as reply markup")
    raise bad_request(f'parameter "{name}" must be {kind}')


def _from_form(value: object, kind: Kind) -> object:
    """Return what the words of a form mean; what is no text passes."""
    if not isinstance(value, str) or kind in (STR, FILE):
        return value
    words: Mapping[Kind, Callable[[str], object]] = {
        INT: _number,
        CHAT: _number,
        BOOL: {"true": True, "1": True, "false": False, "0": False}.get,
    }
    return words.get(kind, _decoded)(value.strip().lower() if kind == BOOL else value)


def _number(text: str) -> object:
    try:
        return int(text)
    except ValueError:
        return text


def _decoded(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _integer(value: object) -> int | None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return value if is_whole and -(1 << 63) <= value < 1 << 63 else None  # type: ignore[operator,return-value]


_READERS: Mapping[Kind, Callable[[object], object]] = {
    INT: _integer,
    STR: lambda value: value if isinstance(value, str) else None,
    BOOL: lambda value: value if isinstance(value, bool) else None,
    OBJECT: lambda value: value if isinstance(value, dict) else None,
    ARRAY: lambda value: value if isinstance(value, list) else None,
    FILE: lambda value: value if isinstance(value, (str, Upload)) else None,
    CHAT: lambda value: value if isinstance(value, str) else _integer(value),
}
