"""Keyboards of messages (`reply_markup`), checked and normalized like Telegram does.

Source: telegram-bot-api, Client.cpp, get_reply_markup, for the error texts; limits of buttons:
https://core.telegram.org/bots/api#inlinekeyboardbutton.
"""

from collections.abc import Iterable

from bot_playground.bot_api.errors import Json, bad_request
from bot_playground.bot_api.parameters import BOOL, OBJECT, STR, check_fields
from bot_playground.formatting.links import LinkError, normalize_link

_ACTIONS = {
    "url": STR,
    "callback_data": STR,
    "web_app": OBJECT,
    "login_url": OBJECT,
    "switch_inline_query": STR,
    "switch_inline_query_current_chat": STR,
    "switch_inline_query_chosen_chat": OBJECT,
    "copy_text": OBJECT,
    "callback_game": OBJECT,
    "pay": BOOL,
    "disabled": OBJECT,
}
_BUTTON = {"text": STR, "icon_custom_emoji_id": STR, "style": STR, **_ACTIONS}
_INLINE = {"inline_keyboard", "force_reply"}
_REPLY_KEYBOARDS = {
    "keyboard": {
        "keyboard",
        "is_persistent",
        "resize_keyboard",
        "one_time_keyboard",
        "input_field_placeholder",
        "selective",
        "force_reply",
    },
    "remove_keyboard": {"remove_keyboard", "selective"},
    "force_reply": {"force_reply", "input_field_placeholder", "selective"},
}
_INLINE_SWITCHES = ("switch_inline_query", "switch_inline_query_current_chat")
_CHOSEN_CHAT = {
    "query": STR,
    "allow_user_chats": BOOL,
    "allow_bot_chats": BOOL,
    "allow_group_chats": BOOL,
    "allow_channel_chats": BOOL,
}
MAX_BUTTONS = 100
MAX_DATA_BYTES = 64
MAX_COPIED_TEXT = 256


def normalize_keyboard(markup: Json) -> Json | None:
    """Return an inline keyboard as Telegram stores it; None for an empty and for any other one.

    Empty rows are dropped. Reply keyboards are only checked for their fields: they are not part of
    a Message.

    Raises:
        BotApiError: with Telegram's text.
    """
    if "inline_keyboard" not in markup:
        type_ = next((name for name in _REPLY_KEYBOARDS if name in markup), None)
        _check_names(markup, _REPLY_KEYBOARDS[type_] if type_ else ())
        if type_ == "keyboard":
            _check_rows(markup["keyboard"], "keyboard")
        return None
    _check_names(markup, _INLINE)
    rows = [
        [_parse_button(button) for button in row]
        for row in _check_rows(markup["inline_keyboard"], "inline_keyboard")
        if row
    ]
    if sum(map(len, rows)) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": rows} if rows else None


def callback_data(markup: object) -> tuple[tuple[str, str], ...]:
    """Return (text, data) of every callback button, row by row."""
    rows = markup.get("inline_keyboard", []) if isinstance(markup, dict) else []
    buttons = (button for row in rows for button in row)
    return tuple(
        (button["text"], button["callback_data"]) for button in buttons if "callback_data" in button
    )


def _check_names(markup: Json, known: Iterable[str]) -> None:
    unknown = sorted(set(markup) - set(known))
    if unknown:
        raise bad_request(f'can\'t parse reply keyboard markup: unknown field "{unknown[0]}"')


def _check_rows(rows: object, name: str) -> list[list[object]]:
    if not isinstance(rows, list):
        raise bad_request(f'field "{name}" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{name}" must be an Array of Arrays')
    return rows


def _parse_button(button: object) -> Json:
    if not isinstance(button, dict):
        raise bad_request(
            "can't parse inline keyboard button: InlineKeyboardButton must be an Object"
        )
    if "text" not in button:
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    check_fields(button, _BUTTON, what="inline keyboard button")
    if not button["text"].strip():
        raise bad_request("inline keyboard button text is empty")
    if button.get("style", "primary") not in ("danger", "success", "primary"):
        raise bad_request("can't parse inline keyboard button: Invalid button style specified")
    # An inline query may be empty.
    empty = (None,) if set(button) & set(_INLINE_SWITCHES) else (None, "")
    actions = [name for name in _ACTIONS if button.get(name) not in empty]
    if not actions:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if len(actions) > 1:
        raise bad_request(f"inline keyboard button has both {actions[0]} and {actions[1]}")
    return _check_action(button, actions[0])


def _check_action(button: Json, action: str) -> Json:
    """Return the button with a normalized URL."""
    value = button[action]
    match action, value:
        case "callback_data", str() if len(value.encode()) > MAX_DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
        case "copy_text", dict():
            text = check_fields(value, {"text": STR}, what="copy text button").get("text")
            if not 1 <= len(str(text or "")) <= MAX_COPIED_TEXT:
                raise bad_request("BUTTON_COPY_TEXT_INVALID")
        case "switch_inline_query_chosen_chat", dict():
            check_fields(value, _CHOSEN_CHAT, what="switch inline query chosen chat")
        case "url", str():
            try:
                return {**button, "url": normalize_link(value)}
            except LinkError as error:
                raise bad_request(
                    f"inline keyboard button URL '{value}' is invalid: {error}"
                ) from error
        case _:
            pass
    return button
