"""Does Telegram accept this keyboard? Pure.

Source: telegram-bot-api, Client.cpp, get_reply_markup, for the wording; the limits of buttons are
those of https://core.telegram.org/bots/api#inlinekeyboardbutton.
"""

from collections.abc import Iterable

from bot_playground.bot_api.errors import Json, bad_request
from bot_playground.bot_api.parameters import BOOL, OBJECT, STR, only_fields
from bot_playground.formatting.links import LinkError, checked_link

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
_OTHERS = {
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
_SWITCHES = ("switch_inline_query", "switch_inline_query_current_chat")
_CHOSEN_CHAT = {
    "query": STR,
    "allow_user_chats": BOOL,
    "allow_bot_chats": BOOL,
    "allow_group_chats": BOOL,
    "allow_channel_chats": BOOL,
}
MAX_BUTTONS = 100
MAX_DATA_BYTES = 64


def checked_keyboard(markup: Json) -> Json | None:
    """Return an inline keyboard as Telegram keeps it; None for an empty one and for all others.

    Rows without buttons vanish. Keyboards that replace the person's own are checked for their
    fields only: a Message does not show them.

    Raises:
        RefusalError: with Telegram's text.
    """
    if "inline_keyboard" not in markup:
        _check_other(markup)
        return None
    _refuse_unknown(markup, _INLINE)
    rows = [_row(row) for row in _rows(markup["inline_keyboard"], "inline_keyboard")]
    rows = [row for row in rows if row]
    if sum(map(len, rows)) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": rows} if rows else None


def callback_data(markup: object) -> tuple[tuple[str, str], ...]:
    """Return (text, data) of every button that calls back, row by row."""
    rows = markup.get("inline_keyboard", []) if isinstance(markup, dict) else []
    buttons = (button for row in rows for button in row)
    return tuple((it["text"], it["callback_data"]) for it in buttons if "callback_data" in it)


def _check_other(markup: Json) -> None:
    kind = next((name for name in _OTHERS if name in markup), None)
    if markup and kind is None:
        _refuse_unknown(markup, ())
    if kind is not None:
        _refuse_unknown(markup, _OTHERS[kind])
    if kind == "keyboard":
        _rows(markup["keyboard"], "keyboard")


def _refuse_unknown(markup: Json, known: Iterable[str]) -> None:
    unknown = sorted(set(markup) - set(known))
    if unknown:
        raise bad_request(f'can\'t parse reply keyboard markup: unknown field "{unknown[0]}"')


def _rows(rows: object, name: str) -> list[list[object]]:
    if not isinstance(rows, list):
        raise bad_request(f'field "{name}" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad_request(f'field "{name}" must be an Array of Arrays')
    return rows


def _row(row: list[object]) -> list[Json]:
    return [_button(button) for button in row]


def _button(button: object) -> Json:
    if not isinstance(button, dict):
        raise bad_request(
            "can't parse inline keyboard button: InlineKeyboardButton must be an Object"
        )
    if "text" not in button:
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    only_fields(button, _BUTTON, what="inline keyboard button")
    if not button["text"].strip():
        raise bad_request("inline keyboard button text is empty")
    if button.get("style", "primary") not in ("danger", "success", "primary"):
        raise bad_request("can't parse inline keyboard button: Invalid button style specified")
    # No words after the bot's name are words as well.
    empty = (None,) if set(button) & set(_SWITCHES) else (None, "")
    actions = [name for name in _ACTIONS if button.get(name) not in empty]
    if not actions:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if len(actions) > 1:
        raise bad_request(f"inline keyboard button has both {actions[0]} and {actions[1]}")
    return _acting(button, actions[0])


def _acting(button: Json, action: str) -> Json:
    value = button[action]
    match action, value:
        case "callback_data", str() if len(value.encode()) > MAX_DATA_BYTES:
            raise bad_request("BUTTON_DATA_INVALID")
        case "switch_inline_query_chosen_chat", dict():
            only_fields(value, _CHOSEN_CHAT, what="switch inline query chosen chat")
            return button
        case "url", str():
            return {**button, "url": _url(value)}
        case _:
            return button


def _url(address: str) -> str:
    try:
        return checked_link(address)
    except LinkError as error:
        raise bad_request(f"inline keyboard button URL '{address}' is invalid: {error}") from error
