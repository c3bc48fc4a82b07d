"""Processor time, memory and open files of a process and its children, from /proc."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """What it took at an instant (seconds since some beginning); its children are beside it.

    `megabytes` are resident, and of pages that several processes share their parts; `cpu` are
    seconds of the processor's time so far.
    """

    at: float
    megabytes: float
    children_megabytes: float
    children: int
    descriptors: int
    threads: int
    cpu: float


def vitals(pid: int, *, at: float) -> Vitals:
    """Return what the living process takes now; a child that ends meanwhile takes nothing."""
    children = _children(pid)
    return Vitals(
        at=at,
        megabytes=_megabytes(pid),
        children_megabytes=sum(map(_megabytes, children)),
        children=len(children),
        descriptors=_count(f"/proc/{pid}/fd"),
        threads=_count(f"/proc/{pid}/task"),
        cpu=_cpu(pid) + sum(map(_cpu, children)),
    )


def _count(folder: str) -> int:
    return sum(1 for _ in Path(folder).iterdir())


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):  # the thread has ended just now
            found += map(int, (task / "children").read_text(encoding="ascii").split())
    return found + [its for child in found for its in _children_of(child)]


def _children_of(pid: int) -> list[int]:
    with suppress(OSError):
        return _children(pid)
    return []


def _megabytes(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _cpu(pid: int) -> float:
    with suppress(OSError):
        said = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(said[11]) + int(said[12])) / _TICKS
    return 0.0
