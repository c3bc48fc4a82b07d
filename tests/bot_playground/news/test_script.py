from collections import Counter
from itertools import islice, pairwise

import pytest

from bot_playground.news.script import (
    NewsScript,
    Report,
    opening_reports,
    read_news_script,
    upcoming_reports,
)

TOPICS = {
    "war",
    "politics",
    "world",
    "economy",
    "society",
    "incidents",
    "tech",
    "science",
    "health",
    "sports",
    "culture",
    "lifestyle",
}


@pytest.fixture(scope="module")
def news_script() -> NewsScript:
    return read_news_script()


def first_day(news_script: NewsScript) -> list[Report]:
    opening = opening_reports(news_script)
    versions = sum(len(event.versions) for event in news_script.events)
    return [*opening, *islice(upcoming_reports(news_script), versions - len(opening))]


def second_day(news_script: NewsScript) -> list[Report]:
    versions = sum(len(event.versions) for event in news_script.events)
    later = versions - len(opening_reports(news_script))
    return list(islice(upcoming_reports(news_script), later, later + versions))


def test_every_topic_has_events(news_script: NewsScript) -> None:
    assert {event.topic for event in news_script.events} == TOPICS
    assert len(news_script.events) >= 36


def test_a_newspaper_reports_an_event_once(news_script: NewsScript) -> None:
    for event in news_script.events:
        counts = Counter(version.source for version in event.versions)
        assert set(counts.values()) == {1}, event.slug


def test_most_events_are_reported_in_more_than_one_language(news_script: NewsScript) -> None:
    languages = {source.slug: source.language for source in news_script.sources}
    across = [
        event
        for event in news_script.events
        if len({languages[version.source] for version in event.versions}) > 1
    ]
    assert len(across) > len(news_script.events) / 2


def test_a_reprint_has_the_words_of_the_original(news_script: NewsScript) -> None:
    titles = Counter(version.title for event in news_script.events for version in event.versions)
    assert 2 in titles.values()


def test_a_followed_event_is_earlier_and_has_the_same_topic(news_script: NewsScript) -> None:
    topics: dict[str, str] = {}
    for event in news_script.events:
        if event.follows is not None:
            assert topics[event.follows] == event.topic
        topics[event.slug] = event.topic


def test_every_text_is_long_enough_for_a_summary_to_choose_from(news_script: NewsScript) -> None:
    for report in first_day(news_script):
        assert sum(paragraph.count(". ") + 1 for paragraph in report.paragraphs) >= 3, report.id


def test_every_language_has_words_for_all_topics(news_script: NewsScript) -> None:
    for source in news_script.sources:
        assert news_script.sections[source.language].keys() == TOPICS
        assert news_script.words[source.language].keys() == {"front", "read_also", "fiction"}


def test_the_first_day_has_every_report_once(news_script: NewsScript) -> None:
    told = [(report.event, report.source.slug) for report in first_day(news_script)]
    written = [
        (event.slug, version.source) for event in news_script.events for version in event.versions
    ]
    assert sorted(told) == sorted(written)


def test_a_dozen_events_are_published_before_the_start(news_script: NewsScript) -> None:
    assert {report.event for report in opening_reports(news_script)} == {
        event.slug for event in news_script.events[:12]
    }


def test_other_reports_come_between_two_versions_of_an_event(news_script: NewsScript) -> None:
    events = [report.event for report in first_day(news_script)]
    neighbours = sum(a == b for a, b in pairwise(events))
    assert neighbours < 5


def test_a_follow_up_is_published_after_the_event_it_follows(news_script: NewsScript) -> None:
    seen: set[str] = set()
    for report in first_day(news_script):
        assert report.follows is None or report.follows in seen
        seen.add(report.event)


def test_the_second_day_repeats_the_first_with_other_titles_ids_and_addresses(
    news_script: NewsScript,
) -> None:
    first, second = first_day(news_script), second_day(news_script)
    assert [report.event for report in second] == [report.event for report in first]
    for old, new in zip(first, second, strict=True):
        assert new.title.startswith(old.title)
        assert new.title.endswith(("day 2", "день 2-й"))
        assert {old.id, old.path}.isdisjoint({new.id, new.path})


def test_the_order_is_always_the_same(news_script: NewsScript) -> None:
    assert second_day(news_script) == second_day(read_news_script())
