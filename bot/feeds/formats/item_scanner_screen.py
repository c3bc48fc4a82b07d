"""Is this document fit for the parser? What is not is refused, what is harmful is cut. Pure.

feedparser takes time that grows with the square of what a tag holds; no option of it helps.
"""

import re

from bot.errors import ParseError

MAX_ITEMS = 300
_MAX_TAG_LENGTH = 32_768
_MAX_ATTRIBUTES = 256
# The root stands within this of the beginning; before it is only what we drop.
_PROLOG_LENGTH = 65_536

_ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(?:rss|feed|RDF)[\s>]", re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype\s+)?html[\s>]", re.IGNORECASE)
_HUGE_TAG = re.compile(
    # Possessive throughout: a failed attempt is not tried again in another way.
    rf"""<[A-Za-z_:][^<>]{{{_MAX_TAG_LENGTH}}}
      | <[A-Za-z_:][^\s<>"'/]*+
        (?:[\s/]*+[^\s<>"'=/]++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'|[^\s<>"']++)){{{_MAX_ATTRIBUTES}}}
    """,
    re.VERBOSE,
)
# References to numbers of no character, on which the parser chokes. Some publishers write
# emoji as the two halves that UTF-16 has of them.
# It begins with what is rare, and in one spelling: the search then skips all else.
_NUMBER = r"(?:[xX][0-9a-fA-F]{1,9}|[0-9]{1,10});"
_REFERENCES = re.compile(rf"&#{_NUMBER}(?:&#{_NUMBER})*")
_SURROGATES = range(0xD800, 0xE000)
_BEYOND = 0x110000
_UNREADABLE = "\ufffd"

# feedparser takes a product for an item too, in any case of letters.
ITEM = r"(?:[\w.-]{1,40}:)?(?:item|entry|product)"
_ITEM_BEGINS = re.compile(rf"<{ITEM}(?=[\s<>/])", re.IGNORECASE)
_ITEM_ENDS = re.compile(rf"</{ITEM}\s*>|<{ITEM}/>", re.IGNORECASE)


def screen(text: str) -> str:
    """Return the feed from its root on, its references to no character mended.

    What stands before the root goes: comments, style sheets, DOCTYPE with its entities.

    Raises:
        ParseError: if this is no feed, or one made to harm.
    """
    if not text.strip():
        raise ParseError("an empty document")
    root = _ROOT.search(text, 0, _PROLOG_LENGTH)
    page = _HTML.search(text, 0, root.start() if root else _PROLOG_LENGTH)
    if page is not None:
        raise ParseError("not a feed: it is an HTML page")
    if root is None:
        raise ParseError("not a feed: neither RSS nor Atom nor JSON Feed")
    if _HUGE_TAG.search(text):
        raise ParseError("not a feed: a tag in it is too large to be honest")
    return _REFERENCES.sub(_mended, text[root.start() :])


def first_items(text: str) -> str:
    """Return the feed with its first 300 items at most, and the tags that close it.

    By its tags alone, for feeds that cannot be cut up into items.
    """
    begins = [match.start() for match in _ITEM_BEGINS.finditer(text)]
    if len(begins) <= MAX_ITEMS:
        return text
    return text[: begins[MAX_ITEMS]] + text[max(_last_end(text), begins[MAX_ITEMS]) :]


def whole_items(text: str) -> str:
    """Return the feed up to the end of its last whole item, by its tags alone."""
    return text[: _last_end(text)]


def _mended(references: re.Match[str]) -> str:
    numbers = [
        int(it[1:], 16) if it[:1] in "xX" else int(it)
        for it in references[0].removeprefix("&#").removesuffix(";").split(";&#")
    ]
    if all(0 < it < _BEYOND and it not in _SURROGATES for it in numbers):
        return references[0]
    letters = "".join(chr(it) if 0 < it < _BEYOND else _UNREADABLE for it in numbers)
    joined = letters.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return joined.replace("&", "&amp;").replace("<", "&lt;")


def _last_end(text: str) -> int:
    return max((match.end() for match in _ITEM_ENDS.finditer(text)), default=len(text))
