"""Entities of a text as Telegram corrects them: moved, dropped, detected, sorted.

Source: tdlib, MessageEntity.cpp, fix_formatted_text.
"""

import re

from bot_playground.bot_api.errors import Json
from bot_playground.formatting.html import FormattedText

_SPACES = " \t\n\v\f\r\u00a0"
_DETECTED = re.compile(
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
# The others are dropped without an error, and their links with them.
MAX_ENTITIES = 100
# Outer entities first: Telegram sorts by offset, then by length, then by type.
_TYPE_ORDER = ("blockquote", "expandable_blockquote", "pre", "code", "text_link", "bold", "italic")


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 units, which entities count in."""
    return len(text) + sum(character > "\uffff" for character in text)


def fix_formatted_text(formatted: FormattedText) -> FormattedText:
    """Return the message as it is shown.

    Control characters become spaces, white space at both ends is cut off and the entities move
    along; entities of white space only are dropped, and so are those inside code. URLs, commands,
    mentions, hashtags and e-mail addresses are detected outside code and links. Entities are
    sorted, outer before inner, and the first `MAX_ENTITIES` kept.
    """
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", " ", formatted.text)
    cut = utf16_length(text) - utf16_length(text.lstrip(_SPACES))
    text = text.strip(_SPACES)
    entities: list[Json] = []
    for original in formatted.entities:
        begin, end = _span(original)
        begin, end = max(begin - cut, 0), min(end - cut, utf16_length(text))
        entity = {**original, "offset": begin, "length": end - begin}
        if begin < end and entity_text(text, entity).strip(_SPACES):
            entities.append(entity)
    entities = [
        entity for entity in entities if not any(_is_inside_code(entity, code) for code in entities)
    ]
    distinct = [entity for at, entity in enumerate(entities) if entity not in entities[:at]]
    distinct += _detect(text, distinct)
    return FormattedText(text, sorted(distinct, key=_sort_key)[:MAX_ENTITIES])


def entity_text(text: str, entity: Json) -> str:
    """Return the part of the text that the entity covers."""
    begin, end = _span(entity)
    return text.encode("utf-16-le")[2 * begin : 2 * end].decode("utf-16-le", "replace")


def _is_inside_code(entity: Json, other: Json) -> bool:
    if entity is other or other["type"] not in ("pre", "code") or "quote" in str(entity["type"]):
        return False
    (begin, end), (first, last) = _span(entity), _span(other)
    if (begin, end) == (first, last):
        return entity["type"] != "pre" and entity["type"] != other["type"]
    return first <= begin and end <= last


def _detect(text: str, entities: list[Json]) -> list[Json]:
    """Return the entities that Telegram detects in a text, outside code and links."""
    opaque = [
        _span(entity) for entity in entities if entity["type"] in ("pre", "code", "text_link")
    ]
    detected: list[Json] = []
    for match in _DETECTED.finditer(text):
        begin = utf16_length(text[: match.start()])
        end = begin + utf16_length(match[0])
        if all(end <= first or last <= begin for first, last in opaque):
            detected.append({"type": match.lastgroup, "offset": begin, "length": end - begin})
    return detected


def _sort_key(entity: Json) -> tuple[int, int, int, str]:
    begin, end = _span(entity)
    type_ = str(entity["type"])
    order = _TYPE_ORDER.index(type_) if type_ in _TYPE_ORDER else len(_TYPE_ORDER)
    return begin, -end, order, type_


def _span(entity: Json) -> tuple[int, int]:
    """Return the first unit of the entity, and the one after its last."""
    begin, length = entity["offset"], entity["length"]
    assert isinstance(begin, int)
    assert isinstance(length, int)
    return begin, begin + length
