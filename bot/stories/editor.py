"""The worker that turns new articles into stories, and owes them to subscribers."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiosqlite

from bot.model import Article, Reading, StoryId
from bot.storage import articles, deliveries, stories
from bot.storage.database import Database
from bot.stories.language import detect
from bot.stories.summary import summarise
from bot.stories.titles import title_key
from bot.stories.topics import classifier
from bot.topics import Topics
from bot.words import stems

log = logging.getLogger(__name__)

Read = Callable[[Article], Reading]

# A headline that returns after a day and a half is a new event: «Погода на выходные в Киеве».
SAME_TITLE_WITHIN = timedelta(hours=36)


def reader(topics: Topics) -> Read:
    """Return the function that makes a `Reading` of an article; it takes a few milliseconds."""
    classify = classifier(topics)

    def read(article: Article) -> Reading:
        summary = summarise(article.title, article.text)
        return Reading(
            language=detect(article.title, article.text, prior=article.feed_language),
            topic=classify(article),
            summary=summary,
            title_key=title_key(article.title),
            # In this order: the search for related stories asks by the first of them.
            terms=tuple(dict.fromkeys((*stems(article.title), *stems(summary)))),
        )

    return read


@dataclass(frozen=True, slots=True, kw_only=True)
class Editor:
    """Reads each new article once: it joins a story, opens one, or is no story for us."""

    db: Database
    read: Read
    now: Callable[[], datetime]
    batch: int = 50

    async def step(self) -> bool:
        """Edit one batch of articles, in the order in which they came; return whether one was."""
        unread = await articles.unread(self.db.reader, limit=self.batch)
        for article in unread:
            await self._edit(article)
        return bool(unread)

    async def _edit(self, article: Article) -> None:
        try:
            reading = self.read(article)
        # Whatever a publisher wrote that our rules cannot bear must not stop the news: this
        # article is set aside with its traceback, and never tried again.
        except Exception as error:
            log.exception("article %d cannot be read", article.id)
            async with self.db.transaction() as tx:
                problem = f"{type(error).__name__}: {error}"
                await articles.mark_failed(tx, article.id, problem=problem, now=self.now())
            return
        async with self.db.transaction() as tx:
            done = await self._file(tx, article, reading)
        log.info("article %d %s", article.id, done)

    async def _file(self, tx: aiosqlite.Connection, article: Article, reading: Reading) -> str:
        """Store what was decided, and return it in words."""
        now = self.now()
        if article.story_id is not None:
            await stories.retell(tx, article, reading)
            await articles.mark_read(tx, article.id, reading, article.story_id, now=now)
            return f"was edited, and stays in story {article.story_id}"
        # Asked inside the transaction, so that of two tellings the second finds the first.
        story_id = await stories.same(
            tx,
            canonical_url=article.canonical_url,
            title_key=reading.title_key,
            published_at=article.published_at,
            title_within=SAME_TITLE_WITHIN,
        )
        if story_id is not None:
            owed = await self._owe_late(tx, article, story_id)
            done = f"joins story {story_id}, owed to {owed}"
        elif reading.language == "other" or reading.topic is None:
            done = f"is no story for us: language {reading.language}, topic {reading.topic}"
        else:
            story_id = await stories.add(tx, article, reading, reading.topic, now=now)
            owed = 0 if article.backlog else await deliveries.enqueue(tx, story_id, now=now)
            done = f"opens story {story_id}: {reading.topic}, {reading.language}, owed to {owed}"
        await articles.mark_read(tx, article.id, reading, story_id, now=now)
        return done

    async def _owe_late(self, tx: aiosqlite.Connection, article: Article, story_id: StoryId) -> int:
        """Owe a story that was backlog until this telling; return to how many it is owed now."""
        if article.backlog or not await stories.untold(tx, story_id, source=article.source):
            return 0
        return await deliveries.enqueue(tx, story_id, now=self.now())
