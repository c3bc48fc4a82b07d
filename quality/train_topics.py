"""Training of the topic model. Run `python -m quality.train_topics`.

A softmax regression with soft targets: an article whose section may mean several topics counts
for each of them as much as its words that topics.toml lists speak for it. Letting the model
decide among them in further rounds made it no better.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack

from bot.model import TopicSlug
from bot.stories.topics.classifier import build_rules, count_listed_words
from bot.stories.topics.model import (
    FEATURES,
    MODEL_PATH,
    NON_NEWS,
    ZERO_BYTE,
    TopicModel,
    content_words,
    feature_norm,
    feature_weight,
    features,
    word_inputs,
    write_model,
)
from bot.topics import read_topics
from quality.topic_data import TOPICS_FILE, Sample, teaching

# Tuned by holding out each teaching publisher in turn, never on those that measure.
# No publisher teaches with more articles than this, chosen by the hash of their words.
MOST_OF_A_SOURCE = 6000
# How freely the weights may grow: what is learnt freely is learnt of one publisher only.
FREEDOM = 0.2
# The listed words hold for every publisher, so their weights may grow more freely.
LISTED = 3.0
# Between counting all articles alike (1) and all topics of a publisher alike (0).
EVENNESS = 0.2
STEPS = 60
# What each topic of several has before a single word speaks for it.
BENEFIT_OF_DOUBT = 0.3

Floats = NDArray[np.float32]


def train(samples: list[Sample], topics: tuple[TopicSlug, ...]) -> TopicModel:
    """Return the model that the samples teach; the same samples make the same model."""
    inputs, counts = _inputs(samples, topics)
    allowed = np.array([[topic in sample.topics for topic in topics] for sample in samples])
    targets = _shares(allowed * (counts + BENEFIT_OF_DOUBT))
    weights = _fit(inputs, targets, _importance(samples, targets))
    return _pack(weights, topics)


def chosen(samples: Iterable[Sample]) -> list[Sample]:
    """Return at most `MOST_OF_A_SOURCE` samples of each publisher, always the same."""
    by_source: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in sorted(samples, key=_order):
        if len(by_source[sample.source]) < MOST_OF_A_SOURCE:
            by_source[sample.source].append(sample)
    return [sample for source in sorted(by_source) for sample in by_source[source]]


def model_topics() -> tuple[TopicSlug, ...]:
    """Return the topics of the model: those shipped, in their order, and `NONE`."""
    return (*(topic.slug for topic in read_topics(TOPICS_FILE)), NON_NEWS)


def main() -> None:
    """Train on all that teaches, write the model, and tell what it learnt from."""
    samples = chosen(teaching())
    model = train(samples, model_topics())
    write_model(model, MODEL_PATH)
    sources = Counter(sample.source for sample in samples)
    sys.stdout.write(f"{MODEL_PATH}: {MODEL_PATH.stat().st_size} bytes, from {dict(sources)}\n")


def _inputs(samples: list[Sample], topics: tuple[TopicSlug, ...]) -> tuple[csr_matrix, Floats]:
    """Return what the model sees of each sample, and its counts of listed words a topic."""
    listed = build_rules(read_topics(TOPICS_FILE)).words
    starts, numbers, values = [0], [], []
    dense, counts = [], []
    for sample in samples:
        words = content_words(sample.title, sample.text)
        found = sorted(features(words))
        norm = feature_norm(frozenset(found)) or 1.0
        numbers += found
        values += [feature_weight(feature) / norm for feature in found]
        starts.append(len(numbers))
        count = count_listed_words(words, listed)
        counts.append([count.get(topic, 0.0) for topic in topics])
        dense.append(word_inputs(topics, count))
    shape = (len(samples), FEATURES)
    sparse = csr_matrix((np.array(values, np.float32), numbers, starts), shape=shape)
    listed_inputs = csr_matrix(np.array(dense, np.float32) * LISTED)
    return hstack([sparse, listed_inputs]).tocsr(), np.array(counts, np.float32)


def _importance(samples: list[Sample], targets: Floats) -> Floats:
    """Weigh the samples so that a publisher's rare topics count more than by their number."""
    cells: defaultdict[str, Floats] = defaultdict(lambda: np.zeros(targets.shape[1], np.float32))
    for sample, target in zip(samples, targets, strict=True):
        cells[sample.source] += target
    weights = np.array(
        [
            float(target @ np.maximum(cells[sample.source], 10.0) ** (EVENNESS - 1))
            for sample, target in zip(samples, targets, strict=True)
        ]
    )
    return np.asarray(weights / weights.mean(), np.float32)


def _fit(inputs: csr_matrix, targets: Floats, weights: Floats) -> Floats:
    """Return the weights of least loss, a row for each input and a last one of biases."""
    turned = inputs.T.tocsr()
    shape = (inputs.shape[1] + 1, targets.shape[1])

    def loss(flat: Floats) -> tuple[float, Floats]:
        matrix = flat.reshape(shape)
        scores = inputs @ matrix[:-1].astype(np.float32) + matrix[-1]
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        totals = powers.sum(axis=1, keepdims=True)
        missed = (powers / totals - targets) * weights[:, None]
        gradient = np.empty_like(matrix)
        gradient[:-1] = turned @ missed.astype(np.float32) + matrix[:-1] / FREEDOM
        gradient[-1] = missed.sum(axis=0)
        lost = float((weights[:, None] * targets * (np.log(totals) - scores)).sum())
        return lost + float((matrix[:-1] ** 2).sum()) / (2 * FREEDOM), gradient.ravel()

    options = {"maxiter": STEPS, "maxcor": 6}
    found = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options=options)
    return np.asarray(found.x).reshape(shape)


def _pack(weights: Floats, topics: tuple[TopicSlug, ...]) -> TopicModel:
    """Return the weights as the model's file holds them: the many of them as bytes."""
    counts = np.array([feature_weight(feature) for feature in range(FEATURES)])
    rows = weights[:FEATURES] * counts[:, None]
    scales = np.maximum(np.abs(rows).max(axis=0), 1e-9) / (ZERO_BYTE - 1)
    return TopicModel(
        topics=topics,
        biases=tuple(round(float(bias), 5) for bias in weights[-1]),
        scales=tuple(float(scale) for scale in scales),
        word_weights=tuple(
            tuple(round(float(weight * LISTED), 5) for weight in row)
            for row in weights[FEATURES:-1]
        ),
        rows=(np.rint(rows / scales) + ZERO_BYTE).astype(np.uint8).tobytes(),
    )


def _shares(likely: Floats) -> Floats:
    return np.asarray(likely / likely.sum(axis=1, keepdims=True), np.float32)


def _order(sample: Sample) -> bytes:
    return blake2b((sample.title + sample.text).encode(), digest_size=8).digest()


if __name__ == "__main__":
    main()
