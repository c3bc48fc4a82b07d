"""Unicode normalization in linear time.

It sorts each run of combining marks, in quadratic time: 64 kB of two marks in turn take 6 s. So
runs are cut to what the Stream-Safe Text Format allows, which no language needs.
Source: Unicode Standard Annex #15, section 13.
"""

import re
import unicodedata
from typing import Literal

MAX_MARKS = 30

# What may be a longer run: marks are neither letters nor digits, and those below are none.
_LONG_RUN = re.compile(rf"[^\w\s\x00-\u02ff]{{{MAX_MARKS + 1},}}")


def normalize(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """Return the text in a normalization form; of combining marks in a row `MAX_MARKS` stay."""
    if text.isascii():
        return text
    return unicodedata.normalize(form, _LONG_RUN.sub(_without_further_marks, text))


def _without_further_marks(run: re.Match[str]) -> str:
    kept, n_marks = [], 0
    for character in run[0]:
        n_marks = n_marks + 1 if unicodedata.category(character).startswith("M") else 0
        if n_marks <= MAX_MARKS:
            kept.append(character)
    return "".join(kept)
