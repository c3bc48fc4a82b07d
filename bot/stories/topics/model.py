"""Topic model: a linear classifier of word features, its file format, its probabilities.

Trained by `python -m quality.train_topics`; docs/model-card.md gives its data and quality. The
file is one line of JSON, then a row of bytes for each feature.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from math import exp, log1p, sqrt
from pathlib import Path
from zlib import crc32

from bot.errors import SetupError
from bot.model import TopicSlug
from bot.resources import RESOURCES
from bot.text.stemming import STOP_WORDS, snowball_stem, words

MODEL_PATH = RESOURCES / "topic_model.bin"
# The model's class of advertisements; no topic may have this slug.
NON_NEWS = TopicSlug("none")

# News states its subject at the beginning; more text does not help.
MAX_TITLE_CHARS = 300
MAX_TEXT_CHARS = 600

# Features are numbered by kind: stems, pairs of stems, pieces of stems. 2**16 of each keep the
# model's file under 3 MB.
FEATURES_PER_KIND = 1 << 16
FEATURES = 3 * FEATURES_PER_KIND
# Tuned on sources that were held out in turn: pieces are many and redundant.
STEM_WEIGHT = 1.0
PAIR_WEIGHT = 0.7
PIECE_WEIGHT = 0.5

# The byte of a weight of zero.
ZERO_BYTE = 128

_PIECE_LENGTH = 4
# The words of a few hundred articles; a full cache takes about 10 MB.
_CACHED_WORDS = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicModel:
    """Weights of the model, for each of `topics` in this order.

    `rows` has one byte a topic for each feature: its weight, divided by the topic's `scale`,
    plus `ZERO_BYTE`. `word_weights` has a row for each input of `word_inputs`.
    """

    topics: tuple[TopicSlug, ...]
    biases: tuple[float, ...]
    scales: tuple[float, ...]
    word_weights: tuple[tuple[float, ...], ...]
    rows: bytes

    @property
    def is_complete(self) -> bool:
        """Return whether all weights of this version are there."""
        width = len(self.topics)
        inputs = len(word_inputs(self.topics, {}))
        return (
            width > 0
            and len(self.rows) == FEATURES * width
            and len(self.biases) == len(self.scales) == width
            and len(self.word_weights) == inputs
            and all(len(weights) == width for weights in self.word_weights)
        )


@cache
def read_model(path: Path = MODEL_PATH) -> TopicModel:
    """Read a trained model, once.

    Raises:
        SetupError: if the file is missing, truncated, or of another version.
    """
    try:
        head, _, rows = path.read_bytes().partition(b"\n")
        fields = json.loads(head)
        model = TopicModel(
            topics=tuple(map(TopicSlug, fields["topics"])),
            biases=tuple(map(float, fields["biases"])),
            scales=tuple(map(float, fields["scales"])),
            word_weights=tuple(tuple(map(float, row)) for row in fields["word_weights"]),
            rows=rows,
        )
    except (OSError, ValueError, TypeError, KeyError) as error:
        problem = f"{type(error).__name__}: {error}"
        raise SetupError(f"{path}: the topic model cannot be read: {problem}") from None
    if not model.is_complete:
        raise SetupError(f"{path}: not a whole topic model for this version; run `make model`")
    return model


def write_model(model: TopicModel, path: Path) -> None:
    """Write a model so that `read_model` returns it; equal models make equal files."""
    fields = {
        "topics": model.topics,
        "biases": model.biases,
        "scales": model.scales,
        "word_weights": model.word_weights,
    }
    path.write_bytes(json.dumps(fields, sort_keys=True).encode() + b"\n" + model.rows)


def topic_probabilities(
    model: TopicModel, article_words: tuple[str, ...], listed_counts: Mapping[TopicSlug, float]
) -> dict[TopicSlug, float]:
    """Return the probability of each of the model's topics; empty for an article without words.

    `listed_counts` are the words of the article that `topics.toml` lists for each topic.
    """
    present = features(article_words)
    if not present:
        return {}
    width, norm = len(model.topics), feature_norm(present)
    # One sum a topic: zip turns the features' rows into the topics' columns, all in C.
    rows = [model.rows[feature * width : (feature + 1) * width] for feature in present]
    sums = [sum(column) - ZERO_BYTE * len(rows) for column in zip(*rows, strict=True)]
    scores = [
        bias + scale * total / norm
        for bias, scale, total in zip(model.biases, model.scales, sums, strict=True)
    ]
    inputs = word_inputs(model.topics, listed_counts)
    for value, weights in zip(inputs, model.word_weights, strict=True):
        scores = [score + value * weight for score, weight in zip(scores, weights, strict=True)]
    highest = max(scores)
    powers = [exp(score - highest) for score in scores]
    total_power = sum(powers)
    return {topic: power / total_power for topic, power in zip(model.topics, powers, strict=True)}


def content_words(title: str, text: str) -> tuple[str, ...]:
    """Return the words of the headline and of the beginning of the text, without stop words."""
    first_words = (*words(title[:MAX_TITLE_CHARS]), *words(text[:MAX_TEXT_CHARS]))
    return tuple(word for word in first_words if word not in STOP_WORDS)


def features(article_words: tuple[str, ...]) -> frozenset[int]:
    """Return the numbers of the features, each from 0 to `FEATURES` - 1."""
    pairs = pairwise(snowball_stem(word) for word in article_words)
    numbers = {FEATURES_PER_KIND + _hash(f"{one} {following}") for one, following in pairs}
    for word in article_words:
        numbers.update(_word_features(word))
    return frozenset(numbers)


def feature_weight(feature: int) -> float:
    """Return the weight of a feature's kind."""
    return (STEM_WEIGHT, PAIR_WEIGHT, PIECE_WEIGHT)[feature // FEATURES_PER_KIND]


def feature_norm(present: frozenset[int]) -> float:
    """Return the Euclidean norm of a text's features; 0 for no features."""
    return sqrt(sum(feature_weight(feature) ** 2 for feature in present))


def word_inputs(
    topics: tuple[TopicSlug, ...], listed_counts: Mapping[TopicSlug, float]
) -> tuple[float, ...]:
    """Return the model's inputs of the listed words: shares, sizes, and whether there are none."""
    counts = [listed_counts.get(topic, 0.0) for topic in topics if topic != NON_NEWS]
    total = sum(counts)
    shares = (count / (total + 1) for count in counts)
    sizes = (log1p(count) / 2 for count in counts)
    return (*shares, *sizes, float(total == 0))


@lru_cache(maxsize=_CACHED_WORDS)
def _word_features(word: str) -> tuple[int, ...]:
    form = snowball_stem(word)
    framed = f"<{form}>"
    starts = range(len(framed) - _PIECE_LENGTH + 1)
    pieces = (framed[start : start + _PIECE_LENGTH] for start in starts)
    return (_hash(form), *(2 * FEATURES_PER_KIND + _hash(piece) for piece in pieces))


def _hash(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass")) % FEATURES_PER_KIND
