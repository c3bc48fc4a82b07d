"""Mending of XML before it is parsed, where publishers write it as if it were text."""

import re
import sys
from collections.abc import Mapping
from html import escape
from html.entities import html5

_AMPERSAND = re.compile(
    # But for those that XML has itself.
    r"&(?!(?-i:amp|lt|gt|quot|apos);)(#\d{1,7};|#x[0-9a-f]{1,6};|[a-z][\w.-]{0,40};)?",
    re.IGNORECASE | re.ASCII,
)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# "Rock <3 roll": no tag begins so.
_LONE_LESS = re.compile(r"<(?![A-Za-z_:/?!]|[^\x00-\x7f])")


def mend_ampersands(text: str, entities: Mapping[str, str] | None = None) -> str:
    """Return the text with bare ampersands escaped and entities of HTML replaced.

    `entities` are those that the document defines, by name.
    """
    own = entities or {}

    def mend(match: re.Match[str]) -> str:
        reference: str = match[1] or ""
        if not reference.startswith("#"):
            return escape(own.get(reference[:-1]) or html5.get(reference, match[0]))
        digits = reference[1:-1].lower()
        number = int(digits[1:], 16) if digits.startswith("x") else int(digits)
        return escape(xml_safe(chr(number)) if number <= sys.maxunicode else "")

    return _AMPERSAND.sub(mend, text)


def mend_less_signs(text: str) -> str:
    """Return the text with each `<` escaped that begins no tag."""
    return _LONE_LESS.sub("&lt;", text)


def xml_safe(text: str) -> str:
    """Return the text without the characters that XML 1.0 forbids."""
    return _NOT_XML.sub("", text)
