"""Topics of the marked days, each judged by a model that was trained without it."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median
from typing import Any, cast
from zlib import crc32

from bot.model import Article, ArticleId, ArticleLanguage, TopicSlug
from bot.stories.embedding import Embed, open_embedder
from bot.stories.topics.classifier import (
    NO_VECTOR,
    TopicRules,
    VectorTopics,
    build_classifier,
    build_rules,
    classify,
)
from bot.stories.topics.model import MODEL_PATH, TopicModel, read_model
from bot.stories.topics.vector_head import vector_topics
from bot.topics import read_topics
from quality import data
from quality.topic_data import TOPICS_FILE, Sample, days, marked, teaching, without
from quality.train_topics import chosen, few_of_each, model_topics, train, train_head, vectors_of

_METHOD = """\
The articles of five marked double days are filed by title and text alone: no category, address or
usual topic. By day: each is judged by a model that was trained without it, but on the channels and
sites that tell on other days too. By source: each is judged by a model that was trained without it
and a third of the other sources. The main topic is right if it is the first of the marked ones,
acceptable if it is any of them; F1 is that of all shown topics. In brackets the middle 95 % when
articles are drawn anew.
"""
_HEAD = """\
| by | articles | n | right | acceptable | F1 of the set | topics shown | ECE | war missed |
|---|---|---|---|---|---|---|---|---|
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

Output = dict[str, dict[str, object]]


def source_fold(sample: Sample) -> str:
    """Return the part of the sources that this one is of; what may be one source stays together."""
    source = sample.source.partition(" (")[0].partition(" — ")[0].casefold()
    # The posts that were marked earlier are of the channels of the days.
    if source.startswith("t.me") or source in ("uk channel", "telegram, posts"):
        return "channels"
    return str(crc32(source.encode()) % 2)


FOLDS: Mapping[str, Callable[[Sample], str]] = {
    "day": lambda sample: sample.day,
    "source": source_fold,
}


def report() -> str:
    """Return what was measured, in Markdown; with vectors if they are there."""
    samples, scoring = days(), data.scorer("score_topics")
    embed = open_embedder()
    outputs = {
        f"{name}, by {fold}": output
        for fold, fold_of in FOLDS.items()
        for name, output in _left_out(samples, embed, fold_of).items()
    }
    gold = {_name(each): {"topics": _topics(each), "kind": each.kind} for each in samples}
    articles = {
        _name(each): {"lang": each.language, "source": each.source, "text": each.text}
        for each in samples
    }
    lines = []
    for name, output in outputs.items():
        found = scoring.measure(gold, articles, output)
        lines += [_line(name, group, found[group]) for group in ("all", "uk", "ru", "en")]
    return f"## Topics\n\n{_METHOD}\n{_HEAD}{''.join(lines)}\n{_costs(samples)}"


def _left_out(
    samples: list[Sample], embed: Embed | None, fold_of: Callable[[Sample], str]
) -> dict[str, Output]:
    """Return the topics that models give to the days, or sources, that they do not know."""
    filed, labelled = chosen(teaching()), [*marked(), *samples]
    rules, topics = build_rules(read_topics(TOPICS_FILE)), model_topics()
    outputs: dict[str, Output] = {"words": {}}
    for fold in sorted(set(map(fold_of, samples))):
        tested = [sample for sample in samples if fold_of(sample) == fold]
        others = [each for each in labelled if fold_of(each) != fold]
        taught = without([*filed, *others], tested)
        model = train(taught, topics)
        outputs["words"] |= {_name(each): _shown(each, rules, model) for each in tested}
        if embed is None:
            continue
        embedded = [*few_of_each(taught), *(each for each in taught if each.is_marked)]
        head = train_head(embedded, vectors_of(embedded, embed), topics)
        with_vectors = outputs.setdefault("words and vectors", {})
        for each in tested:
            language = cast(ArticleLanguage, each.language)
            vector = embed(each.title, each.text, language)
            known = NO_VECTOR if vector is None else vector_topics(vector, language, head)
            with_vectors[_name(each)] = _shown(each, rules, model, known)
    return outputs


def _shown(
    sample: Sample, rules: TopicRules, model: TopicModel, vector: VectorTopics = NO_VECTOR
) -> dict[str, object]:
    found = classify(_article(sample), rules, model, vector)
    topics = [[score.topic, score.score] for score in found.topics]
    return {"topics": topics, "kind": None if found.kind == "news" else found.kind}


def _article(sample: Sample) -> Article:
    return replace(_BARE, title=sample.title, text=sample.text)


def _name(sample: Sample) -> str:
    return f"{sample.day}:{sample.id}"


def _topics(sample: Sample) -> list[str]:
    return [topic for topic in sample.topics if topic != TopicSlug("none")]


def _line(name: str, group: str, found: Mapping[str, Any]) -> str:
    cells = []
    for key in ("main", "ok", "set_f1"):
        low, high = found["intervals"][key]
        cells.append(f"{found[key]:.3f} [{low:.2f}, {high:.2f}]")
    missed = 1 - found["topics"]["war"]["recall"]
    return (
        f"| {name} | {group} | {found['n']} | {' | '.join(cells)} | {found['shown']:.2f}"
        f" | {found['ece']:.3f} | {missed:.2f} |\n"
    )


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
