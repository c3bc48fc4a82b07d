from datetime import timedelta

from bot.model import ChatId, DeliveryResult
from bot.storage.database import Database
from bot.storage.outbox import deliveries, due
from bot.storage.subscribers import absences, subscribers
from tests.support.builders import claim, publish, subscribe
from tests.support.fakes import NOON

ANN = ChatId(1)
HOUR = timedelta(hours=1)


async def is_due(db: Database, after: timedelta) -> bool:
    return bool(await subscribers.due(db.reader, now=NOON + after, limit=9))


async def test_after_a_message_a_chat_is_due_only_if_more_is_pending(db: Database) -> None:
    await subscribe(db, ANN)
    async with db.transaction() as tx:
        await due.set_next_send(tx, [(ANN, NOON)])
    assert not await is_due(db, HOUR)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await due.set_next_send(tx, [(ANN, NOON + HOUR)])
    assert not await is_due(db, HOUR - timedelta(seconds=1))
    assert await is_due(db, HOUR)


async def test_a_delivery_that_waits_for_a_retry_does_not_make_its_chat_due(db: Database) -> None:
    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    put_off = DeliveryResult(state="pending", retry_at=NOON + HOUR)
    async with db.transaction() as tx:
        (claimed,) = await claim(tx)
        await deliveries.record(tx, [(claimed.id, put_off)], now=NOON)
        await due.set_next_send(tx, [(ANN, NOON)])
    assert not await is_due(db, HOUR - timedelta(seconds=1))
    assert await is_due(db, HOUR)


async def test_a_hold_of_the_timetable_is_not_shortened_by_more_deliveries(db: Database) -> None:
    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await due.hold_until(tx, [(ANN, NOON + 2 * HOUR)])
    await publish(db, "Bridge closes")
    assert not await is_due(db, HOUR)
    assert await is_due(db, 2 * HOUR)


async def test_a_rechecked_chat_waits_for_its_rate_limit_only(db: Database) -> None:
    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await due.set_next_send(tx, [(ANN, NOON + HOUR)])
        await due.hold_until(tx, [(ANN, NOON + 9 * HOUR)])
        await due.recheck(tx, ANN, now=NOON)
    assert not await is_due(db, HOUR / 2)
    assert await is_due(db, HOUR)


async def test_a_rechecked_chat_without_deliveries_is_not_due(db: Database) -> None:
    await subscribe(db, ANN)
    async with db.transaction() as tx:
        await due.recheck(tx, ANN, now=NOON)
    assert not await is_due(db, HOUR)


async def test_a_requested_digest_waits_for_the_rate_limit_only(
    db: Database,
) -> None:
    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await due.set_next_send(tx, [(ANN, NOON + HOUR)])
        await due.hold_until(tx, [(ANN, NOON + 9 * HOUR)])
        assert await due.request_digest(tx, ANN, now=NOON)
    assert not await is_due(db, HOUR / 2)
    assert await is_due(db, HOUR)
    reader = await subscribers.find(db.reader, ANN)
    assert reader is not None
    assert reader.digest_requested_at == NOON


async def test_no_digest_is_requested_while_paused_or_without_deliveries(db: Database) -> None:
    await subscribe(db, ANN)
    async with db.transaction() as tx:
        assert not await due.request_digest(tx, ANN, now=NOON)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await absences.pause(tx, ANN, now=NOON)
        assert not await due.request_digest(tx, ANN, now=NOON)


async def test_a_delivery_that_waits_for_a_retry_is_in_no_requested_digest(db: Database) -> None:
    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    put_off = DeliveryResult(state="pending", retry_at=NOON + HOUR)
    async with db.transaction() as tx:
        (claimed,) = await claim(tx)
        await deliveries.record(tx, [(claimed.id, put_off)], now=NOON)
        assert not await due.request_digest(tx, ANN, now=NOON)
        assert await due.request_digest(tx, ANN, now=NOON + HOUR)
