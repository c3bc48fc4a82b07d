from datetime import timedelta

from bot.model import ChatId, StoryId
from bot.storage.database import Database
from bot.storage.outbox import deliveries, returns
from bot.storage.subscribers import absences
from tests.support.builders import publish, subscribe
from tests.support.fakes import NOON

ANN = ChatId(1)
HOUR = timedelta(hours=1)


async def test_stories_are_read_in_chunks_from_the_absence_on(db: Database) -> None:
    await publish(db, "Before", now=NOON - HOUR)
    ids = [await publish(db, f"Story {number}", now=NOON) for number in range(3)]
    first = await returns.stories_since(db.reader, NOON, after=StoryId(0), limit=2)
    assert first == tuple(ids[:2])
    assert await returns.stories_since(db.reader, NOON, after=first[-1], limit=2) == (ids[2],)


async def test_of_two_absences_in_a_row_the_first_one_counts(db: Database) -> None:
    await subscribe(db, ANN)
    async with db.transaction() as tx:
        await absences.pause(tx, ANN, now=NOON)
        await absences.resume(tx, ANN, now=NOON)
        await absences.mark_gone(tx, ANN, now=NOON + HOUR)
        assert await returns.next_return(tx) is None, "it is away"
        await absences.mark_back(tx, ANN, now=NOON)
        assert await returns.next_return(tx) == (ANN, NOON)


async def test_who_left_again_meanwhile_is_owed_nothing_yet(db: Database) -> None:
    await subscribe(db, ANN)
    async with db.transaction() as tx:
        await absences.pause(tx, ANN, now=NOON)
    story_id = await publish(db, "Meanwhile", now=NOON)
    async with db.transaction() as tx:
        await absences.resume(tx, ANN, now=NOON)
        missed = await returns.next_return(tx)
        assert missed is not None
        await deliveries.close(tx, ANN, reason="blocked", now=NOON + HOUR)
        await returns.owe_missed(tx, missed, [story_id], oldest=NOON, now=NOON + HOUR)
        assert not (await deliveries.pending(tx, [ANN], now=NOON + HOUR))[ANN]
