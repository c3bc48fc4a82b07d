import asyncio
from datetime import timedelta

import pytest

from bot.storage.queues import exclusive
from bot.storage.queues.exclusive import ExclusiveSection


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_is_alone_waits_for_all_others_and_they_for_it() -> None:
    section, events, leave = ExclusiveSection(), list[str](), asyncio.Event()

    async def share(name: str) -> None:
        async with section.shared():
            events.append(f"{name} in")
            await leave.wait()
        events.append(f"{name} out")

    async def alone() -> None:
        async with section.alone():
            events.append("alone in")
            await settle()
            events.append("alone out")

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(share("first"))
        await settle()
        tasks.create_task(alone())
        await settle()
        tasks.create_task(share("second"))
        await settle()
        assert events == ["first in"]
        leave.set()
    assert events == ["first in", "first out", "alone in", "alone out", "second in", "second out"]


async def test_two_are_never_alone_together() -> None:
    section, inside = ExclusiveSection(), 0

    async def alone() -> None:
        nonlocal inside
        async with section.alone():
            inside += 1
            assert inside == 1
            await settle()
            inside -= 1

    async with asyncio.TaskGroup() as tasks:
        for _ in range(3):
            tasks.create_task(alone())


async def test_what_does_not_end_stops_the_others_for_a_while_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(exclusive, "PATIENCE", timedelta(milliseconds=1))
    section = ExclusiveSection()
    async with section.shared(), section.alone(), section.shared():
        pass


async def test_a_cancelled_task_leaves_the_section_open() -> None:
    section = ExclusiveSection()

    async def alone() -> None:
        async with section.alone():
            await asyncio.sleep(60)

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(alone())
        await settle()
        task.cancel()
    async with section.shared():
        assert task.cancelled()
