"""Which entities does Telegram keep, move and find by itself? Pure.

Source: tdlib, MessageEntity.cpp, fix_formatted_text.
"""

import re

from bot_playground.bot_api.errors import Json
from bot_playground.formatting.html import Marked

_SPACES = " \t\n\v\f\r\u00a0"
_FOUND = re.compile(
    r"""
    (?P<url>(?<![\w@.])https?://[^\s<>"«»]*[^\s<>"«».,;:!?'()\[\]{}]
        | (?<![\w@./])(?:www|t)\.[\w-]+(?:\.[\w-]+)*(?:/[^\s<>"«»]*[^\s<>"«».,;:!?'()])?)
    | (?P<email>(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
    | (?P<bot_command>(?<![\w/<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/<>]))
    | (?P<mention>(?<![\w@])@[A-Za-z0-9_]{4,32}(?!\w))
    | (?P<hashtag>(?<![\w#])\#(?=\w*[^\W\d])\w{1,256})
    """,
    re.VERBOSE,
)
# Outer entities first; Telegram sorts by place, then by length, then by kind.
_KINDS = ("blockquote", "expandable_blockquote", "pre", "code", "text_link", "bold", "italic")


def utf16_length(text: str) -> int:
    """Return how many UTF-16 units the text has."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def finished(marked: Marked) -> Marked:
    """Return the message as it is shown.

    Control characters go, white space at both ends is cut off and the entities move along; those
    left with white space only vanish, and so do those inside code. Links, commands, mentions,
    hashtags and e-mail addresses are found where the sender marked nothing. Entities are sorted,
    outer before inner.
    """
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", " ", marked.text)
    units = text.encode("utf-16-le")
    begin = utf16_length(text) - utf16_length(text.lstrip(_SPACES))
    text = text.strip(_SPACES)
    moved = (
        _moved(entity, begin=begin, end=begin + utf16_length(text)) for entity in marked.entities
    )
    shown = [entity for entity in moved if entity and not _is_blank(entity, units, begin=begin)]
    kept = [entity for entity in shown if not any(_is_inside_code(entity, it) for it in shown)]
    kept = [entity for at, entity in enumerate(kept) if entity not in kept[:at]]
    kept += _automatic(text, kept)
    return Marked(text, sorted(kept, key=_order))


def entity_text(text: str, entity: Json) -> str:
    """Return the part of the text that the entity covers."""
    begin, end = _span(entity)
    return text.encode("utf-16-le")[2 * begin : 2 * end].decode("utf-16-le", "replace")


def _span(entity: Json) -> tuple[int, int]:
    begin, length = entity["offset"], entity["length"]
    assert isinstance(begin, int)
    assert isinstance(length, int)
    return begin, begin + length


def _moved(entity: Json, *, begin: int, end: int) -> Json | None:
    """Return the entity as it lies in what is left from `begin` to `end`; None if it does not."""
    first, last = _span(entity)
    first, last = max(first, begin), min(last, end)
    return {**entity, "offset": first - begin, "length": last - first} if first < last else None


def _is_blank(entity: Json, units: bytes, *, begin: int) -> bool:
    first, last = _span(entity)
    covered = units[2 * (first + begin) : 2 * (last + begin)].decode("utf-16-le", "replace")
    return not covered.strip(_SPACES)


def _is_inside_code(entity: Json, other: Json) -> bool:
    if entity is other or other["type"] not in ("pre", "code") or "quote" in str(entity["type"]):
        return False
    (begin, end), (first, last) = _span(entity), _span(other)
    if (begin, end) == (first, last):
        return entity["type"] != "pre" and entity["type"] != other["type"]
    return first <= begin and end <= last


def _automatic(text: str, marked: list[Json]) -> list[Json]:
    busy = [_span(entity) for entity in marked if entity["type"] in ("pre", "code", "text_link")]
    found: list[Json] = []
    for match in _FOUND.finditer(text):
        begin = utf16_length(text[: match.start()])
        end = begin + utf16_length(match[0])
        if all(end <= first or last <= begin for first, last in busy):
            found.append({"type": match.lastgroup, "offset": begin, "length": end - begin})
    return found


def _order(entity: Json) -> tuple[int, int, int, str]:
    begin, end = _span(entity)
    kind = str(entity["type"])
    return begin, -end, _KINDS.index(kind) if kind in _KINDS else len(_KINDS), kind
