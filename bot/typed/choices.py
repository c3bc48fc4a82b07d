"""Choices as people type them: what is wanted, what is not («усе, крім спорту», "war -sport").

A minus before a word takes that word away; a word such as "except" takes away all that follows, up
to a plus. The words are data, `bot/resources/typed_choices.toml`; the longest phrase counts.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from bot.resources import RESOURCES
from bot.typed.subjects import subject_of

# A longer text is no list.
MAX_CHARS = 1000
_FILE = RESOURCES / "typed_choices.toml"
_IN_SEARCHES = ("except", "plus")
_PART = re.compile(r"[^\s,;]+")
_MINUS = "-−–—‑"
_SIGNS = f'{_MINUS}+.!?:"«»“”'
_APOSTROPHES = str.maketrans("’ʼ", "''")

_Phrases = Mapping[tuple[str, ...], str]


@dataclass(frozen=True, slots=True)
class TypedChoice:
    """The words of what is wanted and of what is not; "all", "none" and "only" among them."""

    wanted: str
    unwanted: str
    is_all: bool = False
    is_none: bool = False
    is_only: bool = False


@dataclass(slots=True)
class _Split:
    """Words by whether they are unwanted, and the kinds of phrases that stand on each side."""

    words: tuple[list[str], list[str]] = field(default_factory=lambda: ([], []))
    kinds: tuple[set[str], set[str]] = field(default_factory=lambda: (set(), set()))


def read_choice(text: str) -> TypedChoice:
    """Return which of a list are wanted: "war", "-sport", «усі, крім спорту»."""
    split = _split(subject_of(text), _phrases())
    wanted, unwanted = split.kinds
    words = split.words
    # «спорт вимкни», "sport off": what is said last is said of what stands before it.
    if "except_in_lists" in unwanted and not words[True] and wanted <= {"", "glue"}:
        words = words[True], words[False]
    return TypedChoice(
        wanted=" ".join(words[False]),
        unwanted=" ".join(words[True]),
        is_all="all" in wanted or "all_except" in unwanted,
        is_none="all" in unwanted,
        is_only="only" in wanted,
    )


def split_query(query: str) -> tuple[str, str]:
    """Return the words of a search that shall be there, and those that shall not."""
    phrases = {words: kind for words, kind in _phrases().items() if kind in _IN_SEARCHES}
    wanted, unwanted = _split(subject_of(query, ["find"]), phrases).words
    return " ".join(wanted), " ".join(unwanted)


def _split(text: str, phrases: _Phrases) -> _Split:
    parts = _PART.findall(text[:MAX_CHARS])
    keys = [_key(part) for part in parts]
    split, place, is_unwanted, is_minus = _Split(), 0, False, False
    while place < len(parts):
        part = parts[place]
        kind, length = _phrase_at(keys, place, phrases)
        bare = part.strip(_SIGNS)
        if kind in ("except", "except_in_lists", "all_except"):
            is_unwanted = True
        elif kind in ("plus", "plus_in_lists", "only"):
            is_unwanted = False
        elif not kind and bare:
            is_unwanted = is_unwanted and part[0] != "+"
            split.words[is_unwanted or is_minus or part[0] in _MINUS].append(bare)
        split.kinds[is_unwanted or is_minus or part[0] in _MINUS].add(kind)
        # A minus may stand alone before its word.
        is_minus = not part.strip(_MINUS)
        place += length
    return split


def _phrase_at(keys: list[str], place: int, phrases: _Phrases) -> tuple[str, int]:
    """Return the kind and the length of the longest phrase there; without one "" and 1."""
    for length in range(min(_max_length(), len(keys) - place), 0, -1):
        kind = phrases.get(tuple(keys[place : place + length]), "")
        if kind:
            return kind, length
    return "", 1


def _key(part: str) -> str:
    """Return a word as it is compared; a plus alone is one."""
    return part.casefold().translate(_APOSTROPHES).strip(_SIGNS) or part


@cache
def _max_length() -> int:
    return max(map(len, _phrases()))


@cache
def _phrases() -> _Phrases:
    """Return the kind of each phrase, of two the first."""
    document = tomllib.loads(_FILE.read_text("utf-8"))
    found: dict[tuple[str, ...], str] = {}
    for kind, table in document.items():
        for phrase in ",".join(table.values()).split(","):
            found.setdefault(tuple(map(_key, phrase.split())), kind)
    return found
