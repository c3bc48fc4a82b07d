"""Where does a page of HTML say that its feeds are? Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from itertools import takewhile
from urllib.parse import urljoin, urlsplit

from bot.web.domains import domain_of

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


# Where feeds usually are: of 15,377 addresses 3,355 are "/feed", 809 "/rss" and 386 "/rss.xml"
# (feed_catalogue.jsonl.xz). What the page was made with knows better.
USUAL = ("/feed", "/rss", "/rss.xml")
_MADE_WITH = {
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

_TYPE = re.compile(r"application/(?:(?:rss|atom|rdf)\+xml|feed\+json|xml)|text/xml", re.ASCII)
# In the languages of our readers; the address says it where the title is in another.
_COMMENTS = re.compile(r"comment|комент|коммент|відгук|отзыв", re.IGNORECASE)
_FILE = re.compile(
    r"/(?:feeds?|rss|atom)(?:[.]\w{2,4})?/?$|[./](?:rss|atom|rdf)$|/(?:index|news|all)[.]xml$"
    r"|[?&](?:feed|format|type|alt)=(?:rss|atom|feed)",
    re.IGNORECASE | re.ASCII,
)
_WORD = re.compile(r"(?:^|[^a-z])(?:rss|atom|feeds?)(?:[^a-z]|$)", re.IGNORECASE)
# What programs are shown instead of a page, by its title. As an answer of 403 it is known
# before; some are sent as if all were well.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLinks:
    """Addresses of what may be feeds, the likeliest first in each.

    `declared` are what the page calls its feeds, `linked` what it has links to that look
    like one or like a list of them, `usual` where others keep theirs. The page `asks_to_log_in`,
    or it is a `challenge` for humans.
    """

    declared: tuple[str, ...]
    linked: tuple[str, ...]
    usual: tuple[str, ...]
    asks_to_log_in: bool
    challenge: bool


@dataclass(frozen=True, slots=True)
class _Sign:
    """A tag, and the address that it leads to."""

    tag: Tag
    url: str


def find_feed_links(page: str, *, url: str) -> FeedLinks:
    """Return what the page that was found at `url` says.

    Of feeds of several languages that of the page comes first, of feeds of several sections
    that of the page's own, and feeds of comments are none.
    """
    found = tuple(tags(page))
    base = _joined(url, _first(found, "base", "href")) or url
    signs = [sign for sign in _signs(found, base) if not _COMMENTS.search(_said(sign))]
    declared = tuple(_declared(signs, found, url=url))
    asks = any(tag.get("type").lower() == "password" for tag in found if tag.name == "input")
    title = next((tag.text for tag in found if tag.name == "title"), "")
    return FeedLinks(
        declared=declared,
        linked=tuple(it for it in _linked(signs, site=domain_of(url)) if it not in declared),
        usual=_usual(found, url),
        # Many front pages have a form for it too.
        asks_to_log_in=asks and bool(_LOGIN.search(url)),
        challenge=bool(_CHALLENGE.match(title)),
    )


def _first(found: Iterable[Tag], name: str, attribute: str) -> str:
    values = (tag.get(attribute) for tag in found if tag.name == name)
    return next(filter(None, values), "")


def _meta(found: Iterable[Tag], name: str) -> str:
    """Return what the page says of itself under the name, in lower case."""
    metas = (tag for tag in found if tag.name == "meta")
    said = (tag for tag in metas if name in (tag.get("name").lower(), tag.get("property").lower()))
    return " ".join(tag.get("content").lower() for tag in said)


def _signs(found: Iterable[Tag], base: str) -> Iterator[_Sign]:
    for tag in found:
        if tag.name in ("a", "link") and tag.get("href"):
            url = _joined(base, tag.get("href"))
            if url:
                yield _Sign(tag, url)


def _joined(base: str, address: str) -> str | None:
    """Return the whole address without its fragment; None where it is none of the web."""
    try:
        whole = urljoin(base, re.sub("^feed://", "http://", address))
        parts = urlsplit(whole)
    except ValueError:  # "[" and no "]"
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname or len(whole) > _MAX_URL_LENGTH:
        return None
    return parts._replace(fragment="").geturl()


def _said(sign: _Sign) -> str:
    """Return where it leads and what it says of that; a host says nothing."""
    path = urlsplit(sign.url).path
    return f"{path} {sign.tag.get('title')} {sign.tag.text if sign.tag.name == 'a' else ''}"


def _declared(signs: Iterable[_Sign], found: Iterable[Tag], *, url: str) -> Iterator[str]:
    language = _language(_first(found, "html", "lang"))
    # Nearest to an article is the feed of its comments, in whatever language it says so.
    here = [] if _meta(found, "og:type") == "article" else _steps(url)

    def remoteness(sign: _Sign) -> tuple[bool, int]:
        its = _language(sign.tag.get("hreflang"))
        return bool(its and language and its != language), -_common(here, _steps(sign.url))

    alternates = sorted(filter(_is_declared, signs), key=remoteness)
    yield from dict.fromkeys(sign.url for sign in alternates)


def _is_declared(sign: _Sign) -> bool:
    # Not plain "application/json": with it WordPress declares what is for programs.
    relations = sign.tag.get("rel").lower().split()
    kind = sign.tag.get("type").lower().partition(";")[0].strip()
    promised = "feed" in relations or ("alternate" in relations and bool(_TYPE.fullmatch(kind)))
    return sign.tag.name == "link" and promised


def _language(tag: str) -> str:
    return tag.lower().replace("_", "-").partition("-")[0]


def _steps(url: str) -> list[str]:
    return [step for step in urlsplit(url).path.split("/") if step]


def _common(ours: list[str], theirs: list[str]) -> int:
    """Return in how many steps of their paths the two agree."""
    pairs = zip(ours, theirs, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _linked(signs: Iterable[_Sign], *, site: str) -> Iterator[str]:
    """Yield feeds and lists of feeds, those of this site first: others may be its friends'."""
    links = [sign for sign in signs if sign.tag.name == "a"]
    feeds = [sign.url for sign in links if _FILE.search(sign.url)]
    ours = [url for url in feeds if domain_of(url) == site]
    named = [sign.url for sign in links if _WORD.search(_said(sign))]
    lists = [url for url in named if domain_of(url) == site]
    yield from dict.fromkeys((*ours, *lists, *feeds))


def _usual(found: Iterable[Tag], url: str) -> tuple[str, ...]:
    made_with = _meta(found, "generator")
    known = [path for name, path in _MADE_WITH.items() if name in made_with]
    return tuple(dict.fromkeys(urljoin(url, path) for path in (*known, *USUAL)))
