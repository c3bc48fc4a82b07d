"""Fit of the weights of `bot/stories/matching/similarity.py`, printed, on ../shared/data.

Those of bare English headlines were chosen by hand instead, see there.
"""

import sys

from sklearn.linear_model import LogisticRegression

from bot.stories.embedding import open_embedder
from quality.story_pairs import Compared, compared, headline_pairs, story_pairs

# Brings shares to the size of the other evidence, so that all are held back alike.
SHARE = 5.0
MEANING = 4.4

# What the constants of whole articles are raised by, chosen on same_story_pairs.
RAISED = 0.6


def fit(pairs: list[Compared], *, bare: bool, embedded: bool) -> list[float]:
    """Return the constant and the weights: of title and turns, or of words, and of meaning."""
    model = LogisticRegression(C=1.0)
    model.fit([features(pair, bare=bare, embedded=embedded) for pair in pairs], _labels(pairs))
    weights = [float(weight) for weight in model.coef_[0]]
    if embedded:
        weights[-1] *= MEANING
    raised = 0.0 if bare else RAISED
    return [float(model.intercept_[0]) + raised, weights[0] * SHARE, *weights[1:]]


def features(pair: Compared, *, bare: bool, embedded: bool) -> list[float]:
    """Return what the regression sees of a pair."""
    evidence = pair.evidence
    seen = (
        [evidence.title * SHARE, float(evidence.unmatched_events)]
        if bare
        else [evidence.words * SHARE]
    )
    return [*seen, (evidence.semantic or 0.0) * MEANING] if embedded else seen


def main() -> None:
    """Print the four."""
    for embed in (None, open_embedder()):
        for bare, rows in ((True, headline_pairs("train")), (False, story_pairs())):
            pairs = compared(rows[:2500] if bare else rows, embed)
            weights = fit(pairs, bare=bare, embedded=embed is not None)
            shown = " ".join(f"{weight:.2f}" for weight in weights)
            sys.stdout.write(f"bare {bare}, vectors {embed is not None}: {shown}\n")


def _labels(pairs: list[Compared]) -> list[bool]:
    return [pair.row.same for pair in pairs]


if __name__ == "__main__":
    main()
