"""Measured data: rows of files, split into halves.

The files lie in the folder of the environment's DATA, else in ../shared/data, else they are the
invented `quality/sample`. README.md has their formats.
"""

import json
import lzma
import os
import sys
import zlib
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from math import sqrt
from pathlib import Path
from types import ModuleType
from typing import Any

_HERE = Path(__file__).resolve().parent
SAMPLE = _HERE / "sample"
_SHARED = _HERE.parents[1] / "shared" / "data"


def data_folder() -> Path:
    """Return the folder of the data."""
    if named := os.environ.get("DATA"):
        return Path(named).resolve()
    return _SHARED if _SHARED.is_dir() else SAMPLE


DATA = data_folder()

Row = Mapping[str, object]


def file(name: str) -> Path:
    """Return the path of a file of the data.

    Raises:
        SystemExit: with a sentence, where it is absent.
    """
    path = DATA / name
    if not path.is_file():
        raise SystemExit(f"no file {path}: quality/README.md lists the data that is expected")
    return path


def rows(name: str) -> list[Row]:
    """Return the rows of a file, by its name without endings, in their order."""
    with lzma.open(file(f"{name}.jsonl.xz"), "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def is_sample() -> bool:
    """Tell whether what is read is the invented sample, of which no label or table is made."""
    return DATA == SAMPLE


def mention_sample() -> None:
    """Say on the standard error what data is missing, where only the sample is there."""
    if is_sample():
        sys.stderr.write(
            f"no real data in {_SHARED}: this runs on the invented sample, and its figures mean"
            " nothing; name a folder with DATA=folder (quality/README.md has the formats)\n"
        )


def written_path(path: Path) -> Path:
    """Return where a table of the project is written: what the sample makes replaces none."""
    if not is_sample():
        return path
    folder = _HERE.parent / "data" / "of-sample"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / path.name


def scorer(name: str) -> ModuleType:
    """Return the module of that name that defines the figures.

    Raises:
        FileNotFoundError: where it is absent.
    """
    path = _HERE / "tools" / f"{name}.py"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError(2, "no scorer", str(path))
    module = module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def marks(day: str) -> list[tuple[Row, Mapping[str, Any]]]:
    """Return the items of a marked day in their order, each with what its reader marked."""
    lines = file(f"newsday/gold{day}.jsonl").read_text("utf-8").splitlines()
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
