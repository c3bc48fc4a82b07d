"""JSON Lines of others: reading with a limit for each line, and what is wrong with a line."""

import json
from collections.abc import Iterator
from typing import IO

# Fits a text of 2 MB with every letter escaped.
MAX_BYTES = 16 * 1024 * 1024


def read_lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines, each cut off after `MAX_BYTES`."""
    while line := stream.readline(MAX_BYTES):
        yield line
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_BYTES)


def require_whole(line: bytes) -> None:
    """Check that the line was not cut off.

    Raises:
        ValueError: if it was.
    """
    if len(line) >= MAX_BYTES:
        raise ValueError(f"longer than {MAX_BYTES // 1024**2} MiB")


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
