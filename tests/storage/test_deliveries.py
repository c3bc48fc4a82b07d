from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.model import ChatId
from bot.storage import deliveries, stories, subscribers
from bot.storage.database import Database
from tests.builders import SPORT, WAR, publish, reading, receive, subscribe
from tests.fakes import NOON

ANN, BOB = ChatId(1), ChatId(2)


async def row(db: Database) -> tuple[Any, ...]:
    rows = await db.reader.execute_fetchall(
        "SELECT state, attempts, doubts, reason FROM deliveries ORDER BY id"
    )
    return next(tuple(found) for found in rows)


async def test_a_story_is_owed_to_the_subscribers_of_its_topic_and_language(db: Database) -> None:
    await subscribe(db, 1, WAR)
    await subscribe(db, 2, SPORT)
    await subscribe(db, 3, WAR, language="uk")
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        claimed = await deliveries.claim(tx, now=NOON, limit=9)
    assert [delivery.chat_id for delivery in claimed] == [ANN]


async def test_a_chat_is_claimed_once_at_a_time_and_in_order(db: Database) -> None:
    await subscribe(db, 1)
    await subscribe(db, 2)
    first, second = await publish(db, "First"), await publish(db, "Second")
    async with db.transaction() as tx:
        claimed = await deliveries.claim(tx, now=NOON, limit=9)
        assert [(d.chat_id, d.story_id) for d in claimed] == [(ANN, first), (BOB, first)]
        assert not await deliveries.claim(tx, now=NOON, limit=9)
        await deliveries.record_sent(tx, claimed[0].id, message_id=5, now=NOON)
        (following,) = await deliveries.claim(tx, now=NOON, limit=9)
    assert (following.chat_id, following.story_id) == (ANN, second)


async def test_one_waiting_chat_does_not_hold_up_another(db: Database) -> None:
    await subscribe(db, 1)
    await subscribe(db, 2)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await subscribers.not_before(tx, ANN, ready_at=NOON + timedelta(hours=1))
        (claimed,) = await deliveries.claim(tx, now=NOON, limit=1)
    assert claimed.chat_id == BOB


async def test_what_was_cut_off_is_owed_again_and_counted_as_a_possible_repeat(
    db: Database,
) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await deliveries.claim(tx, now=NOON, limit=9)
        assert await deliveries.recover(tx) == 1
        (again,) = await deliveries.claim(tx, now=NOON, limit=9)
    assert again.attempts == 2
    assert await row(db) == ("sending", 2, 1, None)


async def test_a_refusal_that_does_not_count_is_no_attempt(db: Database) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        (claimed,) = await deliveries.claim(tx, now=NOON, limit=9)
        await deliveries.record_unsent(tx, claimed.id, reason="too fast", counted=False)
    assert await row(db) == ("pending", 0, 0, "too fast")


async def test_a_delivery_without_answer_is_owed_again_in_doubt(db: Database) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        (claimed,) = await deliveries.claim(tx, now=NOON, limit=9)
        await deliveries.record_doubtful(tx, claimed.id, reason="torn")
    assert await row(db) == ("pending", 1, 1, "torn")


async def test_a_rejected_message_is_not_owed_any_more(db: Database) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        (claimed,) = await deliveries.claim(tx, now=NOON, limit=9)
        await deliveries.record_rejected(tx, claimed.id, reason="bad", now=NOON)
        assert not await deliveries.claim(tx, now=NOON, limit=9)
    assert await row(db) == ("rejected", 1, 0, "bad")


async def test_all_that_a_chat_is_owed_ends_when_it_is_gone(db: Database) -> None:
    await subscribe(db, 1)
    await publish(db, "First")
    await publish(db, "Second")
    async with db.transaction() as tx:
        await deliveries.claim(tx, now=NOON, limit=9)
        assert await deliveries.record_gone(tx, ANN, reason="blocked", now=NOON) == 2
        assert not await deliveries.claim(tx, now=NOON, limit=9)


async def test_a_chat_that_chose_is_owed_the_newest_oldest_first_and_once(db: Database) -> None:
    hour = timedelta(hours=1)
    for ago in (4, 1, 3, 2):
        await publish(db, f"{ago} hours ago", published_at=NOON - ago * hour)
    await publish(db, "Goal", made=reading(topic=SPORT))
    await subscribe(db, 1)
    async with db.transaction() as tx:
        for expected in (2, 0):
            owed = await deliveries.enqueue_newest(
                tx, ANN, limit=3, since=NOON - 2 * hour, now=NOON
            )
            assert owed == expected
    rows = await db.reader.execute_fetchall(
        "SELECT title FROM deliveries JOIN stories ON stories.id = deliveries.story_id"
        " JOIN articles ON articles.id = lead_id ORDER BY deliveries.id"
    )
    assert [found[0] for found in rows] == ["2 hours ago", "1 hours ago"]


@pytest.mark.parametrize("gone", [True, False])
async def test_a_paused_or_lost_chat_is_passed_over(db: Database, gone: bool) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        await (subscribers.mark_gone if gone else subscribers.pause)(tx, ANN, now=NOON)
        assert not await deliveries.claim(tx, now=NOON, limit=9)


async def test_a_delivery_never_gets_the_id_of_one_that_was_deleted(db: Database) -> None:
    await subscribe(db, ANN)
    await publish(db, "First")
    async with db.transaction() as tx:
        (in_flight,) = await deliveries.claim(tx, now=NOON, limit=1)
        await subscribers.forget(tx, ANN)
    await subscribe(db, BOB)
    await publish(db, "Second")
    async with db.transaction() as tx:
        await deliveries.record_sent(tx, in_flight.id, message_id=5, now=NOON)
    assert (await row(db))[0] == "pending"


async def test_the_newest_are_owed_again_to_a_chat_that_was_gone_when_they_came(
    db: Database,
) -> None:
    await subscribe(db, ANN)
    await publish(db, "First")
    async with db.transaction() as tx:
        await deliveries.record_gone(tx, ANN, reason="blocked", now=NOON)
        since = NOON - timedelta(days=1)
        assert await deliveries.enqueue_newest(tx, ANN, limit=3, since=since, now=NOON) == 1
        assert await deliveries.enqueue_newest(tx, ANN, limit=3, since=since, now=NOON) == 0
    assert await row(db) == ("pending", 0, 0, None)


async def test_a_story_of_two_topics_is_owed_once_to_a_reader_of_either(db: Database) -> None:
    await subscribe(db, 1, WAR)
    await subscribe(db, 2, SPORT)
    await subscribe(db, 3, WAR, SPORT)
    await publish(db, "Match played in the shelter", made=replace(reading(), others=(SPORT,)))
    rows = await db.reader.execute_fetchall("SELECT chat_id FROM deliveries ORDER BY chat_id")
    assert [row[0] for row in rows] == [1, 2, 3]
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM deliveries")
        owed = await deliveries.enqueue_newest(tx, ChatId(3), limit=9, since=NOON, now=NOON)
    assert owed == 1


async def test_the_newest_are_owed_in_each_language_that_they_are_told_in(db: Database) -> None:
    story_id = await publish(db, "Міст відкрито", made=reading(language="uk"))
    telling = await receive(db, "Мост открыт")
    async with db.transaction() as tx:
        await stories.tell(tx, story_id, telling.id, "ru")
    for chat_id, language, expected in ((1, "uk", 1), (2, "ru", 1), (3, "en", 0)):
        await subscribe(db, chat_id, language=language)  # type: ignore[arg-type]
        async with db.transaction() as tx:
            owed = await deliveries.enqueue_newest(
                tx, ChatId(chat_id), limit=9, since=NOON, now=NOON
            )
        assert owed == expected
