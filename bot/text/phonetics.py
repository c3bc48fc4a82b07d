"""Phonetic keys: one key for all spellings of a name, across Cyrillic and Latin letters."""

import re
from functools import lru_cache

from bot.text.normalization import normalize
from bot.text.stemming import MAX_CHARS, snowball_stem, words

# Two letters are shared by too many words: «дело» and deal.
MIN_KEY_LENGTH = 3

# Spellings of a consonant and its letter in the key, the longer first. H and g, c and k, z and s
# are one consonant in one of the languages: Hudson, Гудзон, Хадсон.
_CONSONANTS = """
shch>s sch>s tch>c dzh>j дж>j sh>s ch>k zh>j kh>g ph>f th>t gh>g ck>k qu>kv ts>s tz>s x>ks q>k w>v
h>g z>s c>k б>b в>v г>g ґ>g д>d ж>j з>s к>k л>l м>m н>n п>p р>r с>s т>t ф>f х>g ц>s ч>k ш>s щ>s
"""
_SPELLINGS = tuple(pair.split(">") for pair in _CONSONANTS.split())
# The h of Johnson is silent; vowels are spelt in too many ways.
_SILENT_H = re.compile(r"h(?=[lmn])")
_NO_CONSONANT = re.compile(r"[^bdfgjklmnprstv]")
_DOUBLED = re.compile(r"(.)\1+")
# Possible endings, which one language drops and another keeps: Макрон, Эрдоган.
_ENDING = re.compile(r"(?<=...)[lnsv]$")

# A capitalised word within a sentence.
_NAME = re.compile(r"(?<![.!?…:»”\"“«\s])[ \u00a0][«“\"(]?([^\W\d_a-zа-яіїєґё][\w'’-]+)")
# The same, and the capitalised words that follow.
_WHOLE_NAME = re.compile(_NAME.pattern[:-1] + r"(?:[ \u00a0][^\W\d_a-zа-яіїєґё][\w'’-]+){0,2})")
# In a headline with more of them, capitals name nothing.
_TITLE_CASE_SHARE = 0.75


@lru_cache(maxsize=65_536)
def phonetic_key(word: str) -> str:
    """Return the consonants of a casefolded word, equal for Зеленський, Zelensky and Зеленского.

    Empty for a word of fewer than `MIN_KEY_LENGTH` consonants.
    """
    spelling = _SILENT_H.sub("", normalize("NFKD", snowball_stem(word)))
    for letters, consonant in _SPELLINGS:
        spelling = spelling.replace(letters, consonant)
    key = _ENDING.sub("", _DOUBLED.sub(r"\1", _NO_CONSONANT.sub("", spelling)))
    return key if len(key) >= MIN_KEY_LENGTH else ""


def find_names(text: str) -> tuple[str, ...]:
    """Return the distinct names in the text, casefolded: its capitalised words within sentences.

    Text beyond `MAX_CHARS` is not read.
    """
    names = _NAME.findall(text[:MAX_CHARS])
    return tuple(dict.fromkeys(word for name in names for word in words(name)))


def find_whole_names(text: str) -> tuple[str, ...]:
    """Return the distinct names in the text as they are written: «Нью-Йорк», "Ann Smith".

    None of a headline in title case. Text beyond `MAX_CHARS` is not read.
    """
    text = text[:MAX_CHARS]
    capitals = [word[:1].isupper() for word in text.split()[1:]]
    if sum(capitals) > _TITLE_CASE_SHARE * len(capitals):
        return ()
    return tuple(dict.fromkeys(_WHOLE_NAME.findall(text)))
