from datetime import timedelta

import pytest

from bot.model import TopicSlug
from bot.runtime.loud_lines import LoudLineLearner, first_line, learnt_line, lines_of
from bot.storage.database import Database
from bot.storage.outbox.loud_lines import Week
from tests.support.builders import SPORT, WAR, publish
from tests.support.fakes import NOON, FakeClock


@pytest.mark.parametrize(
    ("stories", "line"),
    [
        ({}, 2),
        ({1: 700}, 2),
        ({1: 700, 2: 14, 3: 7}, 2),
        ({1: 700, 2: 70, 3: 28, 5: 7}, 3),
        ({2: 700, 6: 56}, 3),
        ({2: 700, 3: 140, 9: 35}, 4),
        ({2: 700, 3: 7}, 3),
        ({2: 56, 3: 7}, 2),
        ({9: 700}, 10),
    ],
)
def test_the_line_lets_three_to_eight_stories_a_day_through_or_as_near_as_it_can(
    stories: dict[int, int], line: int
) -> None:
    assert learnt_line(stories, days=7) == line


@pytest.mark.parametrize(("sources", "line"), [(0, 2), (4, 2), (5, 3), (40, 3)])
def test_a_new_installation_begins_at_three_and_at_two_where_sources_are_few(
    sources: int, line: int
) -> None:
    assert first_line(sources) == line


def test_nothing_is_learnt_before_some_days_have_passed() -> None:
    week = Week(stories={(WAR, "uk"): {2: 99, 7: 30}}, sources={"uk": 9}, since=None)
    topics = [WAR, TopicSlug("new")]
    assert lines_of(week, topics, now=NOON)[WAR, "uk"] == 3
    young = week._replace(since=NOON.replace(day=NOON.day - 1))
    assert lines_of(young, topics, now=NOON)[WAR, "uk"] == 3
    old = week._replace(since=NOON.replace(month=NOON.month - 1))
    assert lines_of(old._replace(stories={(WAR, "uk"): {2: 900, 7: 150}}), topics, now=NOON) == {
        (WAR, "uk"): 3,
        (WAR, "ru"): 2,
        (WAR, "en"): 2,
        ("new", "uk"): 2,
        ("new", "ru"): 2,
        ("new", "en"): 2,
    }


async def test_the_worker_stores_a_line_for_each_topic_and_language(
    db: Database, clock: FakeClock
) -> None:
    await publish(db, "Bridge opens")
    rest = timedelta(0)
    learner = LoudLineLearner(db=db, topics=[WAR, SPORT], now=clock, interval=rest)
    for _ in range(2):
        assert await learner.step()
    rows = await db.reader.execute_fetchall("SELECT topic, language, sources FROM loud_lines")
    assert len(list(rows)) == 6
