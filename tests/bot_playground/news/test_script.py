from collections import Counter
from itertools import islice, pairwise

import pytest

from bot_playground.news.script import (
    Newsroom,
    Report,
    coming_reports,
    opening_reports,
    read_newsroom,
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
def newsroom() -> Newsroom:
    return read_newsroom()


def first_day(newsroom: Newsroom) -> list[Report]:
    opening = opening_reports(newsroom)
    tellings = sum(len(event.tellings) for event in newsroom.events)
    return [*opening, *islice(coming_reports(newsroom), tellings - len(opening))]


def second_day(newsroom: Newsroom) -> list[Report]:
    tellings = sum(len(event.tellings) for event in newsroom.events)
    later = tellings - len(opening_reports(newsroom))
    return list(islice(coming_reports(newsroom), later, later + tellings))


def test_every_topic_has_events(newsroom: Newsroom) -> None:
    assert {event.topic for event in newsroom.events} == TOPICS
    assert len(newsroom.events) >= 36


def test_a_newspaper_tells_an_event_once(newsroom: Newsroom) -> None:
    for event in newsroom.events:
        counts = Counter(telling.source for telling in event.tellings)
        assert set(counts.values()) == {1}, event.slug


def test_most_events_are_told_in_more_than_one_language(newsroom: Newsroom) -> None:
    languages = {source.slug: source.language for source in newsroom.sources}
    across = [
        event
        for event in newsroom.events
        if len({languages[telling.source] for telling in event.tellings}) > 1
    ]
    assert len(across) > len(newsroom.events) / 2


def test_a_reprint_has_the_words_of_the_original(newsroom: Newsroom) -> None:
    titles = Counter(telling.title for event in newsroom.events for telling in event.tellings)
    assert 2 in titles.values()


def test_what_is_followed_came_before_and_has_the_same_topic(newsroom: Newsroom) -> None:
    topics: dict[str, str] = {}
    for event in newsroom.events:
        if event.follows is not None:
            assert topics[event.follows] == event.topic
        topics[event.slug] = event.topic


def test_every_text_is_long_enough_for_a_summary_to_choose_from(newsroom: Newsroom) -> None:
    for report in first_day(newsroom):
        assert sum(paragraph.count(". ") + 1 for paragraph in report.paragraphs) >= 3, report.id


def test_every_language_has_words_for_all_topics(newsroom: Newsroom) -> None:
    for source in newsroom.sources:
        assert newsroom.sections[source.language].keys() == TOPICS
        assert newsroom.words[source.language].keys() == {"front", "read_also", "fiction"}


def test_the_first_day_tells_everything_once(newsroom: Newsroom) -> None:
    told = [(report.event, report.source.slug) for report in first_day(newsroom)]
    written = [
        (event.slug, telling.source) for event in newsroom.events for telling in event.tellings
    ]
    assert sorted(told) == sorted(written)


def test_a_dozen_events_are_out_at_the_opening(newsroom: Newsroom) -> None:
    assert {report.event for report in opening_reports(newsroom)} == {
        event.slug for event in newsroom.events[:12]
    }


def test_other_news_come_between_two_tellings_of_one_event(newsroom: Newsroom) -> None:
    events = [report.event for report in first_day(newsroom)]
    neighbours = sum(a == b for a, b in pairwise(events))
    assert neighbours < 5


def test_a_follow_up_comes_after_what_it_follows(newsroom: Newsroom) -> None:
    seen: set[str] = set()
    for report in first_day(newsroom):
        assert report.follows is None or report.follows in seen
        seen.add(report.event)


def test_the_second_day_repeats_the_first_with_other_titles_ids_and_addresses(
    newsroom: Newsroom,
) -> None:
    first, second = first_day(newsroom), second_day(newsroom)
    assert [report.event for report in second] == [report.event for report in first]
    for old, new in zip(first, second, strict=True):
        assert new.title.startswith(old.title)
        assert new.title.endswith(("day 2", "день 2-й"))
        assert {old.id, old.path}.isdisjoint({new.id, new.path})


def test_the_order_is_always_the_same(newsroom: Newsroom) -> None:
    assert second_day(newsroom) == second_day(read_newsroom())
