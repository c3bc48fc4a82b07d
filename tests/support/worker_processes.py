"""A look at the worker processes of a pool, through /proc."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.isolation.pool import WORKERS


def workers_of(parent: int) -> list[int]:
    """Return the workers of the process: its fork server has forked them."""
    return [
        worker
        for process in _children(parent)
        if "forkserver" in Path(f"/proc/{process}/cmdline").read_text()
        for worker in _children(process)
    ]


def _children(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task").glob("*/children")
    return [int(word) for path in listed for word in path.read_text().split()]


def memory_limit(process: int) -> str:
    """Return the bytes of its address space, or "unlimited"."""
    limits = Path(f"/proc/{process}/limits").read_text().splitlines()
    return next(line.split()[3] for line in limits if line.startswith("Max address space"))


async def ready_workers(call: Callable[[], Awaitable[object]]) -> list[int]:
    """Call in the pool until all workers are ready: one that is just starting has no limit yet."""
    async with asyncio.timeout(120):
        while True:
            await call()
            workers = workers_of(os.getpid())
            if len(workers) == WORKERS and "unlimited" not in map(memory_limit, workers):
                return workers


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def parent_of(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
