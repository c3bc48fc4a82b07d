from collections.abc import Callable
from dataclasses import replace
from math import sqrt

import pytest

from bot.model import ArticleAnalysis, ArticleSignature, TopicEvidence, TopicSlug
from bot.stories.embedding import build_embedder
from bot.stories.topics.model import NON_NEWS
from bot.stories.topics.vector_head import topic_head, uncentred, vector_topics, with_vector_topics
from tests.support.builders import reading

SPORTS, ECONOMY = TopicSlug("sports"), TopicSlug("economy")
UNSURE = TopicEvidence(
    by_words={SPORTS: 0.45, ECONOMY: 0.5, NON_NEWS: 0.05}, sections={}, usual=None, is_known=True
)


class FixedModel:
    """A model whose every vector is the same one, of length 1."""

    def __init__(self, direction: tuple[float, ...]) -> None:
        norm = sqrt(sum(value * value for value in direction))
        self.vector = [value / norm for value in direction]

    def query(self, text: str) -> list[float]:
        return self.vector


def vector_of(direction: tuple[float, ...]) -> bytes:
    vector = build_embedder(FixedModel(direction))("Title", "Text", "en")
    assert vector is not None
    return vector


def towards(slug: TopicSlug) -> bytes:
    """Return a vector that is as far in the direction of a topic as can be."""
    head = topic_head()
    return vector_of(head.weights[head.topics.index(slug)])


def analysed(vector: bytes | None, evidence: TopicEvidence | None = UNSURE) -> ArticleAnalysis:
    signature = replace(reading().signature, vector=vector)
    return replace(
        reading(), topic=ECONOMY, signature=signature, topic_evidence=evidence, language="en"
    )


@pytest.mark.parametrize(
    "turn", [lambda place: place % 7 - 3.0, lambda place: place * 37 % 11 - 5.0]
)
def test_a_vector_is_what_it_was_before_its_language_was_taken_out(
    turn: Callable[[int], float],
) -> None:
    direction = tuple(map(turn, range(384)))
    found = uncentred(vector_of(direction), "en")
    expected = FixedModel(direction).vector
    assert sum(one * other for one, other in zip(found, expected, strict=True)) > 0.999
    assert sum(value * value for value in found) == pytest.approx(1)


def test_the_probabilities_of_a_vector_add_up_to_one() -> None:
    found = vector_topics(towards(SPORTS), "en")
    assert sum(found.values()) == pytest.approx(1)
    assert max(found, key=lambda slug: found[slug]) == SPORTS


def test_the_vector_decides_where_words_are_unsure() -> None:
    found = with_vector_topics(analysed(towards(SPORTS)))
    assert (found.topic, found.kind) == (SPORTS, "news")
    assert found.topic_scores[0] > 0.5


def test_words_and_vector_of_an_advertisement_make_it_one() -> None:
    words = replace(UNSURE, by_words={SPORTS: 0.3, ECONOMY: 0.2, NON_NEWS: 0.5})
    found = with_vector_topics(analysed(towards(NON_NEWS), words))
    assert (found.topic, found.other_topics, found.kind) == (None, (), "ad")


@pytest.mark.parametrize(
    "analysis",
    [
        analysed(None),
        analysed(towards(SPORTS), None),
        replace(analysed(towards(SPORTS)), language="other"),
    ],
)
def test_without_a_vector_or_evidence_the_topics_stay(analysis: ArticleAnalysis) -> None:
    assert with_vector_topics(analysis) == analysis


def test_the_head_is_whole() -> None:
    head = topic_head()
    assert len(head.topics) == len(head.biases) == len(head.weights)
    assert {len(weights) for weights in head.weights} == {384}
    assert ArticleSignature(fingerprint="", vector=towards(SPORTS)).vector
