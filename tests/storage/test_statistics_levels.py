from datetime import timedelta

import pytest

from bot.delivery.outcomes import judge
from bot.model import Incoming, Rejected, StoryId, UpdateId
from bot.storage import updates
from bot.storage.database import Database
from bot.storage.outbox import deliveries
from bot.storage.statistics_levels import levels, published_at
from bot.storage.subscribers import subscribers
from tests.builders import add_feed, claim, publish, subscribe
from tests.fakes import NOON


async def test_of_an_empty_database_there_is_nothing(db: Database) -> None:
    found = await levels(db.reader)
    assert (found.articles, found.stories, found.deliveries, found.owed) == (0, 0, 0, 0)
    assert found.owed_since is None
    assert found.due_since is None
    assert found.subscribers == {"reading": 0, "paused": 0, "gone": 0}
    assert found.feeds == {"fine": 0, "failing": 0, "stopped": 0}


async def test_what_is_owed_is_counted_until_it_is_done(db: Database) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    await publish(db, "Bridge closes", now=NOON + timedelta(hours=1))
    found = await levels(db.reader)
    assert (found.articles, found.stories, found.deliveries, found.owed) == (2, 2, 2, 2)
    assert (found.owed_since, found.due_since) == (NOON, NOON)
    async with db.transaction() as tx:
        (first,) = await claim(tx)
        verdict, _ = judge(Rejected("no"), "private", attempt=1, now=NOON, jitter=0)
        await deliveries.record(tx, [(first.id, verdict)], now=NOON)
    found = await levels(db.reader)
    assert (found.deliveries, found.owed) == (2, 1)
    assert found.owed_since == NOON + timedelta(hours=1)


async def test_subscribers_and_feeds_are_counted_by_how_they_are(db: Database) -> None:
    await subscribe(db, 1)
    await subscribe(db, 2)
    gone = await subscribe(db, 3)
    await add_feed(db)
    async with db.transaction() as tx:
        await tx.execute("UPDATE subscribers SET paused_at = 1 WHERE chat_id = 2")
        await subscribers.mark_gone(tx, gone, now=NOON)
        await tx.execute("UPDATE feeds SET problem = 'HTTP 503'")
    found = await levels(db.reader)
    assert found.subscribers == {"reading": 1, "paused": 1, "gone": 1}
    assert found.feeds == {"fine": 0, "failing": 1, "stopped": 0}


async def test_updates_that_wait_are_counted(db: Database) -> None:
    subscriber = await subscribe(db, 1)
    incoming = Incoming(id=UpdateId(7), chat_id=subscriber, kind="message", content="{}")
    async with db.transaction() as tx:
        await updates.store(tx, [incoming], now=NOON)
    assert (await levels(db.reader)).updates == 1


async def test_a_story_says_when_it_was_published(db: Database) -> None:
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
async def test_what_grows_is_counted_by_a_small_index(db: Database, query: str) -> None:
    rows = await db.reader.execute_fetchall(f"EXPLAIN QUERY PLAN {query}")
    plan = " ".join(str(row[3]) for row in rows)
    assert " INDEX " in plan, plan
