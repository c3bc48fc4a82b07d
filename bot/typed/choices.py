"""Choices as people type them: what is wanted, what is not («усе, крім спорту», "war -sport").

A minus before a word takes that word away; a word such as "except" takes away all that follows,
up to a plus.
"""

import re
from dataclasses import dataclass

# A longer text is no list.
MAX_CHARS = 1000
_EXCEPT = frozenset(
    [
        "без",
        "крім",
        "окрім",
        "опріч",
        "кроме",
        "помимо",
        "except",
        "without",
        "not",
        "excluding",
        "minus",
        "мінус",
        "минус",
    ]
)
# In a search they are words like others: "no deal".
_EXCEPT_IN_LISTS = _EXCEPT | frozenset(["no", "не", "ні", "нет"])
_EXCEPT_PHRASES = ("за винятком", "за исключением", "all but", "everything but")
_AS_WORD = (" except ", " all except ")
_PLUS = frozenset(["+", "плюс", "plus", "але", "но", "also"])
_ALL = frozenset(
    [
        "усе",
        "все",
        "всё",
        "усі",
        "всі",
        "all",
        "everything",
        "any",
        "будь-що",
        "любые",
        "всіх",
        "усіх",
        "всех",
    ]
)
_PART = re.compile(r"[^\s,;]+")
_MINUS = "-−–—‑"


@dataclass(frozen=True, slots=True)
class TypedChoice:
    """The words of what is wanted and of what is not, and whether one of them is "all"."""

    wanted: str
    unwanted: str
    is_all: bool = False
    is_none: bool = False


def read_choice(text: str) -> TypedChoice:
    """Return which of a list are wanted: "war", "-sport", «усі, крім спорту»."""
    wanted, unwanted = _split(text, _EXCEPT_IN_LISTS)
    return TypedChoice(
        wanted=" ".join(part for part in wanted if part.casefold() not in _ALL),
        unwanted=" ".join(part for part in unwanted if part.casefold() not in _ALL),
        is_all=any(part.casefold() in _ALL for part in wanted),
        is_none=any(part.casefold() in _ALL for part in unwanted),
    )


def split_query(query: str) -> tuple[str, str]:
    """Return the words of a search that shall be there, and those that shall not."""
    wanted, unwanted = _split(query, _EXCEPT)
    return " ".join(wanted), " ".join(unwanted)


def _split(text: str, excepting: frozenset[str]) -> tuple[list[str], list[str]]:
    text = text[:MAX_CHARS]
    for phrase in _EXCEPT_PHRASES:
        text = re.sub(rf"\b{phrase}\b", _AS_WORD[" but" in phrase], text, flags=re.IGNORECASE)
    parts: tuple[list[str], list[str]] = ([], [])
    is_unwanted = is_minus = False
    for part in _PART.findall(text):
        word, bare = part.casefold(), part.strip(f"{_MINUS}+.!")
        if word in excepting:
            is_unwanted = True
        elif word in _PLUS:
            is_unwanted = False
        elif bare:
            is_unwanted = is_unwanted and part[0] != "+"
            parts[is_unwanted or is_minus or part[0] in _MINUS].append(bare)
        # A minus may stand alone before its word.
        is_minus = not part.strip(_MINUS)
    return parts
