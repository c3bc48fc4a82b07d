from datetime import timedelta

import pytest

from bot.delivery.outbox import Outbox
from bot.model import ChatId, Timetable
from bot.storage.database import Database
from bot.storage.outbox import loud_lines
from bot.storage.subscribers import subscribers
from tests.support.builders import SPORT, WAR, guard_of, publish, reading, retell, subscribe
from tests.support.fakes import NOON, FakeClock

ANN = ChatId(1)


async def test_stories_are_counted_by_topic_language_and_sources(db: Database) -> None:
    first = await publish(db, "Bridge opens")
    await retell(db, first, language="uk")
    await publish(db, "Cup is won", made=reading(topic=SPORT), now=NOON - timedelta(days=2))
    await publish(db, "Long ago", now=NOON - timedelta(days=9))
    week = await loud_lines.read_week(db.reader, since=NOON - timedelta(days=7))
    assert week.stories == {(WAR, "en"): {2: 1}, (WAR, "uk"): {2: 1}, (SPORT, "en"): {1: 1}}
    assert week.sources == {"en": 1}
    assert week.since == NOON - timedelta(days=2)


async def test_of_a_new_database_nothing_is_known(db: Database) -> None:
    week = await loud_lines.read_week(db.reader, since=NOON)
    assert week == loud_lines.Week(stories={}, sources={}, since=None)


@pytest.mark.parametrize(
    ("lines", "is_loud"),
    [
        ({}, False),
        ({(WAR, "en"): 2}, True),
        ({(WAR, "en"): 4}, False),
        ({(WAR, "uk"): 2}, False),
        ({(SPORT, "en"): 2}, False),
    ],
)
async def test_a_story_of_two_sources_comes_at_once_where_that_is_the_line_of_its_reader(
    db: Database, clock: FakeClock, lines: dict[tuple[object, object], int], is_loud: bool
) -> None:
    await subscribe(db, ANN)
    async with db.transaction() as tx:
        await subscribers.set_timetable(tx, ANN, Timetable(when="calm"))
        await loud_lines.replace_all(tx, lines)  # type: ignore[arg-type]
    outbox = Outbox(db=db, guard=guard_of(db), now=clock, jitter=lambda: 0.0)
    story_id = await publish(db, "Bridge opens")
    assert await outbox.claim() is None
    await retell(db, story_id, now=NOON)
    claim = await outbox.claim()
    assert (claim is not None) is is_loud
    if claim is not None:
        assert not claim.plan.silent
