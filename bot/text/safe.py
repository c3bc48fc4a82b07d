"""Text of others, made storable where it enters, and printable where it is shown to the operator.

SQLite holds no lone surrogates and ends a text at NUL; a terminal obeys control characters.
"""

import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

Document = TypeVar("Document")

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
# Controls of C0 and C1; separators that some terminals take for a new line; marks, embeddings,
# overrides and isolates that reorder what follows; lone surrogates, which no terminal can encode.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
# JSON spells what cannot be stored in ASCII: "\u0000" and "\ud800".
_SPELT_UNSTORABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


def storable(text: str) -> str:
    """Return the text as SQLite can hold it: without NUL, lone surrogates replaced by U+FFFD.

    Two surrogates that make up a character become that character.
    """
    if not _UNSTORABLE.search(text):
        return text
    units = text.replace("\0", "").encode("utf-16-le", "surrogatepass")
    return units.decode("utf-16-le", "replace")


def printable(text: str) -> str:
    r"""Return the text on one line, without effect on a terminal: ESC is written as \u001b.

    The escapes are those of JSON, so that a document stays one and says the same.
    """
    return _UNPRINTABLE.sub(lambda letter: f"\\u{ord(letter[0]):04x}", text)


def printable_lines(text: str) -> str:
    """Return the text with its line breaks, each line printable."""
    return "\n".join(map(printable, text.split("\n")))


def printable_xml(text: str) -> str:
    """Return the same XML, printable, with references to what is in its values."""
    references = (
        _UNPRINTABLE.sub(lambda letter: f"&#{ord(letter[0])};", line) for line in text.split("\n")
    )
    return "\n".join(references)


def storable_document(document: Document) -> Document:
    """Make all texts within dictionaries and lists storable, in place; return the document."""
    if isinstance(document, str):
        return storable(document)  # type: ignore[return-value]
    # Not by recursion: documents of others may be nested as deep as their parser allows.
    containers: list[object] = [document]
    while containers:
        container = containers.pop()
        if isinstance(container, dict):
            fields = {_storable_text(key): _storable_text(each) for key, each in container.items()}
            container.clear()
            container.update(fields)
            containers += fields.values()
        elif isinstance(container, list):
            container[:] = map(_storable_text, container)
            containers += container
    return document


def loads(
    text: str | bytes,
    *,
    parse_number: Callable[[str], object] | None = None,
    object_hook: Callable[[dict[str, Any]], object] | None = None,
) -> Any:
    """Return the value of a JSON document of others, with all its texts storable.

    Raises:
        ValueError: if the text is no JSON.
        RecursionError: if it is nested too deeply.
    """
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "surrogatepass")
    document = json.loads(
        text,
        parse_int=parse_number,
        parse_float=parse_number,
        parse_constant=parse_number,
        object_hook=object_hook,
    )
    if _SPELT_UNSTORABLE.search(text) or _UNSTORABLE.search(text):
        return storable_document(document)
    return document


def _storable_text(value: object) -> object:
    return storable(value) if isinstance(value, str) else value


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun, for the log and the console: "1 feed", "2,000 feeds".

    `many` is the plural where an "s" does not make it.
    """
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
