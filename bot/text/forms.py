"""Table of word forms: the stems of those forms that Snowball stems wrongly.

Built by `make forms` from dictionaries of three languages; the file of each language is under its
dictionary's licence, see bot/resources/forms.md.
"""

import lzma
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path

from bot.model import LANGUAGES
from bot.resources import RESOURCES

PATHS: dict[str, Path] = {
    language: RESOURCES / f"forms_{language}.txt.xz" for language in LANGUAGES
}

# One byte a letter, for both alphabets.
_ENCODING = "cp1251"
# A block is found by bisection and searched as a whole.
_BLOCK_LINES = 32


@dataclass(frozen=True, slots=True)
class FormTable:
    """Sorted lines "form rule" in blocks, and the first form of each block.

    A rule is the number of letters to cut, and the letters to add.
    """

    first_forms: tuple[bytes, ...]
    blocks: tuple[bytes, ...]

    def get(self, form: str) -> str | None:
        """Return the stem that is listed for a form; None: Snowball's is right."""
        wanted = form.encode(_ENCODING, "replace")
        block = bisect_right(self.first_forms, wanted) - 1
        if block < 0:
            return None
        lines = self.blocks[block]
        start = lines.find(b"\n" + wanted + b" ")
        if start < 0:
            return None
        rule = lines[start + len(wanted) + 2 : lines.index(b"\n", start + 1)].decode(_ENCODING)
        added = rule.lstrip("0123456789")
        n_cut = int(rule.removesuffix(added) if added else rule)
        return form[: len(form) - n_cut] + added


def form_stem(form: str) -> str | None:
    """Return the stem of a form that the rules stem wrongly; None: of any other."""
    return _table().get(form)


def read_table(paths: Iterable[Path]) -> FormTable:
    """Read the tables that `make forms` wrote, as one."""
    texts = (lzma.decompress(path.read_bytes()).decode().encode(_ENCODING) for path in paths)
    lines = sorted(chain.from_iterable(map(bytes.splitlines, texts)))
    starts = range(0, len(lines), _BLOCK_LINES)
    return FormTable(
        first_forms=tuple(lines[start].partition(b" ")[0] for start in starts),
        blocks=tuple(
            b"\n" + b"\n".join(lines[start : start + _BLOCK_LINES]) + b"\n" for start in starts
        ),
    )


def encode_rule(form: str, stem: str) -> str:
    """Return the rule that makes the stem of the form."""
    pairs = zip(form, stem, strict=False)
    kept = next(
        (n for n, (one, other) in enumerate(pairs) if one != other), min(len(form), len(stem))
    )
    return f"{len(form) - kept}{stem[kept:]}"


@cache
def _table() -> FormTable:
    return read_table(PATHS.values())
