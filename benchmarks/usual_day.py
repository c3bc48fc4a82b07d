"""Usual day of a million readers with settings of their own. Run `python -m benchmarks.usual_day`.

Tables, claims and records are the bot's own, on the disk; the clock is a fake one, Telegram accepts
everything at once, and nothing is rendered. `READERS=100000` makes the town smaller.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory

import aiosqlite

from bot.delivery.outbox import Outbox, SendResult
from bot.model import Sent, TopicSlug
from bot.storage.database import Database, open_database
from bot.storage.queues.poison_guard import PoisonGuard
from tests.support.builders import publish, reading
from tests.support.fakes import NOON, FakeClock
from tests.support.markdown_report import machine_info, print_paragraph, table

# Some have hours of their own; all of them take news at once where it is a matter of the limits.
SOME = 100_000
READERS = int(os.environ.get("READERS", "1000000"))
# Messages a second: what a bot may send for nothing, and what Telegram sells.
FREE, PAID = 28, 1000
_NAMES = "war politics world economy society incidents tech science health sports culture lifestyle"
TOPICS = tuple(TopicSlug(name) for name in _NAMES.split())
# Of three stories two have one topic, and one has two.
STORIES_A_DAY = 120
STORY_EVERY = 86_400 // STORIES_A_DAY
# In seconds: how often the loop is asked whether it is there.
BEAT = 0.002


@dataclass(slots=True, kw_only=True)
class Town:
    """All readers and their clock; `waits` are seconds from owed to sent, one for each message."""

    db: Database
    clock: FakeClock
    folder: Path
    outbox: Outbox
    stories: int = 0
    waits: list[float] = field(default_factory=list)
    # In seconds: of the processor for what was sent, and of the clock for each story owed.
    worked: float = 0.0
    owing: list[float] = field(default_factory=list)
    late: float = 0.0

    async def publish(self, topics: Sequence[TopicSlug]) -> None:
        """Owe a story to all who follow one of the topics, and listen to the loop's beat."""
        first, *others = topics
        self.stories += 1
        analysis, began = (
            replace(reading(topic=first), other_topics=tuple(others)),
            time.perf_counter(),
        )
        async with asyncio.TaskGroup() as tasks:
            owing = tasks.create_task(
                publish(self.db, f"Story {self.stories}", made=analysis, now=self.clock())
            )
            while not owing.done():
                asleep_at = time.perf_counter()
                await asyncio.sleep(BEAT)
                self.late = max(self.late, time.perf_counter() - asleep_at - BEAT)
        self.owing.append(time.perf_counter() - began)

    async def send(self, rate: int) -> bool:
        """Let a second pass, with so many messages in it; return whether any was due."""
        began = time.process_time()
        claims = await asyncio.gather(*(self.outbox.claim() for _ in range(rate)))
        answers = [
            SendResult(claim.subscriber, claim.plan.deliveries, Sent(1))
            for claim in claims
            if claim
        ]
        await asyncio.gather(*map(self.outbox.record, answers))
        self.worked += time.process_time() - began
        now = self.clock()
        self.waits += [
            (now - delivery.queued_at).total_seconds()
            for answer in answers
            for delivery in answer.covered
        ]
        self.clock.advance(seconds=1)
        return bool(answers)

    async def owed(self) -> int:
        """Return how many deliveries there ever were."""
        rows = await self.db.reader.execute_fetchall("SELECT count(*) FROM deliveries")
        return next(int(row[0]) for row in rows)

    @property
    def megabytes(self) -> float:
        """The size of the database, and of what is not yet in it."""
        return sum(path.stat().st_size for path in self.folder.iterdir()) / 2**20


async def main() -> None:
    """Measure, and print the tables."""
    print_paragraph(f"Readers follow three topics of twelve; on {machine_info()}.")
    print_paragraph(await _fan_out())
    print_paragraph(f"{READERS:,} readers:")
    head = [
        "one story of one topic",
        "owed to",
        "in, s",
        "loop late, ms",
        "the last waits",
        "CPU, ms",
    ]
    print_paragraph(table(head, [await _one_story(rate) for rate in (FREE, PAID)]))
    head = ["an hour", "stories", "owed", "sent", "median wait", "longest", "left", "for", "MB"]
    print_paragraph(table(head, [await _an_hour(rate) for rate in (FREE, PAID)]))


async def _fan_out() -> str:
    """Owe stories in a smaller town, whose readers have hours of their own, or pause."""
    async with _open_town(SOME) as town:
        async with town.db.transaction() as tx:
            await _live(tx)
        for _ in range(3):
            await town.publish(TOPICS[:2])
        times = ", ".join(f"{seconds:.2f}" for seconds in town.owing)
        return (
            f"Of {SOME:,} readers a tenth have paused, two tenths have quiet hours, one takes news"
            f" hourly, two take digests and are held until then. A story of two topics is owed to"
            f" {await town.owed() // 3:,} of them in {times} s; the event loop is late by"
            f" {town.late * 1e3:.0f} ms at worst."
        )


async def _one_story(rate: int) -> list[str]:
    async with _open_town() as town:
        await town.publish(TOPICS[:1])
        while await town.send(rate):
            pass
        return [
            f"{rate:,} a second",
            f"{await town.owed():,}",
            f"{max(town.owing):.2f}",
            f"{town.late * 1e3:.0f}",
            span(max(town.waits)),
            f"{town.worked / len(town.waits) * 1e3:.2f}",
        ]


async def _an_hour(rate: int) -> list[str]:
    async with _open_town() as town:
        chance = Random(5)
        for second in range(3600):
            if second % STORY_EVERY == STORY_EVERY // 2:
                await town.publish(chance.sample(TOPICS, chance.choice((1, 1, 2))))
            await town.send(rate)
        owed = await town.owed()
        left = owed - len(town.waits)
        return [
            f"{rate:,} a second",
            f"{town.stories}",
            f"{owed:,}",
            f"{len(town.waits):,}",
            span(median(town.waits)),
            span(max(town.waits)),
            f"{left:,}",
            span(left / rate),
            f"{town.megabytes:,.0f}",
        ]


@asynccontextmanager
async def _open_town(readers: int = READERS) -> AsyncIterator[Town]:
    clock = FakeClock()
    with TemporaryDirectory() as folder:
        async with open_database(Path(folder) / "readalso.db") as db:
            for first in range(1, readers + 1, 50_000):
                async with db.transaction() as tx:
                    await settle(tx, range(first, min(first + 50_000, readers + 1)))
            outbox = Outbox(
                db=db, guard=PoisonGuard(db=db, now=clock), now=clock, jitter=lambda: 0.0
            )
            yield Town(db=db, clock=clock, folder=Path(folder), outbox=outbox)


async def settle(tx: aiosqlite.Connection, chats: range) -> None:
    """Add people who read English and follow three topics by lot."""
    at, chance = int(NOON.timestamp()), Random(chats.start)
    await tx.executemany(
        """
        INSERT INTO subscribers (chat_id, kind, language, joined_at)
        VALUES (?, 'private', 'en', ?)
        """,
        ((chat_id, at) for chat_id in chats),
    )
    await tx.executemany(
        "INSERT INTO news_languages (chat_id, language) VALUES (?, 'en')",
        ((chat_id,) for chat_id in chats),
    )
    await tx.executemany(
        "INSERT INTO subscriptions (chat_id, topic) VALUES (?, ?)",
        ((chat_id, topic) for chat_id in chats for topic in chance.sample(TOPICS, 3)),
    )


async def _live(tx: aiosqlite.Connection) -> None:
    """Give of ten readers six something of their own: a pause, quiet hours, hours, digests."""
    await tx.execute("UPDATE subscribers SET paused_at = 0 WHERE chat_id % 10 = 0")
    await tx.execute(
        """
        INSERT INTO timetables (chat_id, mode, digest_at, zone, quiet_since, quiet_until, silently)
        SELECT chat_id, iif(chat_id % 10 < 3, 'at once', iif(chat_id % 10 = 3, 'hourly', 'digest')),
               '[480, 1170]', 'Europe/Kyiv',
               iif(chat_id % 10 < 3, 1380, NULL), iif(chat_id % 10 < 3, 420, NULL), 0
          FROM subscribers
         WHERE chat_id % 10 BETWEEN 1 AND 5
        """
    )
    await tx.execute(
        "UPDATE subscribers SET held_until = ? WHERE chat_id % 10 BETWEEN 3 AND 5",
        (int(NOON.timestamp()) + 3600,),
    )


def span(seconds: float) -> str:
    """Return so long a time in words."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


if __name__ == "__main__":
    asyncio.run(main())
