"""How many people read this feed? Publishers are told, in the User-Agent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.model import Feed, Language, TopicSlug
from bot.storage.database import Database
from bot.storage.feeds import own_feeds
from bot.storage.subscribers import subscribers

# Counting reads all that everybody has chosen; once an hour is honest enough.
EVERY = timedelta(hours=1)

Counts = Mapping[tuple[Language, TopicSlug | None], int]


@dataclass(slots=True, kw_only=True)
class Census:
    """The last count, taken anew after `EVERY`."""

    db: Database
    now: Callable[[], datetime]
    _counts: Counts = field(default_factory=dict, init=False)
    _taken_at: datetime | None = field(default=None, init=False)

    async def readers(self, feed: Feed) -> int:
        """Return how many read news in the feed's language, on its topic if it has one.

        Of a private feed: how many have added it.
        """
        if feed.private:
            return await own_feeds.readers(self.db.reader, feed.id)
        if self._taken_at is None or self.now() >= self._taken_at + EVERY:
            self._taken_at = self.now()
            self._counts = await subscribers.readers(self.db.reader)
        return self._counts.get((feed.language, feed.topic), 0)
