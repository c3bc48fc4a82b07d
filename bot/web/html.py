"""Which stories does an article's editor send the reader to? Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urljoin, urlsplit

from lxml import etree, html

from bot.model import EditorLink
from bot.web.domains import registrable

MAX_URL_CHARS = 2048
MAX_TITLE_CHARS = 300
# As many as an article is ever asked for, and then some.
MAX_LINKS = 20
# An editor offers a few; a longer list under "Read also" is made by the site for every page.
MAX_TOGETHER = 5
# "Video", "2" and "Reuters" are buttons; a headline has more.
HEADLINE_CHARS = 16
# Beside the links of a block so much is a date or a bullet; more is the article again.
ASIDE_CHARS = 40

# A page glues the link to the words before it, «Читайте такожУкраїна…», so no word end there.
READ_ALSO = re.compile(
    r"\W*(?:(?:читай(?:те)?|дивіться|смотри(?:те)?|see|read|watch)\s+"
    r"(?:також|так ?же|ещё|еще|по теме|за темою|also\b|more\b|next\b)"
    r"|(?:також|так ?же)\s+(?:читай(?:те)?|дивіться|смотри(?:те)?)"
    r"|(?:материалы|матеріали) (?:по теме|за темою)|по теме:|related:|related stories)\s*",
    re.IGNORECASE,
)

_BLOCK_TAGS = """
p div li ul ol h1 h2 h3 h4 h5 h6 blockquote section article aside td tr table br hr figure
figcaption main header footer nav dt dd
"""
_BLOCKS = frozenset(_BLOCK_TAGS.split())


# Beyond is no article.
MAX_CHARS = 2_000_000
# Several times what the largest of a hundred real pages has.
MAX_TAGS = 50_000
# Nobody lays a page out deeper by hand, and those who walk it may go down by recursion.
MAX_DEPTH = 150

_TAG = re.compile("<")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
# Controls that no text needs, and marks that would turn the direction of a message round.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufffe\uffff]"
)
_UNSEEN = ("script", "style", "noscript", "template", "svg", "iframe", "nav", "footer")


@dataclass(slots=True)
class _Block:
    """A paragraph or a cell: its words, how many of them are no link's, and its links."""

    text: str = ""
    beside: int = 0
    links: list[EditorLink] = field(default_factory=list)


def own_links(tree: html.HtmlElement, *, url: str) -> tuple[EditorLink, ...]:
    """Return the editor's own links, those of "Read also" blocks first, each once.

    Only those that lead to another page of the site of `url`, `MAX_LINKS` at most. The ones
    without a title may be links to a tag or a section: take those that lead to a story.
    """
    offered: list[EditorLink] = []
    mentioned: list[EditorLink] = []
    group: list[EditorLink] | None = None  # of the "Read also" that was read last
    for block in _blocks(tree, url):
        begun = after_read_also(block.text) is not None
        if begun or (group is not None and block.beside > ASIDE_CHARS):
            offered += _chosen(group)
            group = [] if begun else None
        if group is None and block.beside > ASIDE_CHARS:  # else it is a menu
            mentioned += [EditorLink(title="", url=link.url) for link in block.links]
        elif group is not None:
            group += block.links
    offered += _chosen(group)
    return tuple(_each_once((*offered, *mentioned)))[:MAX_LINKS]


def links_of(markup: str, *, url: str) -> tuple[EditorLink, ...]:
    """Return the editor's own links in the markup of a feed's text; `url` is the article's."""
    tree = tree_of(markup)
    return () if tree is None else own_links(tree, url=url)


def after_read_also(line: str) -> str | None:
    """Return what follows the "Read also:" that the line begins with; None if it does not."""
    marker = READ_ALSO.match(line)
    return None if marker is None else line[marker.end() :].lstrip(" :–—-")


def _chosen(group: list[EditorLink] | None) -> list[EditorLink]:
    titled = [link for link in group or () if len(link.title) >= HEADLINE_CHARS]
    return titled if len(titled) <= MAX_TOGETHER else []


def _each_once(links: Iterable[EditorLink]) -> Iterator[EditorLink]:
    seen: set[str] = set()
    for link in links:
        if link.url not in seen:
            seen.add(link.url)
            yield link


def _blocks(tree: html.HtmlElement, url: str) -> Iterator[_Block]:
    """Go through the blocks that have words, in the order in which they are read."""
    block = _Block()
    link: html.HtmlElement | None = None  # the one that we are in
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        is_end = event == "end"
        if element.tag in _BLOCKS and link is None and block.text:
            yield block
            block = _Block()
        if element.tag == "a" and link is None and not is_end:
            link = element
            _add_link(block, element, url)
        elif is_end and element is link:
            link = None
        if link is None or (is_end and element is link):
            _add_text(block, element.tail if is_end else element.text)
    if block.text:
        yield block


def _add_text(block: _Block, text: str | None) -> None:
    said = " ".join((text or "").split())
    block.text += f" {said}" if block.text and said else said
    block.beside += len(said)


def _add_link(block: _Block, element: html.HtmlElement, url: str) -> None:
    said = " ".join(str(element.text_content()).split())
    block.text += f" {said}" if block.text else said
    target = _elsewhere(str(element.get("href", "")), url)
    headline = after_read_also(said)
    title = said if headline is None else headline
    if target:
        block.links.append(EditorLink(title=title[:MAX_TITLE_CHARS], url=target))


def _elsewhere(href: str, url: str) -> str:
    """Return the address of another page of the same site; empty for any other link."""
    try:
        target = urldefrag(urljoin(url, href.strip())).url
        parts, here = urlsplit(target), urlsplit(url)
        is_here = registrable(parts.hostname or "") == registrable(here.hostname or "")
    except ValueError:
        return ""
    is_other = parts.path.strip("/") not in ("", here.path.strip("/"))
    is_page = parts.scheme in ("http", "https")
    return target if is_page and is_here and is_other and len(target) <= MAX_URL_CHARS else ""


def tree_of(markup: str) -> html.HtmlElement | None:
    """Return the tree of the markup, None where there is none; too deep branches are cut."""
    markup = markup[:MAX_CHARS]
    tags = [match.start() for match in _TAG.finditer(markup)]
    read = markup[: tags[MAX_TAGS]] if len(tags) > MAX_TAGS else markup
    try:
        tree = html.document_fromstring(_UNWANTED.sub("", _DECLARATION.sub("", read)))
    except (etree.ParserError, ValueError):
        return None
    depth = 0
    deep = []
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if event == "start" and depth == MAX_DEPTH:
            deep.append(element)
    for element in deep:
        element.clear()
    etree.strip_elements(tree, *_UNSEEN, with_tail=False)
    return tree
