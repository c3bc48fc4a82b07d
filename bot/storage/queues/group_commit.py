"""Group commit: the writes of many callers in one transaction.

No timer: a caller that finds no write in progress writes at once; those that arrive meanwhile
are written together, next.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(slots=True)
class GroupCommit(Generic[Item, Result]):
    """Calls `run` with all waiting items, one group at a time; it returns a result per item."""

    run: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]]
    _waiting: list[tuple[Item, asyncio.Future[Result]]] = field(default_factory=list)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    # The loop holds tasks weakly: one whose callers are all cancelled would be collected.
    _running: asyncio.Future[None] | None = None

    async def __call__(self, item: Item) -> Result:
        """Return the result for the item; an error of `run` is raised to all of its group.

        A caller that is cancelled does not cancel the group.
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
        """Write the group, without the items whose callers were cancelled before it began."""
        wanted = [(item, future) for item, future in group if not future.cancelled()]
        if not wanted:
            return
        try:
            results = await self.run([item for item, _ in wanted])
        except BaseException as error:
            # A caller must not mistake the cancellation of this task for its own.
            failure = error if isinstance(error, Exception) else RuntimeError("cut off by the end")
            for _, future in wanted:
                with suppress(asyncio.InvalidStateError):  # its caller was cancelled
                    future.set_exception(failure)
            if not isinstance(error, Exception):
                raise
            return
        for (_, future), result in zip(wanted, results, strict=True):
            with suppress(asyncio.InvalidStateError):  # its caller was cancelled
                future.set_result(result)
