"""How likely is each topic, by the words alone? Pure but for reading the model's file.

A linear model, trained by `python -m quality.train_topics`; docs/model-card.md says on what,
and how good it is. Its file is one line of JSON, then a row of bytes for each feature.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import exp, log1p, sqrt
from pathlib import Path
from zlib import crc32

from bot.errors import SetupError
from bot.model import TopicSlug
from bot.resources import RESOURCES
from bot.text.stemming import STOP_WORDS, stem, words

# News says what it is about at its beginning; reading on does not tell more.
TITLE_CHARS = 300
TEXT_CHARS = 600

# Each kind has its own range of numbers. 2**16 of each keep the model's file under 3 MB.
RANGE = 1 << 16
FEATURES = 3 * RANGE
# What a feature of each kind counts for, tuned on sources that were held out in turn:
# pieces are many and say the same again.
STEM_COUNTS = 1.0
PAIR_COUNTS = 0.7
PIECE_COUNTS = 0.5

_PIECE = 4
# The words of a few hundred articles; the cache takes about 10 MB when full.
_REMEMBERED = 16_384


MODEL = RESOURCES / "topic_model.bin"
# What the model answers for advertisements; no topic of ours may be called so.
NONE = TopicSlug("none")

# A byte of this value is a weight of zero.
ZERO = 128


def spoken(title: str, text: str) -> tuple[str, ...]:
    """Return the telling words of the headline and of the beginning of the text, in their order."""
    read = (*words(title[:TITLE_CHARS]), *words(text[:TEXT_CHARS]))
    return tuple(word for word in read if word not in STOP_WORDS)


def features(said: tuple[str, ...]) -> frozenset[int]:
    """Return the numbers of the features, each from 0 to `FEATURES` - 1."""
    found: set[int] = set(_pairs(said))
    for word in said:
        found.update(_of_word(word))
    return frozenset(found)


def counts_for(feature: int) -> float:
    """Return what a feature counts for, by its kind."""
    return (STEM_COUNTS, PAIR_COUNTS, PIECE_COUNTS)[feature // RANGE]


def length(found: frozenset[int]) -> float:
    """Return the Euclidean length of the text as a vector of its features; 0 for no features."""
    return sqrt(sum(counts_for(feature) ** 2 for feature in found))


def _pairs(said: tuple[str, ...]) -> Iterator[int]:
    for one, next_one in pairwise(stem(word) for word in said):
        yield RANGE + _hash(f"{one} {next_one}")


@lru_cache(maxsize=_REMEMBERED)
def _of_word(word: str) -> tuple[int, ...]:
    form = stem(word)
    framed = f"<{form}>"
    pieces = (framed[at : at + _PIECE] for at in range(len(framed) - _PIECE + 1))
    return (_hash(form), *(2 * RANGE + _hash(piece) for piece in pieces))


def _hash(text: str) -> int:
    return crc32(text.encode("utf-8", "surrogatepass")) % RANGE


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicModel:
    """Weights of the model, for each of `topics` in this order.

    `rows` holds one byte a topic for each feature: its weight, divided by the topic's `scale`,
    plus `ZERO`. `word_weights` has a row for each input of `word_inputs`.
    """

    topics: tuple[TopicSlug, ...]
    biases: tuple[float, ...]
    scales: tuple[float, ...]
    word_weights: tuple[tuple[float, ...], ...]
    rows: bytes


def read_model(path: Path = MODEL) -> TopicModel:
    """Read a trained model.

    Raises:
        SetupError: if the file is missing, cut short, or not a model that this code can use.
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
    if not _is_whole(model):
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


def likelihoods(
    model: TopicModel, said: tuple[str, ...], telling: Mapping[TopicSlug, float]
) -> dict[TopicSlug, float]:
    """Return how likely each of the model's topics is; they add up to 1.

    `telling` counts the words that `topics.toml` lists for each topic. Without a word nothing
    is likely: the result is empty.
    """
    found = features(said)
    if not found:
        return {}
    width, norm = len(model.topics), length(found)
    # One sum a topic: zip turns the features' rows into the topics' columns, all in C.
    rows = [model.rows[feature * width : (feature + 1) * width] for feature in found]
    sums = [sum(column) - ZERO * len(rows) for column in zip(*rows, strict=True)]
    scores = [
        bias + scale * total / norm
        for bias, scale, total in zip(model.biases, model.scales, sums, strict=True)
    ]
    for value, weights in zip(word_inputs(model.topics, telling), model.word_weights, strict=True):
        scores = [score + value * weight for score, weight in zip(scores, weights, strict=True)]
    return dict(zip(model.topics, _softmax(scores), strict=True))


def word_inputs(
    topics: tuple[TopicSlug, ...], telling: Mapping[TopicSlug, float]
) -> tuple[float, ...]:
    """Return what the listed words say, as numbers: shares, sizes, and whether there are none."""
    counts = [telling.get(topic, 0.0) for topic in topics if topic != NONE]
    total = sum(counts)
    shares = (count / (total + 1) for count in counts)
    sizes = (log1p(count) / 2 for count in counts)
    return (*shares, *sizes, float(total == 0))


def _softmax(scores: list[float]) -> list[float]:
    highest = max(scores)
    powers = [exp(score - highest) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def _is_whole(model: TopicModel) -> bool:
    width = len(model.topics)
    inputs = len(word_inputs(model.topics, {}))
    return (
        width > 0
        and len(model.rows) == FEATURES * width
        and len(model.biases) == len(model.scales) == width
        and len(model.word_weights) == inputs
        and all(len(weights) == width for weights in model.word_weights)
    )
