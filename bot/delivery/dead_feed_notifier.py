"""The worker that tells chats of feeds they have added which have died: once, and why."""

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

# Nobody waits for that; and it is asked in one statement.
CHECK_INTERVAL = timedelta(minutes=10)
_AT_ONCE = 100
# Of a title, which a publisher may make as long as he likes.
_TITLE_CHARS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadFeedNotifier:
    """Writes the notices; that a chat has been told so is stored with them, in one transaction."""

    db: Database
    now: Callable[[], datetime]

    async def step(self) -> bool:
        """Write what there is to tell, and rest for a while."""
        told = await self.notify()
        if told < _AT_ONCE:
            await asyncio.sleep(CHECK_INTERVAL.total_seconds())
        return True

    async def notify(self) -> int:
        """Write the notices; return how many."""
        async with self.db.transaction() as tx:
            await own_feeds.clear_recovered(tx)
            died = await own_feeds.newly_dead(tx, now=self.now(), limit=_AT_ONCE)
            for chat_id, feed in died:
                reader = await subscribers.find(tx, chat_id)
                assert reader is not None  # it is among those who can be written to
                html = obituary(feed, speak(reader.language))
                await notices.write(tx, html, [chat_id], now=self.now())
                await own_feeds.mark_told(tx, chat_id, feed.id, now=self.now())
                log.info("feed %d is dead: %s; chat told", feed.id, feed.problem)
        return len(died)


def obituary(feed: OwnFeed, say: Translator) -> str:
    """Return what a chat is told, as HTML."""
    name = f'<a href="{escape(feed.url)}">{escape(feed.title[:_TITLE_CHARS])}</a>'
    why = problem_text(feed.problem or "silent", say)
    heading = say("⚠️ A feed of yours brings nothing any more:")
    what_next = say("I go on trying. /remove takes it away, /add finds another.")
    return f"{heading}\n<b>{name}</b> — {why}.\n\n{what_next}"
