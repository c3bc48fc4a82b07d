from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.model import ChatId, DeliveryResult, StoryId
from bot.storage.database import Database
from bot.storage.outbox import deliveries, fan_out
from bot.storage.outbox import due as schedule
from bot.storage.subscribers import absences, subscribers
from tests.support.builders import SPORT, WAR, claim, publish, reading, subscribe
from tests.support.fakes import NOON

ANN, BOB = ChatId(1), ChatId(2)


ANN_SHOWN = ChatId(1)


async def row(db: Database) -> tuple[Any, ...]:
    rows = await db.reader.execute_fetchall(
        "SELECT state, attempts, doubts, reason FROM deliveries ORDER BY id"
    )
    return next(tuple(found) for found in rows)


async def test_a_story_is_queued_for_the_subscribers_of_its_topic_and_language(
    db: Database,
) -> None:
    await subscribe(db, 1, WAR)
    await subscribe(db, 2, SPORT)
    await subscribe(db, 3, WAR, language="uk")
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        claimed = await claim(tx)
    assert [delivery.chat_id for delivery in claimed] == [ANN]


async def test_a_chat_is_claimed_once_at_a_time_and_in_order(db: Database) -> None:
    await subscribe(db, 1)
    await subscribe(db, 2)
    first, second = await publish(db, "First"), await publish(db, "Second")
    async with db.transaction() as tx:
        claimed = await claim(tx)
        assert [(d.chat_id, d.story_id) for d in claimed] == [(ANN, first), (BOB, first)]
        assert not await claim(tx)
        sent = DeliveryResult(state="sent", message_id=5)
        await deliveries.record(tx, [(claimed[0].id, sent)], now=NOON)
        (following,) = await claim(tx)
    assert (following.chat_id, following.story_id) == (ANN, second)


async def test_one_waiting_chat_does_not_hold_up_another(db: Database) -> None:
    await subscribe(db, 1)
    await subscribe(db, 2)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await schedule.set_next_send(tx, [(ANN, NOON + timedelta(hours=1))])
        (claimed,) = await claim(tx, now=NOON, limit=1)
    assert claimed.chat_id == BOB


async def test_an_interrupted_delivery_is_pending_again_and_counted_as_a_possible_repeat(
    db: Database,
) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await claim(tx)
        assert await deliveries.recover(tx, ready_at=NOON + timedelta(seconds=3)) == 1
        assert await claim(tx, now=NOON + timedelta(seconds=2)) == ()
        (again,) = await claim(tx, now=NOON + timedelta(seconds=3))
    assert again.attempts == 1
    assert await row(db) == ("sending", 2, 1, None)


async def test_an_uncounted_refusal_is_no_attempt(db: Database) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        (claimed,) = await claim(tx)
        refused = DeliveryResult(state="pending", reason="too fast", is_counted=False)
        await deliveries.record(tx, [(claimed.id, refused)], now=NOON)
    assert await row(db) == ("pending", 0, 0, "too fast")


async def test_a_delivery_without_answer_is_pending_again_as_a_possible_repeat(
    db: Database,
) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        (claimed,) = await claim(tx)
        doubtful = DeliveryResult(state="pending", reason="torn", is_doubtful=True)
        await deliveries.record(tx, [(claimed.id, doubtful)], now=NOON)
    assert await row(db) == ("pending", 1, 1, "torn")


async def test_a_rejected_delivery_is_not_pending(db: Database) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        (claimed,) = await claim(tx)
        rejected = DeliveryResult(state="rejected", reason="bad")
        await deliveries.record(tx, [(claimed.id, rejected)], now=NOON)
        assert not await claim(tx)
    assert await row(db) == ("rejected", 1, 0, "bad")


async def test_all_open_deliveries_of_a_chat_end_when_it_is_gone(db: Database) -> None:
    await subscribe(db, 1)
    await publish(db, "First")
    await publish(db, "Second")
    async with db.transaction() as tx:
        await claim(tx)
        assert await deliveries.record_gone(tx, ANN, reason="blocked", now=NOON) == 2
        assert not await claim(tx)


async def test_first_stories_are_queued_in_their_order_and_once(db: Database) -> None:
    ids = [await publish(db, title) for title in ("First", "Second", "Third")]
    await subscribe(db, 1)
    wanted = [ids[2], ids[0], StoryId(99)]
    async with db.transaction() as tx:
        for expected in (2, 0):
            assert await fan_out.enqueue_first(tx, ANN, wanted, now=NOON) == expected
    rows = await db.reader.execute_fetchall("SELECT story_id, at_once FROM deliveries ORDER BY id")
    assert [tuple(row) for row in rows] == [(ids[2], deliveries.FIRST), (ids[0], deliveries.FIRST)]


async def test_nothing_is_owed_while_topics_are_chosen(db: Database) -> None:
    await subscribe(db, 1)
    async with db.transaction() as tx:
        await subscribers.begin_choice(tx, ANN, until=NOON + timedelta(minutes=10))
    await publish(db, "Meanwhile")
    assert not list(await db.reader.execute_fetchall("SELECT * FROM deliveries"))
    await publish(db, "Later", now=NOON + timedelta(minutes=10))
    assert len(list(await db.reader.execute_fetchall("SELECT * FROM deliveries"))) == 1
    async with db.transaction() as tx:
        assert await subscribers.end_choice(tx, ANN)
        assert not await subscribers.end_choice(tx, ANN)
    await publish(db, "Now")
    assert len(list(await db.reader.execute_fetchall("SELECT * FROM deliveries"))) == 2


@pytest.mark.parametrize("gone", [True, False])
async def test_a_paused_or_gone_chat_is_skipped(db: Database, gone: bool) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await (absences.mark_gone if gone else absences.pause)(tx, ANN, now=NOON)
        assert not await claim(tx)


async def due(db: Database) -> list[object]:
    rows = await db.reader.execute_fetchall("SELECT due_at FROM subscribers ORDER BY chat_id")
    return [found[0] for found in rows]


async def test_only_chats_with_pending_deliveries_are_due(db: Database) -> None:
    await subscribe(db, ANN)
    await subscribe(db, BOB, SPORT)
    await publish(db, "Bridge opens")
    assert await due(db) == [int(NOON.timestamp()), None]


async def test_a_new_delivery_does_not_hurry_a_chat_that_must_wait(db: Database) -> None:
    await subscribe(db, ANN)
    later = NOON + timedelta(hours=1)
    async with db.transaction() as tx:
        await schedule.set_next_send(tx, [(ANN, later)])
    await publish(db, "Bridge opens")
    assert await due(db) == [int(later.timestamp())]


async def test_a_new_delivery_goes_ahead_of_one_that_waits_for_a_retry(db: Database) -> None:
    await subscribe(db, ANN)
    await publish(db, "First")
    async with db.transaction() as tx:
        (first,) = await claim(tx)
        put_off = DeliveryResult(state="pending", retry_at=NOON + timedelta(hours=1))
        await deliveries.record(tx, [(first.id, put_off)], now=NOON)
        await schedule.set_next_send(tx, [(ANN, NOON)])
        assert not await claim(tx)
    second = await publish(db, "Second")
    async with db.transaction() as tx:
        (claimed,) = await claim(tx)
    assert claimed.story_id == second


async def test_the_longest_due_chat_comes_first(db: Database) -> None:
    for number in (1, 2, 3):
        await subscribe(db, number)
    async with db.transaction() as tx:
        await schedule.set_next_send(tx, [(ANN, NOON + timedelta(seconds=9))])
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        claimed = await claim(tx, now=NOON + timedelta(minutes=1), limit=2)
    assert [it.chat_id for it in claimed] == [2, 3]


async def test_a_delivery_that_was_sent_stays_so_though_its_chat_is_gone_since(
    db: Database,
) -> None:
    await subscribe(db, ANN)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        (claimed,) = await claim(tx)
        await deliveries.record_gone(tx, ANN, reason="left by the chat", now=NOON)
        sent = DeliveryResult(state="sent", message_id=5)
        await deliveries.record(tx, [(claimed.id, sent)], now=NOON)
    assert (await row(db))[0] == "sent"


async def test_a_delivery_never_gets_the_id_of_one_that_was_deleted(db: Database) -> None:
    await subscribe(db, ANN)
    await publish(db, "First")
    async with db.transaction() as tx:
        (in_flight,) = await claim(tx, now=NOON, limit=1)
        await subscribers.forget(tx, ANN)
    await subscribe(db, BOB)
    await publish(db, "Second")
    async with db.transaction() as tx:
        sent = DeliveryResult(state="sent", message_id=5)
        await deliveries.record(tx, [(in_flight.id, sent)], now=NOON)
    assert (await row(db))[0] == "pending"


async def test_first_stories_are_queued_again_for_a_chat_that_was_gone(
    db: Database,
) -> None:
    await subscribe(db, ANN)
    first = await publish(db, "First")
    async with db.transaction() as tx:
        await deliveries.record_gone(tx, ANN, reason="blocked", now=NOON)
        assert await fan_out.enqueue_first(tx, ANN, [first], now=NOON) == 1
        assert await fan_out.enqueue_first(tx, ANN, [first], now=NOON) == 0
    assert await row(db) == ("pending", 0, 0, None)


async def test_a_story_of_two_topics_is_queued_once_for_a_reader_of_both(db: Database) -> None:
    await subscribe(db, 1, WAR)
    await subscribe(db, 2, SPORT)
    await subscribe(db, 3, WAR, SPORT)
    await publish(db, "Match played in the shelter", made=replace(reading(), other_topics=(SPORT,)))
    rows = await db.reader.execute_fetchall("SELECT chat_id FROM deliveries ORDER BY chat_id")
    assert [row[0] for row in rows] == [1, 2, 3]


async def work_of_owing(db: Database, story_id: StoryId) -> int:
    """Owe the story, and return how many hundreds of SQLite's instructions that took."""
    ticks = 0

    def tick() -> int:
        nonlocal ticks
        ticks += 1
        return 0

    async with db.transaction() as tx:
        await tx.execute("DELETE FROM deliveries")
        await tx.execute("UPDATE subscribers SET due_at = NULL")
        await tx.set_progress_handler(tick, 100)
        ticks = 0
        assert await fan_out.enqueue_story(tx, story_id, "en", now=NOON) == 1
        return ticks


async def test_the_fan_out_of_a_story_that_few_follow_does_not_read_all_subscribers(
    db: Database,
) -> None:
    await subscribe(db, ANN, WAR)
    story_id = await publish(db, "Bridge opens")
    alone = await work_of_owing(db, story_id)
    async with db.transaction() as tx:
        for chat_id in map(ChatId, range(2, 1002)):
            await subscribers.join(tx, chat_id, kind="private", language="en", now=NOON)
            await subscribers.set_topics(tx, chat_id, [SPORT], wanted=True)
    # A look at each of a thousand would be some thousand instructions more.
    assert await work_of_owing(db, story_id) <= alone + 5


async def rows(db: Database) -> list[tuple[str, int | None]]:
    found = await db.reader.execute_fetchall("SELECT state, message_id FROM deliveries")
    return [(row[0], row[1]) for row in found]


async def note(db: Database, story_id: StoryId, message_id: int = 5) -> None:
    async with db.transaction() as tx:
        await deliveries.mark_shown(tx, ANN_SHOWN, story_id, message_id, now=NOON)


async def test_a_story_that_was_shown_is_no_longer_pending(db: Database) -> None:
    await subscribe(db, ANN_SHOWN)
    await note(db, await publish(db, "Bridge opens"))
    assert await rows(db) == [("sent", 5)]
    assert not (await deliveries.pending(db.reader, [ANN_SHOWN], now=NOON))[ANN_SHOWN]


async def test_a_story_that_was_shown_is_not_queued_later(db: Database) -> None:
    story_id = await publish(db, "Bridge opens")
    await subscribe(db, ANN_SHOWN)
    await note(db, story_id)
    async with db.transaction() as tx:
        assert await fan_out.enqueue_story(tx, story_id, "en", now=NOON) == 0


async def test_a_delivery_that_is_being_sent_or_was_sent_stays_as_it_is(db: Database) -> None:
    await subscribe(db, ANN_SHOWN)
    story_id = await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await claim(tx)
    await note(db, story_id)
    assert await rows(db) == [("sending", None)]
