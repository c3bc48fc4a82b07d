"""Mending of the XML of feeds: CDATA, comments, ampersands and markup within texts.

What comes out is XML whose texts are escaped: no CDATA sections, no tags within a text.
"""

import re
from collections.abc import Iterator, Mapping
from html import escape

from bot.web.xml_mending import mend_ampersands, mend_less_signs

# Those that a publisher defines are short: names, and signs that are hard to type.
_MAX_ENTITIES = 64
_MAX_ENTITY_LENGTH = 100

_ENTITY = re.compile(r"""<!ENTITY\s+([\w.-]{1,40})\s+(?:"([^"<&%]*)"|'([^'<&%]*)')\s*>""")
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>|<!--")
_ESCAPED_CDATA = re.compile(r"&lt;!\[CDATA\[|\]\](?:&gt;|>)", re.IGNORECASE)
# What follows the last mark of a section, even if another one was opened within.
_END_OF_FIELD = re.compile(
    r"\s*</(?:[\w.-]{1,40}:[\w.-]+|title|description|summary|content|guid|id|category|author|link"
    r"|name|pubDate|full-?text)\s*>",
    re.IGNORECASE,
)
_TEXT_NAMES = "title|description|summary|encoded|full-?text|content|body|subtitle|excerpt"
_TEXT_START = re.compile(
    rf"<(?!media:content)((?:[\w.-]{{1,40}}:)?(?:{_TEXT_NAMES}))(?:\s[^<>]*)?(?<!/)>", re.IGNORECASE
)
# <rss version=2.0>
_UNQUOTED_TAG = re.compile(r"<[A-Za-z_][^<>\"']*=[^<>\"']*>")
_UNQUOTED_VALUE = re.compile(r"=\s*([^\s<>]+?)(?=\s|/?>)")
_INLINE_TAG = re.compile(r"</?[A-Za-z]")
# A text that is never closed is looked for once.
_MAX_UNCLOSED = 20


def own_entities(prolog: str) -> dict[str, str]:
    """Return the plain entities that a DOCTYPE defines; none of them refers to another."""
    found = _ENTITY.findall(prolog)[:_MAX_ENTITIES]
    values = {name: double or single for name, double, single in found}
    return {name: value for name, value in values.items() if len(value) <= _MAX_ENTITY_LENGTH}


def mend(xml: str, entities: Mapping[str, str] | None = None) -> str:
    """Return the XML with its texts escaped once, whatever they were."""
    plain = "".join(_without_cdata(xml)) if _CDATA.search(xml) else xml
    plain = _ESCAPED_CDATA.sub("", plain)
    plain = _UNQUOTED_TAG.sub(lambda tag: _UNQUOTED_VALUE.sub(r'="\1"', tag[0]), plain)
    return "".join(_without_inline_tags(mend_less_signs(mend_ampersands(plain, entities))))


def _without_cdata(xml: str) -> Iterator[str]:
    """Yield the XML without comments, the text of CDATA sections escaped, also of nested ones."""
    position = depth = 0
    while mark := _CDATA.search(xml, position):
        before = xml[position : mark.start()]
        yield _escape(before) if depth else before
        position = mark.end()
        if mark[0] == "]]>":
            is_last = depth == 1 or _END_OF_FIELD.match(xml, position)
            depth = 0 if is_last else max(depth - 1, 0)
        elif mark[0] != "<!--":
            depth += 1
        elif depth:
            yield _escape(mark[0])
        else:
            end = xml.find("-->", position)
            position = len(xml) if end < 0 else end + len("-->")
    yield _escape(xml[position:]) if depth else xml[position:]


def _without_inline_tags(xml: str) -> Iterator[str]:
    """Yield the XML with the tags within texts escaped, as their publisher should have done."""
    position = 0
    unclosed: set[str] = set()
    while start := _TEXT_START.search(xml, position):
        yield xml[position : start.end()]
        position = start.end()
        name = start[1]
        end = -1 if name in unclosed else xml.find(f"</{name}", position)
        if end < 0 and name.lower().endswith("title"):
            # A title that is never closed ends where the next element begins.
            following = xml.find("<", position)
            end = len(xml) if following < 0 else following
            yield f"{xml[position:end]}</{name}>"
            position = end
            continue
        if end < 0 and len(unclosed) < _MAX_UNCLOSED:
            unclosed.add(name)
        elif end >= 0:
            inner = xml[position:end]
            yield _escape(inner) if _INLINE_TAG.search(inner) else inner
            position = end
    yield xml[position:]


def _escape(text: str) -> str:
    return escape(text, quote=False)
