"""Spelling: the word of recent headlines, or of a short list, that a mistyped word is near.

Source: P. Norvig, "How to Write a Spelling Corrector", 2007.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from bot.text.stemming import stem, words

# Every short word is one letter away from another one.
_MIN_LETTERS = 5
# Of a word to be compared with a short list; a longer one is no word.
_LEAST_LETTERS, _LONG_WORD, _MOST_LETTERS = 4, 7, 40
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


def nearest(typed: str, known: Iterable[str]) -> str | None:
    """Return the known word that a mistyped one of four letters or more is closest to.

    None: none is a letter away, or two in a word of seven letters or more. Of words of four
    letters the first must agree.
    """
    length = len(typed)
    if not _LEAST_LETTERS <= length <= _MOST_LETTERS:
        return None
    most = 1 if length < _LONG_WORD else 2
    letters = set(typed)
    distances = [
        (distance, word)
        for word in known
        if abs(len(word) - length) <= most
        and len(letters.symmetric_difference(word)) <= 2 * most
        and (length > _LEAST_LETTERS or word[:1] == typed[0])
        and (distance := edit_distance(typed, word)) <= most
    ]
    return min(distances)[1] if distances else None


def edit_distance(one: str, other: str) -> int:
    """Return how many letters are added, dropped, replaced or swapped with their neighbours.

    Source: the restricted Damerau-Levenshtein distance. It takes the product of both lengths.
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for n, letter in enumerate(one):
        before, last, row = row, before, [n + 1]
        for m, compared in enumerate(other):
            cost = min(row[m] + 1, before[m + 1] + 1, before[m] + (letter != compared))
            is_swapped = n and m and letter == other[m - 1] and one[n - 1] == compared
            row.append(min(cost, last[m - 1] + 1) if is_swapped else cost)
    return row[-1]


def _one_letter_away(word: str, alphabet: str) -> Iterator[str]:
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in alphabet)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        yield from (before + letter + after for letter in alphabet)
