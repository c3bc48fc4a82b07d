"""The worker that turns new articles into stories, and owes them to subscribers."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import aiosqlite

from bot.model import Article, ArticleAnalysis, ArticleSignature, EditorLink, StoryId, TopicSlug
from bot.storage.database import Database
from bot.storage.feeds import pages
from bot.storage.outbox import fan_out, message_edits
from bot.storage.stories import articles, editor_links, signatures, stories
from bot.stories.embedding import Embed
from bot.stories.language import detect_language
from bot.stories.matching.clustering import WINDOW, best_match, cluster_candidate, compared_article
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


def build_analyzer(topics: Topics) -> Analyze:
    """Return the function that makes a `Reading` of an article; it takes a few milliseconds."""
    classify = build_classifier(topics)

    def read(article: Article) -> ArticleAnalysis:
        language = detect_language(article.title, article.text, prior=article.feed_language)
        summary = summarise(article.title, article.text, language=language)
        filing = classify(article)
        return ArticleAnalysis(
            language=language,
            topic=filing.main,
            other_topics=filing.others,
            summary=summary,
            title_key=title_key(article.title),
            terms=terms(article.title, article.text),
            signature=ArticleSignature(fingerprint=pack(fingerprint(article.title, article.text))),
        )

    return read


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleProcessor:
    """Reads each new article once: it joins a story, opens one, or is no story for us.

    `embed` gives a vector of its meaning, by which tellings in other words and languages find
    each other better; None: by their words alone.
    """

    db: Database
    read: Analyze
    now: Callable[[], datetime]
    embed: Embed | None = None
    batch: int = 50

    async def step(self) -> bool:
        """Edit one batch of articles, in the order in which they came; return whether one was."""
        unread = await articles.unprocessed(self.db.reader, now=self.now(), limit=self.batch)
        for article in unread:
            await self._edit(article)
        return bool(unread)

    async def _edit(self, article: Article) -> None:
        try:
            full = longest_text(article)
            reading = await self._read(full)
        # Whatever a publisher wrote that our rules cannot bear must not stop the news: this
        # article is set aside with its traceback, and never tried again.
        except Exception as error:
            log.exception("article %d cannot be read", article.id)
            async with self.db.transaction() as tx:
                problem = f"{type(error).__name__}: {error}"
                await articles.mark_failed(tx, article.id, problem=problem, now=self.now())
                await pages.give_up(tx, article.id)
            return
        links = await self._read_links(article)
        async with self.db.transaction() as tx:
            done, story_id = await self._file(tx, article, reading)
            for link, its in links:
                topics = () if its.topic is None else (its.topic, *its.other_topics)
                await editor_links.file(tx, article.id, link, language=its.language, topics=topics)
            await pages.give_up(tx, article.id)
        log.info(
            "article %d %s", article.id, done, extra={"article": article.id, "story": story_id}
        )

    async def _read(self, article: Article) -> ArticleAnalysis:
        reading = self.read(article)
        if self.embed is None or reading.language == "other":
            return reading
        try:
            # In a thread: it takes a tenth of a second.
            vector = await asyncio.to_thread(self.embed, article.title, article.text)
        # A vector is an extra: without it the article is no worse than where none are made.
        except Exception:
            log.exception("article %d gets no vector", article.id)
            return reading
        return replace(reading, signature=replace(reading.signature, vector=vector))

    async def _read_links(self, article: Article) -> list[tuple[EditorLink, ArticleAnalysis]]:
        """Read the headlines that the article's own editor links to, like headlines of its feed."""
        read = []
        for link in await editor_links.titled(self.db.reader, article.id):
            linked = replace(
                article, title=link.title, url=link.url, text="", page="", categories=()
            )
            try:
                read.append((link, self.read(linked)))
            # A link is an extra: without it the article is no worse.
            except Exception:
                log.exception("a link of article %d cannot be read", article.id)
        return read

    async def _file(
        self, tx: aiosqlite.Connection, article: Article, reading: ArticleAnalysis
    ) -> tuple[str, StoryId | None]:
        """Store what was decided; return it in words, and the story that it is about."""
        if not await articles.is_unchanged(tx, article):
            return "was edited while it was read, and is read again", None
        # Asked inside the transaction, so that of two tellings the second finds the first.
        its = compared_article(reading.language, reading.signature)
        story_id = article.story_id or await self._same(tx, article, reading, its)
        anew = await self._is_new(tx, story_id, article, reading)
        if story_id is None:
            if not _is_story(article, reading):
                await articles.mark_processed(tx, article.id, reading, None, now=self.now())
                why = f"language {reading.language}, topic {reading.topic}"
                return f"is no story for us: {why}", None
            topic = reading.topic or TopicSlug("")
            story_id = await stories.add(tx, article, reading, topic, now=self.now())
            done = f"opens story {story_id}: {topic}, {reading.language}"
        else:
            done = await self._join(tx, story_id, article, reading, anew=anew)
        await articles.mark_processed(tx, article.id, reading, story_id, now=self.now())
        owed = await self._owe(tx, story_id, article, reading, anew=anew)
        await fan_out.release_urgent(tx, story_id, now=self.now())
        await message_edits.mark_story_changed(tx, story_id, now=self.now())
        await signatures.add(tx, article.id, reading.signature, search_keys(its.fingerprint))
        return f"{done}, owed to {owed}", story_id

    async def _same(
        self,
        tx: aiosqlite.Connection,
        article: Article,
        reading: ArticleAnalysis,
        its: ComparedArticle,
    ) -> StoryId | None:
        """Return the story that the article tells: by its address, its headline, or its words."""
        story_id = await signatures.find_exact(
            tx,
            canonical_url=article.canonical_url,
            title_key=reading.title_key,
            published_at=article.published_at,
            title_within=SAME_TITLE_WITHIN,
        )
        if story_id is not None or its.language == "other":
            return story_id
        weights = search_weights(its.fingerprint)
        found = await signatures.find_candidates(tx, weights, since=article.published_at - WINDOW)
        return best_match(
            its,
            map(cluster_candidate, found),
            source=article.source,
            published_at=article.published_at,
        )

    async def _is_new(
        self,
        tx: aiosqlite.Connection,
        story_id: StoryId | None,
        article: Article,
        reading: ArticleAnalysis,
    ) -> bool:
        """Tell whether this is news to all who read the story in no language told so far."""
        if story_id is None:
            return True
        if reading.language == "other" or article.private:
            return False
        return await signatures.is_first_in_language(
            tx, story_id, language=reading.language, source=article.source
        )

    async def _join(
        self,
        tx: aiosqlite.Connection,
        story_id: StoryId,
        article: Article,
        reading: ArticleAnalysis,
        *,
        anew: bool,
    ) -> str:
        """Let the article tell the story too, and return what it does in words."""
        if anew and reading.topic is not None:
            # Whoever reads it in this language alone follows what this telling is about.
            await stories.file(tx, story_id, (reading.topic, *reading.other_topics))
        if article.story_id is None:
            return f"joins story {story_id}"
        await stories.update_lead(tx, article, reading)
        return f"was edited, and stays in story {story_id}"

    async def _owe(
        self,
        tx: aiosqlite.Connection,
        story_id: StoryId,
        article: Article,
        reading: ArticleAnalysis,
        *,
        anew: bool,
    ) -> int:
        """Owe the story to those whom this telling is for, and to no one for a second time."""
        if article.backlog or (reading.language == "other" and not article.private):
            return 0
        language = article.feed_language if reading.language == "other" else reading.language
        return await fan_out.enqueue_story(
            tx, story_id, language, now=self.now(), article_id=article.id, anew=anew
        )


def _is_story(article: Article, reading: ArticleAnalysis) -> bool:
    """Tell whether this is news for anybody: whoever adds a feed wants all that it brings."""
    return article.private or (reading.language != "other" and reading.topic is not None)
