"""HTML tags in prose: which of a text are markup, and which the text speaks of.

"How the <script> element works" loses its words where its tag is obeyed. No publisher says which
is meant: a tag that stands among words like one of them, and is not closed, is a word.
"""

import html
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

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
_NAME = rf"(?:{'|'.join(_NAMES.split())})(?=[\s/>])|[a-z]+[-:][a-z][\w-]*+"
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
_OPENING_MARKS = "\"'«“„‘([{/`,"
_CLOSING_MARKS = "\"'»”’)]}/`,.;:!?…"
_DOCTYPE = re.compile("<!doctype", re.IGNORECASE)
_DASHES = "-–—"
_CODE_BEFORE = re.compile(r"<(?:code|kbd|tt|samp)>$", re.IGNORECASE)
_CONTEXT = 24
_SPOKEN_OF = re.compile(r"\b(?:tags?|elements?|тег\w*|елемент\w*|элемент\w*)\b", re.IGNORECASE)
# Between two tags that are spoken of there are words and no code.
_PROSE = re.compile(r"[\w\s,&/–—-]{1,40}")


def only_markup(text: str) -> str | None:
    """Return the text as HTML of its tags alone, where all else is escaped and shown as it stands.

    Comments and declarations are dropped. None: there is no markup in it.
    """
    marks = list(_MARK.finditer(text))
    tags = [mark for mark in marks if _is_tag(mark)]
    partners = _partners(tags)
    spoken = _spoken(tags, partners)
    if len(spoken) == len(tags) and not any(mark[0].startswith("<!--") for mark in marks):
        return None
    kept = {
        tag.start(): tag[0] if index in partners or not _swallows(tag) else ""
        for index, tag in enumerate(tags)
        if index not in spoken
    }

    def keep(mark: re.Match[str]) -> str:
        if mark.start() in kept:
            return kept[mark.start()]
        is_word = mark["name"] or mark[0] == "<"
        return html.escape(mark[0]) if is_word or _is_declared_in_prose(mark) else ""

    return _MARK.sub(keep, text)


def _is_tag(mark: re.Match[str]) -> bool:
    """Tell a tag, without attributes or with values, from "<b then c>", whatever browsers do."""
    attributes = (mark["attributes"] or "").strip(" \t\r\n/")
    is_plain = "=" in attributes or _BOOLEANS.issuperset(attributes.lower().split())
    return mark["name"] is not None and is_plain


def _swallows(tag: re.Match[str]) -> bool:
    """Return whether the tag, left open, would hide text: what follows a script is none."""
    return tag["name"].lower() in HIDDEN - {"script", "style"}


def _spoken(tags: Sequence[re.Match[str]], partners: Mapping[int, int]) -> set[int]:
    """Return which of the tags are words, by index; `partners` are those that close each other."""
    likely, doubtful = set[int](), set[int]()
    for index, tag in enumerate(tags):
        name = tag["name"].lower()
        if index in partners:
            first, last = sorted((index, partners[index]))
            if name in HIDDEN and _is_prose(tags[first], tags[last]):
                likely.add(index)
            continue
        place = "" if _WORKING.search(tag["attributes"] or "") else _place(tag)
        is_unclosed = name in _UNCLOSED and not _is_named_beside(tag)
        if place and (is_unclosed or (place == "start" and name not in HIDDEN)):
            doubtful.add(index)
        elif place:
            likely.add(index)
    if len(likely) + len(doubtful) < len(tags):
        return likely
    # Where nothing else is markup, what stands like a word is one.
    closable = {index for index in doubtful if tags[index]["name"].lower() not in _UNCLOSED}
    return likely | (doubtful if likely else closable)


def _is_prose(start: re.Match[str], end: re.Match[str]) -> bool:
    """Tell "between <script> and </script>" from a script."""
    between = start.string[start.end() : end.start()]
    return bool(_place(start) and _place(end) and _PROSE.fullmatch(between))


def _partners(tags: Sequence[re.Match[str]]) -> dict[int, int]:
    """Return the end tag of each start tag, and the reverse, by index."""
    partners: dict[int, int] = {}
    opened: dict[str, list[int]] = defaultdict(list)
    for index, tag in enumerate(tags):
        waiting = opened[tag["name"].lower()]
        if not tag["closing"]:
            waiting.append(index)
        elif waiting:
            start = waiting.pop()
            partners |= {start: index, index: start}
    return partners


def _place(tag: re.Match[str]) -> str:
    """Return whether the tag stands like a word: "within" a line, at its "start"; else empty."""
    text, start, end = tag.string, tag.start(), tag.end()
    before, after = text[start - 1 : start], text[end : end + 1]
    if _CODE_BEFORE.search(text, max(0, start - len("<code>")), start) and text.startswith(
        "</", end
    ):
        return "within"
    is_end = not after or after in " \u00a0" or after in _CLOSING_MARKS or after in _DASHES
    if not is_end:
        return ""
    if not before or before == "\n":
        return "start" if after else ""
    is_glued = before.isalpha() and tag["name"].lower() in HIDDEN and not tag["closing"]
    if before in " \u00a0":
        return "start" if text[max(0, start - _CONTEXT) : start].isspace() else "within"
    return "within" if before in _OPENING_MARKS or before in _DASHES or is_glued else ""


def _is_named_beside(tag: re.Match[str]) -> bool:
    before = tag.string[max(0, tag.start() - _CONTEXT) : tag.start()].split()
    after = tag.string[tag.end() : tag.end() + _CONTEXT].split()
    words = (*before[-1:], *after[:1])
    return any(map(_SPOKEN_OF.search, words))


def _is_declared_in_prose(mark: re.Match[str]) -> bool:
    """Tell "the <!DOCTYPE html> line" from a declaration, which begins a document."""
    before = mark.string[max(0, mark.start() - 2) : mark.start()]
    return bool(_DOCTYPE.match(mark[0])) and before[:1].isalpha() and before.endswith(" ")
