"""Measured data: rows of ../shared/data, split into halves."""

import json
import lzma
import sys
import zlib
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from math import sqrt
from pathlib import Path
from types import ModuleType
from typing import Any

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

Row = Mapping[str, object]


def rows(name: str) -> list[Row]:
    """Return the rows of a file, by its name without endings, in their order.

    Raises:
        FileNotFoundError: where the folder of data is absent.
    """
    with lzma.open(DATA / f"{name}.jsonl.xz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def scorer(name: str) -> ModuleType:
    """Return the module of that name that defines the figures.

    Raises:
        FileNotFoundError: where it is absent.
    """
    path = DATA.parent / "tools" / f"{name}.py"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError(2, "no scorer", str(path))
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def marks(day: str) -> list[tuple[Row, Mapping[str, Any]]]:
    """Return the items of a marked day in their order, each with what its reader marked."""
    lines = (DATA / "newsday" / f"gold{day}.jsonl").read_text("utf-8").splitlines()
    gold = {mark["id"]: mark for mark in map(json.loads, lines)}
    return [(row, gold[said(row, "id")]) for row in rows(f"newsday/items{day}")]


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


def interval(count: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, by Wilson."""
    if not total:
        return 0.0, 1.0
    z, share = 1.96, count / total
    middle = share + z * z / (2 * total)
    spread = z * sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return (middle - spread) / (1 + z * z / total), (middle + spread) / (1 + z * z / total)
