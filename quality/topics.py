"""Accuracy of the main topic on publishers outside the training data."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median

from bot.model import Article, ArticleId
from bot.stories.topics.classifier import Classify, build_classifier
from bot.stories.topics.model import MODEL_PATH, read_model
from bot.topics import read_topics
from quality.topic_data import TOPICS_FILE, Sample, measuring

_METHOD = """\
Articles of publishers that the model never saw are filed by their words alone: title and text,
no category, address or usual topic. The main topic is right if it is the first one of the
labels, acceptable if it is any of them; macro-F1 is over the topics that occur, where an
acceptable answer counts as the label.
"""

_HEAD = """\
| language | articles of | articles | acceptable | right | macro-F1 | any of up to three |
|---|---|---|---|---|---|---|
"""

# What the measuring articles have besides words, so that nothing but words tells.
_BARE = Article(
    id=ArticleId(0),
    source="",
    feed_language="en",
    feed_topic=None,
    url="",
    canonical_url="",
    title="",
    text="",
    categories=(),
    published_at=datetime.fromtimestamp(0, UTC),
    backlog=False,
)

Answer = tuple[str, ...]


def report() -> str:
    """Return what was measured, in Markdown."""
    samples = measuring()
    classify = build_classifier(read_topics(TOPICS_FILE))
    answers = [_answer(classify, sample) for sample in samples]
    lines = []
    for language in ("uk", "ru", "en"):
        group = [
            pair for pair in zip(samples, answers, strict=True) if pair[0].language == language
        ]
        for source in dict.fromkeys(sample.source for sample, _ in group):
            part = [pair for pair in group if pair[0].source == source]
            lines.append(_line(language, source, part))
        lines.append(_line(f"**{language}**", "all", group))
    per_topic = _per_topic(samples, answers)
    return f"## Topics\n\n{_METHOD}\n{_HEAD}{''.join(lines)}\n{per_topic}\n{_costs(samples)}"


def _answer(classify: Classify, sample: Sample) -> Answer:
    filing = classify(_article(sample))
    return tuple(scored.topic for scored in filing.topics) or ("none",)


def _article(sample: Sample) -> Article:
    return replace(_BARE, title=sample.title, text=sample.text)


def _line(language: str, source: str, pairs: Sequence[tuple[Sample, Answer]]) -> str:
    total = len(pairs)
    acceptable = sum(answer[0] in sample.topics for sample, answer in pairs)
    right = sum(answer[0] == sample.topics[0] for sample, answer in pairs)
    named = sum(bool(set(answer) & set(sample.topics)) for sample, answer in pairs)
    macro = [f1 for _, _, f1 in _f1s(pairs).values()]
    figures = (acceptable / total, right / total, sum(macro) / len(macro), named / total)
    return f"| {language} | {source} | {total} | {' | '.join(f'{x:.3f}' for x in figures)} |\n"


def _f1s(pairs: Sequence[tuple[Sample, Answer]]) -> dict[str, tuple[int, int, float]]:
    """Return for each topic how often it is the label, how often found, and F1."""
    labels, answers, hits = Counter[str](), Counter[str](), Counter[str]()
    for sample, answer in pairs:
        label = answer[0] if answer[0] in sample.topics else sample.topics[0]
        labels[label] += 1
        answers[answer[0]] += 1
        hits[label] += label == answer[0]
    return {
        topic: (labels[topic], hits[topic], 2 * hits[topic] / (labels[topic] + answers[topic]))
        for topic in sorted(labels)
    }


def _per_topic(samples: Sequence[Sample], answers: Sequence[Answer]) -> str:
    found = _f1s(list(zip(samples, answers, strict=True)))
    rows = "".join(
        f"| {topic} | {n} | {hits} | {f1:.3f} |\n" for topic, (n, hits, f1) in found.items()
    )
    return f"| topic, all languages | articles | found | F1 |\n|---|---|---|---|\n{rows}"


def _costs(samples: Sequence[Sample]) -> str:
    begun = time.process_time()
    read_model()
    loaded = time.process_time() - begun
    classify = build_classifier(read_topics(TOPICS_FILE))
    took = []
    for sample in samples:
        begun = time.process_time()
        classify(_article(sample))
        took.append(time.process_time() - begun)
    slow = sorted(took)[int(len(took) * 0.95)]
    return (
        f"The model's file has {MODEL_PATH.stat().st_size / 1e6:.2f} MB and loads in"
        f" {loaded * 1000:.0f} ms; an article takes {median(took) * 1000:.2f} ms of CPU time in the"
        f" median, {slow * 1000:.2f} ms at the 95th percentile.\n"
    )
