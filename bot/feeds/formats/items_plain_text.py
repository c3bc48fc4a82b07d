"""What would a reader see of this markup? Plain text: no tags, no entities. Pure."""

import html
import re
import unicodedata

import nh3

# Much more than any summary needs; nh3 slows with the square of the depth of tags.
MAX_LENGTH = 65_536
MAX_TAGS = 2_000

_BREAKS = re.compile(
    r"<(?:/?(?:p|div|li|ul|ol|h[1-6]|blockquote|tr|table|section|article|figure|figcaption)|br|hr)"
    r"(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
# A vertical tab: white space that no text needs, and that nh3 lets through.
_BREAK = "\v"
_TAG = re.compile("<")
# Soft hyphens, zero-width spaces, tags and marks that turn the writing direction: a title
# full of them can scramble the message round it. The joiners of emoji stay.
_INVISIBLE = re.compile(
    "[\xad\u061c\u200b\u200e\u200f\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u206f\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")


def one_line(markup: str) -> str:
    """Return the text in one line."""
    return " ".join(_visible(markup).split())


def paragraphs(markup: str) -> str:
    """Return the text, one line for each paragraph that has words; over-long markup is cut."""
    # Newlines of the markup itself are spaces, as in a browser.
    lines = (" ".join(line.split()) for line in _visible(markup).split(_BREAK))
    return "\n".join(line for line in lines if line)


def capped(markup: str) -> str:
    """Return as much of the markup as is ever read."""
    markup = markup[:MAX_LENGTH]
    tags = [match.start() for match in _TAG.finditer(markup)]
    return markup[: tags[MAX_TAGS]] if len(tags) > MAX_TAGS else markup


def cut(text: str, length: int) -> str:
    """Return the text, cut at the end of a word to at most `length` characters with an ellipsis."""
    if len(text) <= length:
        return text
    kept = text[: length - 1]
    if not text[length - 1].isspace():
        words, _, _ = kept.rpartition(" ")
        kept = words or kept
    return kept.rstrip(" ,;:–—-") + "…"


def _visible(markup: str) -> str:
    text = capped(markup)
    # Twice: many publishers escape what is escaped already. A third time is meant so.
    for _ in range(2):
        if "<" in text or "&" in text:
            text = html.unescape(nh3.clean(_BREAKS.sub(_BREAK, text), tags=set()))
    return unicodedata.normalize("NFC", _CONTROLS.sub("", _INVISIBLE.sub("", text)))
