"""How are figures shown? As markdown, with the machine that they are true of."""

import os
import platform
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path


def say(text: str) -> None:
    """Write the text, as one paragraph, at once."""
    sys.stdout.write(text + "\n\n")
    sys.stdout.flush()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a markdown table; its first column is of words, the others of figures."""
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def machine() -> str:
    """Return what was measured on: the processor, its cores, Python and SQLite."""
    cores = len(os.sched_getaffinity(0))
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{_processor()}, {cores} cores, {python}, SQLite {sqlite3.sqlite_version}"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            return value.strip()
    return platform.machine()
