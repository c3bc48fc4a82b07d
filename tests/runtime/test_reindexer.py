import asyncio
from datetime import timedelta

import pytest

from bot.model import LANGUAGES
from bot.runtime.reindexer import Reindexer
from bot.storage.database import Database
from bot.storage.stories import queries, reindex
from bot.text.vocabulary import query_terms
from tests.support.builders import publish, retell


async def titles(db: Database, query: str) -> set[str]:
    found = await queries.search(db.reader, query_terms(query), languages=LANGUAGES, limit=100)
    return {story.title for story in found}


async def test_a_search_finds_old_stories_by_the_new_stems_after_an_interruption(
    db: Database,
) -> None:
    expected = {f"Ринок {number} закрито" for number in range(5)}
    for title in expected:
        await publish(db, title)
    async with db.transaction() as tx:
        await tx.execute("UPDATE story_terms SET terms = 'earlier'")
        await reindex.begin(tx, 1)
    assert await titles(db, "ринку") == set()
    first = Reindexer(db=db, batch=2, pause=timedelta(0))
    assert await first.step()
    assert len(await titles(db, "ринку")) == 2
    # As after a restart: the version is the same, and what was done is not done again.
    async with db.transaction() as tx:
        assert not await reindex.begin(tx, 1)
    second = Reindexer(db=db, batch=2, pause=timedelta(0))
    assert [await second.step() for _ in range(2)] == [True, True]
    assert await titles(db, "ринку") == expected


async def test_it_sleeps_when_no_story_is_outdated(db: Database) -> None:
    worker = Reindexer(db=db)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(worker.step(), timeout=0.05)


async def test_the_words_of_other_articles_are_reindexed_too(db: Database) -> None:
    await retell(db, await publish(db, "Bridge opens"), "Ferry sails again")
    async with db.transaction() as tx:
        await reindex.begin(tx, 99)
    assert await Reindexer(db=db, pause=timedelta()).step()
    assert await titles(db, "ferries") == {"Ferry sails again"}
