import re
from collections import Counter
from datetime import date
from itertools import islice, pairwise

import pytest

from bot_playground.news.script import (
    Event,
    NewsScript,
    Report,
    chapter,
    next_chapter,
    opening_reports,
    read_news_script,
    upcoming_reports,
)

TODAY = date(2026, 3, 2)
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


def scheduled(news_script: NewsScript) -> list[Event]:
    return [event for event in news_script.events if not event.on_demand]


def first_day(news_script: NewsScript) -> list[Report]:
    """Return the reports of all written events that are not on demand."""
    opening = opening_reports(news_script)
    versions = sum(len(event.versions) for event in scheduled(news_script))
    return [
        *opening,
        *islice(upcoming_reports(news_script, lambda: TODAY), versions - len(opening)),
    ]


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


def test_every_written_report_is_published_before_storylines_come_back(
    news_script: NewsScript,
) -> None:
    told = [(report.event, report.source.slug) for report in first_day(news_script)]
    written = [
        (event.slug, version.source)
        for event in scheduled(news_script)
        for version in event.versions
    ]
    # The last two newspapers of an event may come after the first of the next one.
    assert len(set(written) - set(told)) <= 4


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


def test_the_news_goes_on_and_no_headline_address_or_text_comes_twice(
    news_script: NewsScript,
) -> None:
    reports = [
        *opening_reports(news_script),
        *islice(upcoming_reports(news_script, lambda: TODAY), 3_000),
    ]
    for seen in (
        [(report.source.language, report.title) for report in reports if report.follows],
        [report.path for report in reports],
        [report.paragraphs for report in reports],
    ):
        assert [each for each, times in Counter(seen).items() if times > 1] == []


def test_every_chapter_follows_one_that_is_out_and_has_the_date_of_its_day(
    news_script: NewsScript,
) -> None:
    seen: set[str] = set()
    for report in [
        *opening_reports(news_script),
        *islice(upcoming_reports(news_script, lambda: TODAY), 400),
    ]:
        assert report.follows is None or report.follows in seen, report.id
        seen.add(report.event)
    for storyline in news_script.storylines:
        for version in chapter(news_script, storyline, 40, TODAY).versions:
            assert re.search(r"2 (березня|марта|March)", version.text), version
            assert not re.search(r"[{}]", version.title + version.text), version


def test_every_topic_has_a_storyline_in_each_language(news_script: NewsScript) -> None:
    languages = {source.slug: source.language for source in news_script.sources}
    assert {storyline.topic for storyline in news_script.storylines} == TOPICS
    topics = {event.slug: event.topic for event in news_script.events}
    for storyline in news_script.storylines:
        assert topics[storyline.follows] == storyline.topic
        assert {languages[version.source] for version in storyline.versions} == {"uk", "ru", "en"}
        assert len({*map(len, storyline.things.values())}) == 1, storyline.slug


def test_a_story_is_continued_from_event_to_event_and_on_without_end(
    news_script: NewsScript,
) -> None:
    events = ["storm-forecast"]
    while len(events) < 6:
        following = next_chapter(news_script, events[-1], TODAY)
        assert following is not None
        assert following.follows == events[-1]
        events.append(following.slug)
    assert events[1:] == [
        "storm-damage",
        "power-restored",
        "storm-repairs-1",
        "storm-repairs-2",
        "storm-repairs-3",
    ]
    assert next_chapter(news_script, "bridge-opening", TODAY) is None


def test_the_story_of_the_tour_is_published_on_demand_only(news_script: NewsScript) -> None:
    on_demand = [event.slug for event in news_script.events if event.on_demand]
    assert on_demand[0] == "lighthouse-lamp"
    assert all(next_chapter(news_script, event, TODAY) is not None for event in on_demand[:-1])
    coming = islice(upcoming_reports(news_script, lambda: TODAY), 500)
    assert set(on_demand).isdisjoint(report.event for report in coming)
