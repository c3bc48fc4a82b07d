"""Parameters of the Bot API methods: their types, and how they are read and checked.

Clients send JSON, or forms with objects as JSON strings and numbers and booleans as text; both
are read. Telegram ignores unknown parameters; here they are refused, so that a test finds a
misspelt one.

Source: Bot API 10.3.
"""

import json
from collections.abc import Callable, Mapping
from typing import NewType

from bot_playground.bot_api.errors import BotApiError, Json, bad_request
from bot_playground.state.files import Upload

ParameterType = NewType("ParameterType", str)
INT, STR, BOOL = ParameterType("an integer"), ParameterType("a string"), ParameterType("a boolean")
OBJECT, ARRAY = ParameterType("an object"), ParameterType("an array")
CHAT = ParameterType("an integer or a @username")
FILE = ParameterType("a file, or the id of one")

_TEXT = {"parse_mode": STR, "entities": ARRAY, "link_preview_options": OBJECT}
_DEPRECATED = {"disable_web_page_preview": BOOL}
_THREAD = {"business_connection_id": STR, "message_thread_id": INT}
_SEND = {
    **_THREAD,
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

METHODS: Mapping[str, Mapping[str, ParameterType]] = {
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
    "sendMessage": {"chat_id": CHAT, "text": STR, **_TEXT, **_DEPRECATED, **_SEND},
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
    "editMessageText": {"text": STR, **_TEXT, **_DEPRECATED, **_EDIT, "rich_message": OBJECT},
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
    "sendChatAction": {"chat_id": CHAT, "action": STR, **_THREAD},
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
_REQUIRED_ERRORS = {
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
_OPTIONAL = {
    "answerCallbackQuery": {"text"},
    "sendMessage": {"callback_query_id"},
    "sendDocument": {"callback_query_id"},
    "setChatMenuButton": {"chat_id"},
    "getChatMenuButton": {"chat_id"},
}
_SENDING = ("sendMessage", "sendDocument")
# Real parameters without an effect in the playground: refused rather than ignored.
_UNSUPPORTED = (
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
    """Return the method's name as documented; like Telegram, ignore the case.

    Raises:
        BotApiError: 404, if the playground has no such method.
    """
    for name in METHODS:
        if name.lower() == method.lower():
            return name
    raise BotApiError(404, "Not Found: method not found")


def read_parameters(method: str, raw: Mapping[str, object]) -> Json:
    """Return the parameters of a call as typed values; null is the same as absent.

    Raises:
        BotApiError: for an unknown, a mistyped or a missing parameter.
    """
    types = METHODS[method]
    values: Json = {}
    for name, value in raw.items():
        if name not in types:
            raise bad_request(f'{method} takes no parameter "{name}"')
        if name in _UNSUPPORTED or (name == "callback_query_id" and method in _SENDING):
            raise bad_request(f'the playground does not act out the parameter "{name}"')
        if value is not None:
            values[name] = _read(name, value, types[name])
    for name in types:
        is_required = name in _REQUIRED_ERRORS and name not in _OPTIONAL.get(method, ())
        if is_required and values.get(name) in (None, ""):
            raise bad_request(_REQUIRED_ERRORS[name])
    return values


def _is_encodable(value: object) -> bool:
    """Return whether no text within the value holds half a character (a lone surrogate)."""
    try:
        # The content of an uploaded file is not text.
        json.dumps(value, ensure_ascii=False, default=lambda _: None).encode()
    except UnicodeEncodeError:
        return False
    return True


def check_fields(value: object, types: Mapping[str, ParameterType], *, what: str) -> Json:
    """Return `value` if it is an object with only these fields, of these types.

    Raises:
        BotApiError: naming `what` and the field.
    """
    if not isinstance(value, dict):
        raise bad_request(f"can't parse {what}: object expected")
    for name, field in value.items():
        if name not in types:
            raise bad_request(f'can\'t parse {what}: unknown field "{name}"')
        if _READERS[types[name]](field) is None:
            raise bad_request(f'can\'t parse {what}: field "{name}" must be {types[name]}')
    return value


def _read(name: str, value: object, type_: ParameterType) -> object:
    is_form_text = isinstance(value, str) and type_ not in (STR, FILE)
    decoded = _READERS[type_](_decode_form(str(value), type_) if is_form_text else value)
    if decoded is not None and not _is_encodable(decoded):
        raise bad_request("strings must be encoded in UTF-8")
    if decoded is not None:
        return decoded
    if name != "reply_markup":
        raise bad_request(f'parameter "{name}" must be {type_}')
    if isinstance(value, str):
        raise bad_request("can't parse reply keyboard markup JSON object")
    raise bad_request("object expected as reply markup")


def _decode_form(text: str, type_: ParameterType) -> object:
    """Return the value of a form field that is not text; None if it has no such value."""
    if type_ == BOOL:
        return {"true": True, "1": True, "false": False, "0": False}.get(text.strip().lower())
    try:
        return int(text) if type_ in (INT, CHAT) else json.loads(text)
    except ValueError:
        return text if type_ in (INT, CHAT) else None


def _integer(value: object) -> int | None:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return value if is_whole and -(1 << 63) <= value < 1 << 63 else None  # type: ignore[operator,return-value]


_READERS: Mapping[ParameterType, Callable[[object], object]] = {
    INT: _integer,
    STR: lambda value: value if isinstance(value, str) else None,
    BOOL: lambda value: value if isinstance(value, bool) else None,
    OBJECT: lambda value: value if isinstance(value, dict) else None,
    ARRAY: lambda value: value if isinstance(value, list) else None,
    FILE: lambda value: value if isinstance(value, (str, Upload)) else None,
    CHAT: lambda value: value if isinstance(value, str) else _integer(value),
}
