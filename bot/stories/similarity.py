"""How alike two stories are, by the stems of their words. Pure."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping

Stems = Collection[str]


def rarity(texts: Iterable[Stems], *, among: int) -> Mapping[str, float]:
    """Weigh each stem by how few of the texts hold it, as if there were `among` of them.

    A stem that all hold still weighs log 2.

    Source: K. Spärck Jones, "A statistical interpretation of term specificity", 1972.
    """
    counts = Counter(stem for text in texts for stem in set(text))
    return {stem: math.log(1 + among / count) for stem, count in counts.items()}


def likeness(these: Stems, those: Stems, weights: Mapping[str, float]) -> float:
    """Return the cosine of the two sets of stems, from 0 to 1; a stem without weight counts none.

    An empty set is like nothing.

    Source: G. Salton, C. Buckley, "Term-weighting approaches in automatic text retrieval", 1988.
    """
    both = _squares(set(these) & set(those), weights)
    lengths = _squares(set(these), weights) * _squares(set(those), weights)
    return min(1.0, both / math.sqrt(lengths)) if lengths else 0.0


def _squares(stems: Iterable[str], weights: Mapping[str, float]) -> float:
    # fsum: the sum of a set must not depend on its order.
    return math.fsum(weights.get(stem, 0.0) ** 2 for stem in stems)
