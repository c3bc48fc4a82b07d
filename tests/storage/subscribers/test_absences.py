"""Who is away gets nothing, and loses nothing that was owed."""

import aiosqlite

from bot.model import ChatId
from bot.storage.database import Database
from bot.storage.outbox import returns
from bot.storage.subscribers import absences
from tests.support.builders import claim, publish, subscribe
from tests.support.fakes import NOON

ANN = ChatId(1)


async def owe_nothing(tx: aiosqlite.Connection) -> None:
    """Owe to the chat that is back nothing of what it missed."""
    missed = await returns.next_return(tx)
    assert missed is not None
    await returns.owe_missed(tx, missed, [], oldest=NOON, now=NOON)


async def test_a_chat_that_was_gone_is_back_when_it_joins(db: Database) -> None:
    await subscribe(db, ANN)
    async with db.transaction() as tx:
        await absences.mark_gone(tx, ANN, now=NOON)
    await publish(db, "While away")
    await subscribe(db, ANN)
    back = await publish(db, "Back")
    async with db.transaction() as tx:
        assert not await claim(tx), "what it missed is not owed yet"
        await owe_nothing(tx)
        (delivery,) = await claim(tx)
    assert delivery.story_id == back


async def test_a_pause_queues_nothing_new_and_keeps_pending_deliveries(db: Database) -> None:
    await subscribe(db, ANN)
    story_id = await publish(db, "Before")
    async with db.transaction() as tx:
        await absences.pause(tx, ANN, now=NOON)
    await publish(db, "Meanwhile")
    async with db.transaction() as tx:
        assert not await claim(tx)
        await absences.resume(tx, ANN, now=NOON)
        assert not await claim(tx), "what it missed is not owed yet"
        await owe_nothing(tx)
        (delivery,) = await claim(tx)
    assert delivery.story_id == story_id
