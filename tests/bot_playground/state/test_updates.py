import asyncio

import pytest

from bot_playground.bot_api.errors import BotApiError, Json
from bot_playground.state.updates import CONFLICT, Updates


@pytest.fixture
def updates() -> Updates:
    return Updates(next_id=500)


def texts(found: list[Json]) -> list[object]:
    return [next(it for name, it in update.items() if name != "update_id") for update in found]


async def test_an_unconfirmed_update_is_returned_again(updates: Updates) -> None:
    for text in ("one", "two", "three"):
        updates.add("message", {"text": text})
    first = await updates.poll(limit=2, seconds=0)
    assert [it["update_id"] for it in first] == [500, 501]
    assert await updates.poll(limit=2, seconds=0) == first
    updates.confirm(502)
    assert texts(await updates.poll(limit=100, seconds=0)) == [{"text": "three"}]


async def test_a_negative_offset_counts_from_the_end(updates: Updates) -> None:
    for text in ("one", "two", "three"):
        updates.add("message", {"text": text})
    updates.confirm(-1)
    assert texts(await updates.poll(limit=100, seconds=0)) == [{"text": "three"}]


def test_only_the_first_update_is_discarded(updates: Updates) -> None:
    updates.discard({"update_id": 500})
    updates.add("message", {"text": "one"})
    (first,) = updates.pending
    updates.discard(dict(first))
    assert len(updates.pending) == 1
    updates.discard(first)
    assert not updates.pending


async def test_an_update_ends_the_wait(updates: Updates) -> None:
    poll = asyncio.ensure_future(updates.poll(limit=100, seconds=50))
    await asyncio.sleep(0)
    updates.add("message", {"text": "one"})
    updates.add("message", {"text": "two"})
    assert len(await poll) == 2


async def test_the_time_ends_the_wait(updates: Updates) -> None:
    assert await updates.poll(limit=100, seconds=0.01) == []


async def test_a_second_poll_ends_the_first_with_a_conflict(updates: Updates) -> None:
    first = asyncio.ensure_future(updates.poll(limit=100, seconds=50))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(updates.poll(limit=100, seconds=50))
    with pytest.raises(BotApiError) as caught:
        await first
    assert (caught.value.code, caught.value.description) == (409, CONFLICT)
    updates.add("message", {"text": "one"})
    assert len(await second) == 1


async def test_an_interrupted_poll_is_empty(updates: Updates) -> None:
    updates.interrupt()
    poll = asyncio.ensure_future(updates.poll(limit=100, seconds=50))
    await asyncio.sleep(0)
    updates.interrupt(conflict="")
    assert await poll == []


async def test_a_poll_that_is_given_up_leaves_nothing_behind(updates: Updates) -> None:
    poll = asyncio.ensure_future(updates.poll(limit=100, seconds=50))
    await asyncio.sleep(0)
    poll.cancel()
    with pytest.raises(asyncio.CancelledError):
        await poll
    updates.add("message", {"text": "one"})
    assert len(await updates.poll(limit=100, seconds=50)) == 1


def test_only_the_kinds_that_were_asked_for_are_queued(updates: Updates) -> None:
    updates.add("chat_member", {})
    updates.allow(["callback_query", "chat_member"])
    updates.add("message", {})
    updates.add("chat_member", {})
    updates.allow([])
    updates.add("message", {})
    kinds = [sorted(it)[0] for it in updates.pending]
    assert kinds == ["chat_member", "message"]


def test_an_unknown_kind_is_refused(updates: Updates) -> None:
    with pytest.raises(BotApiError, match='unknown kind "mesage"'):
        updates.allow(["message", "mesage"])
