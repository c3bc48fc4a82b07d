"""Items of RSS, RDF and Atom, each read on its own: which element plays which role.

Names of elements are in lower case, with the prefix that their namespace usually has; elements of
the feed's own namespace have none.
"""

import base64
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from lxml import etree

from bot.feeds.formats.dates import read_date
from bot.feeds.formats.items import Item
from bot.feeds.formats.visible_text import Field, plain_field
from bot.web.pictures import PictureSource

# By role: the first that says something is the text.
FULL_TEXTS = (
    "content:encoded", "encoded", "yandex:full-text", "full-text", "fulltext", "turbo:content",
    "content", "atom:content", "body", "xhtml:body",
)  # fmt: skip
_SUMMARIES = ("description", "summary", "atom:summary", "dc:description", "dcterms:abstract")
# About the picture or the film: only where nothing else says anything.
_CAPTIONS = ("itunes:summary", "media:description", "itunes:subtitle", "media:text")
_TITLES = ("title", "dc:title", "atom:title", "media:title", "itunes:title")
_PUBLISHED = (
    "pubdate", "published", "issued", "atom:published", "dcterms:issued", "dcterms:created",
    "dc:date", "date",
)  # fmt: skip
_EDITED = ("updated", "modified", "atom:updated", "dcterms:modified")
_LABELS = ("category", "dc:subject", "media:category", "atom:category")
_KEYWORDS = ("media:keywords", "itunes:keywords")
# Within these, elements are about the same item.
_CONTAINERS = frozenset({"media:group", "media:content"})
_MAX_CONTAINERS = 10

_ATOM = "http://www.w3.org/2005/atom"
_ATOM_0_3 = "http://purl.org/atom/ns"
_MEDIA = "http://search.yahoo.com/mrss"
_ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
_PREFIXES = {
    "http://purl.org/rss/1.0/modules/content": "content",
    "http://purl.org/dc/elements/1.1": "dc",
    "http://purl.org/dc/elements/1.0": "dc",
    "http://purl.org/dc/terms": "dcterms",
    _MEDIA: "media",
    "http://video.search.yahoo.com/mrss": "media",
    _ITUNES: "itunes",
    "http://news.yandex.ru": "yandex",
    "http://turbo.yandex.ru": "turbo",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns": "rdf",
    _ATOM: "atom",
    _ATOM_0_3: "atom",
}
# Their texts have types; the others are always markup.
_TYPED = frozenset({_ATOM, _ATOM_0_3, _MEDIA, _ITUNES})
_NAMESPACE = re.compile(r"""\sxmlns(:[\w.-]{1,40})?\s*=\s*(["'])([^"'<>]{0,200})\2""")
_DECLARED_PREFIX = re.compile(r"""\sxmlns:([\w.-]{1,40})\s*=\s*(["'])([^"'<>]{0,200})\2""")
_PREFIXED_TAG = re.compile(r"(</?)([\w.-]{1,40}):(?=[A-Za-z])")
# Pages are written in these, under any prefix.
_PAGE_LANGUAGES = frozenset({
    "http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg",
    "http://www.w3.org/1998/math/mathml",
})  # fmt: skip
_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_MARKUP_TYPES = ("html", "xml")
_PICTURE_FILE = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:$|[?#])", re.IGNORECASE)
# The first page of a site: of no article.
_FRONT_PAGE = re.compile(r"(?:https?:)?//[^/?#\s]{1,255}/?|/", re.IGNORECASE)
# Pages for telephones: beside another page, never the one to open.
_NARROW_PAGE = re.compile(
    r"^https?://(?:amp|m|mobile|wap)\.|/amp(?:/|$|[?#])|[?&](?:amp|outputtype=amp)(?:=|&|$)|\.amp(?:$|\.html)",
    re.IGNORECASE,
)
_PARSER_OPTIONS = {
    "recover": True, "resolve_entities": False, "no_network": True, "load_dtd": False,
    "remove_comments": True, "remove_pis": True,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHead:
    """What a feed says of itself: `site` is the address of its pages, empty where it gives none.

    `base` is its xml:base and `namespaces` the declarations that hold for its items. With neither
    channel nor namespace it `is_feed` only if it has items.
    """

    title: str = ""
    site: str = ""
    language: str = ""
    base: str = ""
    namespaces: str = ""
    is_feed: bool = True


def read_head(xml: str) -> FeedHead:
    """Return what the feed without its items, mended, says of itself."""
    root = _parse(xml)
    if root is None:
        return FeedHead(is_feed=False)
    channels = (child for child in root if _local(child).removeprefix("rss:") == "channel")
    channel = next(channels, root)
    fields = _Fields(channel)
    namespaces = {found[1] or "": found[3] for found in _NAMESPACE.finditer(xml)}
    return FeedHead(
        title=fields.title().line(),
        site=next(iter(fields.alternates(language="")), ""),
        language=fields.text("language", "dc:language") or str(root.get(_XML_LANG, "")),
        base=_base(str(root.get(_XML_BASE, "")), channel),
        namespaces="".join(f' xmlns{prefix}="{uri}"' for prefix, uri in namespaces.items()),
        is_feed=channel is not root
        or _local(root) == "rss"
        or (bool(_uri(root)) and _local(root) == "feed"),
    )


def read_item(xml: str, head: FeedHead, *, digest: bytes, now: datetime) -> Item:
    """Return an item, mended, of the feed of that head; what cannot be read of it is missing."""
    wrapper = _parse(f"<feed{head.namespaces}>{xml}</feed>")
    element = None if wrapper is None else next(iter(wrapper), None)
    if element is None:
        return Item(digest=digest)
    return _item(element, head, digest=digest, now=now)


def read_items(xml: str, head: FeedHead, *, now: datetime) -> tuple[Item, ...]:
    """Return the items of a whole feed, mended, that cannot be split."""
    root = _parse(xml)
    found = (
        []
        if root is None
        else [
            child for child in root.iter() if _local(child).rpartition(":")[2] in ("item", "entry")
        ]
    )
    return tuple(_item(element, head, digest=b"", now=now) for element in found)


def _parse(xml: str) -> etree._Element | None:
    return etree.fromstring(xml.encode("utf-8", "replace"), etree.XMLParser(**_PARSER_OPTIONS))


def _base(outer: str, element: etree._Element) -> str:
    """Return the base of the element's addresses; its own is relative to the outer (XML Base)."""
    inner = str(element.get(_XML_BASE, ""))
    try:
        return urljoin(outer, inner)
    except ValueError:
        return outer


def _item(element: etree._Element, head: FeedHead, *, digest: bytes, now: datetime) -> Item:
    fields = _Fields(element)
    is_atom = _uri(element) in (_ATOM, _ATOM_0_3)
    guid = fields.text("guid", "id", "atom:id") or str(element.get(_RDF_ABOUT, ""))
    edited_at = fields.first_date(*_EDITED, now=now)
    return Item(
        digest=digest,
        guid=guid,
        links=tuple(fields.links(guid, language=head.language)),
        base=_base(head.base, element),
        title=fields.title(),
        bodies=tuple(fields.of(*FULL_TEXTS)),
        summaries=tuple(fields.of(*_SUMMARIES)),
        captions=tuple(fields.of(*_CAPTIONS)),
        labels=tuple(filter(None, fields.labels())),
        pictures=tuple(fields.pictures()),
        source=fields.source(),
        published_at=fields.first_date(*_PUBLISHED, now=now)
        or edited_at
        or fields.first_date("created", now=now),
        edited_at=edited_at if is_atom else None,
    )


class _Fields:
    """The elements of an item by name, those of its media containers too, and what they hold.

    Elements of one name are in document order.
    """

    def __init__(self, item: etree._Element) -> None:
        self._own = _uri(item)
        self._elements: dict[str, list[etree._Element]] = {}
        self._add(item)

    def _add(self, parent: etree._Element) -> None:
        for child in parent:
            if isinstance(child.tag, str):
                name = _name(child, own=self._own)
                self._elements.setdefault(name, []).append(child)
                if name in _CONTAINERS and len(self._elements[name]) <= _MAX_CONTAINERS:
                    self._add(child)

    def all(self, *names: str) -> Iterator[etree._Element]:
        """Yield the elements, by the order of their names."""
        for name in names:
            yield from self._elements.get(name, ())

    def text(self, *names: str) -> str:
        """Return the first text of these elements that is not empty."""
        return next(filter(None, (_text(element) for element in self.all(*names))), "")

    def of(self, *names: str) -> Iterator[Field]:
        """Yield the texts of the elements, each as its kind says."""
        for element in self.all(*names):
            if field := _field(element):
                yield field

    def title(self) -> Field:
        """Return the first title that is not empty."""
        return next(self.of(*_TITLES), Field())

    def links(self, guid: str, *, language: str) -> Iterator[str]:
        """Yield the addresses at which the item may be read, the best first."""
        pages = self.alternates(language=language)
        # The first page of a site is read where there is no other.
        yield from (page for page in pages if not _FRONT_PAGE.fullmatch(page))
        is_permanent = all(
            value.strip().lower() != "false"
            for element in self.all("guid")
            for name, value in element.items()
            if name.lower() == "ispermalink"
        )
        if is_permanent and guid.startswith(("http:", "https:", "/")):
            yield guid
        yield from (page for page in pages if _FRONT_PAGE.fullmatch(page))
        yield self.text("feedburner:origlink", "url", "permalink")
        yield from (str(content.get("src", "")) for content in self.all("content"))
        links = list(self.all("link", "atom:link"))
        for relation in ("related", "via"):
            yield from (str(link.get("href", "")) for link in links if _relation(link) == relation)
        yield self.text("comments")
        yield from (str(link.get("href", "")) for link in links if _relation(link) == "enclosure")
        media = self.all("enclosure", "media:content", "media:player")
        yield from (str(element.get("url", "")) for element in media)

    def alternates(self, *, language: str) -> list[str]:
        """Return the addresses of pages, in order but for those that are better avoided."""

        def drawbacks(link: etree._Element) -> tuple[bool, bool, bool]:
            spoken = str(link.get("hreflang", ""))[:2].lower()
            kind = str(link.get("type", "")).lower()
            return (
                "handheld" in str(link.get("media", ""))
                or bool(_NARROW_PAGE.search(_address(link))),
                bool(spoken and language and spoken != language[:2].lower()),
                bool(kind) and "html" not in kind,
            )

        pages = [link for link in self.all("link") if _relation(link) == "alternate"]
        pages += [link for link in self.all("atom:link") if _relation(link) == "alternate"]
        return [address for link in sorted(pages, key=drawbacks) if (address := _address(link))]

    def source(self) -> str:
        """Return the address of the publisher that an aggregator took the item from."""
        for element in self.all("source", "atom:source"):
            links = (child for child in element if _local(child) == "link")
            addresses = (str(element.get("url", "")), *map(_address, links))
            if address := next(filter(None, map(str.strip, addresses)), ""):
                return address
        return ""

    def labels(self) -> Iterator[str]:
        """Yield the categories and keywords, some of them empty."""
        for element in self.all(*_LABELS):
            yield str(element.get("term") or _text(element) or element.get("label") or "")
        yield from filter(None, self.text(*_KEYWORDS).split(","))

    def pictures(self) -> Iterator[PictureSource]:
        """Yield the pictures that the publisher declares, the largest of a group first."""
        media = [element for element in self.all("media:content") if _is_picture(element)]
        sources = [_picture(element, "url") for element in media]
        yield from sorted(sources, key=PictureSource.area, reverse=True)
        yield from (_picture(element, "url") for element in self.all("media:thumbnail"))
        links = self.all("link", "atom:link")
        enclosed = [link for link in links if _relation(link) == "enclosure"]
        for element in (*self.all("enclosure"), *enclosed):
            if _is_picture(element):
                yield _picture(element, "href" if element.get("href") else "url")
        yield from (_picture(element, "href") for element in self.all("itunes:image"))
        for element in self.all("image"):
            url = next(
                (_text(child) for child in element if _local(child) == "url"), _text(element)
            )
            yield PictureSource(url=str(element.get("href") or element.get("url") or url))

    def first_date(self, *names: str, now: datetime) -> datetime | None:
        """Return the first date of these elements that is understood."""
        texts = filter(None, (_text(element) for element in self.all(*names)))
        return next(filter(None, (read_date(text, now=now) for text in texts)), None)


def _relation(link: etree._Element) -> str:
    """Return the relation of a link; the IANA's full name is an address."""
    return str(link.get("rel") or "alternate").strip().lower().rpartition("/")[2]


def _address(link: etree._Element) -> str:
    return str(link.get("href") or _text(link) or link.get("url") or link.get("uri") or "").strip()


def _is_picture(element: etree._Element) -> bool:
    kind = str(element.get("medium") or element.get("type") or "").lower()
    address = str(element.get("url") or element.get("href") or "")
    return kind.startswith("image") or (not kind and bool(_PICTURE_FILE.search(address)))


def _picture(element: etree._Element, attribute: str) -> PictureSource:
    return PictureSource(
        url=str(element.get(attribute, "")),
        width=str(element.get("width", "")),
        height=str(element.get("height", "")),
    )


def _field(element: etree._Element) -> Field | None:
    """Return the text of an element; None where there is none, or something else than text."""
    text = _text(element)
    kind = str(element.get("type", "")).strip().lower()
    is_text = kind in ("", "text", "html", "xhtml", "plain") or kind.startswith("text/")
    if element.get("mode") == "base64" or not (is_text or "xml" in kind or "html" in kind):
        encoded, text = text, ""
        if not kind.startswith(("image", "audio", "video")):
            with suppress(ValueError):
                text = base64.b64decode(encoded, validate=False).decode("utf-8")
    if not text:
        return None
    text = _without_prefixes(text, element)
    if _uri(element) not in _TYPED or any(name in kind for name in _MARKUP_TYPES):
        return Field(text)
    is_certain = bool(kind) and element.get("mode") != "escaped"
    return Field(text, literal=True) if is_certain else plain_field(text)


def _without_prefixes(text: str, element: etree._Element) -> str:
    """Return markup with the tags of XHTML as HTML has them, without the prefix declared there."""
    if not _PREFIXED_TAG.search(text):
        return text
    declared = {prefix: uri for prefix, _, uri in _DECLARED_PREFIX.findall(text)}
    known = {**{prefix: str(uri) for prefix, uri in element.nsmap.items()}, **declared}
    own = {prefix for prefix, uri in known.items() if uri.lower().rstrip("/#") in _PAGE_LANGUAGES}
    return _PREFIXED_TAG.sub(
        lambda tag: tag[1] if tag[2] in own or tag[2].lower() == "xhtml" else tag[0], text
    )


def _text(element: etree._Element) -> str:
    return "".join(element.itertext()).strip()


def _uri(element: etree._Element) -> str:
    uri, mark, _ = str(element.tag).rpartition("}")
    return uri[1:].lower().rstrip("/#") if mark else ""


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _name(element: etree._Element, *, own: str | None = None) -> str:
    """Return the name of an element; one whose prefix is declared nowhere keeps that."""
    uri, local = _uri(element), _local(element)
    if not uri:
        return local.removeprefix("rss:")
    if uri == own:
        return local
    prefix = _PREFIXES.get(uri, element.prefix or "")
    return f"{prefix.lower()}:{local}" if prefix else local
