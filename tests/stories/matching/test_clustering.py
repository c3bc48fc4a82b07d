from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.model import ArticleSignature, CandidateArticle, CandidateStory, StoryId
from bot.stories.matching.clustering import (
    WINDOW,
    ClusterCandidate,
    Decision,
    cluster_candidate,
    decide,
    min_same_log_odds,
    rank_matches,
)
from bot.stories.matching.fingerprint import fingerprint, pack
from bot.stories.matching.similarity import ComparedArticle
from bot.stories.matching.story_model import PairModel, Regression, StoryModel, story_model
from tests.support.fakes import NOON

HOUR = timedelta(hours=1)


def article(title: str, text: str = "", after: timedelta = timedelta()) -> ComparedArticle:
    return ComparedArticle(
        language="ru",
        fingerprint=fingerprint(title, text),
        source="Маяк",
        published_at=NOON + after,
    )


FIRE = article(
    "В Житомире горел склад мебели, погибли охранники",
    "Ночью в Житомире вспыхнул склад мебели площадью 800 метров. Погибли два охранника.",
)
FIRE_TOO = article(
    "Пожар на складе мебели в Житомире: погибли два охранника",
    "В Житомире ночью горел склад мебели. Огонь охватил 800 метров, погибли двое охранников.",
)
FIRE_THREE = article(
    "Два человека погибли при пожаре в Житомире",
    "Мебельный склад сгорел ночью. Площадь пожара 800 метров, погибшие были охранниками.",
)
INQUEST = article(
    "Владелец склада мебели в Житомире задержан после гибели охранников",
    "Полиция Житомира задержала владельца склада, где ночью погибли охранники. Ему грозит срок.",
    after=20 * HOUR,
)
RINK = article(
    "В Виннице открыли новый каток",
    "Ледовая арена на две тысячи зрителей заработала в субботу. Вход первую неделю бесплатный.",
)


def candidate(number: int, *articles: ComparedArticle) -> ClusterCandidate:
    return ClusterCandidate(story_id=StoryId(number), published_at=NOON, articles=articles)


def decision(
    *candidates: ClusterCandidate,
    of: ComparedArticle = FIRE_TOO,
    after: timedelta = HOUR,
    model: StoryModel | None = None,
) -> Decision:
    return decide(of, candidates, source="Парус", published_at=NOON + after, model=model)


def weighing(
    same: Mapping[str, float], line: Mapping[str, float], *, min_same: float, min_line: float
) -> StoryModel:
    """Return a model that weighs only these."""
    pair_model = PairModel(
        line=Regression(constant=0.0, weights=line),
        same_if_line=Regression(constant=0.0, weights=same),
        min_same=min_same,
        min_line=min_line,
    )
    return replace(story_model(), by_words=pair_model, with_vectors=pair_model)


def test_a_second_article_joins_the_story_of_the_first() -> None:
    found = decision(candidate(1, RINK), candidate(2, FIRE))
    assert (found.relation, found.story_id, found.bridge) == ("same", 2, None)
    assert found.line_log_odds > found.same_log_odds >= min_same_log_odds(with_vectors=False)


def test_a_development_of_the_next_day_is_a_chapter() -> None:
    found = decision(candidate(1, RINK), candidate(2, FIRE, FIRE_TOO), of=INQUEST, after=20 * HOUR)
    assert (found.relation, found.story_id) == ("chapter", 2)
    assert found.same_log_odds < min_same_log_odds(with_vectors=False)


@pytest.mark.parametrize("candidates", [[candidate(1, RINK)], [], [candidate(1)]])
def test_an_article_on_a_new_event_opens_a_story(candidates: list[ClusterCandidate]) -> None:
    found = decision(*candidates)
    assert (found.relation, found.story_id) == ("new", None)


@pytest.mark.parametrize(
    ("after", "joins"),
    [(WINDOW, True), (-WINDOW, True), (WINDOW + timedelta(seconds=1), False), (-2 * WINDOW, False)],
)
def test_a_story_is_compared_in_its_window_only(after: timedelta, joins: bool) -> None:
    ranked = rank_matches(FIRE_TOO, [candidate(1, FIRE)], source="Парус", published_at=NOON + after)
    assert bool(ranked) is joins


def test_a_source_may_tell_one_event_twice() -> None:
    (found,) = rank_matches(
        FIRE_TOO, [candidate(1, FIRE)], source=FIRE.source, published_at=NOON + HOUR
    )
    assert found.same_log_odds >= min_same_log_odds(with_vectors=False)


def test_a_later_telling_has_lower_odds() -> None:
    soon, late = (decision(candidate(1, FIRE), after=n * HOUR).same_log_odds for n in (1, 30))
    assert late < soon


def test_the_closest_article_counts_most_and_its_neighbours_a_little() -> None:
    alone, in_company, among_strangers = (
        decision(candidate(1, FIRE, *others)).same_log_odds
        for others in ((), (FIRE_THREE,), (RINK, RINK, RINK))
    )
    assert among_strangers < alone
    assert among_strangers < in_company


def test_of_equal_odds_the_older_story_is_joined_in_any_order() -> None:
    older, newer = candidate(1, FIRE), candidate(2, FIRE)
    assert decision(newer, older).story_id == decision(older, newer).story_id == 1


def test_an_article_that_may_belong_to_a_second_story_shows_two_alike_ones_to_be_one() -> None:
    found = decision(candidate(1, FIRE_TOO), candidate(2, FIRE_THREE), candidate(3, RINK), of=FIRE)
    assert found.relation == "same"
    assert {found.story_id, found.bridge} == {1, 2}


def test_stories_of_strangers_are_not_one_even_if_an_article_joins_both() -> None:
    everything = weighing({"lead_length": 1.0}, {"lead_length": 1.0}, min_same=-9.0, min_line=0)
    assert decision(candidate(1, FIRE), candidate(2, FIRE), model=everything).bridge == 2
    by_words = weighing({}, {"lead_cosine": 40.0, "title_length": -9.0}, min_same=-99.0, min_line=0)
    assert decision(candidate(1, FIRE), candidate(2, RINK), model=by_words).bridge is None


def test_the_thresholds_are_those_of_the_model() -> None:
    relations = [
        decision(
            candidate(1, FIRE), model=weighing({}, {}, min_same=min_same, min_line=min_line)
        ).relation
        for min_same, min_line in ((-2.0, 0.0), (2.0, 0.0), (2.0, 1.0))
    ]
    assert relations == ["same", "chapter", "new"]


def test_vectors_are_weighed_by_a_model_of_their_own() -> None:
    vector = bytes([20] * 768)
    with_vectors = replace(FIRE_TOO, vector=vector)
    model = replace(
        weighing({}, {}, min_same=9.0, min_line=9.0),
        with_vectors=weighing({}, {"vector_most": 9.0}, min_same=-2.0, min_line=0.0).with_vectors,
    )
    known = candidate(1, replace(FIRE, vector=vector))
    assert decision(known, of=with_vectors, model=model).relation == "same"
    assert decision(known, of=FIRE_TOO, model=model).relation == "new"


def test_matches_are_ranked_by_descending_odds() -> None:
    found = rank_matches(
        FIRE_TOO, [candidate(1, RINK), candidate(2, FIRE)], source="Парус", published_at=NOON
    )
    assert [match.story_id for match in found] == [2, 1]


def test_a_stored_story_is_compared_as_it_was_told() -> None:
    stored = CandidateStory(
        story_id=StoryId(7),
        published_at=NOON,
        articles=(
            CandidateArticle(
                language="ru",
                source="Маяк",
                published_at=NOON,
                signature=ArticleSignature(fingerprint=pack(FIRE.fingerprint)),
            ),
        ),
    )
    assert cluster_candidate(stored) == candidate(7, FIRE)
