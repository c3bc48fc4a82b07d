"""Kinds of articles: on the marked days, on rows that were read for it, and on newspapers' news."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from statistics import fmean

from bot.model import ArticleKind
from bot.stories.kinds import article_kind, is_unpushed
from quality import data
from quality.topic_data import HERE, Sample, days, teaching, without
from quality.train_topics import chosen

KINDS = ("news", "feature", "live", "digest", "service", "ad", "none")
# What names a row, its source, its title and its text, by file.
_FIELDS = {
    "newsday/stream": (("id",), "source", "title", "text"),
    "stream_telegram_ru": (("channel", "message_id"), "channel", "", "text"),
    "stream_telegram_uk": (("id",), "source", "", "text"),
    "feed_items_ru_uk": (("link",), "feed", "title", "description"),
}
_TAG = re.compile(r"<[^>]+>")

Pair = tuple[str, ArticleKind]


def report() -> str:
    """Return the section on kinds."""
    on_days = days()
    labelled = without(list(read_labelled()), on_days)
    filed = without(chosen(teaching()), labelled)
    held_back = [each for each in filed if is_unpushed(article_kind(each.title, each.text))]
    low, high = data.interval(len(held_back), len(filed))
    return "\n".join(
        (
            "## Kinds\n",
            "Found by set phrases. *Lost*: news that gets a kind that is pushed to nobody.\n",
            data.table(
                ("rows", "kind", "n", "precision", "recall", "F1"),
                (*_lines("marked days", on_days), *_lines("read for it", labelled)),
            ),
            f"Of {len(filed):,} articles that newspapers and channels filed under a topic,"
            f" {len(held_back)} get such a kind: {100 * len(held_back) / len(filed):.1f} %"
            f" [{100 * low:.1f}, {100 * high:.1f}].\n",
        )
    )


def read_labelled() -> Iterator[Sample]:
    """Yield the rows whose kind was read."""
    labels = tomllib.loads((HERE / "kind_labels.toml").read_text("utf-8"))
    for name, (ids, source, title, text) in _FIELDS.items():
        kinds = {key: kind for kind, keys in labels[name].items() for key in keys.split()}
        for row in data.rows(name):
            named = "/".join(str(row[each] or "") for each in ids)
            kind = kinds.get(blake2b(named.encode(), digest_size=6).hexdigest())
            if named and kind:
                yield Sample(
                    source=data.said(row, source),
                    language=data.said(row, "lang"),
                    title=data.said(row, title),
                    text=_TAG.sub(" ", data.said(row, text)).strip(),
                    topics=(),
                    kind=kind,
                )


def _lines(name: str, samples: Sequence[Sample]) -> Iterator[tuple[object, ...]]:
    pairs: list[Pair] = [(each.kind, article_kind(each.title, each.text)) for each in samples]
    scores = {kind: _score(kind, pairs) for kind in KINDS}
    for kind, (n, *shares) in scores.items():
        yield name, kind, n, *shares
    yield name, "macro", len(pairs), "", "", fmean(f1 for *_, f1 in scores.values())
    news = [found for kind, found in pairs if kind == "news"]
    if not news:
        return
    lost = sum(is_unpushed(found) for found in news)
    low, high = data.interval(lost, len(news))
    share = f"{100 * lost / len(news):.1f} % [{100 * low:.1f}, {100 * high:.1f}]"
    yield name, "news lost", len(news), "", share, ""


def _score(kind: str, pairs: Sequence[Pair]) -> tuple[int, float, float, float]:
    """Return number, precision, recall and F1 of a kind."""
    counts = Counter((marked == kind, found == kind) for marked, found in pairs)
    right, wrong, missed = counts[True, True], counts[False, True], counts[True, False]
    return (
        right + missed,
        right / max(right + wrong, 1),
        right / max(right + missed, 1),
        2 * right / max(2 * right + wrong + missed, 1),
    )
