"""Measured data: rows of ../shared/data, split into halves."""

import json
import lzma
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

Row = Mapping[str, object]


def rows(name: str) -> list[Row]:
    """Return the rows of a file, by its name without endings, in their order.

    Raises:
        FileNotFoundError: where the folder of data is absent.
    """
    with lzma.open(DATA / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def said(row: Row, name: str) -> str:
    """Return a text of the row; empty if there is none."""
    return str(row.get(name) or "")


def is_held_out(key: str) -> bool:
    """Tell whether the row of that key, a text or an address, is in the half never tuned on."""
    return zlib.crc32(key.encode()) % 2 == 1


def table(head: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """Return a table of Markdown; a float is shown with two digits."""
    shown: list[Sequence[str]] = [head, ["---" for _ in head]]
    shown += [
        [f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in line] for line in lines
    ]
    return "".join(f"|{'|'.join(line)}|\n" for line in shown)
