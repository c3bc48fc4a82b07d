"""Article processor: the worker that turns new articles into stories and enqueues deliveries."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Literal, NamedTuple

import aiosqlite

from bot.isolation.pool import call_each
from bot.model import Article, ArticleAnalysis, EditorLink, StoryId, TopicSlug
from bot.storage.database import Database
from bot.storage.feeds import pages
from bot.storage.outbox import fan_out, message_edits
from bot.storage.queues.poison_guard import PoisonGuard, failure_reason, is_own_failure
from bot.storage.stories import articles, editor_links, signatures, stories
from bot.stories.analysis import Analyze
from bot.stories.embedding import Embed
from bot.stories.matching.clustering import (
    WINDOW,
    cluster_candidate,
    compared_article,
    decide,
)
from bot.stories.matching.fingerprint import search_keys, search_weights
from bot.stories.matching.similarity import ComparedArticle

log = logging.getLogger(__name__)

AnalyzeEach = Callable[
    [Analyze, Sequence[Article]], Awaitable[Sequence[ArticleAnalysis | Exception]]
]

# A headline that returns after a day and a half is a new event: «Погода на выходные в Киеве».
SAME_TITLE_WITHIN = timedelta(hours=36)

_LOG_MESSAGES = {
    "changed": "article %(article)d was edited while it was read, and is read again",
    "rejected": "article %(article)d is no story for us: language %(language)s, topic %(topic)s",
    "opened": "article %(article)d opens story %(story)s: %(topic)s, %(language)s,"
    " owed to %(deliveries)d",
    "joined": "article %(article)d joins story %(story)s, owed to %(deliveries)d",
    "updated": "article %(article)d was edited, and stays in story %(story)s,"
    " owed to %(deliveries)d",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Processed:
    """What became of an article; `deliveries` counts those that were enqueued.

    "changed": its publisher edited it meanwhile, so it is processed again. "updated": its
    publisher edited it after it had joined the story.
    """

    action: Literal["changed", "rejected", "opened", "joined", "updated"]
    story_id: StoryId | None = None
    deliveries: int = 0


class _Results(NamedTuple):
    """The analyses of an article and of its editor's links, or the exceptions in their place."""

    article: ArticleAnalysis | Exception
    links: list[tuple[EditorLink, ArticleAnalysis | Exception]]


async def _analyze_here(
    analyze: Analyze, batch: Sequence[Article]
) -> list[ArticleAnalysis | Exception]:
    return call_each(analyze, batch)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleProcessor:
    """Worker that analyses each new article once: it joins a story, opens one or is rejected.

    `analyze_each` calls `analyze` for each of many articles, in the worker pool. `embed` computes a
    sentence vector, which improves matching across languages; None: matching compares words alone.
    """

    db: Database
    guard: PoisonGuard
    analyze: Analyze
    now: Callable[[], datetime]
    analyze_each: AnalyzeEach = _analyze_here
    embed: Embed | None = None
    batch: int = 50

    async def step(self) -> bool:
        """Process one batch of articles, in the order of arrival; return whether there was one."""
        unprocessed = await articles.unprocessed(self.db.reader, now=self.now(), limit=self.batch)
        # What may have ended the process before is processed after the others, one by one.
        suspects = [each for each in unprocessed if self.guard.is_suspect("articles", each.id)]
        others = [each for each in unprocessed if each not in suspects]
        for batch in filter(None, (others, *([suspect] for suspect in suspects))):
            async with self.guard.attempt("articles", *(article.id for article in batch)):
                for article, results in await self._analyze(batch):
                    await self._process(article, results)
        return bool(unprocessed)

    async def _analyze(self, unprocessed: Sequence[Article]) -> list[tuple[Article, _Results]]:
        """Analyse the articles, and the headlines of their editors' links as if they were articles.

        All in one call, as one takes less time than the way to the pool and back.
        """
        links = [await editor_links.titled(self.db.reader, article.id) for article in unprocessed]
        headlines = [
            replace(article, title=link.title, url=link.url, text="", page="", categories=())
            for article, of_article in zip(unprocessed, links, strict=True)
            for link in of_article
        ]
        results = iter(await self.analyze_each(self.analyze, [*unprocessed, *headlines]))
        analyses = list(islice(results, len(unprocessed)))
        return [
            (article, _Results(analysis, [(link, next(results)) for link in of_article]))
            for article, analysis, of_article in zip(unprocessed, analyses, links, strict=True)
        ]

    async def _process(self, article: Article, results: _Results) -> None:
        try:
            processed, analysis = await self._embed_and_store(article, results)
        # One article must not stop the news; its failure is recorded.
        except Exception as error:
            if not is_own_failure(error):
                raise
            log.exception("article %d cannot be read", article.id)
            async with self.db.transaction() as tx:
                await self.guard.fail(tx, "articles", article.id, reason=failure_reason(error))
            return
        ids = {"article": article.id, "story": processed.story_id}
        details = {
            "topic": analysis.topic if processed.action == "rejected" else analysis.topic or "",
            "language": analysis.language,
            "deliveries": processed.deliveries,
        }
        log.info(_LOG_MESSAGES[processed.action], ids | details, extra=ids)

    async def _embed_and_store(
        self, article: Article, results: _Results
    ) -> tuple[Processed, ArticleAnalysis]:
        if isinstance(results.article, Exception):
            raise results.article
        analysis = await self._with_vector(article, results.article)
        async with self.db.transaction() as tx:
            processed = await self._store(tx, article, analysis)
            for link, linked in results.links:
                # A link is optional: the article is processed without it.
                if isinstance(linked, Exception):
                    log.error("a link of article %d cannot be read", article.id, exc_info=linked)
                    continue
                topics = () if linked.topic is None else (linked.topic, *linked.other_topics)
                await editor_links.resolve(
                    tx, article.id, link, language=linked.language, topics=topics
                )
            await pages.give_up(tx, article.id)
            await self.guard.finish(tx, "articles", [article.id])
        return processed, analysis

    async def _with_vector(self, article: Article, analysis: ArticleAnalysis) -> ArticleAnalysis:
        if self.embed is None or analysis.language == "other":
            return analysis
        try:
            # In a thread: it takes a tenth of a second.
            vector = await asyncio.to_thread(
                self.embed, article.title, analysis.lead, analysis.language
            )
        # A vector is optional: without it matching compares words alone.
        except Exception:
            log.exception("article %d gets no vector", article.id)
            return analysis
        return replace(analysis, signature=replace(analysis.signature, vector=vector))

    async def _store(
        self, tx: aiosqlite.Connection, article: Article, analysis: ArticleAnalysis
    ) -> Processed:
        """Store the article in its story, or in a new one, and enqueue the deliveries."""
        if not await articles.is_unchanged(tx, article):
            return Processed(action="changed")
        # Within the transaction, so that of two articles on one event the second finds the first.
        compared = compared_article(analysis.language, analysis.signature)
        story_id = article.story_id or await self._find_story(tx, article, analysis, compared)
        if story_id is None:
            # A private feed is somebody's own: its reader wants all that it publishes.
            is_news = analysis.language != "other" and analysis.topic is not None
            if not (is_news or article.private):
                await articles.mark_processed(tx, article.id, analysis, None, now=self.now())
                return Processed(action="rejected")
            topic = analysis.topic or TopicSlug("")
            story_id = await stories.add(tx, article, analysis, topic, now=self.now())
            action: Literal["opened", "joined", "updated"] = "opened"
            first_in_language = True
        else:
            first_in_language = (
                analysis.language != "other"
                and not article.private
                and await signatures.is_first_in_language(
                    tx, story_id, language=analysis.language, source=article.source
                )
            )
            if first_in_language and analysis.topic is not None:
                # Who reads the story in this language alone follows the topics of this article.
                await stories.add_topics(tx, story_id, (analysis.topic, *analysis.other_topics))
            action = "joined" if article.story_id is None else "updated"
            if action == "updated":
                await stories.update_lead(tx, article, analysis)
        await articles.mark_processed(tx, article.id, analysis, story_id, now=self.now())
        n_deliveries = 0
        if not article.backlog and (analysis.language != "other" or article.private):
            n_deliveries = await fan_out.enqueue_story(
                tx,
                story_id,
                article.feed_language if analysis.language == "other" else analysis.language,
                now=self.now(),
                article_id=article.id,
                first_in_language=first_in_language,
            )
        await fan_out.release_urgent(tx, story_id, now=self.now())
        await message_edits.mark_story_changed(tx, story_id, now=self.now())
        await signatures.add(tx, article.id, analysis.signature, search_keys(compared.fingerprint))
        return Processed(action=action, story_id=story_id, deliveries=n_deliveries)

    async def _find_story(
        self,
        tx: aiosqlite.Connection,
        article: Article,
        analysis: ArticleAnalysis,
        compared: ComparedArticle,
    ) -> StoryId | None:
        """Return the story of the same address, the same headline, or the most similar articles."""
        story_id = await signatures.find_exact(
            tx,
            canonical_url=article.canonical_url,
            title_key=analysis.title_key,
            published_at=article.published_at,
            title_within=SAME_TITLE_WITHIN,
        )
        if story_id is not None or compared.language == "other":
            return story_id
        weights = search_weights(compared.fingerprint)
        candidates = await signatures.find_candidates(
            tx, weights, since=article.published_at - WINDOW
        )
        decision = decide(
            compared,
            map(cluster_candidate, candidates),
            source=article.source,
            published_at=article.published_at,
        )
        return decision.story_id if decision.relation == "same" else None
