from pathlib import Path

import pytest

from bot.model import StoryId
from bot.storage.database import Database
from bot.storage.stories import judgements
from quality.judged import read_judgements, report
from tests.support.builders import publish, retell
from tests.support.fakes import NOON


async def test_reports_are_counted_by_verdict_and_topic_with_their_headlines(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE", str(tmp_path / "readalso.db"))
    assert "There are none." in report()
    story_id = await publish(db, "Bridge opens")
    await retell(db, story_id)
    async with db.transaction() as tx:
        await judgements.add(tx, story_id, "topic", now=NOON)
        await judgements.add(tx, story_id, "story", now=NOON)
        await judgements.add(tx, story_id, "story", now=NOON)
        await judgements.add(tx, StoryId(99), "story", now=NOON)
    assert [row.verdict for row in read_judgements(tmp_path / "readalso.db")] == ["topic", "story"]
    assert "| topic | war | 1 |" in report()
    assert "* story, war: Bridge opens / Bridge is open" in report()


async def test_there_is_nothing_to_read_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE", "nowhere.db")
    assert "There are none." in report()
