"""Replay of recorded articles: the article pipeline with their times as its clock.

Works on a database of its own, in which three readers, one a language, want everything.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from bot.model import (
    LANGUAGES,
    Article,
    ArticleAnalysis,
    ArticleId,
    ChatId,
    DeliveryResult,
    Entry,
    FeedId,
    FoundFeed,
    Language,
    ListedFeed,
    StoryId,
)
from bot.storage.database import Database
from bot.storage.feeds import feeds, own_feeds
from bot.storage.outbox import deliveries
from bot.storage.queues.poison_guard import PoisonGuard
from bot.storage.stories import articles, queries, stories, storylines
from bot.storage.subscribers import subscribers
from bot.stories.analysis import build_analyzer
from bot.stories.article_processor import ArticleProcessor
from bot.stories.embedding import Embed
from bot.topics import Topics
from bot.web.urls import canonical, without_tracking

# The chat of the reader of each language.
_READERS = {language: ChatId(number) for number, language in enumerate(LANGUAGES, start=1)}
# Deliveries are looked up so far ahead, since some wait for an hour.
_AHEAD = timedelta(days=1)
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedArticle:
    """An article as it was recorded, of a known id; without a `url` it has no address.

    `day_only`: of its time the hour is unknown.
    """

    id: str
    language: Language
    source: str
    title: str
    text: str
    url: str
    at: datetime
    day_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayedArticle:
    """What became of a recorded article; a `story_id` of None: it belongs to no story.

    `opened` unless it joined the story, which may continue the story `continues`. `headlines` are
    those of the messages that it made owed, by the language of their reader.
    """

    analysis: ArticleAnalysis
    story_id: StoryId | None
    opened: bool
    continues: StoryId | None
    headlines: dict[Language, str]


@dataclass(slots=True, kw_only=True)
class _ArticleClock:
    """The time of the article that is replayed; never set back."""

    time: datetime = _EPOCH

    def now(self) -> datetime:
        """Return the time."""
        return self.time


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """The article pipeline over an empty database; see `open_replay`."""

    db: Database
    processor: ArticleProcessor
    clock: _ArticleClock
    feeds: dict[tuple[Language, str], FeedId]
    analyses: dict[ArticleId, ArticleAnalysis]

    async def process(self, recorded: RecordedArticle) -> ReplayedArticle:
        """Process the article at its time, or at that of the last one if that was later.

        Raises:
            ValueError: if it cannot be processed.
        """
        self.clock.time = now = max(self.clock.time, recorded.at)
        feed_id = self.feeds[recorded.language, recorded.source]
        entry = Entry(
            guid=recorded.id,
            url=without_tracking(recorded.url),
            title=recorded.title,
            text=recorded.text,
            categories=(),
            published_at=datetime.combine(recorded.at, time(), UTC)
            if recorded.day_only
            else recorded.at,
        )
        # Articles without an address are not one story for that.
        canonical_url = canonical(recorded.url) or f"#{recorded.id}"
        async with self.db.transaction() as tx:
            article_id = await articles.add(
                tx, feed_id, entry, canonical_url=canonical_url, backlog=False, now=now
            )
        await self.processor.step()
        analysis = self.analyses.pop(article_id, None)
        if analysis is None:
            raise ValueError("it cannot be analysed")
        place = await stories.place_of(self.db.reader, article_id)
        return ReplayedArticle(
            analysis=analysis,
            story_id=place.story_id if place else None,
            opened=place is not None and place.lead_id == article_id,
            continues=place.continues if place else None,
            headlines=await self._send(now=now),
        )

    async def merged(self) -> tuple[tuple[StoryId, StoryId], ...]:
        """Return the pairs of a story and the earlier one that it turned out to be."""
        return await storylines.merged(self.db.reader)

    async def _send(self, *, now: datetime) -> dict[Language, str]:
        """Record all pending deliveries as sent; return the headline of each reader's message."""
        headlines: dict[Language, str] = {}
        readers = [await subscribers.find(self.db.reader, chat) for chat in _READERS.values()]
        async with self.db.transaction() as tx:
            pending = await deliveries.pending(tx, _READERS.values(), now=now + _AHEAD)
            for reader in filter(None, readers):
                ids = [delivery.story_id for delivery in pending[reader.chat_id]]
                for story in await queries.visible_stories(
                    tx, ids, languages=reader.news_languages, visibility=reader.visibility
                ):
                    headlines[reader.language] = story.title
            sent = DeliveryResult(state="sent", message_id=1)
            delivery_ids = [delivery.id for of_chat in pending.values() for delivery in of_chat]
            await deliveries.mark_sending(tx, delivery_ids)
            await deliveries.record(tx, [(each, sent) for each in delivery_ids], now=now)
        return headlines


async def open_replay(
    db: Database,
    sources: Collection[tuple[Language, str]],
    topics: Topics,
    *,
    embed: Embed | None = None,
) -> Replay:
    """Prepare an empty database for a replay of articles of these sources, by language."""
    analyses: dict[ArticleId, ArticleAnalysis] = {}
    analyze, clock = build_analyzer(topics), _ArticleClock()

    def analyze_and_keep(article: Article) -> ArticleAnalysis:
        analyses[article.id] = analysis = analyze(article)
        return analysis

    urls = {source: f"replay:{number}" for number, source in enumerate(sources)}
    listed = [
        ListedFeed(url=url, domain=url, source=source, language=language, topic=None, pages=False)
        for (language, source), url in urls.items()
    ]
    slugs = [topic.slug for topic in topics]
    feed_ids: dict[tuple[Language, str], FeedId] = {}
    async with db.transaction() as tx:
        await feeds.sync(tx, listed, now=clock.now())
        for language, chat_id in _READERS.items():
            await subscribers.join(tx, chat_id, kind="private", language=language, now=clock.now())
            await subscribers.set_topics(tx, chat_id, slugs, wanted=True)
        for source, url in urls.items():
            found = FoundFeed(url=url, domain=url, title=source[1], newest=())
            feed_ids[source] = await own_feeds.add(
                tx, _READERS[source[0]], found, language=source[0], now=clock.now()
            )
    processor = ArticleProcessor(
        db=db,
        guard=PoisonGuard(db=db, now=clock.now),
        analyze=analyze_and_keep,
        embed=embed,
        now=clock.now,
    )
    return Replay(db=db, processor=processor, clock=clock, feeds=feed_ids, analyses=analyses)
