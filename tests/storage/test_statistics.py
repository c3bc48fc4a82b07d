from datetime import timedelta

import pytest

from bot.delivery.outcomes import delivery_result
from bot.model import ChatId, RawUpdate, Rejected, StoryId, UpdateId
from bot.storage import statistics, updates
from bot.storage.database import Database
from bot.storage.outbox import deliveries
from bot.storage.statistics import published_at, table_counts
from bot.storage.subscribers import absences
from tests.support.builders import SPORT, WAR, add_feed, claim, publish, receive, subscribe
from tests.support.fakes import NOON


async def test_an_empty_database_has_zero_counts(db: Database) -> None:
    audience, work = (
        await statistics.subscriber_counts(db.reader),
        await statistics.workload(db.reader),
    )
    assert (audience.by_kind, audience.paused, audience.gone) == ({}, 0, 0)
    assert (work.articles, work.deliveries, work.oldest_owed_at) == (0, {}, None)


async def test_subscribers_are_counted_by_kind_topic_and_language_and_the_gone_apart(
    db: Database,
) -> None:
    await subscribe(db, 1, WAR, SPORT)
    await subscribe(db, 2, WAR, language="uk")
    await subscribe(db, -3, kind="group")
    await subscribe(db, 4)
    async with db.transaction() as tx:
        await absences.pause(tx, ChatId(2), now=NOON)
        await absences.mark_gone(tx, ChatId(4), now=NOON)
    found = await statistics.subscriber_counts(db.reader)
    assert list(found.by_kind.items()) == [("private", 2), ("group", 1)]
    assert found.by_topic == {"war": 3, "sports": 1}
    assert found.by_language == {"en": 2, "uk": 1}
    assert (found.paused, found.gone) == (1, 1)


async def test_deliveries_are_counted_by_state(db: Database) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    await publish(db, "Road closes")
    await receive(db, "Ferry sails")
    async with db.transaction() as tx:
        await claim(tx)
        await tx.execute("UPDATE deliveries SET doubts = 2 WHERE state = 'sending'")
    found = await statistics.workload(db.reader)
    assert (found.feeds, found.articles, found.unread, found.stories) == (1, 3, 1, 2)
    assert found.deliveries == {"pending": 1, "sending": 1}
    # One delivery, though no answer came twice.
    assert found.possible_repeats == 1
    assert found.oldest_owed_at == NOON


async def test_the_results_of_the_last_days_deliveries_are_counted(db: Database) -> None:
    await subscribe(db, 1)
    for hours in range(30):
        await publish(db, f"Bridge {hours} opens", now=NOON + timedelta(hours=hours))
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM deliveries WHERE id BETWEEN 8 AND 12")
        await tx.execute("UPDATE deliveries SET state = 'sent', doubts = id = 5 OR id = 25")
        await tx.execute("UPDATE deliveries SET state = 'rejected' WHERE id IN (3, 27)")
        await tx.execute("UPDATE deliveries SET state = 'pending' WHERE id > 28")
    found = [
        await statistics.last_day(db.reader, since=NOON + timedelta(hours=hours))
        for hours in (-1, 20, 99)
    ]
    assert [(it.sent, it.lost, it.possible_repeats) for it in found] == [
        (21, 2, 2),
        (7, 1, 1),
        (0, 0, 0),
    ]


async def test_of_the_last_day_the_hours_and_the_delays_are_told(db: Database) -> None:
    await subscribe(db, 1)
    since = NOON - timedelta(hours=24)
    for hours in range(24):
        await publish(db, f"Bridge {hours} opens", now=since + timedelta(hours=hours))
    async with db.transaction() as tx:
        await tx.execute("UPDATE stories SET published_at = ?", (int(since.timestamp()),))
        await tx.execute(
            "UPDATE deliveries SET state = 'sent', done_at = owed_at + id * 60 WHERE id <= 20"
        )
    found = await statistics.last_day(db.reader, since=since)
    assert found.sent_by_hour == (1,) * 20 + (0,) * 4
    assert found.delays == tuple(timedelta(hours=n, minutes=n + 1) for n in range(20))
    assert found.delay(0.5) == timedelta(hours=9, minutes=10)
    assert found.delay(0.9) == timedelta(hours=17, minutes=18)


async def test_without_deliveries_none_is_lost(db: Database) -> None:
    found = await statistics.last_day(db.reader, since=NOON)
    assert (found.sent, found.lost, found.possible_repeats) == (0, 0, 0)
    assert found.delay(0.5) is None


async def test_an_empty_database_has_zero_table_counts(db: Database) -> None:
    found = await table_counts(db.reader)
    assert (found.articles, found.stories, found.deliveries, found.pending) == (0, 0, 0, 0)
    assert found.oldest_pending_at is None
    assert found.oldest_due_at is None
    assert found.subscribers == {"reading": 0, "paused": 0, "gone": 0}
    assert found.feeds == {"fine": 0, "failing": 0, "stopped": 0}


async def test_a_pending_delivery_is_counted_until_it_is_done(db: Database) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    await publish(db, "Bridge closes", now=NOON + timedelta(hours=1))
    found = await table_counts(db.reader)
    assert (found.articles, found.stories, found.deliveries, found.pending) == (2, 2, 2, 2)
    assert (found.oldest_pending_at, found.oldest_due_at) == (NOON, NOON)
    async with db.transaction() as tx:
        (first,) = await claim(tx)
        verdict, _ = delivery_result(Rejected("no"), "private", attempt=1, now=NOON, jitter=0)
        await deliveries.record(tx, [(first.id, verdict)], now=NOON)
    found = await table_counts(db.reader)
    assert (found.deliveries, found.pending) == (2, 1)
    assert found.oldest_pending_at == NOON + timedelta(hours=1)


async def test_subscribers_and_feeds_are_counted_by_state(db: Database) -> None:
    await subscribe(db, 1)
    await subscribe(db, 2)
    gone = await subscribe(db, 3)
    await add_feed(db)
    async with db.transaction() as tx:
        await tx.execute("UPDATE subscribers SET paused_at = 1 WHERE chat_id = 2")
        await absences.mark_gone(tx, gone, now=NOON)
        await tx.execute("UPDATE feeds SET problem = 'HTTP 503'")
    found = await table_counts(db.reader)
    assert found.subscribers == {"reading": 1, "paused": 1, "gone": 1}
    assert found.feeds == {"fine": 0, "failing": 1, "stopped": 0}


async def test_waiting_updates_are_counted(db: Database) -> None:
    subscriber = await subscribe(db, 1)
    incoming = RawUpdate(
        id=UpdateId(7), chat_id=subscriber, person_id=subscriber, kind="message", content="{}"
    )
    async with db.transaction() as tx:
        await updates.store(tx, [incoming], now=NOON)
    assert (await table_counts(db.reader)).updates == 1


async def test_the_publication_time_of_a_story_is_found(db: Database) -> None:
    story_id = await publish(db, "Bridge opens")
    assert await published_at(db.reader, story_id) == NOON
    assert await published_at(db.reader, StoryId(99)) is None


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*), min(id) FROM deliveries WHERE state = 'pending'",
        "SELECT count(*) FROM articles WHERE edited_at IS NULL",
        "SELECT count(*) FROM updates WHERE handled_at IS NULL",
        "SELECT min(due_at) FROM subscribers"
        " WHERE due_at IS NOT NULL AND paused_at IS NULL AND gone_at IS NULL",
    ],
)
async def test_growing_tables_are_counted_by_a_partial_index(db: Database, query: str) -> None:
    rows = await db.reader.execute_fetchall(f"EXPLAIN QUERY PLAN {query}")
    plan = " ".join(str(row[3]) for row in rows)
    assert " INDEX " in plan, plan
