import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import LANGUAGES, StoryId
from bot.storage.database import open_database
from bot.storage.migrations import migrate
from bot.storage.stories import queries
from bot.stories import related
from quality import data
from quality.related import DAY, POLITICS, _fill, _ranks, _store, _story, _tf_idf

FIRE = related.terms("В Житомире горел склад", "Ночью на складе мебели в Житомире был пожар.")


async def test_a_story_of_the_archive_is_one_that_the_bot_would_offer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "archive.db"
    migrate(path)
    monkeypatch.setattr("quality.related.STORED", 0)
    monkeypatch.setattr(data, "rows", lambda name: [{}] * 12_000)
    _fill(path)
    with closing(sqlite3.connect(path)) as db, db:
        for number in (1, 2):
            at = int(DAY.timestamp()) + number
            _store(db, number, f"Житомир, пожар на складе: {number} сутки", FIRE, at)
    async with open_database(path) as opened:
        story = await queries.get(opened.reader, StoryId(2))
        assert story is not None
        assert story.published_at == DAY + timedelta(seconds=2)
        found = await queries.sharing_terms(
            opened.reader,
            story,
            words=related.query_weights(FIRE),
            topics=[POLITICS],
            languages=LANGUAGES,
            since=DAY,
        )
    assert [(other.id, terms) for other, terms in found] == [(1, FIRE)]


@pytest.mark.parametrize(
    ("pubdate", "expected"),
    [("10 октября, 09:05", timedelta(hours=9, minutes=5)), ("", timedelta())],
)
def test_an_article_without_a_date_counts_as_first_of_the_day(
    pubdate: str, expected: timedelta
) -> None:
    assert _story({"pubdate": pubdate}, 1).published_at == DAY + expected


def test_the_rank_is_that_of_the_first_article_the_editor_linked() -> None:
    articles = [_story({"pubdate": f"10 октября, 0{hour}:00"}, hour) for hour in (3, 1, 2, 4)]
    rates = {1: 0.5, 2: 0.7, 3: 0.9}
    linked = {0: {1, 3}}
    *_, whole_day = _ranks(lambda _, other: rates[other], linked, articles, is_earlier=False)
    *_, earlier = _ranks(lambda _, other: rates[other], linked, articles, is_earlier=True)
    assert whole_day == 1
    assert earlier == 1 / 2  # article 3 came later, and article 2 was not linked


def test_what_shares_rare_words_is_more_alike_than_what_shares_common_ones() -> None:
    rate = _tf_idf(["новость мост", "новость мост", "новость каток", ""])
    assert rate(0, 1) == pytest.approx(1)
    assert 0 < rate(0, 2) < rate(0, 1)
    assert rate(0, 3) == 0
