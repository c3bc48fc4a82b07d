"""Confusables: Latin letters in Cyrillic words, Cyrillic ones in Latin words, and apostrophes.

Source: Unicode Technical Standard #39, confusables.txt: its pairs of the letters that Ukrainian,
Russian and English keyboards have.
"""

import re

_LATIN_LETTERS = "ABCEHIJKMOPSTXYÏaceijopsxyï"
_CYRILLIC_LETTERS = "АВСЕНІЈКМОРЅТХУЇасеіјорѕхуї"
_TO_CYRILLIC = str.maketrans(_LATIN_LETTERS, _CYRILLIC_LETTERS)
_TO_LATIN = str.maketrans(_CYRILLIC_LETTERS, _LATIN_LETTERS)

# From the first letter of a word on, lest a long word is read from each of its letters.
_MIXED = re.compile(r"(?<![^\W\d_])(?=[^\W\d_]*[A-Za-zÏï])(?=[^\W\d_]*[Ѐ-ӿ])[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-zÏï]")
# Written in Latin capitals they pass for no English word.
_ACRONYMS = "НАТО ХАМАС ВСУ ООН ОВА МКС КНР ВКС ОМОН ТАСС НАСА СССР СРСР МРОТ САУ"
_LATIN_ACRONYM = re.compile(rf"\b(?:{_ACRONYMS.translate(_TO_LATIN).replace(' ', '|')})\b")

# Of aircraft and arms: F-16 and Ф-16. After casefolding.
_IN_NUMBERED_NAMES = str.maketrans("abcehikmoptxyф", "авсенікмортхуf")

# The apostrophes of confusables.txt, and the primes and quotation marks that stand for one.
APOSTROPHES = "ʼ’‘‛`´ʹ＇′ˈʻʽʾʿˊˋ՚׳ꞌ"


def fold_confusables(text: str) -> str:
    """Return the text with each word of mixed script in the one that most of its letters have.

    In Cyrillic if both have as many, and if it is in capitals, as acronyms are; in the other script
    if one of the letters to be replaced has no twin. A word of neither keeps its letters. Acronyms
    such as НАТО are Cyrillic in any.
    """
    if not text.isascii():
        text = _MIXED.sub(_fold_word, text)
    return _LATIN_ACRONYM.sub(lambda match: match[0].translate(_TO_CYRILLIC), text)


def fold_numbered_name(word: str) -> str:
    """Return a casefolded name of one or two letters and a number as it is in either script."""
    return word.translate(_IN_NUMBERED_NAMES)


def _fold_word(match: re.Match[str]) -> str:
    word = match[0]
    spellings = [word.translate(_TO_CYRILLIC), word.translate(_TO_LATIN)]
    if not word.isupper() and 2 * len(_LATIN.findall(word)) > len(word):
        spellings.reverse()
    return next((spelling for spelling in spellings if not _MIXED.fullmatch(spelling)), word)
