"""Topics by the vector of an article: a softmax regression, trained by `quality.train_topics`."""

import json
from dataclasses import dataclass, replace
from functools import cache
from math import exp, sqrt
from operator import mul
from pathlib import Path

from bot.model import ArticleAnalysis, ArticleKind, ArticleLanguage, TopicSlug
from bot.resources import RESOURCES
from bot.stories.matching.story_model import story_model
from bot.stories.topics.classifier import VectorTopics, choose_topics

PATH = RESOURCES / "topic_head.json"
# Of a signature: the vector of headline and text is the second of two.
DIMENSIONS = 384


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicHead:
    """The weights of each of `topics`, in this order, and its bias."""

    topics: tuple[TopicSlug, ...]
    biases: tuple[float, ...]
    weights: tuple[tuple[float, ...], ...]


@cache
def topic_head(path: Path = PATH) -> TopicHead:
    """Read the weights, once."""
    stored = json.loads(path.read_text("utf-8"))
    return TopicHead(
        topics=tuple(map(TopicSlug, stored["topics"])),
        biases=tuple(stored["biases"]),
        weights=tuple(map(tuple, stored["weights"])),
    )


def vector_topics(
    vector: bytes, language: ArticleLanguage, head: TopicHead | None = None
) -> VectorTopics:
    """Return the probability of each topic by the vectors of a signature in this language.

    By the shipped head for None.
    """
    head, values = head or topic_head(), uncentred(vector, language)
    scores = [
        bias + sum(map(mul, weights, values))
        for bias, weights in zip(head.biases, head.weights, strict=True)
    ]
    powers = [exp(score - max(scores)) for score in scores]
    return {slug: power / sum(powers) for slug, power in zip(head.topics, powers, strict=True)}


def uncentred(vector: bytes, language: ArticleLanguage) -> list[float]:
    """Return the vector of headline and text, of length 1, before its language was taken out.

    Languages have topics of their own, so what sets them apart tells of the topic too. The stored
    direction from the mean of the language meets the unit sphere in one point.
    """
    mean = story_model().means[language]
    steps = [byte - 256 if byte > 127 else byte for byte in vector[DIMENSIONS:]]
    norm = sqrt(sum(map(mul, steps, steps))) or 1.0
    direction = [step / norm for step in steps]
    towards = sum(map(mul, mean, direction))
    distance = sqrt(max(0.0, towards**2 + 1 - sum(map(mul, mean, mean)))) - towards
    return [of_mean + distance * step for of_mean, step in zip(mean, direction, strict=True)]


def with_vector_topics(analysis: ArticleAnalysis) -> ArticleAnalysis:
    """Return the analysis with the topics that its words and its vector tell together."""
    vector, evidence = analysis.signature.vector, analysis.topic_evidence
    if vector is None or evidence is None or analysis.language == "other":
        return analysis
    chosen = choose_topics(evidence, vector_topics(vector, analysis.language))
    # Where there is evidence, only the words of the article made it an advertisement.
    kind: ArticleKind = "news" if analysis.kind == "ad" else analysis.kind
    if isinstance(chosen, str):
        kind = "ad" if chosen == "advertising words" else kind
        return replace(analysis, topic=None, other_topics=(), topic_scores=(), kind=kind)
    main, *others = chosen
    scores = tuple(chosen.values())
    return replace(analysis, topic=main, other_topics=tuple(others), topic_scores=scores, kind=kind)
