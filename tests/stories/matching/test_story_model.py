import math
from collections.abc import Mapping

import pytest

from bot.stories.matching.story_model import PairModel, Regression, Spread, story_model


def pair_model(line: float, same: float) -> PairModel:
    return PairModel(
        line=Regression(constant=line, weights={}),
        same_if_line=Regression(constant=same, weights={}),
        min_same=0.0,
        min_line=0.0,
    )


def test_a_regression_adds_the_weighted_evidence_to_its_constant() -> None:
    regression = Regression(constant=-1.0, weights={"words": 2.0})
    assert regression.log_odds({"words": 1.5, "unknown": 9.0}) == 2.0


@pytest.mark.parametrize(("line", "same"), [(0.0, 0.0), (2.0, -1.0), (-3.0, 5.0)])
def test_the_same_event_needs_the_storyline_too(line: float, same: float) -> None:
    log_odds = pair_model(line, same).log_odds({})
    chance = 1 / (1 + math.exp(-line)) / (1 + math.exp(-same))
    assert log_odds.line == line
    assert log_odds.same == pytest.approx(math.log(chance / (1 - chance)))
    assert log_odds.same < log_odds.line


@pytest.mark.parametrize("log_odds", [-1e9, 1e9])
def test_no_evidence_is_too_much(log_odds: float) -> None:
    assert math.isfinite(pair_model(log_odds, log_odds).log_odds({}).same)


def test_a_cosine_is_measured_by_those_of_unrelated_articles() -> None:
    assert Spread(mean=0.5, deviation=0.25).standardise(1.0) == 2.0


def test_the_shipped_model_weighs_words_alone_where_there_are_no_vectors() -> None:
    model = story_model()

    def names(weights: Mapping[str, float]) -> set[str]:
        return {name for name in weights if name.startswith("vector")}

    assert names(model.with_vectors.line.weights)
    assert names(model.with_vectors.same_if_line.weights)
    assert not names(model.by_words.line.weights)
    assert not names(model.by_words.same_if_line.weights)


def test_the_shipped_model_knows_the_vectors_of_each_pair_of_languages() -> None:
    model = story_model()
    assert {len(mean) for mean in model.means.values()} == {384}
    assert set(model.means) == {"uk", "ru", "en"}
    assert len(model.unrelated) == 9
    assert model.unrelated["uk", "en"] == model.unrelated["en", "uk"]
