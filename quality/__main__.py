"""All figures of docs/quality.md, or those of some parts: `python -m quality topics related`."""

import json
import lzma
import sys
import tarfile
import time
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from pathlib import Path

from quality import data
from tests.support.markdown_report import machine_info, print_paragraph

# In the order of the newsroom: what an article passes through first comes first.
PARTS = (
    "feeds",
    "pages",
    "languages",
    "forms",
    "kinds",
    "topics",
    "newsday",
    "calm",
    "summaries",
    "related",
    "phrases",
    "places",
    "judged",
)
# What is missing of these is a mistake; what is missing of others is not installed.
_OURS = ("bot", "quality", "tests")

Report = Callable[[], str]


def main(names: Sequence[str]) -> None:
    """Print one document with the parts of those names, or all, in the order of `PARTS`.

    What was printed before a part failed is right, and stays.

    Raises:
        SystemExit: with a sentence, if there is no such part, package or data.
    """
    parts = chosen(names)
    require(data.DATA)
    data.mention_sample()
    reports = read_parts(parts)
    print_paragraph(f"# Figures\n\nBy `python -m quality`, on {machine_info()}.")
    for name, report in reports.items():
        print_paragraph(told(name, report).strip())


def chosen(names: Iterable[str]) -> list[str]:
    """Return the parts that are asked for, each once; all if none is.

    Raises:
        SystemExit: if there is no such part.
    """
    asked = set(names)
    if unknown := sorted(asked - set(PARTS)):
        raise SystemExit(f"no part {unknown[0]!r}: there are {', '.join(PARTS)}")
    return [name for name in PARTS if name in asked or not asked]


def read_parts(names: Iterable[str]) -> dict[str, Report]:
    """Import the parts asked for, and only them: most need packages that the bot does without.

    Raises:
        SystemExit: if one needs a package that is not installed.
    """
    try:
        return {name: import_module(f"quality.{name}").report for name in names}
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package in _OURS:
            raise  # a mistake of ours
        raise SystemExit(
            f"the package {package!r} is not installed: `make quality` installs it"
        ) from None


def require(folder: Path) -> None:
    """Make sure that there is data to measure by.

    Raises:
        SystemExit: if there is no such folder.
    """
    if not folder.is_dir():
        raise SystemExit(f"no data to measure by: {folder} is no folder")


def told(name: str, report: Report) -> str:
    """Return the part's section, and tell on the standard error how long it took.

    Raises:
        SystemExit: if a file of the data is absent or damaged.
    """
    began = time.monotonic()
    _progress(f"{name} ...")
    try:
        section = report()
    except FileNotFoundError as error:
        raise SystemExit(f"{name}: no file {error.filename}") from None
    except (lzma.LZMAError, EOFError, tarfile.TarError, json.JSONDecodeError) as error:
        raise SystemExit(f"{name}: a file of the data is damaged: {error}") from None
    _progress(f"{name}: {time.monotonic() - began:.0f} s")
    return section


def _progress(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
