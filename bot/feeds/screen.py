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
# feedparser takes a product for an item too, in any case of letters.
_ITEM = r"(?:[\w.-]{1,40}:)?(?:item|entry|product)"
_ITEM_BEGINS = re.compile(rf"<{_ITEM}(?=[\s<>/])", re.IGNORECASE)
_ITEM_ENDS = re.compile(rf"</{_ITEM}\s*>|<{_ITEM}/>", re.IGNORECASE)


def screen(text: str) -> str:
    """Return the feed from its root on, with its first 300 items at most.

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
    return _first_items(text[root.start() :])


def _first_items(text: str) -> str:
    """Cut the surplus items out, and leave the tags that close the document."""
    begins = [match.start() for match in _ITEM_BEGINS.finditer(text)]
    if len(begins) <= MAX_ITEMS:
        return text
    last_end = max((match.end() for match in _ITEM_ENDS.finditer(text)), default=len(text))
    return text[: begins[MAX_ITEMS]] + text[max(last_end, begins[MAX_ITEMS]) :]
