"""What is this update, and in which chat did it happen? Told before aiogram reads it. Pure."""

import json
from collections.abc import Iterable, Mapping

from bot.model import ChatId, RawUpdate, UpdateId

Json = Mapping[str, object]

# What happens in no chat waits for others of its like.
_NOWHERE = ChatId(0)
# SQLite holds whole numbers of 64 bits with a sign; Telegram's have 52 bits at the most.
_MOST = 1 << 63


def read(update: object) -> RawUpdate | None:
    """Return the update as the inbox keeps it; None: it is not one."""
    if not isinstance(update, dict):
        return None
    update_id = _number(update.get("update_id"))
    if update_id is None:
        return None
    kind = next((name for name in update if name != "update_id"), "nothing")
    event = update.get(kind)
    return RawUpdate(
        id=UpdateId(update_id),
        chat_id=_chat_id(event) if isinstance(event, dict) else _NOWHERE,
        kind=kind,
        # Half a character, which Telegram can send, is text for JSON alone.
        content=json.dumps(update),
    )


def read_all(updates: Iterable[object]) -> list[RawUpdate]:
    """Return those that are updates."""
    return [found for update in updates if (found := read(update))]


def _chat_id(event: Json) -> ChatId:
    """Return where it happened: in a chat, on a message in one, or with a person."""
    message = event.get("message")
    places = [event.get("chat"), message.get("chat") if isinstance(message, dict) else None]
    for place in (*places, event.get("from")):
        found = _number(place.get("id")) if isinstance(place, dict) else None
        if found is not None:
            return ChatId(found)
    return _NOWHERE


def _number(value: object) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and -_MOST <= value < _MOST else None  # type: ignore[operator,return-value]
