"""Worker that owes to chats which are back what they missed: the sender tells it in one message."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import StoryId, Subscriber
from bot.storage.database import Database
from bot.storage.outbox import returns
from bot.storage.queues.poison_guard import is_own_failure
from bot.storage.stories import queries
from bot.storage.subscribers import subscribers
from bot.story_filter import match_reason

log = logging.getLogger(__name__)

# What is older is no news at the return of anybody.
MAX_AWAY = timedelta(days=7)
# Stories that are read at a time: no other reader of the database waits for long.
CHUNK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnWorker:
    """Looks at the stories since a chat went away, and owes it those that it wants."""

    db: Database
    now: Callable[[], datetime]

    async def step(self) -> bool:
        """Owe one chat what it missed; return whether one was back."""
        missed = await returns.next_return(self.db.reader)
        if missed is None:
            return False
        now = self.now()
        oldest = now - MAX_AWAY
        reader = await subscribers.find(self.db.reader, missed.chat_id)
        ids: Iterable[StoryId] = ()
        try:
            if reader is not None:
                ids = await self._wanted(reader, max(missed.away_since, oldest))
        # Of one chat alone: it gets what comes from now on, and the others what they missed.
        except Exception as error:
            if not is_own_failure(error):
                raise
            log.exception("chat %d: what it missed cannot be read", missed.chat_id)
        async with self.db.transaction() as tx:
            await returns.owe_missed(tx, missed, [*ids], oldest=oldest, now=now)
        log.debug("chat %d is back since %s", missed.chat_id, missed.away_since)
        return True

    async def _wanted(self, reader: Subscriber, since: datetime) -> Iterable[StoryId]:
        """Return the stories since then that the chat would have been owed."""
        wanted: list[StoryId] = []
        ids = await returns.stories_since(self.db.reader, since, after=StoryId(0), limit=CHUNK)
        while ids:
            stories = await queries.visible_stories(
                self.db.reader,
                ids,
                languages=reader.news_languages,
                visibility=reader.visibility,
            )
            wanted += [each.id for each in stories if match_reason(reader, each)]
            ids = await returns.stories_since(self.db.reader, since, after=ids[-1], limit=CHUNK)
        return wanted
