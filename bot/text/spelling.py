"""Spelling: the word of recent headlines that a mistyped word is one letter away from.

Source: P. Norvig, "How to Write a Spelling Corrector", 2007.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from bot.text.stemming import stem, words

# Every short word is one letter away from another one.
_MIN_LETTERS = 5
_CYRILLIC = "абвгґдеєжзиіїйклмнопрстуфхцчшщьюяыэъё'"
_LATIN = "abcdefghijklmnopqrstuvwxyz"


def suggestion(typed: str, headlines: Iterable[str]) -> str | None:
    """Return the headlines' most frequent word that may have been meant, casefolded.

    None: more or less than one word was typed, or no word of the headlines is so near.
    """
    match words(typed):
        case (word,) if len(word) >= _MIN_LETTERS and word.isalpha():
            alphabet = _LATIN if word.isascii() else _CYRILLIC
        case _:
            return None
    counts = Counter(found for headline in headlines for found in words(headline))
    near = {
        other
        for other in _one_letter_away(word, alphabet)
        if other in counts and stem(other) != stem(word)
    }
    return max(sorted(near), key=lambda other: counts[other], default=None)


def _one_letter_away(word: str, alphabet: str) -> Iterator[str]:
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in alphabet)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        yield from (before + letter + after for letter in alphabet)
