from datetime import timedelta

from bot.model import ChatId
from bot.storage import statistics
from bot.storage.database import Database
from bot.storage.subscribers import subscribers
from tests.builders import SPORT, WAR, claim, publish, receive, subscribe
from tests.fakes import NOON


async def test_an_empty_database_has_nothing_of_anything(db: Database) -> None:
    audience, work = await statistics.audience(db.reader), await statistics.work(db.reader)
    assert (audience.by_kind, audience.paused, audience.gone) == ({}, 0, 0)
    assert (work.articles, work.deliveries, work.oldest_owed_at) == (0, {}, None)


async def test_readers_are_counted_by_kind_topic_and_language_and_the_gone_apart(
    db: Database,
) -> None:
    await subscribe(db, 1, WAR, SPORT)
    await subscribe(db, 2, WAR, language="uk")
    await subscribe(db, -3, kind="group")
    await subscribe(db, 4)
    async with db.transaction() as tx:
        await subscribers.pause(tx, ChatId(2), now=NOON)
        await subscribers.mark_gone(tx, ChatId(4), now=NOON)
    found = await statistics.audience(db.reader)
    assert list(found.by_kind.items()) == [("private", 2), ("group", 1)]
    assert found.by_topic == {"war": 3, "sports": 1}
    assert found.by_language == {"en": 2, "uk": 1}
    assert (found.paused, found.gone) == (1, 1)


async def test_deliveries_are_counted_by_how_they_stand(db: Database) -> None:
    await subscribe(db, 1)
    await publish(db, "Bridge opens")
    await publish(db, "Road closes")
    await receive(db, "Ferry sails")
    async with db.transaction() as tx:
        await claim(tx)
        await tx.execute("UPDATE deliveries SET doubts = 2 WHERE state = 'sending'")
    found = await statistics.work(db.reader)
    assert (found.feeds, found.articles, found.unread, found.stories) == (1, 3, 1, 2)
    assert found.deliveries == {"pending": 1, "sending": 1}
    assert found.possible_repeats == 2
    assert found.oldest_owed_at == NOON


async def test_of_the_last_day_it_is_counted_what_became_of_what_was_owed(db: Database) -> None:
    await subscribe(db, 1)
    for hours in range(30):
        await publish(db, f"Bridge {hours} opens", now=NOON + timedelta(hours=hours))
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM deliveries WHERE id BETWEEN 8 AND 12")
        await tx.execute("UPDATE deliveries SET state = 'sent', doubts = id = 5 OR id = 25")
        await tx.execute("UPDATE deliveries SET state = 'rejected' WHERE id IN (3, 27)")
        await tx.execute("UPDATE deliveries SET state = 'pending' WHERE id > 28")
    found = [
        await statistics.lately(db.reader, since=NOON + timedelta(hours=hours))
        for hours in (-1, 20, 99)
    ]
    assert [(it.sent, it.lost, it.possible_repeats) for it in found] == [
        (21, 2, 2),
        (7, 1, 1),
        (0, 0, 0),
    ]


async def test_of_nothing_owed_nothing_is_lost(db: Database) -> None:
    found = await statistics.lately(db.reader, since=NOON)
    assert (found.sent, found.lost, found.possible_repeats) == (0, 0, 0)
