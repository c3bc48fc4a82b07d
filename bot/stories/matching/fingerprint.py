"""Fingerprint of an article: the term sets stored to match it with others; and its title key."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from bot.text.phonetics import find_names, phonetic_key
from bot.text.stemming import NEGATIONS, STOP_WORDS, snowball_stem, words
from bot.text.vocabulary import concept, event_verbs, idf

# Later text is background, which stories on one subject share.
MAX_LEAD_CHARS = 800
# Bounds on what is stored: about 1.5 kB.
MAX_KEYS = 80
MAX_NAMES = 30
# Of a headline; a hostile one may have thousands of words.
MAX_TITLE_KEYS = 30
# The rarest keys, by which the search works: among 15,000 texts 12 keys find 98 to 100 in 100 of
# the articles on one event, 20 all but a few headlines, 30 no more.
MAX_SEARCH_KEYS = 20

# Headlines of fewer words may well be equal by chance: «Погода на завтра».
MIN_TITLE_WORDS = 3

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)?")
# In title case, from this share of capitalised words on, capitals do not mark names; a word is
# taken for a name from this IDF on: that of one text in 150.
_TITLE_CASE_SHARE = 0.6
_MIN_NAME_IDF = 5.0

# Labels that editors add to a headline.
_LABELS = """
breaking update updated live video photo photos watch exclusive urgent
срочно молния обновлено обновляется видео фото фоторепортаж эксклюзив онлайн дополнено
терміново блискавка оновлено оновлюється доповнено відео фото фоторепортаж ексклюзив наживо
"""
_NOT_IN_TITLE_KEY = (STOP_WORDS | frozenset(_LABELS.split())) - NEGATIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """The terms of an article's title and of its lead, which includes the title.

    Keys are concepts of `text/vocabulary.py`, names are = and a phonetic key, numbers are the
    title's, events are the event verbs of `text/vocabulary.py`.
    """

    title: frozenset[str]
    lead: frozenset[str]
    names: frozenset[str]
    numbers: frozenset[str]
    title_events: frozenset[str]
    events: frozenset[str]


def fingerprint(title: str, text: str) -> Fingerprint:
    """Return the fingerprint of an article; only the beginning of the text is read."""
    lead = text[:MAX_LEAD_CHARS]
    title_events = event_verbs(title)
    title_keys = frozenset(islice(_keys(title), MAX_TITLE_KEYS))
    names = (phonetic_key(name) for name in (*_title_names(title), *find_names(lead)))
    return Fingerprint(
        title=title_keys,
        lead=title_keys | frozenset(islice(dict.fromkeys(_keys(lead)), MAX_KEYS)),
        names=frozenset(islice(dict.fromkeys(f"={name}" for name in names if name), MAX_NAMES)),
        numbers=frozenset(islice(_NUMBER.findall(title.replace(",", ".")), MAX_TITLE_KEYS)),
        title_events=title_events,
        events=title_events | event_verbs(lead),
    )


def title_key(title: str) -> str:
    """Return a key that is equal for headlines of the same words, in any order and punctuation.

    Empty for a headline of fewer than `MIN_TITLE_WORDS` words besides stop words and labels.
    """
    if title.lstrip().startswith("["):  # "[Reuters]"
        title = title.partition("]")[2] or title
    title = title.rpartition(" | ")[0] or title  # "| BBC News"
    title_words = {word for word in words(title) if word not in _NOT_IN_TITLE_KEY}
    return " ".join(sorted(title_words)) if len(title_words) >= MIN_TITLE_WORDS else ""


def search_keys(print_: Fingerprint) -> tuple[str, ...]:
    """Return the keys by which the article is indexed and searches for others, the rarest first."""
    keys = print_.lead | print_.names
    return tuple(sorted(keys, key=lambda key: (-idf(key), key))[:MAX_SEARCH_KEYS])


def search_weights(print_: Fingerprint) -> dict[str, float]:
    """Return the search keys with their weights: the IDF, squared."""
    return {key: idf(key) ** 2 for key in search_keys(print_)}


def pack(print_: Fingerprint) -> str:
    """Return the stored form of a fingerprint: text of a few hundred to 2,000 bytes."""
    parts = (
        print_.title,
        print_.lead - print_.title,
        print_.names,
        print_.numbers,
        print_.title_events,
        print_.events,
    )
    return "\n".join(" ".join(sorted(part)) for part in parts)


def unpack(packed: str) -> Fingerprint:
    """Return the fingerprint of its stored form.

    Raises:
        ValueError: if it is not one.
    """
    title, rest_of_lead, names, numbers, title_events, events = (
        frozenset(part.split()) for part in packed.split("\n")
    )
    return Fingerprint(
        title=title,
        lead=title | rest_of_lead,
        names=names,
        numbers=numbers,
        title_events=title_events,
        events=events,
    )


def _keys(text: str) -> Iterator[str]:
    return (concept(snowball_stem(word)) for word in words(text) if word not in STOP_WORDS)


def _title_names(title: str) -> tuple[str, ...]:
    """Return the title's names; in title case, the words that are too rare for other words."""
    after_first = title.split()[1:]
    n_capitalised = sum(word[:1].isupper() for word in after_first)
    if n_capitalised < _TITLE_CASE_SHARE * len(after_first):
        return find_names(title)
    rarities = ((word, idf(concept(snowball_stem(word)))) for word in words(title))
    return tuple(word for word, rarity in rarities if rarity >= _MIN_NAME_IDF)
