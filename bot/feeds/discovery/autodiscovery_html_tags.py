"""Which of the tags that we look for does a page hold? Pure.

The page is read forward only, in time that grows with its length and with nothing else,
however broken or hostile it is: `html.parser` goes back, and can be made to do so for ever.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape

# The fullest of 116 saved pages has 668 (pages.tar.xz).
MAX_TAGS = 10_000
_MAX_ATTRIBUTES = 100
_MAX_VALUE = 2048
_MAX_TEXT = 200

_START = re.compile(
    r"<(?:!--|(html|base|link|meta|title|a|input|script|style|textarea)(?=[\s/>]))",
    re.IGNORECASE | re.ASCII,
)
# What stands between these is no markup.
_ENDS = {name: re.compile(rf"</{name}", re.IGNORECASE) for name in ("script", "style", "textarea")}
_COMMENT_END = re.compile("-->")
_CLOSE = re.compile(">")
_GAP = re.compile(r"[\s/]*")
_ATTRIBUTE = re.compile(r"""([^\s>/][^\s=>/]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """An opening tag; names are in lower case, and `text` is what follows up to the next tag."""

    name: str
    attributes: Mapping[str, str]
    text: str

    def get(self, name: str) -> str:
        """Return the attribute's value; an empty one where it is missing."""
        return self.attributes.get(name, "").strip()


def tags(page: str) -> Iterator[Tag]:
    """Yield the first `MAX_TAGS` tags in their order, none from a comment or a script."""
    at = 0
    for _ in range(MAX_TAGS):
        start = _START.search(page, at)
        if start is None:
            return
        if start[1] is None:
            # "<!-->" is a whole one.
            at = _end(_COMMENT_END.search(page, start.start() + 2), page)
            continue
        name = start[1].lower()
        attributes, at = _attributes(page, start.end())
        yield Tag(name=name, attributes=attributes, text=_text(page, at))
        if name in _ENDS:
            at = _end(_ENDS[name].search(page, at), page)


def _attributes(page: str, at: int) -> tuple[dict[str, str], int]:
    """Return the attributes, the first of each name, and where the tag ends."""
    attributes: dict[str, str] = {}
    for _ in range(_MAX_ATTRIBUTES):
        # Matched by itself, so that nothing can make the pattern come back to it.
        at = _end(_GAP.match(page, at), page)
        attribute = _ATTRIBUTE.match(page, at)
        if attribute is None:  # here the tag ends, or the page
            return attributes, at + 1
        value = attribute[attribute.lastindex or 1] if (attribute.lastindex or 1) > 1 else ""
        attributes.setdefault(attribute[1].lower(), unescape(value[:_MAX_VALUE]))
        at = attribute.end()
    return attributes, _end(_CLOSE.search(page, at), page)


def _end(match: re.Match[str] | None, page: str) -> int:
    return match.end() if match else len(page)


def _text(page: str, at: int) -> str:
    end = page.find("<", at, at + _MAX_TEXT)
    return " ".join(unescape(page[at : end if end >= 0 else at + _MAX_TEXT]).split())
