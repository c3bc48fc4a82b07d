from datetime import timedelta

from bot.model import ChatId, DeliveryResult
from bot.storage.database import Database
from bot.storage.outbox import deliveries, due
from bot.storage.subscribers import subscribers
from tests.support.builders import claim, publish, subscribe
from tests.support.fakes import NOON

ANN = ChatId(1)
HOUR = timedelta(hours=1)


async def is_due(db: Database, after: timedelta) -> bool:
    return bool(await subscribers.due(db.reader, now=NOON + after, limit=9))


async def test_after_a_message_it_is_a_chats_turn_only_when_it_is_owed_more(db: Database) -> None:
    await subscribe(db, ANN)
    async with db.transaction() as tx:
        await due.set_next_send(tx, [(ANN, NOON)])
    assert not await is_due(db, HOUR)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await due.set_next_send(tx, [(ANN, NOON + HOUR)])
    assert not await is_due(db, HOUR - timedelta(seconds=1))
    assert await is_due(db, HOUR)


async def test_what_was_put_off_alone_gives_its_chat_no_turn_before_its_time(db: Database) -> None:
    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    put_off = DeliveryResult(state="pending", retry_at=NOON + HOUR)
    async with db.transaction() as tx:
        (claimed,) = await claim(tx)
        await deliveries.record(tx, [(claimed.id, put_off)], now=NOON)
        await due.set_next_send(tx, [(ANN, NOON)])
    assert not await is_due(db, HOUR - timedelta(seconds=1))
    assert await is_due(db, HOUR)


async def test_what_the_reader_holds_is_not_brought_forward_by_more_of_it(db: Database) -> None:
    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await due.hold_until(tx, [(ANN, NOON + 2 * HOUR)])
    await publish(db, "Bridge closes")
    assert not await is_due(db, HOUR)
    assert await is_due(db, 2 * HOUR)


async def test_a_released_chat_waits_only_for_what_telegram_asked(db: Database) -> None:
    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await due.set_next_send(tx, [(ANN, NOON + HOUR)])
        await due.hold_until(tx, [(ANN, NOON + 9 * HOUR)])
        await due.recheck(tx, ANN, now=NOON)
    assert not await is_due(db, HOUR / 2)
    assert await is_due(db, HOUR)


async def test_who_is_owed_nothing_has_no_turn_when_released(db: Database) -> None:
    await subscribe(db, ANN)
    async with db.transaction() as tx:
        await due.recheck(tx, ANN, now=NOON)
    assert not await is_due(db, HOUR)


async def test_a_chat_that_asks_for_its_digest_waits_only_for_what_telegram_asked(
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


async def test_who_is_owed_nothing_or_has_paused_has_nothing_to_ask_for(db: Database) -> None:
    await subscribe(db, ANN)
    async with db.transaction() as tx:
        assert not await due.request_digest(tx, ANN, now=NOON)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await subscribers.pause(tx, ANN, now=NOON)
        assert not await due.request_digest(tx, ANN, now=NOON)


async def test_what_was_put_off_alone_cannot_be_asked_for(db: Database) -> None:
    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    put_off = DeliveryResult(state="pending", retry_at=NOON + HOUR)
    async with db.transaction() as tx:
        (claimed,) = await claim(tx)
        await deliveries.record(tx, [(claimed.id, put_off)], now=NOON)
        assert not await due.request_digest(tx, ANN, now=NOON)
        assert await due.request_digest(tx, ANN, now=NOON + HOUR)
