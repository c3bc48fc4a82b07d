"""Stories of marked days of news, judged by models fitted on other days and other sources."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any

from bot.stories.embedding import Embed, open_embedder
from bot.stories.matching.story_model import StoryModel, story_model
from quality import data
from quality.fit_newsday import JudgedPair, fit, pairs_of
from quality.news_days import WINDOWS, Item, Told, read_day, replay, scored_items

DRAWS = 1000
# The sources are parted by a hash of their names: the items of each part are judged by models
# fitted on the others.
N_FOLDS = 3
READERS = ("all", "uk", "ru", "en")
_COUNTS = ("events", "swallowed", "late", "pushes", "repeats", "linked", "strangers")
_SHARES = ("pair_p", "pair_r", "pair_f1", "b3_f1")
_CHAPTERS = ("links", "continues_p", "continues_mild", "continues_r", "continues_exact")
_ACROSS = ("uk-ru", "uk-en", "ru-en", "crossing")

# A figure of the scorer, and the middle 95 % of it when storylines are drawn anew.
Figure = tuple[float, tuple[float, float]]
Figures = Mapping[str, Figure]


def report() -> str:
    """Return the section; by words alone, and with vectors if they are there."""
    return report_with(open_embedder())


def report_with(embed: Embed | None, windows: Sequence[str] = WINDOWS, draws: int = DRAWS) -> str:
    """Return the section on these days, with vectors by `embed` where it is not None."""
    days = {window: read_day(window, embed and cache(embed)) for window in windows}
    variants = [("words", {window: _without_vectors(items) for window, items in days.items()})]
    if embed is not None:
        variants.append(("words and vectors", days))
    found = {name: _figures(_left_out(chosen), draws) for name, chosen in variants}
    return "\n".join(
        (
            "## News days\n",
            f"{len(windows)} double days with every event marked, each item judged by weights"
            f" fitted on the other days and without its source; {draws} draws of storylines give"
            " the middle 95 % in brackets.\n",
            "### What a reader gets\n",
            _table(found, _COUNTS),
            "### Stories\n",
            _table(found, _SHARES),
            "### Chapters\n",
            _table(found, _CHAPTERS),
            "### Across languages: recall of pairs, and events met\n",
            _table(
                {name: {"all": readers["all"]} for name, readers in found.items()},
                [f"{pair}_{part}" for pair in _ACROSS for part in ("n", "r", "met")],
            ),
        )
    )


def _without_vectors(items: Sequence[Item]) -> list[Item]:
    return [replace(item, article=replace(item.article, vector=None)) for item in items]


def _left_out(days: Mapping[str, Sequence[Item]]) -> dict[str, list[Told]]:
    """Return what becomes of each item by a model that knows neither its day nor its source."""
    has_vectors = any(item.article.vector for items in days.values() for item in items)
    pairs = {window: pairs_of(items) for window, items in days.items()}
    streams = {}
    for window, items in days.items():
        others = [pair for other in days if other != window for pair in pairs[other]]
        models = [_fit_without(fold, others, vectors=has_vectors) for fold in range(N_FOLDS)]
        streams[window] = replay(items, partial(_model_of, models))
    return streams


def _fit_without(fold: int, pairs: Sequence[JudgedPair], *, vectors: bool) -> StoryModel:
    model = fit([pair for pair in pairs if fold not in map(_fold, pair.sources)], vectors=vectors)
    return replace(story_model(), with_vectors=model, by_words=model)


def _model_of(models: Sequence[StoryModel], item: Item) -> StoryModel:
    return models[_fold(item.article.source)]


def _fold(source: str) -> int:
    return zlib.crc32(source.encode()) % N_FOLDS


def _figures(streams: Mapping[str, Sequence[Told]], draws: int) -> dict[str, Figures]:
    scoring = data.scorer("score_newsday")
    found: dict[str, Figures] = {}
    for reader in READERS:
        tally: dict[str, Any] = {}
        for window, stream in streams.items():
            tally |= scoring.count(scored_items(scoring, window, stream), reader)
        around = scoring.bootstrap(tally, draws)
        values = scoring.figures(tally.values())
        found[reader] = {name: (value, around[name]) for name, value in values.items()}
    return found


def _table(found: Mapping[str, Mapping[str, Figures]], names: Sequence[str]) -> str:
    return data.table(
        ("by", "reader", *names),
        [
            (name, reader, *(_shown(figures[each]) for each in names))
            for name, readers in found.items()
            for reader, figures in readers.items()
        ],
    )


def _shown(figure: Figure) -> str:
    value, (low, high) = figure
    if isinstance(value, int):
        return f"{value} [{low}, {high}]"
    return f"{value:.2f} [{low:.2f}, {high:.2f}]"
