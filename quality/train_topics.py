"""Training of the topic model and of its head on vectors. Run `python -m quality.train_topics`.

A softmax regression with soft targets: an article whose section may mean several topics counts
for each of them as much as its words that topics.toml lists speak for it. Letting the model
decide among them in further rounds made it no better.
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from hashlib import blake2b
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, hstack

from bot.model import ArticleLanguage, TopicSlug
from bot.stories.embedding import Embed, open_embedder
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
from bot.stories.topics.vector_head import DIMENSIONS, PATH, TopicHead, uncentred
from bot.topics import read_topics
from quality import data
from quality.topic_data import TOPICS_FILE, Sample, days, marked, teaching

# Tuned by holding out each teaching publisher in turn, never on those that measure.
# No publisher teaches with more articles than this, chosen by the hash of their words.
MOST_OF_A_SOURCE = 500
MOST_OF = {"lenta": 1500, "nktkln": 1500, "huffpost": 700, "masakhanews": 400, "tsn": 1000}
# Of an article with several marked topics, the share of the main one.
MAIN_SHARE = 0.7
# Those of the head on vectors.
VECTOR_PENALTY = 2.0
VECTOR_SCALE = 6.0
VECTOR_STEPS = 100
FILED_WEIGHT = 0.3
# To embed an article takes a fifth of a second.
MOST_EMBEDDED_OF_A_SOURCE = 100
# How freely the weights may grow: what is learnt freely is learnt of one publisher only.
FREEDOM = 0.2
# The listed words hold for every publisher, so their weights may grow more freely.
LISTED = 3.0
# Between counting all articles alike (1) and all topics of a publisher alike (0).
EVENNESS = 0.2
STEPS = 40
# What each topic of several has before a single word speaks for it.
BENEFIT_OF_DOUBT = 0.3

Floats = NDArray[np.float32]


def train(samples: list[Sample], topics: tuple[TopicSlug, ...]) -> TopicModel:
    """Return the model that the samples teach; the same samples make the same model."""
    inputs, counts = _inputs(samples, topics)
    allowed = np.array([[topic in sample.topics for topic in topics] for sample in samples])
    targets = _shares(allowed * (counts + BENEFIT_OF_DOUBT))
    for target, sample in zip(targets, samples, strict=True):
        if sample.is_marked:
            target[:] = marked_shares(sample.topics, topics)
    weights = _fit(inputs, targets, _importance(samples, targets))
    return _pack(weights, topics)


def chosen(samples: Iterable[Sample]) -> list[Sample]:
    """Return at most `MOST_OF_A_SOURCE` samples of each publisher, always the same."""
    by_source: defaultdict[str, list[Sample]] = defaultdict(list)
    for sample in sorted(samples, key=_order):
        if len(by_source[sample.source]) < MOST_OF.get(sample.source, MOST_OF_A_SOURCE):
            by_source[sample.source].append(sample)
    return [sample for source in sorted(by_source) for sample in by_source[source]]


def marked_shares(marked: Sequence[str], topics: Sequence[str]) -> list[float]:
    """Return the share of each topic in an article that a person marked."""
    main, *others = marked
    shares = dict.fromkeys(others, (1 - MAIN_SHARE) / max(len(others), 1))
    shares[main] = MAIN_SHARE if others else 1.0
    return [shares.get(topic, 0.0) for topic in topics]


def model_topics() -> tuple[TopicSlug, ...]:
    """Return the topics of the model: those shipped, in their order, and `NONE`."""
    return (*(topic.slug for topic in read_topics(TOPICS_FILE)), NON_NEWS)


def main() -> None:
    """Train on all that is labelled, write model and head, and tell what they learnt from."""
    data.mention_sample()
    model_path, head_path = map(data.written_path, (MODEL_PATH, PATH))
    labelled = [*marked(), *days()]
    samples = [*chosen(teaching()), *labelled]
    write_model(train(samples, model_topics()), model_path)
    sources = Counter(sample.source for sample in samples)
    sys.stdout.write(f"{model_path}: {model_path.stat().st_size} bytes, from {dict(sources)}\n")
    embed = open_embedder()
    if embed is None:
        sys.stdout.write(f"{PATH} stays as it is: there is no embedder\n")
        return
    embedded = [*few_of_each(samples), *labelled]
    head = train_head(embedded, vectors_of(embedded, embed), model_topics())
    head_path.write_text(json.dumps(asdict(head), sort_keys=True))
    sys.stdout.write(
        f"{head_path}: {head_path.stat().st_size} bytes, from {len(embedded)} articles\n"
    )


def few_of_each(samples: Iterable[Sample]) -> list[Sample]:
    """Return `MOST_EMBEDDED_OF_A_SOURCE` filed articles of each publisher, weighing little."""
    counts: Counter[str] = Counter()
    few = []
    for sample in samples:
        counts[sample.source] += not sample.is_marked
        if not sample.is_marked and counts[sample.source] <= MOST_EMBEDDED_OF_A_SOURCE:
            few.append(replace(sample, weight=FILED_WEIGHT))
    return few


def vectors_of(samples: Sequence[Sample], embed: Embed) -> Floats:
    """Return the vector of each sample as the bot recovers it; zeros for one without letters."""
    rows = []
    for sample in samples:
        language = cast(ArticleLanguage, sample.language)
        vector = embed(sample.title, sample.text, language)
        rows.append([0.0] * DIMENSIONS if vector is None else uncentred(vector, language))
    return np.array(rows)


def train_head(
    samples: Sequence[Sample], vectors: Floats, topics: tuple[TopicSlug, ...]
) -> TopicHead:
    """Return the weights of the topics that the vectors of the samples teach."""
    mean = vectors.mean(axis=0)
    inputs = (vectors - mean) * VECTOR_SCALE
    targets = np.array([marked_shares(sample.topics, topics) for sample in samples])
    importance = np.array([[sample.weight] for sample in samples])
    shape = (DIMENSIONS + 1, len(topics))

    def loss(flat: Floats) -> tuple[float, Floats]:
        matrix = flat.reshape(shape)
        scores = inputs @ matrix[:-1] + matrix[-1]
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        totals = powers.sum(axis=1, keepdims=True)
        missed = (powers / totals - targets) * importance
        penalty = VECTOR_PENALTY / 2 * float((matrix[:-1] ** 2).sum())
        lost = float((importance * targets * (np.log(totals) - scores)).sum())
        gradient = np.vstack([inputs.T @ missed + VECTOR_PENALTY * matrix[:-1], missed.sum(axis=0)])
        return lost + penalty, gradient.ravel()

    options = {"maxiter": VECTOR_STEPS}
    start = np.zeros(shape).ravel()
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x.reshape(shape)
    weights = found[:-1] * VECTOR_SCALE
    biases = found[-1] - mean @ weights
    return TopicHead(
        topics=topics,
        biases=tuple(round(float(bias), 4) for bias in biases),
        weights=tuple(tuple(round(float(weight), 3) for weight in row) for row in weights.T),
    )


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
    chosen_weights = np.array([sample.weight for sample in samples])
    return np.asarray(weights / weights.mean() * chosen_weights, np.float32)


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
