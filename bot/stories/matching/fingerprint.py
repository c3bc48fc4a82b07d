"""What of an article is kept, to tell whether another tells the same? Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from bot.text.phonetics import names, sound
from bot.text.stemming import NEGATIONS, STOP_WORDS, stem, words
from bot.text.vocabulary import event_verbs, idf, meaning

# What follows is background, which stories of one subject share.
LEAD_CHARS = 800
# A bound on what is stored: about 1.5 kB.
MAX_KEYS = 80
MAX_NAMES = 30
# Of a headline; a hostile one may have thousands of words.
MAX_TITLE = 30
# By so many of its rarest keys an article is found and finds: of true tellings among 15,000 texts
# 98 to 100 in 100 are found by 12 keys, all but a few headlines by 20, by 30 no more.
SEARCH_KEYS = 20

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)?")
# A headline of which so much has capitals says by them nothing about names.
_TITLE_CASE = 0.6
# There, a word is taken for a name from this rareness on: of one text in 150.
_NAME_RARENESS = 5.0


# Of fewer words, two headlines may well be alike by chance: «Погода на завтра».
ENOUGH_WORDS = 3

# What editors put before a headline, or hang on it, without saying more.
_TAGS = """
breaking update updated live video photo photos watch exclusive urgent
срочно молния обновлено обновляется видео фото фоторепортаж эксклюзив онлайн дополнено
терміново блискавка оновлено оновлюється доповнено відео фото фоторепортаж ексклюзив наживо
"""
_SILENT = (STOP_WORDS | frozenset(_TAGS.split())) - NEGATIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What an article says, in its title and in its lead, which holds the title's words too.

    Keys are stems, of the English word where `concepts.txt` knows one; names are sounds, with
    a = before them; numbers are the title's; outcomes are those of `text/vocabulary.py`.
    """

    title: frozenset[str]
    lead: frozenset[str]
    names: frozenset[str]
    numbers: frozenset[str]
    title_outcomes: frozenset[str]
    outcomes: frozenset[str]


def fingerprint(title: str, text: str) -> Fingerprint:
    """Return what is kept of an article; of a long text only the beginning is read."""
    lead = text[:LEAD_CHARS]
    turns = event_verbs(title)
    said = frozenset(islice(_keys(title), MAX_TITLE))
    sounds = (sound(name) for name in (*_title_names(title), *names(lead)))
    return Fingerprint(
        title=said,
        lead=said | frozenset(islice(dict.fromkeys(_keys(lead)), MAX_KEYS)),
        names=frozenset(islice(dict.fromkeys(f"={name}" for name in sounds if name), MAX_NAMES)),
        numbers=frozenset(islice(_NUMBER.findall(title.replace(",", ".")), MAX_TITLE)),
        title_outcomes=turns,
        outcomes=turns | event_verbs(lead),
    )


def search_keys(print_: Fingerprint) -> tuple[str, ...]:
    """Return the keys by which the article is found and finds others, the rarest first."""
    keys = print_.lead | print_.names
    return tuple(sorted(keys, key=lambda key: (-idf(key), key))[:SEARCH_KEYS])


def search_weights(print_: Fingerprint) -> dict[str, float]:
    """Return the same keys, each with what it weighs in a search: its rareness, squared."""
    return {key: idf(key) ** 2 for key in search_keys(print_)}


def pack(print_: Fingerprint) -> str:
    """Return the fingerprint as text to be stored, of a few hundred to 2,000 bytes."""
    parts = (
        print_.title,
        print_.lead - print_.title,
        print_.names,
        print_.numbers,
        print_.title_outcomes,
        print_.outcomes,
    )
    return "\n".join(" ".join(sorted(part)) for part in parts)


def unpack(packed: str) -> Fingerprint:
    """Return the fingerprint that `pack` was given.

    Raises: ValueError, if it was not.
    """
    title, more, heard, numbers, turns, all_turns = (
        frozenset(part.split()) for part in packed.split("\n")
    )
    return Fingerprint(
        title=title,
        lead=title | more,
        names=heard,
        numbers=numbers,
        title_outcomes=turns,
        outcomes=all_turns,
    )


def _keys(text: str) -> Iterable[str]:
    return (meaning(stem(word)) for word in words(text) if word not in STOP_WORDS)


def _title_names(title: str) -> tuple[str, ...]:
    """Return the title's names; where all words have capitals, those with no meaning to us."""
    others = title.split()[1:]
    capitals = sum(word[:1].isupper() for word in others)
    if capitals < _TITLE_CASE * len(others):
        return names(title)
    return tuple(word for word in words(title) if idf(meaning(stem(word))) >= _NAME_RARENESS)


def title_key(title: str) -> str:
    """Return what is equal for headlines of the same words, in any order and punctuation.

    Empty for a headline of fewer than `ENOUGH_WORDS` words that say something.
    """
    said = {word for word in words(_without_source(title)) if word not in _SILENT}
    return " ".join(sorted(said)) if len(said) >= ENOUGH_WORDS else ""


def _without_source(title: str) -> str:
    """Drop "[Reuters]" at the beginning and "| BBC News" at the end."""
    if title.lstrip().startswith("["):
        title = title.partition("]")[2] or title
    return title.rpartition(" | ")[0] or title
