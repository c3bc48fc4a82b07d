"""Feed autodiscovery: the feeds that an HTML page declares, links to or probably has."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from itertools import takewhile
from urllib.parse import urljoin, urlsplit

from bot.web.domains import domain_of

# Of 116 saved pages the one with the most has 668 (pages.tar.xz).
MAX_TAGS = 10_000
_MAX_ATTRIBUTES = 100
_MAX_VALUE_LENGTH = 2048
_MAX_TEXT_LENGTH = 200

_START = re.compile(
    r"<(?:!--|(html|base|link|meta|title|a|input|script|style|textarea)(?=[\s/>]))",
    re.IGNORECASE | re.ASCII,
)
# The content of these elements is no markup.
_RAW_TEXT_ENDS = {
    name: re.compile(rf"</{name}", re.IGNORECASE) for name in ("script", "style", "textarea")
}
_COMMENT_END = re.compile("-->")
_CLOSE = re.compile(">")
_GAP = re.compile(r"[\s/]*")
_ATTRIBUTE = re.compile(r"""([^\s>/][^\s=>/]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?""")


# Usual paths of feeds: of 15,377 addresses 3,355 are "/feed", 809 "/rss" and 386 "/rss.xml"
# (feed_catalogue.jsonl.xz). Those of the page's generator come first.
USUAL_PATHS = ("/feed", "/rss", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml")
_GENERATOR_PATHS = {
    "wordpress": "/feed/",
    "blogger": "/feeds/posts/default",
    "ghost": "/rss/",
    "drupal": "/rss.xml",
    "joomla": "/?format=feed&type=rss",
    "datalife": "/rss.xml",
    "bitrix": "/rss/",
    "hugo": "/index.xml",
    "jekyll": "/feed.xml",
    "eleventy": "/feed.xml",
    "astro": "/rss.xml",
    "gatsby": "/rss.xml",
    "hexo": "/atom.xml",
    "pelican": "/feeds/all.atom.xml",
    "wix": "/blog-feed.xml",
    "medium": "/feed",
    "substack": "/feed",
    "discourse": "/latest.rss",
}

# As publishers write them: "application/rss", "rss+xml", "text/rss+xml", "application/x-rss+xml".
_FEED_TYPE = re.compile(
    r"(?:\w+/)?(?:x[.-])?(?:rss|atom|rdf|feed)(?:[+ -]?(?:xml|json))?", re.ASCII
)
_XML_TYPE = re.compile(r"(?:application|text)/xml", re.ASCII)
_JSON_FEED = re.compile(r"feed[^/]*\.json$|/feed/json/?$", re.IGNORECASE)
_HEADER_LINK = re.compile(r",\s*(?=<)")
_HEADER_PARAMETER = re.compile(r";\s*([\w-]+)\s*=\s*(?:\"([^\"]*)\"|([^\s;,\"]+))", re.ASCII)
_MAX_HEADER_CHARS = 8192
# In the languages of the readers; where the title is in another, the address has it.
_COMMENTS = re.compile(r"comment|комент|коммент|відгук|отзыв", re.IGNORECASE)
_FILE = re.compile(
    r"/(?:feeds?|rss|atom)(?:[.]\w{2,4})?/?$|[./](?:rss|atom|rdf)$|/(?:index|news|all)[.]xml$"
    r"|[?&](?:feed|format|type|alt)=(?:rss|atom|feed)",
    re.IGNORECASE | re.ASCII,
)
_WORD = re.compile(r"(?:^|[^a-z])(?:rss|atom|feeds?)(?:[^a-z]|$)", re.IGNORECASE)
# Titles of challenge pages that come with status 200; those of a 403 are recognised before.
_CHALLENGE = re.compile(
    r"^(?:just a moment|attention required! \| cloudflare|ddos-guard|checking your browser"
    r"|one moment, please|один момент|трохи зачекайте|verifying you are human)",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"/(?:log-?in|sign-?in|auth\w*|sso|account)\b", re.IGNORECASE)
_MAX_URL_LENGTH = 2048


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
    """Yield the first `MAX_TAGS` tags in their order, without those in comments and scripts."""
    position = 0
    for _ in range(MAX_TAGS):
        start = _START.search(page, position)
        if start is None:
            return
        if start[1] is None:
            # "<!-->" is a whole comment.
            position = _end(_COMMENT_END.search(page, start.start() + 2), page)
            continue
        name = start[1].lower()
        attributes, position = _read_attributes(page, start.end())
        limit = position + _MAX_TEXT_LENGTH
        next_tag = page.find("<", position, limit)
        text = unescape(page[position : next_tag if next_tag >= 0 else limit])
        yield Tag(name=name, attributes=attributes, text=" ".join(text.split()))
        if name in _RAW_TEXT_ENDS:
            position = _end(_RAW_TEXT_ENDS[name].search(page, position), page)


def _read_attributes(page: str, position: int) -> tuple[dict[str, str], int]:
    """Return the attributes, the first of each name, and the position after the tag."""
    attributes: dict[str, str] = {}
    for _ in range(_MAX_ATTRIBUTES):
        # Matched on its own, to prevent backtracking.
        position = _end(_GAP.match(page, position), page)
        attribute = _ATTRIBUTE.match(page, position)
        if attribute is None:  # here the tag ends, or the page
            return attributes, position + 1
        value = attribute[attribute.lastindex or 1] if (attribute.lastindex or 1) > 1 else ""
        attributes.setdefault(attribute[1].lower(), unescape(value[:_MAX_VALUE_LENGTH]))
        position = attribute.end()
    return attributes, _end(_CLOSE.search(page, position), page)


def _end(match: re.Match[str] | None, page: str) -> int:
    return match.end() if match else len(page)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLinks:
    """URLs that may be feeds, the likeliest first in each.

    `declared` are the page's feeds by its own word, `linked` its links that look like a feed
    or a list of feeds, `usual` the usual paths. The page `asks_to_log_in`, or it is a `challenge`
    for humans.
    """

    declared: tuple[str, ...]
    linked: tuple[str, ...]
    usual: tuple[str, ...]
    asks_to_log_in: bool
    challenge: bool


@dataclass(frozen=True, slots=True)
class _Link:
    """A tag, and the absolute URL that it links to."""

    tag: Tag
    url: str

    @property
    def words(self) -> str:
        """The URL's path, and what the page calls the link; a host says nothing."""
        text = self.tag.text if self.tag.name == "a" else ""
        return f"{urlsplit(self.url).path} {self.tag.get('title')} {text}"


def find_feed_links(page: str, *, url: str) -> FeedLinks:
    """Return the feeds of the page that was found at `url`.

    Of feeds in several languages that of the page comes first, of feeds of several sections
    that of the page's own; feeds of comments are left out.
    """
    page_tags = tuple(tags(page))
    base = _join(url, _first(page_tags, "base", "href")) or url
    links = [
        _Link(tag, target)
        for tag in page_tags
        if tag.name in ("a", "link")
        and tag.get("href")
        and (target := _join(base, tag.get("href")))
    ]
    links = [link for link in links if not _COMMENTS.search(link.words)]
    declared = _declared_feeds(links, page_tags, url=url)
    linked = _linked_feeds(links, site=domain_of(url))
    generator = _meta(page_tags, "generator")
    own_paths = (path for name, path in _GENERATOR_PATHS.items() if name in generator)
    has_password = any(
        tag.get("type").lower() == "password" for tag in page_tags if tag.name == "input"
    )
    title = next((tag.text for tag in page_tags if tag.name == "title"), "")
    return FeedLinks(
        declared=declared,
        linked=tuple(target for target in linked if target not in declared),
        usual=tuple(dict.fromkeys(urljoin(url, path) for path in (*own_paths, *USUAL_PATHS))),
        # Many front pages have a form for it, too.
        asks_to_log_in=has_password and bool(_LOGIN.search(url)),
        challenge=bool(_CHALLENGE.match(title)),
    )


def _declared_feeds(links: Iterable[_Link], page: Iterable[Tag], *, url: str) -> tuple[str, ...]:
    language = _language(_first(page, "html", "lang"))
    # The nearest to an article is the feed of its comments, in a language that may be unknown.
    here = [] if _meta(page, "og:type") == "article" else _steps(url)
    declared = [
        link
        for link in links
        if link.tag.name == "link"
        and _is_declared(link.tag.get("rel"), link.tag.get("type"), link.url)
    ]

    def remoteness(link: _Link) -> tuple[bool, int]:
        other = _language(link.tag.get("hreflang"))
        pairs = zip(here, _steps(link.url), strict=False)
        common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        return bool(other and language and other != language), -common

    return tuple(dict.fromkeys(link.url for link in sorted(declared, key=remoteness)))


def header_feeds(header: str, *, url: str) -> tuple[str, ...]:
    """Return the feeds that an HTTP header `Link` declares. Source: RFC 8288, section 3."""
    declared = []
    for link in _HEADER_LINK.split(header[:_MAX_HEADER_CHARS]):
        target, _, rest = link.strip().removeprefix("<").partition(">")
        found = _HEADER_PARAMETER.findall(rest)
        values = {name.lower(): quoted or bare for name, quoted, bare in reversed(found)}
        address = _join(url, target)
        if address and _is_declared(values.get("rel", ""), values.get("type", ""), address):
            declared.append(address)
    return tuple(dict.fromkeys(declared))


def _is_declared(relation: str, kind: str, url: str) -> bool:
    """Return whether a link of this relation and type is declared to be a feed."""
    relations = relation.lower().split()
    kind = kind.lower().partition(";")[0].strip()
    if "feed" in relations:
        return True
    if "alternate" not in relations and "alternative" not in relations:
        return False
    if not kind:
        return _FILE.search(url) is not None
    # With plain "application/json" WordPress declares its API.
    is_json = kind == "application/json" and _JSON_FEED.search(urlsplit(url).path) is not None
    return is_json or bool(_FEED_TYPE.fullmatch(kind) or _XML_TYPE.fullmatch(kind))


def _linked_feeds(links: Iterable[_Link], *, site: str) -> dict[str, None]:
    """Return feeds and lists of feeds, those of this site first: others may be its friends'."""
    anchors = [link for link in links if link.tag.name == "a"]
    feeds = [link.url for link in anchors if _FILE.search(link.url)]
    own_feeds = [url for url in feeds if domain_of(url) == site]
    named = [link.url for link in anchors if _WORD.search(link.words)]
    own_lists = [url for url in named if domain_of(url) == site]
    return dict.fromkeys((*own_feeds, *own_lists, *feeds))


def _first(page: Iterable[Tag], name: str, attribute: str) -> str:
    values = (tag.get(attribute) for tag in page if tag.name == name)
    return next(filter(None, values), "")


def _meta(page: Iterable[Tag], name: str) -> str:
    """Return the content of the page's meta tags of this name, in lower case."""
    metas = (tag for tag in page if tag.name == "meta")
    return " ".join(
        tag.get("content").lower()
        for tag in metas
        if name in (tag.get("name").lower(), tag.get("property").lower())
    )


def _join(base: str, address: str) -> str | None:
    """Return the absolute URL without its fragment; None where it is none of the web."""
    try:
        url = urljoin(base, re.sub("^feed://", "http://", address))
        parts = urlsplit(url)
    except ValueError:  # "[" and no "]"
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > _MAX_URL_LENGTH:
        return None
    return parts._replace(fragment="").geturl()


def _language(tag: str) -> str:
    return tag.lower().replace("_", "-").partition("-")[0]


def _steps(url: str) -> list[str]:
    return [step for step in urlsplit(url).path.split("/") if step]
