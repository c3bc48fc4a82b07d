"""Markdown reports of benchmarks and quality measurements, with the machine they ran on."""

import os
import platform
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path


def print_paragraph(text: str) -> None:
    """Print the text as one paragraph and flush."""
    sys.stdout.write(text + "\n\n")
    sys.stdout.flush()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; the columns after the first are right-aligned."""
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def machine_info() -> str:
    """Return the processor, its cores, and the versions of Python and SQLite."""
    processor = platform.machine()
    for line in Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "model name":
            processor = value.strip()
            break
    cores = len(os.sched_getaffinity(0))
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{processor}, {cores} cores, {python}, SQLite {sqlite3.sqlite_version}"
