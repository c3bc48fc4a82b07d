import pytest

from bot.storage.database import Database
from bot.storage.stories import judgements
from tests.support.builders import publish
from tests.support.fakes import NOON


async def count(db: Database) -> int:
    ((number,),) = await db.reader.execute_fetchall("SELECT count(*) FROM judgements")
    return int(number)


async def test_a_story_is_reported_once_and_none_of_a_private_feed(db: Database) -> None:
    story_id = await publish(db, "Bridge opens")
    async with db.transaction() as tx:
        for _ in range(2):
            await judgements.add(tx, story_id, "topic", now=NOON)
    assert await count(db) == 1
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM judgements")
        await tx.execute("UPDATE feeds SET private = 1")
        await judgements.add(tx, story_id, "topic", now=NOON)
    assert await count(db) == 0


async def test_the_table_is_bounded(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judgements, "MAX_ROWS", 1)
    first, second = await publish(db, "Bridge opens"), await publish(db, "Goal")
    async with db.transaction() as tx:
        for story_id in (first, second):
            await judgements.add(tx, story_id, "story", now=NOON)
    assert await count(db) == 1
