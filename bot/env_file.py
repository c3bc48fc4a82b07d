"""`.env` files: lines `NAME=value`, as shells, Docker Compose and all editors write them.

A byte-order mark, names in lower case, `export` and Compose's `NAME: value` are read too.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream

# The edit distance within which an unknown name is taken for a misspelt one.
MAX_DISTANCE = 2

_NAME = re.compile(r"[^\s:=#]+")
_NAME_AND_COLON = re.compile(r"(\s*(?:export\s+)?[A-Za-z_]\w*\s*):")


@dataclass(frozen=True, slots=True)
class EnvVariable:
    """Value of a variable, and the number of the line that sets it."""

    value: str
    line: int


@dataclass(frozen=True, slots=True)
class EnvFile:
    """Variables by their names in upper case, and the numbers of lines that cannot be read."""

    variables: Mapping[str, EnvVariable]
    unreadable_lines: tuple[int, ...] = ()


def parse_env_file(content: bytes) -> EnvFile:
    """Return the variables of a file; of two of one name the later one counts.

    Raises:
        UnicodeDecodeError: if the file is not UTF-8.
    """
    if b"\0" in content:  # UTF-16 of a Western text decodes otherwise
        raise UnicodeDecodeError("utf-8", content, 0, len(content), "not text")
    text = content.decode("utf-8-sig")
    # `NAME: value` as `NAME=value`.
    text = "".join(
        _NAME_AND_COLON.sub(r"\1=", each.original.string, count=1)
        if _is_unreadable(each)
        else each.original.string
        for each in parse_stream(StringIO(text))
    )
    bindings = list(parse_stream(StringIO(text)))
    readable = [binding for binding in bindings if not _is_unreadable(binding)]
    # The parser knows the lines; ${NAME} is filled in only by `dotenv_values`.
    values = dotenv_values(stream=StringIO("".join(each.original.string for each in readable)))
    return EnvFile(
        {
            each.key.upper(): EnvVariable((values[each.key] or "").strip(), _line(each))
            for each in readable
            if each.key is not None
        },
        tuple(_line(each) for each in bindings if _is_unreadable(each)),
    )


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is at most two letters from an unknown one; None: none is."""
    distance, nearest = min(
        ((_edit_distance(name, each), each) for each in known), default=(MAX_DISTANCE + 1, "")
    )
    return nearest if distance <= MAX_DISTANCE else None


def _is_unreadable(binding: Binding) -> bool:
    return binding.error or (binding.key is not None and not _NAME.fullmatch(binding.key))


def _line(binding: Binding) -> int:
    # A binding begins with the empty lines above.
    text = binding.original.string
    return binding.original.line + text[: len(text) - len(text.lstrip())].count("\n")


def _edit_distance(one: str, other: str) -> int:
    """Return how many letters are inserted, deleted or replaced to turn one into the other."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        above, row = row, [i]
        for j, wanted in enumerate(other, 1):
            row.append(min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (letter != wanted)))
    return row[-1]
