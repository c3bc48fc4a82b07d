"""Updates as stored in the inbox: id, chat and kind, read from the JSON without a model."""

import json
from collections.abc import Iterable, Mapping

from bot.model import ChatId, RawUpdate, UpdateId

# Updates that belong to no chat and no person are handled in one order.
_NO_CHAT = ChatId(0)
# The kinds that handlers ask for: beside one of them there may be fields that nobody asked for.
EVENT_KINDS = frozenset(
    {
        "message",
        "edited_message",
        "channel_post",
        "edited_channel_post",
        "callback_query",
        "inline_query",
        "chosen_inline_result",
        "my_chat_member",
    }
)
# SQLite holds signed integers of 64 bits; Telegram's ids have 52 at the most.
_MAX_INTEGER = 1 << 63


def parse_updates(updates: Iterable[object]) -> list[RawUpdate]:
    """Return those that are updates."""
    return [parsed for update in updates if (parsed := parse_update(update))]


def parse_update(update: object) -> RawUpdate | None:
    """Return the update with its JSON; None if it is not one."""
    if not isinstance(update, dict):
        return None
    update_id = _integer(update.get("update_id"))
    if update_id is None:
        return None
    names = [name for name in update if name != "update_id"]
    kind = next((name for name in names if name in EVENT_KINDS), next(iter(names), "nothing"))
    event = update.get(kind)
    chat_id = _chat_id(event) if isinstance(event, dict) else _NO_CHAT
    person = event.get("from") if isinstance(event, dict) else None
    person_id = _integer(person.get("id")) if isinstance(person, dict) else None
    return RawUpdate(
        id=UpdateId(update_id),
        chat_id=chat_id,
        person_id=chat_id if person_id is None else ChatId(person_id),
        kind=kind,
        # As ASCII: lone surrogates, which Telegram can send, cannot be stored as UTF-8.
        content=json.dumps(update),
    )


def _chat_id(event: Mapping[str, object]) -> ChatId:
    """Return the chat of the event, of the message it is about, or of the person it is from."""
    message = event.get("message")
    message_chat = message.get("chat") if isinstance(message, dict) else None
    for chat in (event.get("chat"), message_chat, event.get("from")):
        chat_id = _integer(chat.get("id")) if isinstance(chat, dict) else None
        if chat_id is not None:
            return ChatId(chat_id)
    return _NO_CHAT


def _integer(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if -_MAX_INTEGER <= value < _MAX_INTEGER else None
    return None
