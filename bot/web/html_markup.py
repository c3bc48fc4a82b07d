"""How does anybody's HTML become a tree that can be walked safely? Pure."""

import re

from lxml import etree, html

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
