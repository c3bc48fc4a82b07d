"""Updates as stored in the inbox: id, chat and kind, read from the JSON without a model."""

import json
from collections.abc import Iterable

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
    event, person = update.get(kind), _field(update.get(kind), "from")
    # The chat of the event, of the message that it is about, or of the person that it is from.
    chats = (_field(event, "chat"), _field(_field(event, "message"), "chat"), person)
    ids = (_integer(_field(chat, "id")) for chat in chats)
    chat_id = next((chat_id for chat_id in ids if chat_id is not None), _NO_CHAT)
    person_id = _integer(_field(person, "id"))
    return RawUpdate(
        id=UpdateId(update_id),
        chat_id=ChatId(chat_id),
        person_id=ChatId(chat_id if person_id is None else person_id),
        kind=kind,
        # As ASCII: lone surrogates, which Telegram can send, cannot be stored as UTF-8.
        content=json.dumps(update),
    )


def _field(value: object, name: str) -> object:
    """Return the field of an object; None: there is none, or the value is no object."""
    return value.get(name) if isinstance(value, dict) else None


def _integer(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value if -_MAX_INTEGER <= value < _MAX_INTEGER else None
    return None
