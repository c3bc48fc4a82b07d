"""OPML files: reading and writing lists of feeds.

Feed readers export them, so a file is untrusted, may have any encoding and need not be valid XML.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from html.entities import html5
from urllib.parse import urlsplit

from lxml import etree

from bot.errors import ParseError
from bot.web.encoding import decode
from bot.web.urls import canonical, is_web_address

MAX_BYTES = 5_000_000
# As many as one server is meant to poll.
MAX_FEEDS = 10_000
# Nested folders; libxml2 itself stops at 256.
MAX_DEPTH = 32
MAX_FOLDER_DEPTH = 10
MAX_TITLE_LENGTH = 256
# The root comes after a declaration and perhaps a comment.
_HEAD_BYTES = 4096

# "?a=1&b=2" without escapes, or an entity that HTML defines and XML does not.
_ENTITY = re.compile(r"&(#\d{1,7};|#x[0-9a-f]{1,6};|[a-z][a-z0-9]{0,40};)", re.IGNORECASE)
_BARE_AMPERSAND = re.compile(f"&(?!{_ENTITY.pattern[1:]})", re.IGNORECASE)
_XML_ENTITIES = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_OUTLINE = re.compile(
    r"""<outline\b((?:[^"'<>]|"[^"]*"|'[^']*')*+)>|<outline\b[^<>]*+>?""", re.IGNORECASE
)
_ATTRIBUTE = re.compile(r"""\s*([\w.-]+(?::[\w.-]+)?)\s*=\s*("[^"]*"|'[^']*')""")
# The forms of old readers: feed:https://courier.example, feed://courier.example
_FEED_PREFIX = re.compile(r"^feed:(?://)?(?=https?://)", re.IGNORECASE)
_FEED_SCHEME = re.compile(r"^feed:(?=//)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A feed in an OPML file.

    `folder` is the path of its folders, "News/World". `language` is the outline's or that of a
    folder round it. Fields that the file does not give are empty.
    """

    url: str
    title: str
    folder: str = ""
    language: str = ""
    topic: str = ""
    pages: str = ""


class Outlines(tuple[Outline, ...]):
    """The distinct feeds of a file, `MAX_FEEDS` at most; `left_out` counts those beyond.

    `broken` counts the outlines that are none, or unreadable.
    """

    broken: int = 0
    left_out: int = 0


def looks_like_opml(content: bytes) -> bool:
    """Return whether a file is OPML by its beginning, in any encoding and whatever its name."""
    return b"<opml" in content[:_HEAD_BYTES].replace(b"\0", b"").lower()


def parse(document: bytes) -> Outlines:
    """Return the distinct feeds of an OPML file in its order; there may be none.

    A broken outline, and one without a usable web address, is left out and counted; a feed
    without a title is named by its host.

    Raises:
        ParseError: if it is not OPML, or exceeds a limit; in one sentence.
    """
    if len(document) > MAX_BYTES:
        raise ParseError(f"not read: it is larger than {MAX_BYTES // 1_000_000} MB")
    text = decode(document, content_type=None)
    if "<!ENTITY" in text:
        raise ParseError("not read: it defines entities, which no list of feeds needs")
    mended, broken = _mend_outlines(_ENTITY.sub(_as_xml, _BARE_AMPERSAND.sub("&amp;", text)))
    reader = _OutlineReader()
    # To a target and not a tree, in which reading n attributes takes n * n steps. "internal" are
    # the entities of XML and those of the document, which has none.
    parser = etree.XMLParser(
        target=reader, resolve_entities="internal", no_network=True, load_dtd=False
    )
    try:
        etree.fromstring(mended.strip().encode(), parser)
    except etree.XMLSyntaxError as error:
        raise (
            _too_deep() if "depth" in error.msg else ParseError(f"not OPML: {error.msg}")
        ) from None
    outlines = Outlines(reader.distinct.values())
    outlines.broken = broken + reader.unusable
    outlines.left_out = len(reader.beyond)
    return outlines


def write(outlines: Iterable[Outline], *, title: str) -> bytes:
    """Return an OPML 2.0 file of the feeds, those of a folder together."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = _xml_safe(title)
    folders = {"": etree.SubElement(root, "body")}
    by_folder = defaultdict(list)
    for outline in outlines:
        by_folder[_xml_safe(outline.folder)].append(outline)
    for folder, members in by_folder.items():
        parent = _folder(folders, folder)
        for outline in members:
            name = _xml_safe(outline.title)
            attributes = {
                "type": "rss",
                "text": name,
                "title": name,
                "xmlUrl": _xml_safe(outline.url),
                "language": outline.language,
                "topic": outline.topic,
                "pages": outline.pages,
            }
            etree.SubElement(parent, "outline", {k: v for k, v in attributes.items() if v})
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return written


def _as_xml(match: re.Match[str]) -> str:
    """Return valid XML for an HTML entity or a character reference."""
    entity: str = match[1]
    if entity in _XML_ENTITIES:
        return match[0]
    if not entity.startswith("#"):
        return escape(html5.get(entity, match[0]))
    digits = entity[1:-1].lower()
    number = int(digits[1:], 16) if digits.startswith("x") else int(digits)
    return escape(_xml_safe(chr(number)) if number <= sys.maxunicode else "")


def _xml_safe(text: str) -> str:
    return _NOT_XML.sub("", text)


def _mend_outlines(text: str) -> tuple[str, int]:
    """Return the text with each outline as XML wants it, and how many could not be mended.

    A `<` in a value is escaped, an attribute that stands twice counts once, and one of an
    undeclared namespace is left out, for none of them is needed.
    """
    broken = 0

    def mend(tag: re.Match[str]) -> str:
        nonlocal broken
        attributes = tag[1] or ""
        end = "/" if tag[0].endswith("/>") else ""
        rest = _ATTRIBUTE.sub("", attributes).strip()
        if tag[1] is None or rest not in ("", "/"):
            broken += 1
            return "<outline/>" if end else "<outline>"
        # Of one that stands twice the first counts.
        values = dict(reversed(_ATTRIBUTE.findall(attributes)))
        kept = [
            f" {name}={value.replace('<', '&lt;')}"
            for name, value in reversed(values.items())
            if ":" not in name
        ]
        return f"<outline{''.join(kept)}{end}>"

    return _OUTLINE.sub(mend, text), broken


def _too_deep() -> ParseError:
    return ParseError(f"not read: it has more than {MAX_DEPTH} folders within each other")


@dataclass(slots=True)
class _OutlineReader:
    """Target of the XML parser: collects the distinct feeds, by their canonical addresses.

    `parents` are the folder and the language within each open element; `beyond` are the addresses
    beyond the limit; `unusable` counts the outlines whose address is not one to poll.
    """

    distinct: dict[str, Outline] = field(default_factory=dict)
    beyond: set[str] = field(default_factory=set)
    parents: list[tuple[str, str]] = field(default_factory=list)
    unusable: int = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Read an element."""
        if not self.parents and etree.QName(tag).localname.lower() != "opml":
            raise ParseError("not OPML: its first element should be <opml>")
        if len(self.parents) > MAX_DEPTH:
            raise _too_deep()
        fields = {name.lower(): " ".join(value.split()) for name, value in attributes.items()}
        folder, language = self.parents[-1] if self.parents else ("", "")
        # Many readers escape a title that is escaped already.
        title = fields.get("title") or fields.get("text", "")
        name = _ENTITY.sub(lambda match: unescape(_as_xml(match)), title)[:MAX_TITLE_LENGTH]
        language = fields.get("language", language)
        if "xmlurl" in fields:
            self._add(fields, name, folder, language)
        elif name:
            inner = name.replace("/", "-")
            folder = f"{folder}/{inner}" if folder else inner
        self.parents.append((folder, language))

    def end(self, _: str) -> None:
        """Leave the element."""
        self.parents.pop()

    def close(self) -> None:
        """Return nothing: the feeds are in `distinct`."""

    def _add(self, fields: Mapping[str, str], name: str, folder: str, language: str) -> None:
        url = _FEED_SCHEME.sub("http:", _FEED_PREFIX.sub("", fields["xmlurl"]))
        if not (is_web_address(url) and (key := canonical(url))):
            self.unusable += 1
        elif key not in self.distinct and len(self.distinct) >= MAX_FEEDS:
            self.beyond.add(key)
        else:
            outline = Outline(
                url=url,
                title=name or urlsplit(url).hostname or "",
                folder=folder,
                language=language,
                topic=fields.get("topic", ""),
                pages=fields.get("pages", ""),
            )
            self.distinct.setdefault(key, outline)


def _folder(folders: dict[str, etree._Element], path: str) -> etree._Element:
    """Return the element of a folder; create it and its parents if they are missing."""
    parent, outer = folders[""], ""
    # Deeper ones share the last: each level would indent all below it.
    for name in path.split("/", MAX_FOLDER_DEPTH - 1) if path else ():
        outer = f"{outer}/{name}" if outer else name
        if outer not in folders:
            folders[outer] = etree.SubElement(parent, "outline", text=name, title=name)
        parent = folders[outer]
    return parent
