"""Menus of a page: runs of links, or of short words, between which nothing is told."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from lxml import etree, html

# So many links in a row are no longer a paragraph's, nor what an editor offers.
MIN_LINKS = 8
# Regions and sections may be words without links; a list in an article is shorter.
MIN_WORDS = 40
# A date, a bullet or a name between two links; a sentence is longer or has a stop.
MAX_BETWEEN_CHARS = 40
# A longer link holds a whole article.
MAX_LINK_CHARS = 200

_STOPS = (".", "!", "?", "…")
_HEADINGS = ("h1", "h2")
# "News" and "Today" are sections.
MIN_HEADLINE_CHARS = 16
# What a visitor fills in or presses.
_CONTROLS = ("select", "datalist", "button", "textarea")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A link, the text that an element begins with, or the text after an element."""

    element: html.HtmlElement
    kind: Literal["link", "text", "tail"]
    length: int
    is_in_menu: bool

    def is_headline(self, headline: str) -> bool:
        """Tell whether the piece is the headline; that of the page may name its site too."""
        if self.kind != "text" or self.element.tag not in _HEADINGS:
            return False
        text = " ".join(str(self.element.text_content()).split()).casefold()
        known = headline.casefold()
        rest = known.removeprefix(text).lstrip()
        return len(text) >= MIN_HEADLINE_CHARS and (
            not rest or (rest != known and rest[0] in "|—–-")
        )


def drop_menus(tree: html.HtmlElement, headline: str) -> None:
    """Take the menus out of the tree, and what a visitor fills in.

    What stands before the headline goes too if it is longer than all that follows.
    """
    etree.strip_elements(tree, *_CONTROLS, with_tail=False)
    pieces = list(_pieces(tree))
    start = next((place for place, each in enumerate(pieces) if each.is_headline(headline)), 0)
    before, after = pieces[:start], pieces[start:]
    is_longer = sum(each.length for each in before) > sum(each.length for each in after)
    for piece in (*(before if is_longer else _menus(before, MIN_WORDS)), *_menus(after)):
        if piece.kind == "tail":
            piece.element.tail = " "
        elif piece.kind == "text":
            piece.element.text = " "
        else:
            tail = piece.element.tail
            piece.element.clear()
            piece.element.tail = tail


def _menus(pieces: Iterable[_Piece], min_words: float = math.inf) -> list[_Piece]:
    """Return the pieces that belong to a menu: of links, or of `min_words` short words."""
    menus: list[_Piece] = []
    for is_run, group in groupby(pieces, key=lambda piece: piece.is_in_menu):
        run = list(group) if is_run else []
        links = [place for place, piece in enumerate(run) if piece.kind == "link"]
        if len(links) >= MIN_LINKS:
            menus += run[links[0] : links[-1] + 1]
        elif len(run) >= min_words:
            menus += run
    return menus


def _pieces(tree: html.HtmlElement) -> Iterator[_Piece]:
    """Yield the pieces of text in document order."""
    link: html.HtmlElement | None = None  # the open one
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if event == "start" and link is None and element.tag == "a":
            link = element
            length = len(str(element.text_content()).strip())
            yield _Piece(element, "link", length, length <= MAX_LINK_CHARS)
            continue
        if event == "end" and element is link:
            link = None
        text = ((element.text if event == "start" else element.tail) or "").strip()
        if text and link is None:
            is_short = len(text) <= MAX_BETWEEN_CHARS and not text.endswith(_STOPS)
            kind: Literal["text", "tail"] = "text" if event == "start" else "tail"
            yield _Piece(element, kind, len(text), is_short)
