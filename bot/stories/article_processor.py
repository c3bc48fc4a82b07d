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
from bot.model import Article, ArticleAnalysis, EditorLink, ExactMatch, StoryId, TopicSlug
from bot.storage.database import Database
from bot.storage.feeds import pages
from bot.storage.outbox import fan_out, message_edits, second_mentions
from bot.storage.queues.poison_guard import PoisonGuard, failure_reason, is_own_failure
from bot.storage.stories import articles, editor_links, signatures, stories, storylines
from bot.stories.analysis import Analyze
from bot.stories.embedding import Embed
from bot.stories.kinds import is_marked_urgent, is_unpushed
from bot.stories.matching.clustering import (
    WINDOW,
    Decision,
    cluster_candidate,
    compared_article,
    decide,
)
from bot.stories.matching.exact import decide_exactly, is_same_news
from bot.stories.matching.fingerprint import search_keys, search_weights
from bot.stories.matching.similarity import ComparedArticle
from bot.stories.topics.vector_head import with_vector_topics

log = logging.getLogger(__name__)

AnalyzeEach = Callable[
    [Analyze, Sequence[Article]], Awaitable[Sequence[ArticleAnalysis | Exception]]
]

# A headline that returns after a day and a half is a new event: «Погода на выходные в Киеве».
SAME_TITLE_WITHIN = timedelta(hours=36)

# Log-odds of one storyline from which a chapter comes to its followers, whatever else they chose,
# and waits an hour for others. Set by hand: of such links about two in three are right, and one in
# seven is of another storyline.
MIN_SURE_LINE_LOG_ODDS = 1.0

_Action = Literal["changed", "rejected", "opened", "continued", "joined", "updated"]

_LOG_MESSAGES = {
    "changed": "article %(article)d was edited while it was read, and is read again",
    "rejected": "article %(article)d is no story for us: language %(language)s, topic %(topic)s",
    "opened": "article %(article)d opens story %(story)s: %(topic)s, %(language)s,"
    " owed to %(deliveries)d",
    "continued": "article %(article)d opens story %(story)s, which continues an earlier one:"
    " %(topic)s, %(language)s, owed to %(deliveries)d",
    "joined": "article %(article)d joins story %(story)s, owed to %(deliveries)d",
    "updated": "article %(article)d was edited, and stays in story %(story)s,"
    " owed to %(deliveries)d",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Processed:
    """What became of an article; `deliveries` counts those that were enqueued.

    "changed": its publisher edited it meanwhile, so it is processed again. "continued": it opened a
    chapter of an earlier story. "updated": its publisher edited it after it had joined the story.
    """

    action: _Action
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
    One of two processes the articles of `private` feeds, the other all others, so that what anybody
    can add holds up no public news; None: one processes all.
    """

    db: Database
    guard: PoisonGuard
    analyze: Analyze
    now: Callable[[], datetime]
    analyze_each: AnalyzeEach = _analyze_here
    embed: Embed | None = None
    batch: int = 50
    private: bool | None = None

    async def step(self) -> bool:
        """Process one batch of articles, in the order of arrival; return whether there was one."""
        unprocessed = await articles.unprocessed(
            self.db.reader, now=self.now(), limit=self.batch, private=self.private
        )
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
        log.debug(_LOG_MESSAGES[processed.action], ids | details, extra=ids)

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
                    tx,
                    article.id,
                    link,
                    language=linked.language,
                    topics=topics,
                    title_key=linked.title_key,
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
        signature = replace(analysis.signature, vector=vector)
        return with_vector_topics(replace(analysis, signature=signature))

    async def _store(
        self, tx: aiosqlite.Connection, article: Article, analysis: ArticleAnalysis
    ) -> Processed:
        """Store the article in its story, or in a new one, and enqueue the deliveries."""
        if not await articles.is_unchanged(tx, article):
            return Processed(action="changed")
        # Within the transaction, so that of two articles on one event the second finds the first.
        compared = compared_article(analysis.language, analysis.signature)
        decision = await self._decide(tx, article, analysis, compared)
        if not _is_wanted(article, analysis, decision):
            await articles.mark_processed(tx, article.id, analysis, None, now=self.now())
            return Processed(action="rejected")
        if decision.relation == "same" and decision.story_id is not None:
            story_id = await storylines.unite(
                tx, decision.story_id, None if article.private else decision.bridge
            )
            first_in_language = await self._add_to(tx, story_id, article, analysis)
            action: _Action = "joined" if article.story_id is None else "updated"
        else:
            topic = analysis.topic or TopicSlug("")
            story_id = await stories.add(
                tx, article, analysis, topic, now=self.now(), continues=decision.story_id
            )
            first_in_language = True
            action = "opened" if decision.story_id is None else "continued"
        await self._take_over_private(tx, story_id, article, analysis)
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
                is_sure_chapter=decision.line_log_odds >= MIN_SURE_LINE_LOG_ODDS,
            )
        if action == "joined" and not n_deliveries and not article.private:
            await storylines.count_silent_join(tx, story_id, now=self.now())
        await _hurry_if_marked(tx, story_id)
        await second_mentions.add(tx, story_id, now=self.now())
        await fan_out.release_urgent(tx, story_id, now=self.now())
        await message_edits.mark_story_changed(tx, story_id, now=self.now())
        keys = _own_keys(article, search_keys(compared.fingerprint))
        await signatures.add(tx, article.id, analysis.signature, keys)
        return Processed(action=action, story_id=story_id, deliveries=n_deliveries)

    async def _take_over_private(
        self,
        tx: aiosqlite.Connection,
        story_id: StoryId,
        article: Article,
        analysis: ArticleAnalysis,
    ) -> None:
        """Merge stories that private feeds alone have told, if the public article tells them."""
        if article.private:
            return
        for match in await self._exact(tx, article, analysis, private=True):
            if is_same_news(article, match):
                await storylines.merge(tx, match.story_id, story_id, private=True)

    async def _add_to(
        self,
        tx: aiosqlite.Connection,
        story_id: StoryId,
        article: Article,
        analysis: ArticleAnalysis,
    ) -> bool:
        """Add topics and terms of the article to its story; return whether its language is new."""
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
        await stories.index_article(tx, story_id, article, analysis)
        return first_in_language

    async def _exact(
        self,
        tx: aiosqlite.Connection,
        article: Article,
        analysis: ArticleAnalysis,
        *,
        private: bool = False,
    ) -> tuple[ExactMatch, ...]:
        """Return the stories of the same headline or address."""
        return await signatures.find_exact(
            tx,
            canonical_url=article.canonical_url,
            title_key=analysis.title_key,
            published_at=article.published_at,
            title_within=SAME_TITLE_WITHIN,
            article_id=article.id,
            private=private,
        )

    async def _decide(
        self,
        tx: aiosqlite.Connection,
        article: Article,
        analysis: ArticleAnalysis,
        compared: ComparedArticle,
    ) -> Decision:
        """Decide by the address, the headline, or the most similar articles."""
        if article.story_id is not None:
            return Decision(relation="same", story_id=article.story_id)
        exact = decide_exactly(article, await self._exact(tx, article, analysis))
        if exact is not None:
            return exact
        if compared.language == "other":
            return Decision(relation="new")
        weights = search_weights(compared.fingerprint)
        if article.private:
            own = _own_keys(article, list(weights))
            weights |= dict(zip(own, weights.values(), strict=True))
        candidates = await signatures.find_candidates(
            tx, weights, since=article.published_at - WINDOW, article_id=article.id
        )
        return decide(
            compared,
            map(cluster_candidate, candidates),
            source=article.source,
            published_at=article.published_at,
        )


def _is_wanted(article: Article, analysis: ArticleAnalysis, decision: Decision) -> bool:
    """Tell whether the article belongs to a story: advertisements, for example, do not.

    A private feed is somebody's own, and its reader wants all that it publishes.
    """
    if article.private or article.story_id is not None:
        return True
    # What is told of service is urgent: it has a topic.
    is_told = not is_unpushed(analysis.kind) or (
        analysis.kind == "service" and analysis.topic is not None
    )
    return is_told and (analysis.language != "other" or decision.relation == "same")


async def _hurry_if_marked(tx: aiosqlite.Connection, story_id: StoryId) -> None:
    """Let the story come at once where one of its headlines bears the mark of urgent news."""
    headlines = await articles.headlines(tx, story_id)
    marked = [each for each in headlines if is_marked_urgent(each.title)]
    if marked:
        private_feeds = [each.feed_id for each in marked if each.private]
        await fan_out.hurry_marked(
            tx, story_id, public=len(private_feeds) < len(marked), private_feeds=private_feeds
        )


def _own_keys(article: Article, keys: Sequence[str]) -> Sequence[str]:
    """Return the keys that find the article: of a private feed, only for others of that feed."""
    return [f"{article.source}|{key}" for key in keys] if article.private else keys
