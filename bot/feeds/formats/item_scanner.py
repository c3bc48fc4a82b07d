"""Where in a feed's text does each of its items begin and end? Pure.

Known items need not be parsed again: what is left without them is a smaller feed, with the
namespaces and bases of its head.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain, zip_longest

from bot.errors import ParseError

MAX_ITEMS = 300
_MAX_TAG_LENGTH = 32_768
_MAX_ATTRIBUTES = 256
# The root stands within this of the beginning; before it is only what we drop.
_PROLOG_LENGTH = 65_536

_ROOT_TAG = re.compile(r"<(?:[\w.-]{1,40}:)?(?:rss|feed|RDF)[\s>]", re.IGNORECASE)
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


DIGEST_BYTES = 8

_TOKEN = re.compile(
    rf"<!--|<!\[CDATA\[|<\?|<(?P<closing>/?)(?P<name>{ITEM})(?=[\s/>])",
    re.IGNORECASE,
)
# In these an item is only written about.
_QUOTES = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
_TAG_REST = re.compile(r"[^<>]*>")
_ROOT = re.compile(r"<([\w.:-]{1,80})")


def sanitize(text: str) -> str:
    """Return the feed from its root on, its references to no character mended.

    What stands before the root goes: comments, style sheets, DOCTYPE with its entities.

    Raises:
        ParseError: if this is no feed, or one made to harm.
    """
    if not text.strip():
        raise ParseError("an empty document")
    root = _ROOT_TAG.search(text, 0, _PROLOG_LENGTH)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSpans:
    """A feed's text, cut up: `gaps[0]`, `items[0]`, `gaps[1]` ... and a last gap.

    The `digests` are those of the items, in the same order. It is not `complete` where it ends
    before its root is closed; half an item is left out.
    """

    gaps: tuple[str, ...]
    items: tuple[str, ...]
    digests: tuple[bytes, ...]
    complete: bool

    def without(self, known: Collection[bytes]) -> str:
        """Return the text without the items of these digests."""
        kept = (
            "" if its_digest in known else item
            for item, its_digest in zip(self.items, self.digests, strict=True)
        )
        return "".join(chain.from_iterable(zip_longest(self.gaps, kept, fillvalue="")))


@dataclass(slots=True)
class _Scan:
    """A scan under way: the spans of whole items, and where the item that is open began."""

    spans: list[tuple[int, int]]
    name: str = ""
    opened_at: int | None = None


def digest(text: str) -> bytes:
    """Return 8 bytes by which the text of an item is known again; nothing in it is ignored."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=DIGEST_BYTES).digest()


def split_items(
    text: str, *, max_items: int, known: Collection[bytes] = frozenset()
) -> ItemSpans | None:
    """Return a feed, from its root on, with its items; None where that is not safe.

    Of those whose digests are not `known` the first `max_items`: what is left out has its
    turn when these are known. It is not safe where items stand in each other, overlap or are
    not all of one name.
    """
    scan = _Scan(spans=[])
    end = _scan(text, scan)
    if end is None:
        return None
    torn = end < len(text)
    gaps, items, digests, places = [""], list[str](), list[bytes](), max_items
    last_end = 0
    for begin, stop in scan.spans:
        gaps[-1] += text[last_end:begin]
        last_end, item = stop, text[begin:stop]
        its_digest = digest(item)
        is_new = its_digest not in known
        if not is_new or places > 0:
            places -= is_new
            items.append(item)
            digests.append(its_digest)
            gaps.append("")
    gaps[-1] += text[last_end:end]
    complete = not torn and is_closed(text, after=last_end)
    return ItemSpans(
        gaps=tuple(gaps), items=tuple(items), digests=tuple(digests), complete=complete
    )


def is_closed(text: str, *, after: int) -> bool:
    """Return whether the root with which the text begins is closed, after that place."""
    root = _ROOT.match(text)
    if root is None:
        return False
    rest = _TAG_REST.match(text, root.end())
    if rest and rest[0].endswith("/>"):
        return True
    closing = re.compile(rf"</{re.escape(root[1])}\s*>", re.IGNORECASE)
    return closing.search(text, after) is not None


def _scan(text: str, scan: _Scan) -> int | None:
    """Find the items; return where the document ends, or half an item begins; None: unsafe."""
    at = 0
    while token := _TOKEN.search(text, at):
        closing_mark = _QUOTES.get(token[0])
        if closing_mark is None:
            found = _close(text, token, scan) if token["closing"] else _open(text, token, scan)
            if found is None:
                return None
            at = found
            continue
        found = text.find(closing_mark, token.end())
        if found < 0:
            return token.start() if scan.opened_at is None else scan.opened_at
        at = found + len(closing_mark)
    return len(text) if scan.opened_at is None else scan.opened_at


def _open(text: str, token: re.Match[str], scan: _Scan) -> int | None:
    scan.name = scan.name or token["name"]
    if scan.opened_at is not None or token["name"] != scan.name:
        return None
    rest = _TAG_REST.match(text, token.end())
    if rest and rest[0].endswith("/>"):
        scan.spans.append((token.start(), rest.end()))
        return rest.end()
    scan.opened_at = token.start()
    return token.end()


def _close(text: str, token: re.Match[str], scan: _Scan) -> int | None:
    rest = _TAG_REST.match(text, token.end())
    if scan.opened_at is None or token["name"] != scan.name or rest is None:
        return None
    scan.spans.append((scan.opened_at, rest.end()))
    scan.opened_at = None
    return rest.end()
