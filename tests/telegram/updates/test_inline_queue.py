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
from bot.telegram.updates.raw_update import read_all
from tests.support.fakes import FakeClock

METHOD = GetMe()


@dataclass(slots=True)
class Beyond:
    """What is stored, and what is handled."""

    stored: list[int] = field(default_factory=list)
    handled: list[str] = field(default_factory=list)
    error: Exception | None = None

    async def store(self, incoming: Sequence[RawUpdate]) -> None:
        self.stored += [it.id for it in incoming]

    async def handle(self, content: str) -> None:
        if self.error:
            raise self.error
        self.handled.append(json.loads(content)["inline_query"]["query"])


@pytest.fixture
def beyond() -> Beyond:
    return Beyond()


@pytest.fixture
def fleeting(beyond: Beyond, clock: FakeClock) -> InlineQueue:
    return InlineQueue(store=beyond.store, handle=beyond.handle, now=clock)


def typed(number: int, person: int, words: str) -> list[RawUpdate]:
    query = {"id": str(number), "from": {"id": person}, "query": words, "offset": ""}
    return read_all([{"update_id": number, "inline_query": query}])


async def all_of(step: Callable[[], Awaitable[bool]]) -> None:
    while await step():
        pass


async def test_what_is_typed_inline_is_not_stored_and_all_else_is(
    fleeting: InlineQueue, beyond: Beyond
) -> None:
    message = {"update_id": 1, "message": {"chat": {"id": 1}, "text": "hi"}}
    await fleeting.take([*read_all([message]), *typed(2, 1, "bridge")])
    assert fleeting.arrived.is_set()
    await all_of(fleeting.step)
    assert (beyond.stored, beyond.handled) == ([1], ["bridge"])
    assert not fleeting.arrived.is_set()


async def test_of_each_person_only_the_newest_is_answered_and_the_newest_of_all_first(
    fleeting: InlineQueue, beyond: Beyond
) -> None:
    for number, (person, words) in enumerate([(1, "b"), (2, "port"), (1, "br"), (1, "bridge")]):
        await fleeting.take(typed(number, person, words))
    await all_of(fleeting.step)
    assert beyond.handled == ["bridge", "port"]
    assert beyond.stored == []


async def test_what_waited_until_nobody_looks_any_more_is_dropped(
    fleeting: InlineQueue, beyond: Beyond, clock: FakeClock
) -> None:
    await fleeting.take(typed(1, 1, "bridge"))
    clock.advance(seconds=11)
    await fleeting.take(typed(2, 2, "port"))
    await all_of(fleeting.step)
    assert beyond.handled == ["port"]


async def test_more_than_can_be_answered_does_not_pile_up(
    fleeting: InlineQueue, beyond: Beyond, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 2)
    for person in (1, 2, 3):
        await fleeting.take(typed(person, person, str(person)))
    await all_of(fleeting.step)
    assert beyond.handled == ["3", "2"]


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (TelegramNetworkError(METHOD, "no route"), logging.INFO),
        (ValueError("secret words"), logging.ERROR),
    ],
)
async def test_what_fails_is_let_go_and_the_log_quotes_nobody(
    fleeting: InlineQueue,
    beyond: Beyond,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
    level: int,
) -> None:
    caplog.set_level(logging.INFO)
    beyond.error = error
    await fleeting.take(typed(7, 1, "secret words"))
    await all_of(fleeting.step)
    (record,) = caplog.records
    assert record.levelno == level
    assert record.getMessage().startswith("update 7, inline_query, is let go: ")
    assert "secret" not in caplog.text


async def test_a_refused_token_ends_us(fleeting: InlineQueue, beyond: Beyond) -> None:
    beyond.error = TelegramUnauthorizedError(METHOD, "Unauthorized")
    await fleeting.take(typed(7, 1, "bridge"))
    with pytest.raises(TelegramUnauthorizedError):
        await fleeting.step()
