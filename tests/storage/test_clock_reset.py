from datetime import datetime, timedelta
from typing import Any

from bot.delivery.outcomes import delivery_result
from bot.model import ChatId, RawUpdate, RetryLater, UpdateId
from bot.storage import updates
from bot.storage.clock_reset import STATEMENTS, reset_waits, was_set_back
from bot.storage.database import Database
from bot.storage.feeds import feeds
from bot.storage.outbox import deliveries, due
from bot.storage.subscribers import subscribers
from tests.support.builders import add_feed, claim, publish, subscribe
from tests.support.fakes import NOON

LATER = NOON + timedelta(days=400)


async def end(db: Database, *, now: datetime = NOON) -> None:
    async with db.transaction() as tx:
        await reset_waits(tx, now=now)


async def test_a_clock_that_was_never_set_back_is_not_behind(db: Database) -> None:
    assert not await was_set_back(db.reader, now=NOON)
    feed_id = await add_feed(db)
    async with db.transaction() as tx:
        await tx.execute(
            "UPDATE feeds SET checked_at = ? WHERE id = ?", (int(NOON.timestamp()), feed_id)
        )
    assert not await was_set_back(db.reader, now=NOON)
    assert await was_set_back(db.reader, now=NOON - timedelta(seconds=2))


async def test_a_chat_that_waits_for_a_time_now_far_off_is_due(
    db: Database,
) -> None:
    ann = await subscribe(db, 1)
    await publish(db, "Bridge opens", now=LATER)
    async with db.transaction() as tx:
        await due.set_next_send(tx, [(ann, LATER)])
        await due.hold_until(tx, [(ann, LATER)])
    assert not await subscribers.due(db.reader, now=NOON, limit=1)
    await end(db)
    assert [it.chat_id for it in await subscribers.due(db.reader, now=NOON, limit=1)] == [ann]


async def test_a_chat_without_deliveries_is_not_due(db: Database) -> None:
    ann = await subscribe(db, 1)
    async with db.transaction() as tx:
        await due.set_next_send(tx, [(ann, LATER)])
    await end(db)
    assert not await subscribers.due(db.reader, now=LATER, limit=1)


async def test_a_delivery_that_waits_for_a_retry_is_due(db: Database) -> None:
    ann = await subscribe(db, 1)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        (delivery,) = await claim(tx)
        result, _ = delivery_result(
            RetryLater(None, "down"), "private", attempt=7, now=LATER, jitter=0
        )
        await deliveries.record(tx, [(delivery.id, result)], now=LATER)
    await end(db)
    assert (await deliveries.pending(db.reader, [ann], now=NOON))[ann]


async def test_a_postponed_update_is_due(db: Database) -> None:
    incoming = RawUpdate(
        id=UpdateId(7), chat_id=ChatId(1), person_id=ChatId(1), kind="message", content="{}"
    )
    async with db.transaction() as tx:
        await updates.store(tx, [incoming], now=NOON)
        await updates.postpone(tx, incoming.id, until=LATER, problem="down")
    assert await updates.first_waiting(db.reader, now=NOON, except_chats=set()) is None
    await end(db)
    assert await updates.first_waiting(db.reader, now=NOON, except_chats=set()) is not None


async def test_pages_and_edits_are_not_awaited_longer_than_usual(db: Database) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    far = int(LATER.timestamp())
    async with db.transaction() as tx:
        await tx.execute(
            "INSERT INTO pages (article_id, domain, due_at, give_up_at) VALUES (1, 'a', ?, ?)",
            (far, far),
        )
        await tx.execute(
            "INSERT OR REPLACE INTO feed_pages (feed_id, wanted, ready_at) VALUES (1, 1, ?)", (far,)
        )
        await tx.execute(
            "INSERT INTO editable (delivery_id, story_id, is_private, gist, sent_at, edit_at)"
            " VALUES (1, 1, 1, x'00', 0, ?)",
            (far,),
        )
    await end(db)
    rows: list[Any] = list(
        await db.reader.execute_fetchall(
            "SELECT pages.due_at, give_up_at, feed_pages.ready_at, edit_at"
            " FROM pages, feed_pages, editable"
        )
    )
    now = int(NOON.timestamp())
    assert [tuple(row) for row in rows] == [(now, now + 120, 0, now)]


async def test_what_is_due_already_stays_as_it_is(db: Database) -> None:
    ann = await subscribe(db, 1)
    await publish(db, "Bridge opens")
    await add_feed(db)
    await end(db, now=LATER)
    assert [it.chat_id for it in await subscribers.due(db.reader, now=NOON, limit=1)] == [ann]
    assert await feeds.due(db.reader, now=NOON, limit=1)


async def test_a_feed_whose_wait_is_of_an_unknown_clock_is_polled_soon(db: Database) -> None:
    await add_feed(db)
    async with db.transaction() as tx:
        await tx.execute("UPDATE feeds SET due_at = ?", (int(LATER.timestamp()),))
    await end(db)
    soon = NOON + timedelta(minutes=10)
    assert len(await feeds.due(db.reader, now=soon, limit=9)) == 1


async def test_a_start_moves_no_few_feeds_to_a_time_that_may_never_come(db: Database) -> None:
    await add_feed(db)
    async with db.transaction() as tx:
        await tx.execute("UPDATE feeds SET due_at = ?", (int(NOON.timestamp()),))
        await feeds.spread_overdue(tx, now=LATER, per_second=20)
    assert len(await feeds.due(db.reader, now=NOON, limit=9)) == 1


async def test_a_digest_that_is_asked_for_holds_what_was_owed_by_a_clock_ahead(
    db: Database,
) -> None:
    ann = await subscribe(db, 1)
    await publish(db, "Bridge opens", now=LATER)
    await end(db)
    async with db.transaction() as tx:
        assert await due.request_digest(tx, ann, now=NOON)
    (delivery,) = (await deliveries.pending(db.reader, [ann], now=NOON))[ann]
    assert delivery.queued_at <= NOON


# By rule: whatever waits for an instant has a column of one of these names.
WAITS = ("due_at", "edit_at", "held_until", "choosing_until", "ready_at", "retry_at", "bundled_at")


async def test_no_table_keeps_a_wait_of_a_clock_that_was_set_back(db: Database) -> None:
    tables = await db.reader.execute_fetchall("SELECT name FROM sqlite_schema WHERE type = 'table'")
    # Of hosts only waits beyond the longest block are wrong, and spreading deletes them.
    for (table,) in (row for row in tables if row[0] != "hosts"):
        columns = await db.reader.execute_fetchall(f"PRAGMA table_info('{table}')")
        for name in (row[1] for row in columns if row[1] in WAITS):
            statements = [each for each in STATEMENTS if f"UPDATE {table} SET" in flat(each)]
            assert any(f"{name} = " in each for each in statements), f"{table}.{name}"


def flat(statement: str) -> str:
    return " ".join(statement.split())
