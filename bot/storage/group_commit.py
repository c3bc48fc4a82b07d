"""Many callers' writes in one transaction: a group commit.

Nobody waits for a clock. Who finds nobody writing writes at once; those who come meanwhile
are written together, next.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(slots=True)
class GroupCommit(Generic[Item, Result]):
    """Runs `run` for all that wait, one group at a time; it returns a result for each item."""

    run: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]
    _waiting: list[tuple[Item, asyncio.Future[Result]]] = field(default_factory=list)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    # The loop holds tasks weakly: one whose callers are all gone would vanish half-way.
    _running: asyncio.Future[None] | None = None

    async def __call__(self, item: Item) -> Result:
        """Return the result for the item; what `run` raises, all of its group get.

        A caller that is cancelled takes nobody with it: what has begun is finished.
        """
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        try:
            async with self._turn:
                if not future.done():
                    group, self._waiting = self._waiting, []
                    self._running = asyncio.ensure_future(self._finish(group))
                    await asyncio.shield(self._running)
            return await future
        finally:
            future.cancel()  # does nothing if it has its result

    async def _finish(self, group: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        """Write the group, but for those who have given up before it began."""
        wanted = [(item, future) for item, future in group if not future.cancelled()]
        if not wanted:
            return
        try:
            results = await self.run([item for item, _ in wanted])
        except BaseException as error:
            # A caller must not take the end of this task for its own being cancelled.
            told = error if isinstance(error, Exception) else RuntimeError("cut off by the end")
            for future in _unanswered(wanted):
                future.set_exception(told)
            if not isinstance(error, Exception):
                raise
            return
        for (_, future), result in zip(wanted, results, strict=True):
            if not future.done():
                future.set_result(result)


def _unanswered(
    group: list[tuple[Item, asyncio.Future[Result]]],
) -> list[asyncio.Future[Result]]:
    return [future for _, future in group if not future.done()]
