"""HTML tags in prose: which of a text are markup, and which the text speaks of.

"How the <script> element works" loses its words where its tag is obeyed. No publisher says which
is meant: a tag that stands among words like one of them, and is not closed, is a word.
"""

import html
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, groupby
from operator import itemgetter

_NAMES = """
a abbr acronym address applet area article aside audio b base basefont bdi bdo big blink blockquote
body br button canvas caption center cite code col colgroup data datalist dd del details dfn dialog
dir div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6
head header hgroup hr html i iframe img input ins kbd label legend li link main map mark marquee
math menu menuitem meta meter nav nobr noscript object ol optgroup option output p param picture
pre progress q rp rt ruby s samp script search section select small source span strike strong style
sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var
video wbr annotation mfrac mi mn mo mover mrow ms mspace msqrt mstyle msub msubsup msup mtext munder
semantics path g rect circle line polygon
"""
_BOOLEANS = frozenset({
    "allowfullscreen", "async", "autoplay", "checked", "controls", "defer", "disabled", "hidden",
    "ismap", "loop", "multiple", "muted", "noshade", "nowrap", "open", "playsinline", "reversed",
})  # fmt: skip
# By their first letters: an expression tries one alternative after the other.
_BY_LETTER = "|".join(
    f"(?-i:[{first}{first.upper()}])(?:{'|'.join(name[1:] for name in names)})"
    for first, names in groupby(sorted(_NAMES.split()), key=itemgetter(0))
)
_NAME = rf"(?:{_BY_LETTER})(?=[\s/>])|[a-z]+[-:][a-z][\w-]*+"
_ATTRIBUTES = r"""[\s/](?:(?:"[^"<]*+"|'[^'<]*+'|[^<>"'])*+|[^<>]*+)"""
_MARK = re.compile(
    rf"<!--(?:.*?-->|.*)|<!\[CDATA\[|\]\]>|<[!?][^<>]*>|<(?P<closing>/?)(?P<name>{_NAME})(?P<attributes>{_ATTRIBUTES})?>|<",
    re.IGNORECASE | re.DOTALL,
)

# What browsers hide, with all that follows where they are not closed.
HIDDEN = frozenset({
    "annotation", "applet", "audio", "button", "canvas", "datalist", "embed", "figcaption",
    "iframe", "noscript", "object", "rp", "rt", "script", "select", "style", "svg", "template",
    "textarea", "title", "video",
})  # fmt: skip
# Nobody closes these.
_UNCLOSED = frozenset({
    "br", "hr", "img", "wbr", "p", "li", "dd", "dt", "td", "th", "tr", "option", "body", "html",
    "tbody", "thead",
})  # fmt: skip
# A tag with one of these does something.
_WORKING = re.compile(r"\b(?:href|src|class|style|id|align|size|color|width)\s*=", re.IGNORECASE)
_OPENING_MARKS = "\"'«“„‘([{/`,-–—"
_CLOSING_MARKS = "\"'»”’)]}/`,.;:!?…-–—"
_DOCTYPE = re.compile("<!doctype", re.IGNORECASE)
_IN_CODE = re.compile(r"<(?:code|kbd|tt|samp)>$", re.IGNORECASE)
_CONTEXT = 24
_SPOKEN_OF = re.compile(r"\b(?:tags?|elements?|тег\w*|елемент\w*|элемент\w*)\b", re.IGNORECASE)
# Between two tags that are spoken of there are words and no code.
_PROSE = re.compile(r"[\w\s,&/–—-]{1,40}")


@dataclass(slots=True)
class _Mark:
    """A `<` and what may be a tag, a comment or a declaration behind it.

    `name` is that of the element, empty where there is none. It `is_tag` if it has no attributes
    or ones with values: "<b then c>" is none.
    """

    found: re.Match[str]
    is_end: bool
    name: str
    is_tag: bool

    @classmethod
    def of(cls, found: re.Match[str]) -> "_Mark":
        """Return the mark that was found."""
        slash, name, written = found.groups("")
        attributes = written.strip(" \t\r\n/")
        is_plain = (
            not attributes or "=" in attributes or _BOOLEANS.issuperset(attributes.lower().split())
        )
        return cls(found, bool(slash), name.lower(), bool(name) and is_plain)

    @property
    def is_text(self) -> bool:
        """Whether a mark that is no tag is shown: not a comment, nor a DOCTYPE but in prose."""
        before = self.found.string[max(0, self.found.start() - 2) : self.found.start()]
        is_declared_in_prose = before[:1].isalpha() and before.endswith(" ")
        return (
            bool(self.name)
            or self.found[0] == "<"
            or (is_declared_in_prose and bool(_DOCTYPE.match(self.found[0])))
        )

    @property
    def swallows(self) -> bool:
        """Whether the tag, left open, would hide text: what follows a script is none."""
        return self.name in HIDDEN and self.name not in ("script", "style")

    @property
    def is_named(self) -> bool:
        """Whether the word beside it is "tag" or "element"."""
        start, end = self.found.span()
        before = self.found.string[max(0, start - _CONTEXT) : start].split()
        after = self.found.string[end : end + _CONTEXT].split()
        return any(map(_SPOKEN_OF.search, (*before[-1:], *after[:1])))

    def place(self) -> str:
        """Return where it stands like a word: "within" a line, at its "start"; empty: nowhere."""
        text, (start, end) = self.found.string, self.found.span()
        before, after = text[start - 1 : start], text[end : end + 1]
        if _IN_CODE.search(text, max(0, start - len("<code>")), start) and after == "<":
            return "within"
        if after and after not in f" \u00a0{_CLOSING_MARKS}":
            return ""
        if not before or before == "\n" or text[max(0, start - _CONTEXT) : start].isspace():
            return "start" if after else ""
        is_glued = before.isalpha() and self.name in HIDDEN and not self.is_end
        return "within" if before in f" \u00a0{_OPENING_MARKS}" or is_glued else ""

    def encloses_prose(self, end: "_Mark") -> bool:
        """Tell "between <script> and </script>" from a script, and all that is shown anyway."""
        if self.name not in HIDDEN or not (self.place() and end.place()):
            return False
        return bool(_PROSE.fullmatch(self.found.string, self.found.end(), end.found.start()))


# An item's text is asked for as text, for its links and for its pictures, one after the other.
@lru_cache(maxsize=8)
def only_markup(text: str) -> str | None:
    """Return the text as HTML of its tags alone, where all else is escaped and shown as it stands.

    Comments and declarations are dropped. None: there is no markup in it.
    """
    marks = list(map(_Mark.of, _MARK.finditer(text)))
    tags = [mark for mark in marks if mark.is_tag]
    partners = _partners(tags)
    spoken = _spoken(tags, partners)
    if len(spoken) == len(tags) and not any(mark.found[0].startswith("<!--") for mark in marks):
        return None
    shown: list[str] = []
    places = count()
    end = 0
    for mark in marks:
        start = mark.found.start()
        shown.append(text[end:start])
        end = mark.found.end()
        place = next(places) if mark.is_tag else -1
        if not mark.is_tag or place in spoken:
            shown.append(html.escape(mark.found[0]) if mark.is_text else "")
        elif place in partners or not mark.swallows:
            shown.append(mark.found[0])
    return "".join((*shown, text[end:]))


def _spoken(tags: Sequence[_Mark], partners: Mapping[int, int]) -> set[int]:
    """Return which of the tags are words, by index; `partners` are those that close each other."""
    likely, doubtful = set[int](), set[int]()
    for index, tag in enumerate(tags):
        if index in partners:
            if not tag.is_end and tag.encloses_prose(tags[partners[index]]):
                likely |= {index, partners[index]}
            continue
        place = "" if _WORKING.search(tag.found["attributes"] or "") else tag.place()
        is_unclosed = tag.name in _UNCLOSED and not tag.is_named
        if place and (is_unclosed or (place == "start" and tag.name not in HIDDEN)):
            doubtful.add(index)
        elif place:
            likely.add(index)
    if len(likely) + len(doubtful) < len(tags):
        return likely
    # Where nothing else is markup, what stands like a word is one.
    return likely | {index for index in doubtful if likely or tags[index].name not in _UNCLOSED}


def _partners(tags: Sequence[_Mark]) -> dict[int, int]:
    """Return the end tag of each start tag, and the reverse, by index."""
    partners: dict[int, int] = {}
    opened: dict[str, list[int]] = defaultdict(list)
    for index, tag in enumerate(tags):
        waiting = opened[tag.name]
        if not tag.is_end:
            waiting.append(index)
        elif waiting:
            partners[index] = waiting.pop()
            partners[partners[index]] = index
    return partners
