from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import StoryId
from bot.stories.matching.clustering import (
    SAME_SOURCE_PENALTY,
    WINDOW,
    ClusterCandidate,
    best_match,
    decide,
    rank_matches,
)
from bot.stories.matching.fingerprint import fingerprint
from bot.stories.matching.similarity import ComparedArticle
from tests.support.fakes import NOON


def told(title: str, text: str = "") -> ComparedArticle:
    return ComparedArticle(language="ru", fingerprint=fingerprint(title, text))


FIRE = told(
    "В Житомире горел склад мебели, погибли охранники",
    "Ночью в Житомире вспыхнул склад мебели площадью 800 метров. Погибли два охранника.",
)
FIRE_TOO = told(
    "Пожар на складе мебели в Житомире: погибли два охранника",
    "В Житомире ночью горел склад мебели. Огонь охватил 800 метров, погибли двое охранников.",
)
FIRE_THREE = told(
    "Два человека погибли при пожаре в Житомире",
    "Мебельный склад сгорел ночью. Площадь пожара 800 метров, погибшие были охранниками.",
)
RINK = told(
    "В Виннице открыли новый каток",
    "Ледовая арена на две тысячи зрителей заработала в субботу. Вход первую неделю бесплатный.",
)


def candidate(number: int, *tellings: ComparedArticle, source: str = "Маяк") -> ClusterCandidate:
    return ClusterCandidate(
        story_id=StoryId(number),
        published_at=NOON,
        sources=frozenset({source}),
        articles=tellings,
    )


def match(*candidates: ClusterCandidate, after: timedelta = timedelta(hours=1)) -> StoryId | None:
    return best_match(FIRE_TOO, candidates, source="Парус", published_at=NOON + after)


def test_a_second_article_joins_the_story_of_the_first() -> None:
    assert match(candidate(1, RINK), candidate(2, FIRE)) == 2


def test_an_article_on_a_new_event_opens_a_story() -> None:
    assert match(candidate(1, RINK)) is None
    assert match() is None
    assert match(candidate(1)) is None


def test_a_decision_names_the_story_that_the_article_joins() -> None:
    decision = decide(
        FIRE_TOO, [candidate(1, RINK), candidate(2, FIRE)], source="Парус", published_at=NOON
    )
    assert (decision.relation, decision.story_id) == ("same", 2)
    assert decision.same_odds >= 0


def test_a_decision_for_a_new_event_names_no_story() -> None:
    decision = decide(FIRE_TOO, [candidate(1, RINK)], source="Парус", published_at=NOON)
    assert (decision.relation, decision.story_id) == ("new", None)


@pytest.mark.parametrize(
    ("after", "joins"),
    [(WINDOW, True), (-WINDOW, True), (WINDOW + timedelta(seconds=1), False), (-2 * WINDOW, False)],
)
def test_a_story_can_be_joined_in_its_window_only(after: timedelta, joins: bool) -> None:
    assert (match(candidate(1, FIRE), after=after) == 1) is joins


def test_a_source_does_not_join_its_own_story_again() -> None:
    assert rank_matches(FIRE_TOO, [candidate(1, FIRE)], source="Парус", published_at=NOON)
    assert not rank_matches(FIRE_TOO, [candidate(1, FIRE)], source="Маяк", published_at=NOON)


def test_a_source_joins_a_story_of_several_sources_again_at_higher_odds() -> None:
    known = replace(candidate(1, FIRE), sources=frozenset({"Маяк", "Порт", "Якорь"}))
    (anew,) = rank_matches(FIRE_TOO, [known], source="Парус", published_at=NOON)
    (again,) = rank_matches(FIRE_TOO, [known], source="Маяк", published_at=NOON)
    assert anew.odds - again.odds == pytest.approx(SAME_SOURCE_PENALTY)


def test_a_story_of_mixed_news_is_joined_by_neither() -> None:
    small, big = candidate(1, FIRE), candidate(2, FIRE, RINK, RINK, RINK)
    assert match(small) == 1
    assert match(big) is None


def test_similarity_to_several_articles_outweighs_similarity_to_one() -> None:
    by_one, by_two = (
        rank_matches(FIRE_TOO, [candidate(1, *tellings)], source="Парус", published_at=NOON)[0].odds
        for tellings in ((FIRE,), (FIRE, FIRE_THREE))
    )
    assert by_two > by_one


def test_copies_of_an_article_do_not_raise_the_odds() -> None:
    by_one, by_five = (
        rank_matches(FIRE_TOO, [candidate(1, *[FIRE] * times)], source="Парус", published_at=NOON)[
            0
        ]
        for times in (1, 5)
    )
    assert by_five.odds == pytest.approx(by_one.odds)


def test_articles_without_a_vector_do_not_count_in_the_semantic_similarity() -> None:
    vector = bytes([20] * 384)
    article = replace(FIRE_TOO, vector=vector)
    told_so = replace(FIRE, vector=vector)
    alone, beside = (
        rank_matches(article, [candidate(1, *tellings)], source="Парус", published_at=NOON)[0].odds
        for tellings in ((told_so,), (told_so, FIRE))
    )
    assert beside == pytest.approx(alone)


def test_of_equal_odds_the_older_story_is_joined_in_any_order() -> None:
    older, newer = candidate(1, FIRE), candidate(2, FIRE)
    assert match(newer, older) == match(older, newer) == 1


def test_a_denial_opens_a_new_story() -> None:
    denial = replace(
        FIRE_TOO.fingerprint,
        title_events=frozenset({"deny"}),
        events=frozenset({"deny"}),
    )
    article = ComparedArticle(language="ru", fingerprint=denial)
    assert best_match(article, [candidate(1, FIRE)], source="Парус", published_at=NOON) is None


def test_matches_are_ranked_by_descending_odds() -> None:
    found = rank_matches(
        FIRE_TOO, [candidate(1, RINK), candidate(2, FIRE)], source="Парус", published_at=NOON
    )
    assert [match.story_id for match in found] == [2, 1]
