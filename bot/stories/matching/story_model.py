"""Model of stories: logistic regressions over the evidence of a pair, fitted on days of news.

Two of them: that two articles belong to one storyline, and that, if so, they tell the same event.
`quality/fit_newsday.py` fits and writes the file.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from operator import mul
from pathlib import Path
from typing import Any, NamedTuple

from bot.model import ArticleLanguage
from bot.resources import RESOURCES

PATH = RESOURCES / "story_model.json"


class Spread(NamedTuple):
    """Mean and deviation of the cosines of unrelated articles."""

    mean: float
    deviation: float

    def standardise(self, cosine: float) -> float:
        """Return by how many deviations the cosine is above that of unrelated articles."""
        return (cosine - self.mean) / self.deviation


class LogOdds(NamedTuple):
    """Log-odds that two articles tell the same event, and that they are of one storyline."""

    same: float
    line: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """A logistic regression: its constant, and the weight of each piece of evidence."""

    constant: float
    weights: Mapping[str, float]

    def log_odds(self, evidence: Mapping[str, float]) -> float:
        """Return the log-odds by the evidence."""
        values = map(evidence.__getitem__, self.weights)
        return self.constant + math.fsum(map(mul, self.weights.values(), values))


@dataclass(frozen=True, slots=True, kw_only=True)
class PairModel:
    """The two regressions, and the log-odds from which an article joins or continues a story."""

    line: Regression
    same_if_line: Regression
    min_same: float
    min_line: float

    def log_odds(self, evidence: Mapping[str, float]) -> LogOdds:
        """Return the log-odds of both; those of the same event never exceed those of the line."""
        line = self.line.log_odds(evidence)
        same = _log_of_sigmoid(line) + _log_of_sigmoid(self.same_if_line.log_odds(evidence))
        return LogOdds(same=same - math.log(-math.expm1(same)), line=line)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryModel:
    """The models with vectors and by words alone, and what makes vectors comparable.

    `means` are the mean vectors of each language; `unrelated` are, by the two languages in their
    order, the spreads of headline with headline, text with text, and headline with text.
    """

    with_vectors: PairModel
    by_words: PairModel
    means: Mapping[ArticleLanguage, tuple[float, ...]]
    unrelated: Mapping[tuple[ArticleLanguage, ArticleLanguage], tuple[Spread, Spread, Spread]]


@cache
def story_model(path: Path = PATH) -> StoryModel:
    """Read the model, once."""
    stored = json.loads(path.read_text("utf-8"))
    unrelated = {}
    for pair, spreads in stored["unrelated"].items():
        one, other = pair.split("-")
        titles, texts, both = (Spread(*spread) for spread in spreads)
        unrelated[one, other] = unrelated[other, one] = (titles, texts, both)
    return StoryModel(
        with_vectors=_pair_model(stored["with_vectors"]),
        by_words=_pair_model(stored["by_words"]),
        means={language: tuple(mean) for language, mean in stored["means"].items()},
        unrelated=unrelated,
    )


def _pair_model(stored: Any) -> PairModel:
    return PairModel(
        line=Regression(**stored["line"]),
        same_if_line=Regression(**stored["same_if_line"]),
        min_same=stored["min_same"],
        min_line=stored["min_line"],
    )


def _log_of_sigmoid(log_odds: float) -> float:
    # As probabilities: below 1, so that their product has finite log-odds.
    return -math.log1p(math.exp(-max(-30.0, min(30.0, log_odds))))
