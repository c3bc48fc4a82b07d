"""Item scanner: splits the XML of a feed into items before parsing, and rejects hostile input.

Known items need not be parsed again: the feed without them is a smaller one, with the
namespaces and bases of its head.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import chain, zip_longest

from bot.errors import ParseError

MAX_ITEMS = 300
_MAX_TAG_LENGTH = 32_768
_MAX_ATTRIBUTES = 256
# The root begins within this; what is before it is dropped.
_MAX_PROLOG_LENGTH = 65_536

_ROOT_TAG = re.compile(r"<(?:[\w.-]{1,40}:)?(?:rss|feed|RDF)[\s>]", re.IGNORECASE)
_HTML = re.compile(r"<html[\s>]", re.IGNORECASE)
_HTML_DOCTYPE = re.compile(r"<!doctype\s+html[\s>]", re.IGNORECASE)
# Comments, instructions and a DOCTYPE, with the entities that it defines.
_PROLOG = re.compile(
    r"(?:\s++|<!--(?:.*?-->|.*)|<\?[^>]*+>|<!DOCTYPE(?:[^\[<>]|<!--.*?-->)*+(?:\[(?:[^\]\"']|\"[^\"]*+\"|'[^']*+')*+\]\s*+)?>)*+",
    re.IGNORECASE | re.DOTALL,
)
_HUGE_TAG = re.compile(
    # Possessive throughout: a failed attempt is not tried again in another way.
    rf"""<[A-Za-z_:][^<>]{{{_MAX_TAG_LENGTH}}}
      | <[A-Za-z_:][^\s<>"'/]*+
        (?:[\s/]*+[^\s<>"'=/]++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'|[^\s<>"']++)){{{_MAX_ATTRIBUTES}}}
    """,
    re.VERBOSE,
)
# References to numbers of no character, on which the parser fails. Some publishers write emoji
# as their two UTF-16 surrogates. The pattern begins with a rare literal: the search is fast.
_NUMBER = r"(?:[xX][0-9a-fA-F]{1,9}|[0-9]{1,10});"
_REFERENCES = re.compile(rf"&#{_NUMBER}(?:&#{_NUMBER})*")
_SURROGATES = range(0xD800, 0xE000)
_MAX_CODE_POINT = 0x10FFFF
_REPLACEMENT = "\ufffd"

# feedparser takes a product for an item too, in any case of letters.
_ITEM = r"(?:[\w.-]{1,40}:)?(?:item|entry|product)"
_ITEM_START = re.compile(rf"<{_ITEM}(?=[\s<>/])", re.IGNORECASE)
_ITEM_END = re.compile(rf"</{_ITEM}\s*>|<{_ITEM}/>", re.IGNORECASE)

DIGEST_BYTES = 8

_TOKEN = re.compile(
    rf"<!--|<!\[CDATA\[|<\?|<(?P<closing>/?)(?P<name>{_ITEM})(?=[\s/>])",
    re.IGNORECASE,
)
_CDATA = re.compile(r"<!\[CDATA\[", re.IGNORECASE)
_CDATA_OR_ITEM = re.compile(rf"<!\[CDATA\[|\]\]>|</{_ITEM}\s*>\s*<{_ITEM}[\s>]", re.IGNORECASE)
# In these, tags are text.
_QUOTES = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
_TAG_REST = re.compile(r"[^<>]*>")
_ROOT = re.compile(r"<([\w.:-]{1,80})")


def sanitize(text: str) -> tuple[str, str]:
    """Return what is before the root, and the feed from its root on.

    References to no character are repaired. What is before the root, comments, style sheets and
    DOCTYPE, is no part of the feed; whether this is one is decided by the root.

    Raises:
        ParseError: if this is no feed, or a hostile one.
    """
    if not text.strip():
        raise ParseError("an empty document")
    prolog = _PROLOG.match(text)
    start = prolog.end() if prolog else 0
    root = _ROOT_TAG.search(text, start, start + _MAX_PROLOG_LENGTH)
    end = root.start() if root else start + _MAX_PROLOG_LENGTH
    is_page = root is None and _HTML_DOCTYPE.search(text, 0, start)
    if is_page or _HTML.search(text, start, end):
        raise ParseError("not a feed: it is an HTML page")
    if root is None:
        raise ParseError("not a feed: neither RSS nor Atom nor JSON Feed")
    if _HUGE_TAG.search(text, root.start()):
        raise ParseError("not a feed: a tag in it is too large to be honest")
    feed = without_open_cdata(text[root.start() :])
    return text[:start], _REFERENCES.sub(_repair, feed)


def without_open_cdata(text: str) -> str:
    """Return the feed without the marks of CDATA sections that nobody closes.

    Such a section reaches over the beginning of another item to the next mark, or to the end.
    """
    if all("]]>" in section for section in _CDATA.split(text)[1:]):
        return text
    opened, is_over_items, lost = -1, False, list[int]()
    for mark in (*_CDATA_OR_ITEM.finditer(text), None):
        kind = mark[0].upper() if mark else ""
        if kind == "]]>":
            opened = -1
        elif kind not in ("", "<![CDATA["):
            is_over_items = opened >= 0
        elif opened >= 0 and is_over_items:
            lost.append(opened)
            opened, is_over_items = mark.start() if mark else -1, False
        elif mark and opened < 0:
            opened, is_over_items = mark.start(), False
    ends = [place + len("<![CDATA[") for place in lost]
    return "".join(text[a:b] for a, b in zip([0, *ends], [*lost, len(text)], strict=True))


def first_items(text: str) -> str:
    """Return the feed with its first 300 items at most, and the tags that close it.

    By its tags alone, for feeds that cannot be split into items.
    """
    starts = [match.start() for match in _ITEM_START.finditer(text)]
    if len(starts) <= MAX_ITEMS:
        return text
    return text[: starts[MAX_ITEMS]] + text[max(_last_end(text), starts[MAX_ITEMS]) :]


def whole_items(text: str) -> str:
    """Return the feed up to the end of its last whole item, by its tags alone."""
    return text[: _last_end(text)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSpans:
    """A feed's text, split: `gaps[0]`, `items[0]`, `gaps[1]` ... and a last gap.

    The `digests` are those of the items, in the same order. It is not `complete` where it ends
    before its root is closed; half an item is left out.
    """

    gaps: tuple[str, ...]
    items: tuple[str, ...]
    digests: tuple[bytes, ...]
    complete: bool

    def without(self, known: Collection[bytes]) -> str:
        """Return the text without the items of these digests."""
        unknown = (
            "" if item_digest in known else item
            for item, item_digest in zip(self.items, self.digests, strict=True)
        )
        return "".join(chain.from_iterable(zip_longest(self.gaps, unknown, fillvalue="")))


def digest(text: str) -> bytes:
    """Return the 8 bytes by which an unchanged item is recognised."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=DIGEST_BYTES).digest()


def split_items(
    text: str, *, max_items: int, known: Collection[bytes] = frozenset()
) -> ItemSpans | None:
    """Split a feed, from its root on, into items; None where that is not safe.

    Of those whose digests are not `known` the first `max_items`: the next call gets the others,
    once these are known. It is not safe where items are nested, overlap or differ in name.
    """
    scan = _Scan(text)
    end = scan.run()
    if end is None:
        return None
    gaps, items, digests, left = [""], list[str](), list[bytes](), max_items
    last_end = 0
    for start, stop in scan.spans:
        gaps[-1] += text[last_end:start]
        last_end, item = stop, text[start:stop]
        item_digest = digest(item)
        is_new = item_digest not in known
        if not is_new or left > 0:
            left -= is_new
            items.append(item)
            digests.append(item_digest)
            gaps.append("")
    gaps[-1] += text[last_end:end]
    complete = end == len(text) and is_closed(text, after=last_end)
    return ItemSpans(
        gaps=tuple(gaps), items=tuple(items), digests=tuple(digests), complete=complete
    )


def is_closed(text: str, *, after: int) -> bool:
    """Return whether the root with which the text begins is closed after that position."""
    root = _ROOT.match(text)
    if root is None:
        return False
    rest = _TAG_REST.match(text, root.end())
    if rest and rest[0].endswith("/>"):
        return True
    closing = re.compile(rf"</{re.escape(root[1])}\s*>", re.IGNORECASE)
    return closing.search(text, after) is not None


@dataclass(slots=True)
class _Scan:
    """A scan in progress: the spans of whole items, and the start of the open one."""

    text: str
    spans: list[tuple[int, int]] = field(default_factory=list)
    name: str = ""
    opened_at: int | None = None

    def run(self) -> int | None:
        """Find the items; return where the document ends or half an item begins; None: unsafe."""
        position = 0
        while token := _TOKEN.search(self.text, position):
            closing_mark = _QUOTES.get(token[0])
            if closing_mark is None:
                end = self.close(token) if token["closing"] else self.open(token)
                if end is None:
                    return None
                position = end
                continue
            end = self.text.find(closing_mark, token.end())
            if end < 0:
                return token.start() if self.opened_at is None else self.opened_at
            position = end + len(closing_mark)
        return len(self.text) if self.opened_at is None else self.opened_at

    def open(self, token: re.Match[str]) -> int | None:
        """Open an item at its start tag; return where to go on; None: unsafe."""
        self.name = self.name or token["name"]
        if self.opened_at is not None or token["name"] != self.name:
            return None
        rest = _TAG_REST.match(self.text, token.end())
        if rest and rest[0].endswith("/>"):
            self.spans.append((token.start(), rest.end()))
            return rest.end()
        self.opened_at = token.start()
        return token.end()

    def close(self, token: re.Match[str]) -> int | None:
        """Close the open item at its end tag; return where to go on; None: unsafe."""
        rest = _TAG_REST.match(self.text, token.end())
        if self.opened_at is None or token["name"] != self.name or rest is None:
            return None
        self.spans.append((self.opened_at, rest.end()))
        self.opened_at = None
        return rest.end()


def _repair(references: re.Match[str]) -> str:
    numbers = [
        int(number[1:], 16) if number[:1] in "xX" else int(number)
        for number in references[0].removeprefix("&#").removesuffix(";").split(";&#")
    ]
    if all(0 < number <= _MAX_CODE_POINT and number not in _SURROGATES for number in numbers):
        return references[0]
    letters = "".join(
        chr(number) if 0 < number <= _MAX_CODE_POINT else _REPLACEMENT for number in numbers
    )
    joined = letters.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return joined.replace("&", "&amp;").replace("<", "&lt;")


def _last_end(text: str) -> int:
    return max((match.end() for match in _ITEM_END.finditer(text)), default=len(text))
