import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from bot.storage.queues.group_commit import GroupCommit


@dataclass(slots=True)
class Desk:
    """Doubles numbers, when it is let to; a group with a number below zero fails."""

    groups: list[list[int]] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def double(self, numbers: Sequence[int]) -> list[int]:
        self.groups.append(list(numbers))
        await self.open.wait()
        if min(numbers) < 0:
            raise ValueError("below zero")
        return [2 * number for number in numbers]


async def test_a_single_caller_is_written_at_once() -> None:
    desk = Desk()
    desk.open.set()
    assert await GroupCommit(desk.double)(4) == 8
    assert desk.groups == [[4]]


async def test_callers_that_arrive_meanwhile_are_written_together() -> None:
    desk = Desk()
    grouped = GroupCommit(desk.double)
    async with asyncio.TaskGroup() as tasks:
        callers = [tasks.create_task(grouped(number)) for number in range(5)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        desk.open.set()
    assert [caller.result() for caller in callers] == [0, 2, 4, 6, 8]
    assert [number for group in desk.groups for number in group] == list(range(5))
    assert len(desk.groups) <= 2


async def test_an_error_is_raised_to_all_of_its_group_and_to_no_others() -> None:
    desk = Desk()
    grouped = GroupCommit(desk.double)
    callers = [asyncio.ensure_future(grouped(1))]
    while not desk.groups:
        await asyncio.sleep(0)
    callers += [asyncio.ensure_future(grouped(number)) for number in (-1, 2)]
    await asyncio.sleep(0)
    desk.open.set()
    results = await asyncio.gather(*callers, return_exceptions=True)
    assert [type(result) for result in results] == [int, ValueError, ValueError]
    assert await grouped(3) == 6


@pytest.mark.parametrize("cancelled", [0, 1])
async def test_a_cancelled_caller_does_not_cancel_its_group(cancelled: int) -> None:
    desk = Desk()
    grouped = GroupCommit(desk.double)
    callers = [asyncio.ensure_future(grouped(number)) for number in range(2)]
    while not desk.groups:
        await asyncio.sleep(0)
    callers.append(asyncio.ensure_future(grouped(2)))
    await asyncio.sleep(0)
    callers[cancelled].cancel()
    await asyncio.sleep(0)
    desk.open.set()
    results = await asyncio.gather(*callers, return_exceptions=True)
    assert isinstance(results.pop(cancelled), asyncio.CancelledError)
    assert results == ([2, 4] if cancelled == 0 else [0, 4])


async def test_an_item_cancelled_before_its_group_began_is_not_written() -> None:
    desk = Desk()
    grouped = GroupCommit(desk.double)
    first = asyncio.ensure_future(grouped(1))
    while not desk.groups:
        await asyncio.sleep(0)
    second = asyncio.ensure_future(grouped(2))
    await asyncio.sleep(0)
    second.cancel()
    desk.open.set()
    assert await first == 2
    assert await grouped(3) == 6
    assert desk.groups == [[1], [3]]


async def test_a_group_whose_callers_were_all_cancelled_is_not_written() -> None:
    desk = Desk()
    grouped = GroupCommit(desk.double)
    await grouped._finish([(1, _cancelled())])
    assert desk.groups == []


async def test_the_end_of_the_loop_does_not_look_like_a_cancelled_caller() -> None:
    desk = Desk()
    grouped = GroupCommit(desk.double)
    caller = asyncio.ensure_future(grouped(1))
    while grouped._running is None:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    grouped._running.cancel()
    with pytest.raises((RuntimeError, asyncio.CancelledError)):
        await caller


def _cancelled() -> asyncio.Future[int]:
    future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    future.cancel()
    return future
