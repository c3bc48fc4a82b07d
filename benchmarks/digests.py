"""Delay of the last digest, for a fifth of a million. Run `python -m benchmarks.digests`.

Tables, claims and records are the bot's own, on the disk; the clock is a fake one, Telegram accepts
everything at once, and nothing is rendered. Only who takes digests is there; where others are owed
news at that hour they share the pace. `READERS=100000` makes the town smaller.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from benchmarks.usual_day import FREE, PAID, TOPICS, settle, span
from bot.delivery.outbox import Claim, Outbox, SendResult
from bot.model import ChatId, Sent, Timetable
from bot.storage.database import Database, open_database
from bot.storage.queues.poison_guard import PoisonGuard
from bot.storage.subscribers import subscribers
from tests.support.builders import publish, reading
from tests.support.fakes import NOON, FakeClock
from tests.support.markdown_report import machine_info, print_paragraph, table

READERS = int(os.environ.get("READERS", "1000000")) // 5
# From noon until eight in the evening, of a day of 120.
STORIES, DIGEST_AT = 40, NOON + timedelta(hours=8)
# As many at once as the bot has lanes at the free pace.
LANES = 6
_TIMETABLE = Timetable(when="digest", digest_at=(20 * 60,), zone="+00:00")


@dataclass(slots=True, kw_only=True)
class Evening:
    """What was measured: seconds of the clock and of the processor, and of the fake clock."""

    passed_over: float
    waits: list[float]
    stories: int
    worked: float


async def main() -> None:
    """Measure, and print the table."""
    print_paragraph(
        f"{READERS:,} readers take a digest at eight, of up to {STORIES} stories;"
        f" on {machine_info()}."
    )
    evenings = {rate: await _evening(rate) for rate in (FREE, PAID)}
    head = ["", "digests", "stories in each", "the middle one waits", "the last", "CPU, ms"]
    print_paragraph(table(head, [_row(rate, evening) for rate, evening in evenings.items()]))
    slowest = max(evening.passed_over for evening in evenings.values())
    print_paragraph(
        f"As the day's stories come, {LANES} lanes pass over each of them once, and over all in"
        f" {slowest:.1f} s together."
    )


def _row(rate: int, evening: Evening) -> list[str]:
    sent = len(evening.waits)
    return [
        f"{rate:,} a second",
        f"{sent:,}",
        f"{evening.stories / sent:.0f}",
        span(evening.waits[sent // 2]),
        span(evening.waits[-1]),
        f"{evening.worked / sent * 1e3:.2f}",
    ]


async def _evening(rate: int) -> Evening:
    clock, chance = FakeClock(), Random(5)
    async with _open_town() as db:
        outbox = Outbox(db=db, guard=PoisonGuard(db=db, now=clock), now=clock, jitter=lambda: 0.0)
        passed_over = 0.0
        for number in range(STORIES):
            topic = TOPICS[number % len(TOPICS)]
            await publish(db, f"Story {number}", made=reading(topic=topic), now=clock())
            began = time.perf_counter()
            await _pass_over(db, outbox, clock())
            passed_over += time.perf_counter() - began
            clock.advance(minutes=chance.uniform(11, 12))
        clock.at = DIGEST_AT
        began = time.process_time()
        waits, stories = await _send(outbox, clock, rate)
        return Evening(
            passed_over=passed_over,
            waits=waits,
            stories=stories,
            worked=time.process_time() - began,
        )


async def _pass_over(db: Database, outbox: Outbox, now: datetime) -> None:
    """Let the lanes look until nobody is due; none of them has anything to send."""
    while await _is_any_due(db, now):
        assert not await _claim(outbox, LANES)


async def _is_any_due(db: Database, now: datetime) -> bool:
    rows = await db.reader.execute_fetchall(
        "SELECT 1 FROM subscribers WHERE due_at <= ? LIMIT 1", (int(now.timestamp()),)
    )
    return bool(list(rows))


async def _send(outbox: Outbox, clock: FakeClock, rate: int) -> tuple[list[float], int]:
    """Send at the rate; return how long each reader waited, and how many stories there were."""
    waits: list[float] = []
    stories, lanes = 0, min(rate, 100)
    while claims := await _claim(outbox, lanes):
        answers = [SendResult(claim.subscriber, claim.plan.deliveries, Sent(1)) for claim in claims]
        await asyncio.gather(*map(outbox.record, answers))
        clock.advance(seconds=lanes / rate)
        waits += [(clock() - DIGEST_AT).total_seconds()] * len(claims)
        stories += sum(len(answer.covered) for answer in answers)
    return waits, stories


async def _claim(outbox: Outbox, lanes: int) -> list[Claim]:
    claims = await asyncio.gather(*(outbox.claim() for _ in range(lanes)))
    return [claim for claim in claims if claim is not None]


@asynccontextmanager
async def _open_town() -> AsyncIterator[Database]:
    with TemporaryDirectory() as folder:
        async with open_database(Path(folder) / "readalso.db") as db:
            for first in range(1, READERS + 1, 50_000):
                chats = range(first, min(first + 50_000, READERS + 1))
                async with db.transaction() as tx:
                    await settle(tx, chats)
                    for chat_id in chats:
                        await subscribers.set_timetable(tx, ChatId(chat_id), _TIMETABLE)
            yield db


if __name__ == "__main__":
    asyncio.run(main())
