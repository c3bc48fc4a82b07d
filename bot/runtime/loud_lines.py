"""From how many sources on a story comes at once to calm readers: learnt once an hour.

So that a reader of one topic gets three to eight such stories a day.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model import DEFAULT_LOUD_LINE, LANGUAGES, Language, TopicSlug
from bot.storage.database import Database
from bot.storage.outbox import loud_lines
from bot.storage.outbox.loud_lines import Week

INTERVAL = timedelta(hours=1)
WEEK = timedelta(days=7)
# Before so many days of news nothing is learnt.
MIN_DAYS = 3.0
# Of stories a day that come at once.
FEWEST, MOST = 3.0, 8.0
# One source alone confirms nothing.
MIN_LINE = 2
# Where a language has fewer sources, two are many.
FEW_SOURCES = 5


def lines_of(
    week: Week, topics: Collection[TopicSlug], *, now: datetime
) -> dict[tuple[TopicSlug, Language], int]:
    """Return the line of each topic in each language."""
    days = (now - week.since) / timedelta(days=1) if week.since else 0.0
    return {
        (topic, language): (
            learnt_line(week.stories.get((topic, language), {}), days=days)
            if days >= MIN_DAYS
            else first_line(week.sources.get(language, 0))
        )
        for topic in topics
        for language in LANGUAGES
    }


def first_line(sources: int) -> int:
    """Return the line in a language of so many sources, before anything is learnt."""
    return MIN_LINE if sources < FEW_SOURCES else DEFAULT_LOUD_LINE


def learnt_line(stories: Mapping[int, int], *, days: float) -> int:
    """Return the line above which `FEWEST` to `MOST` stories a day are, or the nearest to that.

    `stories` counts those of the `days` by their number of sources. Of lines that are as near the
    quieter one counts where one lets too many through, else the lowest: with it stories come
    soonest.
    """

    def rank(line: int) -> tuple[float, bool, int]:
        a_day = sum(count for sources, count in stories.items() if sources >= line) / days
        return max(FEWEST - a_day, a_day - MOST, 0.0), a_day > MOST, line

    return min(range(MIN_LINE, max(stories, default=1) + 2), key=rank)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoudLineLearner:
    """Worker that learns the lines from the last week."""

    db: Database
    topics: Collection[TopicSlug]
    now: Callable[[], datetime]
    interval: timedelta = INTERVAL

    async def step(self) -> bool:
        """Learn, and rest until the next time."""
        week = await loud_lines.read_week(self.db.reader, since=self.now() - WEEK)
        lines = lines_of(week, self.topics, now=self.now())
        async with self.db.transaction() as tx:
            await loud_lines.replace_all(tx, lines)
        await asyncio.sleep(self.interval.total_seconds())
        return True
