from datetime import timedelta

from bot.runtime.pauses import PauseWorker
from bot.storage.database import Database
from bot.storage.subscribers import absences, subscribers
from tests.support.builders import subscribe
from tests.support.fakes import FakeClock


async def test_a_pause_ends_at_the_time_that_was_named(db: Database, clock: FakeClock) -> None:
    ann, bob = await subscribe(db, 1), await subscribe(db, 2)
    async with db.transaction() as tx:
        until = clock() + timedelta(hours=2)
        await absences.pause(tx, ann, now=clock(), until=until)
        await absences.pause(tx, bob, now=clock())
    worker = PauseWorker(db=db, now=clock, interval=timedelta())

    async def paused() -> list[bool]:
        await worker.step()
        found = [await subscribers.find(db.reader, chat) for chat in (ann, bob)]
        return [subscriber.paused for subscriber in found if subscriber]

    clock.advance(seconds=7199)
    assert await paused() == [True, True]
    clock.advance(seconds=1)
    assert await paused() == [False, True]


async def test_a_resumed_chat_has_no_end_of_a_pause_left(db: Database, clock: FakeClock) -> None:
    ann = await subscribe(db, 1)
    async with db.transaction() as tx:
        await absences.pause(tx, ann, now=clock(), until=clock() + timedelta(hours=2))
        await absences.resume(tx, ann, now=clock())
        await absences.pause(tx, ann, now=clock())
    clock.advance(seconds=7201)
    await PauseWorker(db=db, now=clock, interval=timedelta()).step()
    subscriber = await subscribers.find(db.reader, ann)
    assert subscriber is not None
    assert subscriber.paused
