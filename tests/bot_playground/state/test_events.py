import asyncio
from contextlib import aclosing

from bot_playground.state.events import Events


async def test_a_watcher_sees_what_it_missed_and_what_comes() -> None:
    events = Events()
    events.publish("message", {"chat_id": 1})
    events.publish("message", {"chat_id": 2})
    async with aclosing(events.watch(since=1)) as feed:
        assert await anext(feed) == (2, {"kind": "message", "chat_id": 2})
        events.publish("commands", {})
        assert await anext(feed) == (3, {"kind": "commands"})


async def test_every_watcher_sees_everything_until_it_is_closed() -> None:
    events = Events()

    async def watch() -> list[int]:
        return [number async for number, _ in events.watch(since=0)]

    watchers = [asyncio.ensure_future(watch()) for _ in range(2)]
    await asyncio.sleep(0)
    events.publish("bot", {})
    events.publish("bot", {})
    events.close()
    assert [await it for it in watchers] == [[1, 2], [1, 2]]


async def test_a_watcher_that_does_not_read_is_not_waited_for() -> None:
    events = Events()
    async with aclosing(events.watch(since=0)) as feed:
        events.publish("bot", {})
        await anext(feed)
        for _ in range(10_002):
            events.publish("bot", {})
        events.close()
        assert [number async for number, _ in feed][-1] == 10_001
