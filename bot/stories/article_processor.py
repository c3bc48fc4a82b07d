"""Article processor: the worker that turns new articles into stories and enqueues deliveries."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

import aiosqlite

from bot.model import Article, ArticleAnalysis, ArticleSignature, EditorLink, StoryId, TopicSlug
from bot.storage.database import Database
from bot.storage.feeds import pages
from bot.storage.outbox import fan_out, message_edits
from bot.storage.stories import articles, editor_links, signatures, stories
from bot.stories.embedding import Embed
from bot.stories.language import detect_language
from bot.stories.matching.clustering import (
    WINDOW,
    best_match,
    cluster_candidate,
    compared_article,
)
from bot.stories.matching.fingerprint import (
    fingerprint,
    pack,
    search_keys,
    search_weights,
    title_key,
)
from bot.stories.matching.similarity import ComparedArticle
from bot.stories.page_extraction import longest_text
from bot.stories.related import terms
from bot.stories.summary import summarise
from bot.stories.topics.classifier import build_classifier
from bot.topics import Topics

log = logging.getLogger(__name__)

Analyze = Callable[[Article], ArticleAnalysis]

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


def build_analyzer(topics: Topics) -> Analyze:
    """Return the function that analyses an article, which takes a few milliseconds.

    Raises:
        SetupError: if the topic model cannot be read.
    """
    classify = build_classifier(topics)

    def analyze(article: Article) -> ArticleAnalysis:
        language = detect_language(article.title, article.text, prior=article.feed_language)
        topic_result = classify(article)
        return ArticleAnalysis(
            language=language,
            topic=topic_result.main,
            other_topics=topic_result.others,
            summary=summarise(article.title, article.text, language=language),
            title_key=title_key(article.title),
            terms=terms(article.title, article.text),
            signature=ArticleSignature(fingerprint=pack(fingerprint(article.title, article.text))),
        )

    return analyze


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleProcessor:
    """Worker that analyses each new article once: it joins a story, opens one or is rejected.

    `embed` computes a sentence vector, which improves matching across languages; None: matching
    compares words alone.
    """

    db: Database
    analyze: Analyze
    now: Callable[[], datetime]
    embed: Embed | None = None
    batch: int = 50

    async def step(self) -> bool:
        """Process one batch of articles, in the order of arrival; return whether there was one."""
        unprocessed = await articles.unprocessed(self.db.reader, now=self.now(), limit=self.batch)
        for article in unprocessed:
            await self._process(article)
        return bool(unprocessed)

    async def _process(self, article: Article) -> None:
        try:
            full_article = longest_text(article)
            analysis = await self._analyze_with_vector(full_article)
        # A poison article must not stop the news: it is set aside with its traceback and never
        # tried again.
        except Exception as error:
            log.exception("article %d cannot be read", article.id)
            async with self.db.transaction() as tx:
                problem = f"{type(error).__name__}: {error}"
                await articles.mark_failed(tx, article.id, problem=problem, now=self.now())
                await pages.give_up(tx, article.id)
            return
        analyzed_links = await self._analyze_links(article)
        async with self.db.transaction() as tx:
            processed = await self._store(tx, article, analysis)
            for link, linked in analyzed_links:
                topics = () if linked.topic is None else (linked.topic, *linked.other_topics)
                await editor_links.resolve(
                    tx, article.id, link, language=linked.language, topics=topics
                )
            await pages.give_up(tx, article.id)
        ids = {"article": article.id, "story": processed.story_id}
        details = {
            "topic": analysis.topic if processed.action == "rejected" else analysis.topic or "",
            "language": analysis.language,
            "deliveries": processed.deliveries,
        }
        log.info(_LOG_MESSAGES[processed.action], ids | details, extra=ids)

    async def _analyze_with_vector(self, article: Article) -> ArticleAnalysis:
        analysis = self.analyze(article)
        if self.embed is None or analysis.language == "other":
            return analysis
        try:
            # In a thread: it takes a tenth of a second.
            vector = await asyncio.to_thread(self.embed, article.title, article.text)
        # A vector is optional: without it matching compares words alone.
        except Exception:
            log.exception("article %d gets no vector", article.id)
            return analysis
        return replace(analysis, signature=replace(analysis.signature, vector=vector))

    async def _analyze_links(self, article: Article) -> list[tuple[EditorLink, ArticleAnalysis]]:
        """Analyse the headlines of the editor's links as if they were headlines of the feed."""
        analyzed = []
        for link in await editor_links.titled(self.db.reader, article.id):
            linked = replace(
                article, title=link.title, url=link.url, text="", page="", categories=()
            )
            try:
                analyzed.append((link, self.analyze(linked)))
            # A link is optional: the article is processed without it.
            except Exception:
                log.exception("a link of article %d cannot be read", article.id)
        return analyzed

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
        return best_match(
            compared,
            map(cluster_candidate, candidates),
            source=article.source,
            published_at=article.published_at,
        )
