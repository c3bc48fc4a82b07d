"""Which feeds does an OPML file list, and how is such a file written? Pure.

Any feed reader exports one; so it comes in any encoding, by any hand, and from strangers.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from html.entities import html5
from itertools import islice
from urllib.parse import urlsplit

from lxml import etree

from bot.errors import ParseError
from bot.web.encoding import decode
from bot.web.urls import canonical, is_web_address

MAX_BYTES = 5_000_000
# As many as one server is meant to poll.
MAX_FEEDS = 10_000
# Folders within folders; libxml2 itself gives up at 256.
MAX_DEPTH = 32
MAX_TITLE_LENGTH = 256

# "?a=1&b=2" as it came, or a name that HTML knows and XML does not.
_AMPERSAND = re.compile(r"&(#\d{1,7};|#x[0-9a-f]{1,6};|[a-z][a-z0-9]*;)?", re.IGNORECASE)
_XML_NAMES = frozenset({"amp;", "lt;", "gt;", "quot;", "apos;"})
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# So do old readers write it: feed:https://courier.example, feed://courier.example
_WRAPPED = re.compile(r"^feed:(?://)?(?=https?://)", re.IGNORECASE)
_FEED_SCHEME = re.compile(r"^feed:(?=//)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A feed as OPML lists it.

    `folder` is the way to it, "News/World"; empty: it lies in none. `language`, `topic` and
    `pages` are what the outline says of them, the language also a folder round it; empty where
    nothing is said.
    """

    url: str
    title: str
    folder: str = ""
    language: str = ""
    topic: str = ""
    pages: str = ""


def parse(document: bytes) -> tuple[Outline, ...]:
    """Return the feeds that an OPML file lists, in its order, each once; there may be none.

    What has no address of the web is passed over; a feed without a title is called by its host.

    Raises:
        ParseError: if it is not OPML, or too much of it; in one sentence.
    """
    if len(document) > MAX_BYTES:
        raise ParseError(f"not read: it is larger than {MAX_BYTES // 1_000_000} MB")
    text = decode(document, content_type=None)
    if "<!ENTITY" in text:
        raise ParseError("not read: it defines entities, which no list of feeds needs")
    root = _root(_AMPERSAND.sub(_readable, text))
    if not isinstance(root.tag, str) or etree.QName(root).localname.lower() != "opml":
        raise ParseError("not OPML: its first element should be <opml>")
    # One more tells that there are too many.
    found = tuple(islice(_distinct(_outlines(root)), MAX_FEEDS + 1))
    if len(found) > MAX_FEEDS:
        raise ParseError(f"not read: it lists more than {MAX_FEEDS:,} feeds")
    return found


def write(outlines: Iterable[Outline], *, title: str) -> bytes:
    """Return an OPML 2.0 file of the feeds, those of a folder together, for any feed reader."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = _legal(title)
    folders = {"": etree.SubElement(root, "body")}
    grouped = defaultdict(list)
    for outline in outlines:
        grouped[_legal(outline.folder)].append(outline)
    for folder, its in grouped.items():
        place = _folder(folders, folder)
        for outline in its:
            etree.SubElement(place, "outline", _attributes(outline))
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return written


def _readable(found: re.Match[str]) -> str:
    """Return what means the same to XML: lone ampersands and names of HTML are none of its."""
    name: str = found[1] or ""
    if name in _XML_NAMES:
        return found[0]
    if name.startswith("#"):
        return escape(_legal(_character(name)))
    return escape(html5.get(name, found[0]))


def _character(reference: str) -> str:
    digits = reference[1:-1].lower()
    number = int(digits[1:], 16) if digits.startswith("x") else int(digits)
    return chr(number) if number <= sys.maxunicode else ""


def _legal(text: str) -> str:
    return _NOT_XML.sub("", text)


def _root(text: str) -> etree._Element:
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
    """Yield the feeds in their order; without recursion, for a stranger decides how deep it is."""
    waiting = [(root, "", "", 0)]
    while waiting:
        element, folder, language, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise _too_deep()
        said = {name.lower(): " ".join(value.split()) for name, value in element.items()}
        name = (said.get("title") or said.get("text", ""))[:MAX_TITLE_LENGTH]
        language = said.get("language", language)
        if "xmlurl" in said:
            yield _outline(said, name, folder=folder, language=language)
        elif name:
            inner = name.replace("/", "-")
            folder = f"{folder}/{inner}" if folder else inner
        waiting += [(child, folder, language, depth + 1) for child in reversed(element)]


def _outline(said: Mapping[str, str], name: str, *, folder: str, language: str) -> Outline:
    url = _FEED_SCHEME.sub("http:", _WRAPPED.sub("", said["xmlurl"]))
    return Outline(
        url=url,
        title=name or _host(url),
        folder=folder,
        language=language,
        topic=said.get("topic", ""),
        pages=said.get("pages", ""),
    )


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "") if is_web_address(url) else ""


def _distinct(outlines: Iterable[Outline]) -> Iterator[Outline]:
    """Leave out what is not of the web, and what was there already, in another spelling."""
    seen: set[str] = set()
    for outline in outlines:
        key = canonical(outline.url) if is_web_address(outline.url) else ""
        if key and key not in seen:
            seen.add(key)
            yield outline


def _folder(folders: dict[str, etree._Element], path: str) -> etree._Element:
    """Return the element of a folder, made if need be, as are those round it."""
    if path not in folders:
        outer, _, name = path.rpartition("/")
        place = _folder(folders, outer)
        folders[path] = etree.SubElement(place, "outline", text=name, title=name)
    return folders[path]


def _attributes(outline: Outline) -> dict[str, str]:
    """Return what an outline says of a feed: what is empty is not said."""
    title = _legal(outline.title)
    said = {
        "type": "rss",
        "text": title,
        "title": title,
        "xmlUrl": _legal(outline.url),
        "language": outline.language,
        "topic": outline.topic,
        "pages": outline.pages,
    }
    return {name: value for name, value in said.items() if value}
