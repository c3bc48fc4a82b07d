"""Which spellings are one name? By its sound. Pure."""

import re
import unicodedata
from functools import lru_cache

from bot.text.stemming import stem, words

# Two letters are shared by too many words: «дело» and deal.
MIN_SOUNDS = 3

# How a sound is spelt in Latin letters and in ours; the longer first. H and g, c and k, z and s
# are one sound in one of the languages: Hudson, Гудзон, Хадсон.
_SPELT = """
shch>s sch>s tch>c dzh>j дж>j sh>s ch>k zh>j kh>g ph>f th>t gh>g ck>k qu>kv ts>s tz>s x>ks q>k w>v
h>g z>s c>k б>b в>v г>g ґ>g д>d ж>j з>s к>k л>l м>m н>n п>p р>r с>s т>t ф>f х>g ц>s ч>k ш>s щ>s
"""
_SPELLINGS = tuple(pair.split(">") for pair in _SPELT.split())
# The h of Johnson is not heard; vowels are spelt in too many ways.
_UNHEARD = re.compile(r"h(?=[lmn])")
_NO_SOUND = re.compile(r"[^bdfgjklmnprstv]")
_TWICE = re.compile(r"(.)\1+")
# They may be endings, which one language drops and another keeps: Макрон, Эрдоган.
_ENDING = re.compile(r"(?<=...)[lnsv]$")

# A capital within a sentence.
_NAME = re.compile(r"(?<![.!?…:»”\"“«\s])[ \u00a0][«“\"(]?([^\W\d_a-zа-яіїєґё][\w'’-]+)")


@lru_cache(maxsize=65_536)
def sound(word: str) -> str:
    """Return the consonants of a casefolded word, equal for spellings of one name.

    Empty for fewer than `MIN_SOUNDS` of them: Зеленський, Zelensky and Зеленского are one.
    """
    said = _UNHEARD.sub("", unicodedata.normalize("NFKD", stem(word)))
    for spelt, heard in _SPELLINGS:
        said = said.replace(spelt, heard)
    once = _ENDING.sub("", _TWICE.sub(r"\1", _NO_SOUND.sub("", said)))
    return once if len(once) >= MIN_SOUNDS else ""


def names(text: str) -> tuple[str, ...]:
    """Return the names in the text, casefolded, as they stand: capitals within a sentence."""
    found = (word for name in _NAME.findall(text) for word in words(name))
    return tuple(dict.fromkeys(found))
