import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import pytest
from aiogram.exceptions import TelegramNetworkError, TelegramUnauthorizedError
from aiogram.methods import GetMe

from bot.model import RawUpdate
from bot.telegram.updates import inline_queue as module
from bot.telegram.updates.inline_queue import InlineQueue
from bot.telegram.updates.raw_update import parse_updates
from tests.support.fakes import FakeClock

METHOD = GetMe()


@dataclass(slots=True)
class Downstream:
    """Records what the queue stores and handles."""

    stored: list[int] = field(default_factory=list)
    handled: list[str] = field(default_factory=list)
    error: Exception | None = None

    async def store(self, incoming: Sequence[RawUpdate]) -> None:
        self.stored += [update.id for update in incoming]

    async def handle(self, content: str) -> None:
        if self.error:
            raise self.error
        self.handled.append(json.loads(content)["inline_query"]["query"])


@pytest.fixture
def downstream() -> Downstream:
    return Downstream()


@pytest.fixture
def queue(downstream: Downstream, clock: FakeClock) -> InlineQueue:
    return InlineQueue(store=downstream.store, handle=downstream.handle, now=clock)


def typed(number: int, person: int, words: str) -> list[RawUpdate]:
    query = {"id": str(number), "from": {"id": person}, "query": words, "offset": ""}
    return parse_updates([{"update_id": number, "inline_query": query}])


async def all_of(step: Callable[[], Awaitable[bool]]) -> None:
    while await step():
        pass


async def test_inline_queries_are_queued_and_all_other_updates_stored(
    queue: InlineQueue, downstream: Downstream
) -> None:
    message = {"update_id": 1, "message": {"chat": {"id": 1}, "text": "hi"}}
    await queue.take([*parse_updates([message]), *typed(2, 1, "bridge")])
    assert queue.arrived.is_set()
    await all_of(queue.step)
    assert (downstream.stored, downstream.handled) == ([1], ["bridge"])
    assert not queue.arrived.is_set()


async def test_only_the_newest_query_of_each_person_is_answered_the_newest_of_all_first(
    queue: InlineQueue, downstream: Downstream
) -> None:
    for number, (person, words) in enumerate([(1, "b"), (2, "port"), (1, "br"), (1, "bridge")]):
        await queue.take(typed(number, person, words))
    await all_of(queue.step)
    assert downstream.handled == ["bridge", "port"]
    assert downstream.stored == []


async def test_a_query_too_old_for_an_answer_is_dropped(
    queue: InlineQueue, downstream: Downstream, clock: FakeClock
) -> None:
    await queue.take(typed(1, 1, "bridge"))
    clock.advance(seconds=11)
    await queue.take(typed(2, 2, "port"))
    await all_of(queue.step)
    assert downstream.handled == ["port"]


async def test_the_queue_is_bounded(
    queue: InlineQueue, downstream: Downstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 2)
    for person in (1, 2, 3):
        await queue.take(typed(person, person, str(person)))
    await all_of(queue.step)
    assert downstream.handled == ["3", "2"]


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (TelegramNetworkError(METHOD, "no route"), logging.INFO),
        (ValueError("secret words"), logging.ERROR),
    ],
)
async def test_a_failed_query_is_dropped_and_the_log_quotes_nobody(
    queue: InlineQueue,
    downstream: Downstream,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    level: int,
) -> None:
    caplog.set_level(logging.INFO)
    downstream.error = error
    await queue.take(typed(7, 1, "secret words"))
    await all_of(queue.step)
    (record,) = caplog.records
    assert record.levelno == level
    assert record.getMessage().startswith("update 7, inline_query, is let go: ")
    assert "secret" not in caplog.text


async def test_a_refused_token_ends_the_worker(queue: InlineQueue, downstream: Downstream) -> None:
    downstream.error = TelegramUnauthorizedError(METHOD, "Unauthorized")
    await queue.take(typed(7, 1, "bridge"))
    with pytest.raises(TelegramUnauthorizedError):
        await queue.step()


async def test_a_person_has_one_query_in_hand_and_others_go_ahead(
    downstream: Downstream, clock: FakeClock
) -> None:
    may_answer = asyncio.Event()

    async def handle(content: str) -> None:
        if "slow" in content:
            await may_answer.wait()
        await downstream.handle(content)

    queue = InlineQueue(store=downstream.store, handle=handle, now=clock)
    await queue.take(typed(1, 1, "slow"))
    async with asyncio.TaskGroup() as lanes:
        lanes.create_task(queue.step())
        async with asyncio.timeout(60):
            while queue._waiting:
                await asyncio.sleep(0)
        await queue.take([*typed(2, 2, "other"), *typed(3, 1, "next")])
        assert await queue.step()
        assert not await queue.step()
        assert downstream.handled == ["other"]
        may_answer.set()
    assert await queue.step()
    assert downstream.handled == ["other", "slow", "next"]
