"""Kind of an article: news, live report, feature, digest, service, advertisement or none of them.

Each kind is told by the set phrases of `kind_phrases.txt`, in the headline or in the text; without
one it is news. The other words of advertisements are left to the topic model.
"""

import re
from collections.abc import Mapping
from functools import cache
from itertools import islice
from typing import Literal, TypeGuard

from bot.model import ArticleKind
from bot.resources import RESOURCES

UnpushedKind = Literal["digest", "service", "ad", "none"]

MAX_TITLE_CHARS, MAX_TEXT_CHARS = 300, 1_500
# Of a post without a headline this is what stands for one.
HEAD_CHARS = 140

# So many signs of the zodiac make a horoscope; so many appeals, said to "you", an offer.
_MIN_SIGNS = 4
_MIN_APPEALS, _MIN_ADDRESSES = 2, 1
_MAX_FOUND = 20

# In this order: a horoscope with a discount is an advertisement.
_BY_HEAD: tuple[ArticleKind, ...] = ("ad", "service", "none", "digest", "live", "feature")
# Sections of phrases that others are made of.
_FRAGMENTS = ("day", "weather", "sign")


def article_kind(title: str, text: str) -> ArticleKind:
    """Return the kind of an article by its headline, or the first words, and its text."""
    head, body, phrases = _head(title, text), _body(title, text), _phrases()
    appeals, addresses = (
        {match.group() for match in islice(phrases[name].finditer(body), _MAX_FOUND)}
        for name in ("appeal", "address")
    )
    is_offer = len(appeals) >= _MIN_APPEALS and len(addresses) >= _MIN_ADDRESSES
    if is_offer or phrases["mark"].search(body):
        return "ad"
    signs = {match.group() for match in phrases["zodiac"].finditer(body)}
    if len(signs) >= _MIN_SIGNS:
        return "service"
    if phrases["question"].search(body):
        return "none"
    return next((kind for kind in _BY_HEAD if phrases[kind].search(head)), "news")


_MARK_WORDS = (
    "терміново|екстрено|блискавка|молнія|срочно|экстренно|молния|breaking|breaking news|urgent"
)
# In capitals, or before a stop that ends it.
_URGENT_MARK = re.compile(
    rf"[^\w⚡]{{0,5}}(?:⚡|(?:{_MARK_WORDS.upper()})\b|(?i:{_MARK_WORDS})\s{{0,2}}[:!|.—–-])"
)


def is_unpushed(kind: ArticleKind) -> TypeGuard[UnpushedKind]:
    """Return whether articles of the kind are pushed to nobody, unless they are urgent."""
    return kind not in ("news", "live", "feature")


def is_urgent_service(kind: ArticleKind, title: str, text: str) -> bool:
    """Return whether it is an alert or a warning of weather: service that is told like news."""
    return kind == "service" and bool(_phrases()["urgent"].search(_head(title, text)))


def is_marked_urgent(title: str) -> bool:
    """Return whether the publisher's own mark stands before the headline: «Терміново:», ⚡.

    A word alone is none: «Молния ударила в дом», «Срочно нужны доноры».
    """
    return _URGENT_MARK.match(title.strip()) is not None


def _head(title: str, text: str) -> str:
    return " ".join(_body(title.strip(), "" if title.strip() else text).split())[:HEAD_CHARS]


def _body(title: str, text: str) -> str:
    return f"{title[:MAX_TITLE_CHARS]}\n{text[:MAX_TEXT_CHARS]}".strip().casefold()


@cache
def _phrases() -> Mapping[str, re.Pattern[str]]:
    """Return the phrases of each section as one pattern."""
    sections: dict[str, list[str]] = {}
    name = ""
    for line in (RESOURCES / "kind_phrases.txt").read_text("utf-8").splitlines():
        if line.startswith("## "):
            name = line[3:]
        elif line and not line.startswith("#"):
            sections.setdefault(name, []).append(line)
    patterns = {title: f"(?:{'|'.join(phrases)})" for title, phrases in sections.items()}
    for title in patterns.keys() - _FRAGMENTS:
        for fragment in _FRAGMENTS:
            patterns[title] = patterns[title].replace(f"{{{fragment}}}", patterns[fragment])
    return {title: re.compile(pattern) for title, pattern in patterns.items()}
