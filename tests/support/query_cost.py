"""How much does SQLite do for a question? In hundreds of its instructions: no clock is asked."""

from collections.abc import Awaitable, Callable
from typing import Any

import aiosqlite


async def work(db: aiosqlite.Connection, ask: Callable[[], Awaitable[Any]]) -> int:
    """Return how many hundreds of instructions the question takes."""
    ticks = 0

    def tick() -> int:
        nonlocal ticks
        ticks += 1
        return 0

    await db.set_progress_handler(tick, 100)
    try:
        await ask()
    finally:
        await db.set_progress_handler(None, 0)  # type: ignore[arg-type]
    return ticks
