"""Visible text of a field: what a browser would show of its markup, line by line.

Publishers escape markup once, twice or not at all. A `<` that begins no HTML tag is a letter, and
markup is unescaped a second time only where the first pass found no tag.
"""

import html
import re
from dataclasses import dataclass
from itertools import groupby, islice

from lxml.html import HtmlElement

from bot.text.normalization import normalize
from bot.text.safe import loads
from bot.web.encoding import mend_controls
from bot.web.html import parse_html
from bot.web.prose_tags import HIDDEN, only_markup

# Much more than any summary needs.
MAX_MARKUP_LENGTH = 65_536
MAX_TAGS = 2_000

_CDATA_MARK = re.compile(r"<!\[CDATA\[|\]\]>", re.IGNORECASE)

_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details",
    "dialog", "dir", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "li", "legend", "main", "menu", "nav",
    "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "title", "tr", "ul",
})  # fmt: skip
_CELLS = frozenset({"td", "th", "option"})
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_RAISED = str.maketrans("0123456789+-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_LOWERED = str.maketrans("0123456789+-−", "₀₁₂₃₄₅₆₇₈₉₊₋₋")
# A picture's alternative text that is one emoji; some are of several code points.
_EMOJI = re.compile(r"[^\w\s\x00-\x7f]{1,8}")
_SHIFTED = re.compile(r"[\d+\-−]+", re.ASCII)
_SCRIPTS = {"sup": _RAISED, "sub": _LOWERED}

# A vertical tab, and marks round links: characters that no text has, for `decode` drops them.
_BREAK = "\v"
_LINK_START, _LINK_END = "\x02", "\x03"
# What stands before and after the text of an element.
_MARKS = {
    **dict.fromkeys(_BLOCKS, (_BREAK, _BREAK)),
    **dict.fromkeys(_CELLS, (" ", " ")),
    "a": (_LINK_START, _LINK_END),
    "q": ("“", "”"),
}
_LINK_MARKS = re.compile(f"[{_LINK_START}{_LINK_END}]")
_LINK = re.compile(f"{_LINK_START}[^{_LINK_END}]*{_LINK_END}?")
_ADDRESS_LINE = re.compile(r"[^.!?]{0,60}?https?://\S+\W*")
# Soft hyphens, zero-width spaces, tags and direction marks: a title full of them can scramble
# the message round it. The joiners of emoji stay.
_INVISIBLE = re.compile(
    "[\xad\u061c\u200b\u200e\u200f\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u206f\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
# But for the break and the marks.
_CONTROLS = re.compile("[\x00\x01\x04-\x08\x0e-\x1f\x7f]")
# Escapes of programs: PHP's quotes, JavaScript's letters, those of e-mail; the last two in a row.
_ESCAPED_APOSTROPHE = re.compile(r"(?<=\w)\\(?='\w)")
_ESCAPED_QUOTE = re.compile(r"\\(?=[\"'])")
_ESCAPED_LETTERS = re.compile(r"(?:\\u[0-9a-f]{4}){2,}+", re.IGNORECASE)
_QUOTED_PRINTABLE = re.compile(r"(?:=[0-9A-F]{2}){4,}+")
# What WordPress and forums put in square brackets to be replaced.
_SHORTCODE = re.compile(
    r"\[/?(?:caption|gallery|embed|audio|video|playlist|vc_\w{1,30}|et_pb_\w{1,30})(?:\s[^\[\]]{0,300})?\]"
)
_FORUM_TAG = re.compile(r"\[/?(?:b|i|u|s|url|color|size)(?:=[^\[\]\s]{1,200})?\]", re.IGNORECASE)
_FORUM_END = re.compile(r"\[/(?:b|i|u|s|url|color|size)\]", re.IGNORECASE)
_CLOSING_TAG = re.compile(r"</[A-Za-z][\w:-]*\s*>|<br\s*/?>", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
# What Reddit appends, and the chapters of a film.
_SUBMITTED = re.compile(r"\s*submitted by\s+/?u/\S+.*", re.IGNORECASE)
_CHAPTER = re.compile(r"[(\[]?\d{1,2}(?::\d\d){1,2}[)\]]?\s*[-–—:|]?\s*\S.{0,120}")
_FIRST_CHAPTER = re.compile(r"[(\[]?0{1,2}(?::00){1,2}\b")


@dataclass(frozen=True, slots=True)
class Field:
    """A field as its publisher wrote it: markup, or `literal` text in which `<` is a letter."""

    value: str = ""
    literal: bool = False

    def line(self) -> str:
        """Return the visible text in one line."""
        return _in_line(_cleaned(self.value)) if self.literal else one_line(self.value)

    def lines(self) -> str:
        """Return the visible text, one line for each paragraph that is not empty."""
        if not self.literal:
            return paragraphs(self.value)
        return _article_lines(_cleaned(self.value[:MAX_MARKUP_LENGTH]).split("\n"))


NO_TEXT = Field()


def plain_field(value: str) -> Field:
    """Return a field that should be text; where elements are closed in it, markup is meant."""
    return Field(value, literal=not _CLOSING_TAG.search(value))


def one_line(markup: str) -> str:
    """Return the text in one line."""
    return _in_line(_LINK_MARKS.sub("", _visible(markup)))


def paragraphs(markup: str) -> str:
    """Return the text of an article, one line for each paragraph; over-long markup is cut.

    Without lists of links, the chapters of a film and what Reddit appends.
    """
    # Newlines of the markup itself are spaces, as in a browser.
    return _article_lines(_visible(markup).split(_BREAK))


def capped(markup: str) -> str:
    """Return the markup, cut to `MAX_MARKUP_LENGTH` characters and `MAX_TAGS` tags."""
    if len(markup) > MAX_MARKUP_LENGTH:
        head, less, tail = markup[:MAX_MARKUP_LENGTH].rpartition("<")
        # Half a tag would be text.
        markup = head if less and ">" not in tail else markup[:MAX_MARKUP_LENGTH]
    if markup.count("<") <= MAX_TAGS:
        return markup
    return markup[: next(islice(re.finditer("<", markup), MAX_TAGS, None)).start()]


def as_html(markup: str) -> str | None:
    """Return the markup with all else escaped, and bounded; None: it holds no tag.

    It is unescaped once more where it holds none otherwise.
    """
    bounded = capped(markup)
    found = only_markup(bounded) if "<" in bounded else None
    if found is not None:
        return found
    unescaped = capped(html.unescape(bounded))
    return only_markup(unescaped) if "<" in unescaped else None


def _visible(markup: str) -> str:
    source = as_html(markup)
    if source is None:
        # Twice: many publishers escape what is escaped already. A third time is meant so.
        text = html.unescape(html.unescape(markup[:MAX_MARKUP_LENGTH]))
        return _cleaned(_BLANK_LINE.sub(_BREAK, _CDATA_MARK.sub("", text)))
    tree = parse_html(mend_controls(source))
    return _cleaned("" if tree is None else "".join(_texts(tree)))


def _texts(tree: HtmlElement) -> list[str]:
    """Return the visible text with a break round each block and marks round each link."""
    texts: list[str] = []

    def is_hidden(element: HtmlElement) -> bool:
        hides = _HIDING_STYLE.search(str(element.get("style", "")))
        return bool(hides) or element.get("hidden") is not None

    def read(element: HtmlElement) -> None:
        """Recursive: `parse_html` bounds the depth."""
        tag = element.tag
        if isinstance(tag, str) and tag not in HIDDEN and not is_hidden(element):
            before, after = _MARKS.get(tag, ("", ""))
            texts.append(before)
            if tag in _SCRIPTS and _SHIFTED.fullmatch(element.text or "") and not len(element):
                texts.append(str(element.text).translate(_SCRIPTS[tag]))
            elif tag == "img":
                alternative = str(element.get("alt", ""))
                texts.append(alternative if _EMOJI.fullmatch(alternative) else "")
            else:
                texts.append(element.text or "")
                for child in element:
                    read(child)
            texts.append(after)
        texts.append(element.tail or "")

    read(tree)
    return texts


def _in_line(text: str) -> str:
    """Return the text in one line, without backslashes before quotes, which code alone has."""
    return " ".join(_ESCAPED_QUOTE.sub("", text).split())


def _cleaned(text: str) -> str:
    """Return the text without what nobody should see: controls, shortcodes, escapes of programs."""
    if "\\" in text:
        letters = _ESCAPED_LETTERS.sub(lambda run: loads(f'"{run[0]}"'), text)
        # Half a pair is no letter.
        whole = letters.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        text = _ESCAPED_APOSTROPHE.sub("", whole)
    if "[" in text:
        text = _SHORTCODE.sub("", text)
        text = _FORUM_TAG.sub("", text) if _FORUM_END.search(text) else text

    def decode(run: re.Match[str]) -> str:
        letters = bytes.fromhex(run[0].replace("=", "")).decode("utf-8", "replace")
        return run[0] if "\ufffd" in letters else letters

    text = _QUOTED_PRINTABLE.sub(decode, text)
    return normalize("NFC", _CONTROLS.sub("", _INVISIBLE.sub("", mend_controls(text))))


def _article_lines(lines: list[str]) -> str:
    """Join the lines of an article that are text of their own, without white space at ends."""
    kept: list[str] = []
    with_text = (line for line in lines if _LINK_MARKS.sub("", line).strip())
    for is_link, group in groupby(with_text, key=_is_link_alone):
        together = list(group)
        n_links = sum(line.count(_LINK_START) + line.count("://") for line in together)
        # Several links without a text of their own are a list of other articles.
        kept += [] if is_link and n_links > 1 else together
    plain = [_SUBMITTED.sub("", " ".join(_LINK_MARKS.sub("", line).split())) for line in kept]
    if any(map(_FIRST_CHAPTER.match, plain)):
        plain = [line for line in plain if not _CHAPTER.fullmatch(line)]
    return "\n".join(filter(None, plain))


def _is_link_alone(line: str) -> bool:
    """Return whether there is no text in the line beside its links."""
    beside = _LINK.sub("", line)
    has_link = _LINK_START in line and not any(map(str.isalnum, beside))
    return has_link or bool(_ADDRESS_LINE.fullmatch(_LINK_MARKS.sub("", line)))
