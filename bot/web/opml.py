"""OPML files: reading and writing lists of feeds.

Feed readers export them, so a file is untrusted, may have any encoding and need not be valid XML.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
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
MAX_TITLE_LENGTH = 256

# "?a=1&b=2" without escapes, or an entity that HTML defines and XML does not.
_AMPERSAND = re.compile(r"&(#\d{1,7};|#x[0-9a-f]{1,6};|[a-z][a-z0-9]*;)?", re.IGNORECASE)
_XML_ENTITIES = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
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


def parse(document: bytes) -> tuple[Outline, ...]:
    """Return the distinct feeds of an OPML file in its order; there may be none.

    Outlines without a web address are dropped; a feed without a title is named by its host.

    Raises:
        ParseError: if it is not OPML, or exceeds a limit; in one sentence.
    """
    if len(document) > MAX_BYTES:
        raise ParseError(f"not read: it is larger than {MAX_BYTES // 1_000_000} MB")
    text = decode(document, content_type=None)
    if "<!ENTITY" in text:
        raise ParseError("not read: it defines entities, which no list of feeds needs")
    root = _parse_xml(_AMPERSAND.sub(_escape_ampersand, text))
    if not isinstance(root.tag, str) or etree.QName(root).localname.lower() != "opml":
        raise ParseError("not OPML: its first element should be <opml>")
    distinct: dict[str, Outline] = {}
    for outline in _outlines(root):
        key = canonical(outline.url) if is_web_address(outline.url) else ""
        if key:
            distinct.setdefault(key, outline)
        if len(distinct) > MAX_FEEDS:
            raise ParseError(f"not read: it lists more than {MAX_FEEDS:,} feeds")
    return tuple(distinct.values())


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


def _escape_ampersand(match: re.Match[str]) -> str:
    """Replace a bare ampersand, an HTML entity or a character reference by valid XML."""
    entity: str = match[1] or ""
    if entity in _XML_ENTITIES:
        return match[0]
    if not entity.startswith("#"):
        return escape(html5.get(entity, match[0]))
    digits = entity[1:-1].lower()
    number = int(digits[1:], 16) if digits.startswith("x") else int(digits)
    return escape(_xml_safe(chr(number)) if number <= sys.maxunicode else "")


def _xml_safe(text: str) -> str:
    return _NOT_XML.sub("", text)


def _parse_xml(text: str) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
        remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(text.strip().encode(), parser)
    except etree.XMLSyntaxError as error:
        if "depth" in error.msg:
            raise _too_deep() from None
        raise ParseError(f"not OPML: {error.msg}") from None


def _too_deep() -> ParseError:
    return ParseError(f"not read: it has more than {MAX_DEPTH} folders within each other")


def _outlines(root: etree._Element) -> Iterator[Outline]:
    """Yield the feeds in document order; iteratively, as the depth of the file is untrusted."""
    stack = [(root, "", "", 0)]
    while stack:
        element, folder, language, depth = stack.pop()
        if depth > MAX_DEPTH:
            raise _too_deep()
        attributes = {name.lower(): " ".join(value.split()) for name, value in element.items()}
        name = (attributes.get("title") or attributes.get("text", ""))[:MAX_TITLE_LENGTH]
        language = attributes.get("language", language)
        if "xmlurl" in attributes:
            url = _FEED_SCHEME.sub("http:", _FEED_PREFIX.sub("", attributes["xmlurl"]))
            host = (urlsplit(url).hostname or "") if is_web_address(url) else ""
            yield Outline(
                url=url,
                title=name or host,
                folder=folder,
                language=language,
                topic=attributes.get("topic", ""),
                pages=attributes.get("pages", ""),
            )
        elif name:
            inner = name.replace("/", "-")
            folder = f"{folder}/{inner}" if folder else inner
        stack += [(child, folder, language, depth + 1) for child in reversed(element)]


def _folder(folders: dict[str, etree._Element], path: str) -> etree._Element:
    """Return the element of a folder; create it and its parents if they are missing."""
    if path not in folders:
        outer, _, name = path.rpartition("/")
        parent = _folder(folders, outer)
        folders[path] = etree.SubElement(parent, "outline", text=name, title=name)
    return folders[path]
