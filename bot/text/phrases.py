"""Where does a word or phrase stand in a text, in whatever forms? Pure.

A phrase matches where its stems follow each other; a name, also where it sounds the same.
So one comparison of strings decides, here and in SQL.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from bot.model import Phrase
from bot.text.phonetics import sound
from bot.text.stemming import STOP_WORDS, stem, words

MAX_WORDS = 6
MAX_CHARS = 60
# Of one word of a name at least: «Питання» would sound like «Путін».
_MIN_SOUNDS = 4
# Nothing stands across it: the headline and the summary are apart, and a name from what is none.
_BREAK = "|"

_QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»]*)[\"“”„«»]")
_BETWEEN = re.compile(r"[,;\n]")
_CAPITAL = re.compile(r"[^\W\d_a-zа-яіїєґё][\w'’ʼ-]*")


def read(said: str) -> Phrase | None:
    """Return what a reader said as a phrase; None: it is empty, too long, or says nothing."""
    found = words(said) if len(said) <= MAX_CHARS else ()
    if not 0 < len(found) <= MAX_WORDS or (len(found) == 1 and found[0] in STOP_WORDS):
        return None
    return Phrase(stems=_row(map(stem, found)), sounds=_name(said, found))


def parted(said: str) -> tuple[str, ...]:
    """Return what a reader named in one breath: parts in quotation marks, or between commas."""
    parts = [*_QUOTED.findall(said), *_BETWEEN.split(_QUOTED.sub(",", said))]
    return tuple(dict.fromkeys(filter(None, (" ".join(part.split()) for part in parts))))


@lru_cache(maxsize=4096)
def text(title: str, summary: str) -> Phrase:
    """Return the text of a story as one long phrase, in which others are looked for."""
    parts = [(part, words(part)) for part in (title, summary)]
    stems = (_row(map(stem, found)) for _, found in parts)
    sounds = (_row(_heard(part, found)) for part, found in parts)
    return Phrase(stems=_BREAK.join(stems), sounds=_BREAK.join(sounds))


def holds(within: Phrase, phrase: Phrase) -> bool:
    """Tell whether the phrase stands within the text."""
    if phrase.stems in within.stems:
        return True
    return bool(phrase.sounds) and phrase.sounds in within.sounds


def anchor(row: str) -> str:
    """Return the one of a phrase's stems or sounds by which it is looked up: the longest."""
    return max(row.split(), key=len, default="")


def _row(found: Iterable[str]) -> str:
    return f" {' '.join(found)} "


def _name(said: str, found: tuple[str, ...]) -> str:
    """Return how what is written as a name sounds; empty: it is none."""
    heard = _heard(said, found)
    longest = max(map(len, map(sound, found)))
    return "" if _BREAK in heard or longest < _MIN_SOUNDS else _row(heard)


def _heard(said: str, found: tuple[str, ...]) -> list[str]:
    """Return how capitalised words sound, the stem of those too short for that; breaks else."""
    names = {word for name in _CAPITAL.findall(said) for word in words(name)}
    return [(sound(word) or stem(word)) if word in names else _BREAK for word in found]
