"""Scores of a clustering of articles and of a classification of pairs."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import count


def b_cubed(wanted: Sequence[str], got: Sequence[int]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of a clustering.

    Source: A. Bagga, B. Baldwin, Algorithms for Scoring Coreference Chains, 1998.
    """
    both = Counter(zip(wanted, got, strict=True))
    theirs, ours = Counter(wanted), Counter(got)
    precision = math.fsum(n * n / ours[o] for (_, o), n in both.items()) / len(got)
    recall = math.fsum(n * n / theirs[t] for (t, _), n in both.items()) / len(got)
    return precision, recall, 2 * precision * recall / (precision + recall)


def scores(predicted: Iterable[bool], same: Iterable[bool]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of what was said to be the same."""
    counts = Counter(zip(predicted, same, strict=True))
    right = counts[True, True]
    precision = right / max(1, right + counts[True, False])
    recall = right / max(1, right + counts[False, True])
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def perfect(articles: Iterable[tuple[str, str]]) -> list[int]:
    """Return the stories of a judge who knows the event of each (event, source).

    No source stands in a story twice, so that what a source tells again opens another.
    """
    ids = count(1)
    stories: dict[str, dict[int, set[str]]] = defaultdict(dict)
    joined = []
    for event, source in articles:
        known = stories[event]
        story = next((each for each, sources in known.items() if source not in sources), 0) or next(
            ids
        )
        known.setdefault(story, set()).add(source)
        joined.append(story)
    return joined
