"""Worker that notifies chats, once, that a feed which they added has died, and why."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from bot.i18n import Translator, speak
from bot.model import OwnFeed
from bot.rendering.feed_status import problem_text
from bot.storage.database import Database
from bot.storage.feeds import own_feeds
from bot.storage.outbox import notices
from bot.storage.subscribers import subscribers

log = logging.getLogger(__name__)

CHECK_INTERVAL = timedelta(minutes=10)
# Notices in one transaction.
_MAX_BATCH = 100
# A publisher may make a title as long as he likes.
_MAX_TITLE_CHARS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadFeedNotifier:
    """Enqueues notices, and marks their feeds as notified in the same transaction."""

    db: Database
    now: Callable[[], datetime]

    async def step(self) -> bool:
        """Enqueue the notices of newly dead feeds, and rest until the next time."""
        notified = await self.notify()
        if notified < _MAX_BATCH:
            await asyncio.sleep(CHECK_INTERVAL.total_seconds())
        return True

    async def notify(self) -> int:
        """Enqueue up to `_MAX_BATCH` notices; return how many."""
        async with self.db.transaction() as tx:
            await own_feeds.clear_recovered(tx)
            dead = await own_feeds.newly_dead(tx, now=self.now(), limit=_MAX_BATCH)
            for chat_id, feed in dead:
                subscriber = await subscribers.find(tx, chat_id)
                assert (
                    subscriber is not None
                )  # `newly_dead` returns only chats that can be written to
                html = dead_feed_text(feed, speak(subscriber.language))
                await notices.enqueue(tx, html, [chat_id], now=self.now())
                await own_feeds.mark_notified(tx, chat_id, feed.id, now=self.now())
                log.info("feed %d is dead: %s; chat told", feed.id, feed.problem)
        return len(dead)


def dead_feed_text(feed: OwnFeed, say: Translator) -> str:
    """Return the notice about a dead feed, as HTML."""
    name = f'<a href="{escape(feed.url)}">{escape(feed.title[:_MAX_TITLE_CHARS])}</a>'
    problem = problem_text(feed.problem or "silent", say)
    heading = say("⚠️ One of your feeds has stopped working:")
    what_next = say("I will keep trying. /remove removes it, /add finds another.")
    if feed.problem == "left":
        what_next = say("Its owner can bring its posts back: <code>/channel</code>.")
    return f"{heading}\n<b>{name}</b> — {problem}.\n\n{what_next}"
