"""JSON Lines of others: reading with a limit for each line, and what is wrong with a line."""

import json
import math
import re
from collections.abc import Iterator
from typing import IO, Any

from bot.text.safe import loads

# Fits a text of 2 MB with every letter escaped.
MAX_BYTES = 16 * 1024 * 1024


def read_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines, each cut off after `MAX_BYTES`."""
    while line := stream.readline(MAX_BYTES):
        yield line
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_BYTES)


def load_line(line: bytes) -> Any:
    """Return the value of a line.

    Raises:
        ValueError: if the line was cut off, or is no JSON.
        RecursionError: if it is nested too deeply.
    """
    if len(line) >= MAX_BYTES:
        raise ValueError(f"longer than {MAX_BYTES // 1024**2} MiB")
    return loads(line.decode("utf-8-sig"), parse_number=read_number)


def read_number(text: str) -> int | float:
    """Return a number of JSON.

    Raises:
        ValueError: if JSON has none such, like NaN, or it is too large.
    """
    try:
        number = float(text) if re.search("[^-0-9]", text) else int(text)
    except ValueError:
        raise ValueError(f"a number of {len(text)} digits") from None
    if math.isinf(number) or math.isnan(number):
        raise ValueError(f"{text} is too large, or no number")
    return number


def error_text(error: Exception) -> str:
    """Return what is wrong, in one sentence."""
    match error:
        case UnicodeDecodeError():
            return "not UTF-8"
        case json.JSONDecodeError():
            return f"no JSON: {error.msg} at character {error.pos + 1}"
        case RecursionError():
            return "nested too deeply"
        case ValueError():
            return str(error)
        case OSError():
            return f"{error.strerror}; an address begins with https://"
        case _:
            return f"cannot be read: {type(error).__name__}: {error}"
