"""The cost of a query does not grow with the database: the instructions of SQLite are counted."""

from pathlib import Path

import pytest

from benchmarks.grown import Size, build
from benchmarks.questions import QUESTIONS, Town, count_stories
from bot.storage.database import open_database
from bot.storage.stories import queries
from tests.support.query_cost import work

SMALL = Size(articles=2_000, feeds=40, readers=400, deliveries=8_000)
LARGE = Size(articles=8_000, feeds=40, readers=400, deliveries=8_000)
# What is asked of some days holds more where more comes in a day; so does what is old by now.
BY_THE_DAY = ("/best", "read also", "which stories", "to owe what", "to take old", "to delete what")
# In hundreds of instructions: what chance alone makes of it.
SOME = 60


async def cost(path: Path, size: Size) -> dict[str, int]:
    build(path, size)
    found = {}
    async with open_database(path) as db:
        for it in QUESTIONS:
            if it.sweeps or it.name.startswith(BY_THE_DAY):
                continue
            async with db.transaction() as tx:
                town = Town.of(tx, size, stories=await count_stories(tx))
                found[it.name] = await work(tx, await it.ask(town))
    return found


async def test_four_times_as_many_articles_are_no_more_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MAX_SCANNED", 100)
    monkeypatch.setattr(queries, "MAX_SEARCHED", 100)
    small, large = [await cost(tmp_path / f"{size.articles}.db", size) for size in (SMALL, LARGE)]
    assert len(small) > 30
    grown = {it: (small[it], large[it]) for it in small if large[it] > 1.5 * small[it] + SOME}
    assert grown == {}
