"""Followed and muted phrases: parsing what a reader typed, and finding a phrase in a story.

A phrase matches where its stems follow each other; a name, also where its phonetic keys do.
Both are stored as strings, so matching is one substring test, in Python and in SQL.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from bot.model import Phrase
from bot.text.phonetics import phonetic_key
from bot.text.stemming import STOP_WORDS, phrase_words, stem, words

MAX_WORDS = 6
MAX_CHARS = 60
# In the longest key of a name: with three, «Питання» would match «Путін».
_MIN_NAME_KEY_LENGTH = 4
# Part of no phrase, so none matches across it: between headline and summary, and in place of
# words that are no names.
_BREAK = "|"

_QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»]*)[\"“”„«»]")
_SEPARATOR = re.compile(r"[,;\n]")
# Between two words, of which the second is no name; or between two acronyms.
_LISTED = re.compile(
    r"(?<=\w)[^\S\n]+(?:і|й|та|и|and|&)[^\S\n]+(?=[a-zа-яіїєґё])"
    r"|(?<=[A-ZА-ЯІЇЄҐ]{2})[^\S\n]+(?:і|й|та|и|and|&)[^\S\n]+(?=[A-ZА-ЯІЇЄҐ]{2})"
)
_SIGNED = re.compile(r"\w[#+]|№")
_CAPITALISED = re.compile(r"[^\W\d_a-zа-яіїєґё][\w'’ʼ-]*")


def parse_phrase(typed: str) -> Phrase | None:
    """Return the phrase that a reader typed; None: it is empty, too long or one stop word.

    None also if it has no word that can be looked for, see `has_no_word`.
    """
    typed_words = phrase_words(typed) if len(typed) <= MAX_CHARS and not has_no_word(typed) else ()
    is_stop_word = len(typed_words) == 1 and typed_words[0] in STOP_WORDS
    if not 0 < len(typed_words) <= MAX_WORDS or is_stop_word:
        return None
    keys = _name_keys(typed, typed_words)
    longest = max(len(phonetic_key(word)) for word in typed_words)
    is_name = _BREAK not in keys and longest >= _MIN_NAME_KEY_LENGTH
    return Phrase(stems=_joined(map(stem, typed_words)), sounds=_joined(keys) if is_name else "")


def has_no_word(typed: str) -> bool:
    """Tell whether a text is a lone letter or digit, or has a sign that matters: C#, №1."""
    return bool(_SIGNED.search(typed)) or [len(word) for word in phrase_words(typed)] == [1]


def split_phrases(typed: str) -> tuple[str, ...]:
    """Split a reader's list: the distinct parts in quotation marks, then those between commas.

    «Футбол і теніс» are two, a name such as "Tom and Jerry" is one.
    """
    listed = _LISTED.sub(",", _QUOTED.sub(",", typed))
    parts = [*_QUOTED.findall(typed), *_SEPARATOR.split(listed)]
    return tuple(dict.fromkeys(filter(None, (" ".join(part.split()) for part in parts))))


@lru_cache(maxsize=4096)
def story_text(title: str, summary: str) -> Phrase:
    """Return the text of a story as one long phrase, for `contains`."""
    parts = [(part, phrase_words(part)) for part in (title, summary)]
    stems = (_joined(map(stem, part_words)) for _, part_words in parts)
    keys = (_joined(_name_keys(part, part_words)) for part, part_words in parts)
    return Phrase(stems=_BREAK.join(stems), sounds=_BREAK.join(keys))


def united(texts: Iterable[Phrase]) -> Phrase:
    """Return several texts of a story as one, in which no phrase matches across two of them."""
    each = list(texts)
    return Phrase(
        stems=_BREAK.join(text.stems for text in each),
        sounds=_BREAK.join(text.sounds for text in each),
    )


def contains(story: Phrase, phrase: Phrase) -> bool:
    """Tell whether the phrase occurs in the text of a story."""
    if phrase.stems in story.stems:
        return True
    return bool(phrase.sounds) and phrase.sounds in story.sounds


def lookup_key(joined: str) -> str:
    """Return the longest of a phrase's stems or phonetic keys, by which it is indexed."""
    return max(joined.split(), key=len, default="")


def _joined(terms: Iterable[str]) -> str:
    return f" {' '.join(terms)} "


def capitalised_words(text: str) -> frozenset[str]:
    """Return the words of the text that begin with a capital letter, casefolded."""
    return frozenset(word for name in _CAPITALISED.findall(text) for word in words(name))


def _name_keys(text: str, text_words: tuple[str, ...]) -> list[str]:
    """Return a key for each word: a capitalised one's phonetic key or stem, else a break."""
    names = capitalised_words(text)
    return [(phonetic_key(word) or stem(word)) if word in names else _BREAK for word in text_words]
