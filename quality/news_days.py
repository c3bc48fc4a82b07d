"""Marked days of news: their articles in the form that is compared, and a replay of a day."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from types import ModuleType
from typing import Any, cast

from bot.model import ArticleLanguage, StoryId
from bot.stories.embedding import Embed
from bot.stories.matching.clustering import ClusterCandidate, Decision, decide
from bot.stories.matching.fingerprint import fingerprint, search_weights
from bot.stories.matching.similarity import ComparedArticle
from bot.stories.matching.story_model import StoryModel
from quality import data

WINDOWS = ("A", "C", "D", "E", "G")
SCORED = frozenset({"news", "live", "digest", "feature"})
# As many as the search of the bot returns, by keys and by vectors.
MAX_BY_KEYS = 40
MAX_PER_STORY = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item of a day: its article, and what its reader marked."""

    id: str
    article: ComparedArticle
    kind: str
    event: str
    storyline: str
    continues: str | None

    @property
    def is_scored(self) -> bool:
        """Whether it is news at all."""
        return self.kind in SCORED


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the stream made of an item; stories are those known at its end."""

    item: Item
    story: StoryId
    continues: StoryId | None
    is_pushed: bool


def read_day(window: str, embed: Embed | None) -> list[Item]:
    """Return the items of a double day in their order; without vectors if `embed` is None."""
    return [item_of(row, mark, embed) for row, mark in data.marks(window)]


def item_of(row: data.Row, gold: Mapping[str, Any], embed: Embed | None) -> Item:
    """Return the item of a row as its reader marked it; without a vector if `embed` is None."""
    title, text = data.said(row, "title"), data.said(row, "text")
    language = cast(ArticleLanguage, data.said(row, "lang"))
    return Item(
        id=data.said(row, "id"),
        article=ComparedArticle(
            language=language,
            fingerprint=fingerprint(title, text),
            vector=embed(title, text, language) if embed is not None else None,
            source=data.said(row, "source"),
            published_at=_published_at(row),
        ),
        kind=gold["kind"],
        event=gold["event"],
        storyline=gold["storyline"],
        continues=gold["continues"],
    )


def _published_at(row: data.Row) -> datetime:
    """Return the time of the item; midnight of its day where the hour is unknown."""
    at = datetime.fromisoformat(data.said(row, "at").replace("Z", "+00:00"))
    return datetime.combine(at, time(), UTC) if row["at_kind"] == "date_only" else at


@dataclass
class Archive:
    """The stories so far in memory, searched as the bot searches its database."""

    stories: dict[StoryId, list[ComparedArticle]] = field(default_factory=dict)
    _articles: list[tuple[ComparedArticle, StoryId]] = field(default_factory=list)
    _by_key: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _merged: dict[StoryId, StoryId] = field(default_factory=dict)

    def add(self, article: ComparedArticle, story: StoryId) -> None:
        """Store an article in its story."""
        for key in search_weights(article.fingerprint):
            self._by_key[key].append(len(self._articles))
        self._articles.append((article, story))
        self.stories.setdefault(story, []).append(article)

    def merge(self, one: StoryId, other: StoryId) -> None:
        """Make one story of two, known by the earlier."""
        earlier, later = sorted((self.known_as(one), self.known_as(other)))
        if earlier != later:
            self._merged[later] = earlier
            self.stories[earlier] += self.stories.pop(later)

    def known_as(self, story: StoryId) -> StoryId:
        """Return the story into which it was merged, if it was."""
        while story in self._merged:
            story = self._merged[story]
        return story

    def candidates(self, article: ComparedArticle) -> list[ClusterCandidate]:
        """Return the stories of the articles that share most with this one."""
        shared: dict[int, float] = defaultdict(float)
        for key, weight in search_weights(article.fingerprint).items():
            for place in self._by_key.get(key, ()):
                shared[place] += weight
        best = sorted(shared, key=lambda place: (-shared[place], -place))[:MAX_BY_KEYS]
        found = sorted({self.known_as(self._articles[place][1]) for place in best})
        return [self._candidate(story) for story in found]

    def _candidate(self, story: StoryId) -> ClusterCandidate:
        articles = self.stories[story]
        return ClusterCandidate(
            story_id=story,
            published_at=articles[0].published_at,
            articles=tuple(articles[:MAX_PER_STORY]),
        )


def replay(items: Sequence[Item], model_of: Callable[[Item], StoryModel]) -> list[Told]:
    """Return what becomes of the items when the model of each decides on it as it comes."""
    archive = Archive()
    decisions: list[tuple[StoryId, Decision]] = []
    for place, item in enumerate(items, start=1):
        decision = decide(
            item.article,
            archive.candidates(item.article),
            source=item.article.source,
            published_at=item.article.published_at,
            model=model_of(item),
        )
        story = StoryId(place)
        if decision.relation == "same" and decision.story_id is not None:
            story = decision.story_id
        archive.add(item.article, story)
        if decision.bridge is not None:
            archive.merge(story, decision.bridge)
        decisions.append((story, decision))
    return [
        Told(
            item=item,
            story=archive.known_as(story),
            continues=archive.known_as(decision.story_id)
            if decision.relation == "chapter" and decision.story_id is not None
            else None,
            is_pushed=decision.relation != "same",
        )
        for item, (story, decision) in zip(items, decisions, strict=True)
    ]


def scored_items(scoring: ModuleType, window: str, stream: Sequence[Told]) -> list[Any]:
    """Return the items of a day as the scorer counts them."""

    def named(value: object) -> str | None:
        return None if value is None else f"{window}:{value}"

    return [
        scoring.Item(
            id=told.item.id,
            lang=told.item.article.language,
            kind=told.item.kind,
            event=named(told.item.event),
            storyline=named(told.item.storyline),
            sequel_of=named(told.item.continues),
            story=named(told.story),
            link=named(told.continues),
            told=told.is_pushed,
        )
        for told in stream
    ]


def judged_pairs(items: Sequence[Item]) -> Iterator[tuple[Item, list[tuple[Item, ...]]]]:
    """Yield each item with the earlier events that the search finds for it, as marked."""
    archive, by_article = Archive(), {id(item.article): item for item in items}
    numbers: dict[str, StoryId] = {}
    for item in items:
        found = archive.candidates(item.article)
        yield item, [tuple(by_article[id(each)] for each in one.articles) for one in found]
        story = numbers.setdefault(item.event, StoryId(len(numbers) + 1))
        archive.add(item.article, story)
