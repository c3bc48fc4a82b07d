"""Mojibake: text whose charset was declared or guessed wrongly, by what its letters speak for.

Cyrillic words are of bytes beyond ASCII alone, those of Latin scripts hardly ever; what was
encoded as UTF-8 twice is valid UTF-8 twice, which no text is by chance.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import islice

# The first is taken where several do as well.
_CYRILLIC = ("cp1251", "koi8-u", "cp866", "iso8859-5", "mac-cyrillic")
_LATIN = frozenset(
    {"cp1250", "cp1252", "cp1254", "cp1257", "iso8859-2", "iso8859-3", "iso8859-4", "iso8859-10"}
    | {f"iso8859-{number}" for number in range(13, 17)}
)
# Marks and spaces of windows-1252 and -1251 stand beside words of both.
_HIGH = rb"[\x80-\x83\x86-\x90\x98-\x9f\xa1-\xaa\xac-\xb6\xb8-\xba\xbc-\xff]"
# These begin with a set of bytes, which a search finds fast; what is before it is looked at then.
_HIGH_WORD = re.compile(
    _HIGH + rb"(?<![A-Za-z\x80-\xff][\x80-\xff])" + _HIGH + rb"{2,}+(?![A-Za-z])"
)
_HIGH_BYTE = re.compile(_HIGH)
# Accented letters among those of ASCII, as in words of Latin scripts.
_ACCENTED = re.compile(rb"[\xc0-\xff](?:(?<=[A-Za-z][\xc0-\xff])|(?=[A-Za-z]))")
_MIN_BYTES = 6
# As many letters tell the language, and another charset has to be that much likelier.
_MAX_SAMPLE = 20_000
_MIN_SAMPLE, _MIN_MARGIN = 16, 0.25
_WORTH = {
    **dict.fromkeys("оаеинітрсвлк", 3),
    **dict.fromkeys("мдпуяьзгбчйхжюы", 2),
    **dict.fromkeys("цшщэфїєґъё", 1),
}
_MISPLACED_CAPITAL = re.compile("[а-яёіїєґ][А-ЯЁІЇЄҐ]")
_MISPLACED_WORTH = -4

# The bytes of the letters; a byte that is no letter stands for itself.
_IN_1251, _IN_1252 = (
    {byte: byte for byte in range(0x80, 0xA0)}
    | {ord(bytes([byte]).decode(codec, "ignore") or chr(byte)): byte for byte in range(0x80, 0x100)}
    for codec in ("cp1251", "cp1252")
)
_RUN = re.compile("[^\x00-\x7f\ufffd][^\x00-\x7f\ufffd]*+")
# A letter of which the second half was lost; in windows-1251 one byte alone is no letter.
_CUT_LETTER = re.compile("[\xc2-\xf4]\ufffd")
_LOST_BYTE = re.compile("(?<=[РС])\ufffd")
_MAX_RUNS = 300
_MIN_SHARE = 0.8


def likely_charset(document: bytes, declared: str) -> str:
    """Return the single-byte charset of a document that is `declared` to be in another one.

    An empty one is not declared. Of what is neither Latin nor Cyrillic nothing is known.
    """
    if declared and declared not in _LATIN and declared not in _CYRILLIC:
        return declared
    n_beyond_ascii = len(_HIGH_BYTE.findall(document))
    words = _HIGH_WORD.findall(document)
    n_in_words = sum(map(len, words))
    if n_in_words < _MIN_BYTES or 2 * n_in_words <= n_beyond_ascii:
        is_latin = 2 * len(_ACCENTED.findall(document)) > n_beyond_ascii
        return declared if declared in _LATIN or (declared and not is_latin) else "cp1252"
    sample = b" ".join(words)[:_MAX_SAMPLE]
    worth = {codec: _worth(sample.decode(codec, "replace")) for codec in _CYRILLIC}
    best = max(worth, key=worth.__getitem__)
    is_sure = len(sample) >= _MIN_SAMPLE and worth[best] > worth.get(declared, 0) + _MIN_MARGIN
    return best if declared not in worth or is_sure else declared


def undo_double_encoding(text: str) -> str:
    """Return the text that was read in a wrong charset and encoded once more, if that is certain.

    Otherwise the text itself.
    """
    if text.isascii():
        return text
    runs = [run[0] for run in islice(_RUN.finditer(text), _MAX_RUNS)]
    if _is_misread(runs, _IN_1251):
        return _RUN.sub(lambda run: _redecoded(run[0], _IN_1251), _LOST_BYTE.sub("\x98", text))
    if _is_misread(runs, _IN_1252):
        return _RUN.sub(lambda run: _redecoded(run[0], _IN_1252), _CUT_LETTER.sub("\ufffd", text))
    for codec in ("cp1252", "cp1251"):
        with suppress(UnicodeEncodeError):
            document = text.encode(codec)
            charset = likely_charset(document, codec)
            return text if charset == codec else document.decode(charset, "replace")
    return text


def _is_misread(runs: Sequence[str], letters: Mapping[int, int]) -> bool:
    """Return whether these runs beyond ASCII are UTF-8 in the bytes of their letters.

    No text is so by chance. Runs of other letters are not counted.
    """
    n_misread = sum(len(run) for run in runs if _redecoded(run, letters) != run)
    known = (len(run) for run in runs if letters.keys() >= set(map(ord, run)))
    return n_misread >= _MIN_BYTES and n_misread >= _MIN_SHARE * sum(known)


def _redecoded(run: str, letters: Mapping[int, int]) -> str:
    """Return the UTF-8 in the bytes of the letters; the run itself where there is none."""
    try:
        return bytes(letters[ord(letter)] for letter in run).decode("utf-8")
    except (KeyError, UnicodeError):
        return run


def _worth(text: str) -> float:
    """Return how likely a text of Cyrillic words is one, a letter on average."""
    worth = sum(_WORTH.get(letter, 0) * count for letter, count in Counter(text.lower()).items())
    worth += _MISPLACED_WORTH * len(_MISPLACED_CAPITAL.findall(text))
    return worth / max(len(text), 1)
