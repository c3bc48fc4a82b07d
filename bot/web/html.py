"""Untrusted HTML as a bounded lxml tree, and the links of an article's editor ("Read also")."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import urldefrag, urljoin, urlsplit

from lxml import etree, html

from bot.model import EditorLink
from bot.web.domains import registrable_domain

# No article is longer.
MAX_CHARS = 2_000_000
# Several times the largest of a hundred real pages.
MAX_TAGS = 50_000
# No page nests so deeply, and those who walk the tree may recurse.
MAX_DEPTH = 150

MAX_URL_CHARS = 2048
MAX_TITLE_CHARS = 300
# More than any article is asked for.
MAX_LINKS = 20
# An editor offers a few; a longer list under "Read also" is generated for every page.
MAX_BLOCK_LINKS = 5
# "Video", "2" and "Reuters" are buttons; a headline is longer.
MIN_HEADLINE_CHARS = 16
_BULLETS = " \t•▪●–—-*>➡→👉🔗"
# Text beside the links of a block: a date or a bullet is shorter, the article's own text longer.
MAX_ASIDE_CHARS = 40

# No word boundary at its end: some pages lack the space, «Читайте такожУкраїна…».
READ_ALSO = re.compile(
    r"\W*(?:(?:читай(?:те)?|дивіться|смотри(?:те)?|see|read|watch)\s+"
    r"(?:також|так ?же|ещё|еще|по теме|за темою|also\b|more\b|next\b)"
    r"|(?:також|так ?же)\s+(?:читай(?:те)?|дивіться|смотри(?:те)?)"
    r"|(?:материалы|матеріали) (?:по теме|за темою)|по теме:|related:|related stories)\s*",
    re.IGNORECASE,
)

# A page about the site itself, by its address or its title, is no story.
_ABOUT_SITE = re.compile(
    r"(?:^|/)(?:privacy|confidentiality|terms|cookies?|legal|about|contacts?|advertis\w*|subscribe"
    r"|subscription|login|register|rss|donate|support)"
    r"(?:[-_](?:policy|notice|statement|us|of|and|use|service|conditions|settings))*(?:\.\w+)?/?$",
    re.IGNORECASE,
)
_ABOUT_SITE_TITLE = re.compile(
    r"\b(?:privacy (?:policy|notice)|cookie|terms of (?:use|service)"
    r"|політик\w* (?:конфіденц|приватн)"
    r"|обробк\w* персональн|умови користування|правила користування|політик\w* cookie"
    r"|политик\w* (?:конфиденц|приватн)|обработк\w* персональн|пользовательск\w* соглашени"
    r"|условия использования|правила пользования)",
    re.IGNORECASE,
)
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"'«»()]{1,2048}")

_TAG = re.compile("<")
_HREF = re.compile("href", re.IGNORECASE)
# Of an address that is plainly absolute.
_LINKED_HOST = re.compile(
    r"""href\s{0,9}=\s{0,9}["']?\s{0,9}https?://([a-z0-9.-]{1,253})(?=[/"'?#>])""", re.IGNORECASE
)
# The parser compares each attribute of a tag with all before it. Attributes and their values are
# counted, where a value in quotation marks is one piece.
_MAX_TAG_PIECES = 1000
_CROWDED_TAG = re.compile(
    rf"""<[A-Za-z][^\s/<>]*+
    (?>[\s/]*+(?>"[^"]*+"|'[^']*+'|[^\s/"'<>]++|["'])){{{_MAX_TAG_PIECES}}}+[^<>]*+>?""",
    re.VERBOSE,
)
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
# Control and invisible characters, and marks that change the direction of a message.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufffe\uffff]"
)
_DROPPED_TAGS = ("script", "style", "noscript", "template", "svg", "iframe", "nav", "footer")
_BLOCK_TAGS = """
p div li ul ol h1 h2 h3 h4 h5 h6 blockquote section article aside td tr table br hr figure
figcaption main header footer nav dt dd
"""
_BLOCKS = frozenset(_BLOCK_TAGS.split())


@dataclass(slots=True)
class _Block:
    """A paragraph or a cell: its pieces of text, the characters outside of links, and its links."""

    pieces: list[str] = field(default_factory=list)
    aside_chars: int = 0
    links: list[EditorLink] = field(default_factory=list)

    def add_link(self, element: html.HtmlElement, url: str) -> None:
        """Add the text of a link, and the link if it leads to another story of the site."""
        text = " ".join(visible(str(element.text_content())).split())
        self.pieces += [text] if text else []
        target = _same_site_url(visible(str(element.get("href", ""))), url)
        headline = after_read_also(text)
        title = text if headline is None else headline
        if target and not (
            _ABOUT_SITE_TITLE.search(title) or _ABOUT_SITE.search(urlsplit(target).path)
        ):
            self.links.append(EditorLink(title=title[:MAX_TITLE_CHARS], url=target))


def visible(text: str) -> str:
    """Return the text without control and invisible characters, which references can spell."""
    return _UNWANTED.sub("", text)


def parse_html(markup: str) -> html.HtmlElement | None:
    """Return the tree of the markup without scripts and deep branches; None: there is no element.

    Markup beyond `MAX_CHARS` or `MAX_TAGS` is not read.
    """
    markup = markup[:MAX_CHARS]
    n_tags = markup.count("<")
    bounded = markup
    if n_tags > MAX_TAGS:
        bounded = markup[: next(islice(_TAG.finditer(markup), MAX_TAGS, None)).start()]
    bounded = _CROWDED_TAG.sub("", bounded)
    try:
        tree = html.document_fromstring(visible(_XML_DECLARATION.sub("", bounded)))
    except (etree.ParserError, ValueError):
        return None
    depth = 0
    deep = []
    # A tag opens an element, and may imply others round it: of so few none is deep.
    may_be_deep = n_tags > MAX_DEPTH // 3
    for event, element in etree.iterwalk(tree, events=("start", "end")) if may_be_deep else ():
        depth += 1 if event == "start" else -1
        if event == "start" and depth == MAX_DEPTH:
            deep.append(element)
    for element in deep:
        element.clear()
    etree.strip_elements(tree, *_DROPPED_TAGS, with_tail=False)
    return tree


def editor_links_in(markup: str, *, url: str) -> tuple[EditorLink, ...]:
    """Return the `editor_links` of the markup of a feed's text; `url` is the article's."""
    hosts = _LINKED_HOST.findall(markup)
    if len(hosts) == len(_HREF.findall(markup)) and not _are_of_site(hosts, url):
        return ()  # as mostly: there is nothing to read
    tree = parse_html(markup)
    return () if tree is None else editor_links(tree, url=url)


def editor_links(tree: html.HtmlElement, *, url: str) -> tuple[EditorLink, ...]:
    """Return the distinct links of the editor: first those of "Read also" blocks, then inline ones.

    Only links to other pages of the site of `url`, `MAX_LINKS` at most. Inline links have no
    title and may lead to a tag or a section: keep those that lead to a story. A `url` of more than
    `MAX_URL_CHARS` is no address, and no link is of its site.
    """
    if len(url) > MAX_URL_CHARS:
        return ()
    offered: list[EditorLink] = []
    inline: list[EditorLink] = []
    group: list[EditorLink] | None = None  # of the last "Read also" heading
    for block in _blocks(tree, url):
        is_heading = after_read_also(" ".join(block.pieces)) is not None
        if is_heading or (group is not None and block.aside_chars > MAX_ASIDE_CHARS):
            offered += _headlines(group)
            group = [] if is_heading else None
        if group is None and block.aside_chars > MAX_ASIDE_CHARS:  # else the block is a menu
            inline += [EditorLink(title="", url=link.url) for link in block.links]
        elif group is not None:
            group += block.links
    offered += _headlines(group)
    distinct: dict[str, EditorLink] = {}
    for link in (*offered, *inline):
        distinct.setdefault(link.url, link)
    return tuple(distinct.values())[:MAX_LINKS]


def all_links(linked: tuple[EditorLink, ...], text: str, *, url: str) -> tuple[EditorLink, ...]:
    """Return the links of a markup, and those that "Read also" lines of its text only name."""
    titles = {link.title for link in linked}
    named = (link for link in plain_links(text, url=url) if link.title not in titles)
    return (*linked, *named)[:MAX_LINKS]


def plain_links(text: str, *, url: str) -> tuple[EditorLink, ...]:
    """Return the links that "Read also" lines of a plain text name, `MAX_LINKS` at most.

    Under a bare "Read also" the next lines are such headlines, as long as they have no stop. A
    link has no address where the line has none of the site of `url`.
    """
    named: list[str] = []
    group: list[str] | None = None  # under the last bare "Read also"
    for line in (*filter(None, map(str.strip, text.splitlines())), ""):
        headline = after_read_also(line)
        goes_on = headline is None and line and not line.endswith((".", ":", ";", ","))
        if group is not None and goes_on:
            group.append(line.lstrip(_BULLETS))
            continue
        named += group if group is not None and len(group) <= MAX_BLOCK_LINKS else []
        group = [] if headline == "" else None
        named += [headline] if headline else []
    found: dict[str, EditorLink] = {}
    for line in named:
        address = _WEB_ADDRESS.search(line)
        title = " ".join(_WEB_ADDRESS.sub(" ", line).split()).strip(_BULLETS)[:MAX_TITLE_CHARS]
        target = _same_site_url(address[0].rstrip(".,;:!?"), url) if address else ""
        if _is_headline(title):
            found.setdefault(title, EditorLink(title=title, url=target))
    return tuple(found.values())[:MAX_LINKS]


def after_read_also(line: str) -> str | None:
    """Return the text after the "Read also:" at the beginning of a line; None: it has none."""
    marker = READ_ALSO.match(line)
    return None if marker is None else line[marker.end() :].lstrip(" :–—-")


def _headlines(group: list[EditorLink] | None) -> list[EditorLink]:
    titled = [link for link in group or () if _is_headline(link.title)]
    return titled if len(titled) <= MAX_BLOCK_LINKS else []


def _is_headline(title: str) -> bool:
    return len(title) >= MIN_HEADLINE_CHARS and not _ABOUT_SITE_TITLE.search(title)


def _blocks(tree: html.HtmlElement, url: str) -> Iterator[_Block]:
    """Yield the blocks that have text, in document order."""
    block = _Block()
    link: html.HtmlElement | None = None  # the open one
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        is_end = event == "end"
        if element.tag in _BLOCKS and link is None and block.pieces:
            yield block
            block = _Block()
        if element.tag == "a" and link is None and not is_end:
            link = element
            block.add_link(element, url)
        elif is_end and element is link:
            link = None
        if link is None:
            text = " ".join(((element.tail if is_end else element.text) or "").split())
            block.pieces += [text] if text else []
            block.aside_chars += len(text)
    if block.pieces:
        yield block


def _are_of_site(hosts: Iterable[str], page_url: str) -> bool:
    """Tell whether one of the hosts is of the site of the page; of what is no address none is."""
    try:
        site = registrable_domain(urlsplit(page_url).hostname or "")
    except ValueError:
        return False
    return any(registrable_domain(host.lower()) == site for host in set(hosts))


def _same_site_url(href: str, page_url: str) -> str:
    """Return the absolute address of another page of the same site; empty for any other link."""
    try:
        target = urldefrag(urljoin(page_url, href.strip())).url
        parts, page = urlsplit(target), urlsplit(page_url)
        is_same_site = _are_of_site([parts.hostname or ""], page_url)
    except ValueError:
        return ""
    is_other_page = parts.path.strip("/") not in ("", page.path.strip("/"))
    is_web = parts.scheme in ("http", "https")
    fits = len(target) <= MAX_URL_CHARS
    return target if is_web and is_same_site and is_other_page and fits else ""
