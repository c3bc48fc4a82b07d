"""Soak test: the bot runs for long while feeds and Telegram fail."""

import asyncio
import re
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import aiohttp

from bot.clock import now
from bot_playground.fake_telegram import FakeTelegram, open_fake_telegram
from bot_playground.state.faults import Fault, FaultKind
from bot_playground.state.limits import LimitMode
from tests.end_to_end.feed_sites import Newspapers, open_newspapers
from tests.end_to_end.kill_storm import FAULTS, page, words_of
from tests.end_to_end.process import BotProcess, open_new_process
from tests.end_to_end.process_stats import Vitals, vitals
from tests.end_to_end.simulated_readers import Crowd, Reader, gather
from tests.support.builders import entry
from tests.support.fakes import TOKEN

TOPICS = (
    "war",
    "politics",
    "world",
    "economy",
    "society",
    "incidents",
    "tech",
    "science",
    "health",
    "sports",
    "culture",
    "lifestyle",
)
PAGED = ("culture", "economy", "science")
# What Telegram does for a while, beyond what it does all the time, and for how many seconds.
SPELLS = (
    (Fault(kind=FaultKind.BAD_GATEWAY), 15.0),
    (Fault(kind=FaultKind.DELAY, share=0.5, seconds=2.0), 20.0),
    (Fault(kind=FaultKind.DROP_BEFORE, share=0.3), 10.0),
    (Fault(kind=FaultKind.DROP_AFTER, share=0.1), 10.0),
    (Fault(kind=FaultKind.RETRY_AFTER, times=1, retry_after=8, whole_bot=True), 10.0),
)
SAYINGS = (
    "/help",
    "/best",
    "/sources",
    "/settings",
    "/saved",
    "/search report",
    "/feeds",
    "/words",
)
# In seconds: how often what happens.
ILL_EVERY, SPELL_EVERY, SAID_EVERY, FATE_EVERY, WATCHED_EVERY = 10, 30, 5, 60, 15
# Every so manieth story is told by another newspaper too.
RETOLD_EVERY = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a soak is; `per_second` messages go to all chats together."""

    seconds: int
    feeds: int
    readers: int
    story_every: int
    per_second: int = 200
    # In seconds: how often a feed is asked at the most, and for how long its document is fresh.
    floor: int = 10
    fresh_for: int = 45
    catch_up_seconds: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A story that a chat got; `answered`: the bot was told so."""

    at: float
    answered: bool


@dataclass(slots=True, kw_only=True)
class Soak:
    """All that takes part, and what was seen of it."""

    size: Size
    chance: Random
    database: Path
    telegram: FakeTelegram
    papers: Newspapers
    bot: BotProcess
    crowd: Crowd
    http: aiohttp.ClientSession
    watched_at: str = ""
    published: dict[str, float] = field(default_factory=dict)
    entries: int = 0
    samples: list[Vitals] = field(default_factory=list)
    arrivals: dict[tuple[Reader, str], list[Arrival]] = field(default_factory=dict)
    spell: tuple[int, float] | None = None
    began_at: float = 0.0

    async def run(self) -> None:
        """Let it work for so many seconds under faults, and then catch up and end."""
        await self._settle()
        for fault in FAULTS:
            self.telegram.inject_fault(fault)
        self.began_at = time.monotonic()
        for second in range(self.size.seconds):
            await asyncio.sleep(max(0.0, self.began_at + second - time.monotonic()))
            await self._happen(second)
        await self._calm()

    async def _settle(self) -> None:
        """Let it see every feed once: what it finds there at first is no news."""
        log = await self.bot.wait_for_log("at work")
        found = re.search(r"health and metrics: (\S+)/healthz", log)
        assert found
        self.watched_at = found[1]
        async with asyncio.timeout(120):
            unread = "SELECT 1 FROM feeds WHERE read_at IS NULL LIMIT 1"
            while rows(self.database, unread) or not rows(self.database, "SELECT 1 FROM feeds"):
                await asyncio.sleep(0.2)

    async def _happen(self, second: int) -> None:
        if second % self.size.story_every == 0:
            self._publish(len(self.published))
        if second % ILL_EVERY == 0:
            self.papers.fall_ill(max(1, self.size.feeds // 100), seconds=(20, 90))
        self._stumble(second)
        if second % SAID_EVERY == 0:
            for person in self.chance.sample(self.crowd.people, 2):
                self.telegram.say(person, self.chance.choice(SAYINGS))
        if second % FATE_EVERY == FATE_EVERY - 1:
            self.crowd.happen(self.chance)
            self.crowd.move(5)
        if second % WATCHED_EVERY == 0:
            await self._watch()
        self._look()

    def _publish(self, number: int) -> None:
        words = words_of(number)
        title = f"Report {number}: {' '.join(words[:5])}"
        topic = TOPICS[number % len(TOPICS)]
        papers = self.chance.sample(self.papers.of(topic), 2 if number % RETOLD_EVERY == 0 else 1)
        teaser = f"The {words[0]} and the {words[1]} of the {words[2]}."
        path = f"/page-{number}"
        self.papers.pages[path] = page(title, teaser, words)
        for paper in papers:
            told = entry(title, url=paper.url + path, text=teaser, published_at=now())
            paper.entries.insert(0, told)
            self.entries += 1
        self.published[title] = now().timestamp()
        self.crowd.published(topic, title, self.database)

    def _stumble(self, second: int) -> None:
        if self.spell and time.monotonic() > self.spell[1]:
            self.telegram.clear_faults(self.spell[0])
            self.spell = None
        if second % SPELL_EVERY == SPELL_EVERY // 2:
            fault, seconds = self.chance.choice(SPELLS)
            self.spell = self.telegram.inject_fault(fault), time.monotonic() + seconds

    async def _watch(self) -> None:
        for path in ("healthz", "metrics"):
            async with self.http.get(f"{self.watched_at}/{path}") as answer:
                await answer.read()

    def _look(self) -> None:
        process = self.bot.process
        assert process is not None
        assert process.returncode is None, self.bot.log[-3000:]
        self.samples.append(vitals(process.pid, at=time.monotonic() - self.began_at))
        # Of what is older than a minute all is known.
        self._take_in(until=now().timestamp() - 60)

    def _take_in(self, *, until: float) -> None:
        """Take the accepted messages out of the call log, and note what arrived."""
        record, homes = self.telegram.call_log, self.crowd.homes()
        record.calls.clear()
        while record.sent and record.sent[0].at < until:
            sent = record.sent.popleft()
            title = sent.text.partition("\n")[0]
            if title in self.published:
                arrival = Arrival(at=sent.at, answered=sent.answered)
                self.arrivals.setdefault((homes[sent.chat_id], title), []).append(arrival)

    async def _calm(self) -> None:
        """Let everybody recover and the bot catch up, and end it."""
        self.telegram.clear_faults()
        self.papers.get_well()
        self.crowd.all_back()
        end = time.monotonic() + self.size.catch_up_seconds
        while time.monotonic() < end and not self._is_quiet():
            await asyncio.sleep(0.5)
        assert await self.bot.stop() == 0
        self._take_in(until=float("inf"))

    def _is_quiet(self) -> bool:
        return not self.telegram.world.updates.pending and not rows(
            self.database,
            "SELECT 1 FROM deliveries WHERE state IN ('pending', 'sending')"
            " UNION ALL SELECT 1 FROM articles WHERE edited_at IS NULL"
            " UNION ALL SELECT 1 FROM updates WHERE handled_at IS NULL"
            " UNION ALL SELECT 1 FROM feed_searches"
            " UNION ALL SELECT 1 WHERE (SELECT count(*) FROM articles WHERE backlog = 0)"
            f" < {self.entries} LIMIT 1",
        )


@asynccontextmanager
async def open_soak(folder: Path, size: Size, *, seed: int) -> AsyncIterator[Soak]:
    """Prepare a soak: the readers have subscribed, and the bot begins to look at the feeds."""
    chance, database = Random(seed), folder / "soak.db"
    async with (
        aiohttp.ClientSession() as http,
        open_newspapers(size.feeds, TOPICS, chance, fresh_for=size.fresh_for) as papers,
        open_fake_telegram(token=TOKEN, now=lambda: now().timestamp(), seed=seed) as telegram,
    ):
        # Beyond the rate, what may be in flight.
        telegram.set_rate_limits(LimitMode.STRICT, per_second=size.per_second * 6 // 5)
        crowd = await gather(telegram, database, size.readers, chance, topics=TOPICS)
        settings = {
            "BOT_TOKEN": TOKEN,
            "TELEGRAM_API": telegram.url,
            "DATABASE": str(database),
            "FEEDS": str(papers.catalogue(folder / "feeds.toml", with_pages=PAGED)),
            "POLL_FLOOR": str(size.floor),
            "ALLOW_PRIVATE_ADDRESSES": "true",
            "MESSAGES_PER_SECOND": str(size.per_second),
            "HTTP_LISTEN": "127.0.0.1:0",
        }
        async with open_new_process(folder, "run", **settings) as bot:
            yield Soak(
                size=size,
                chance=chance,
                database=database,
                telegram=telegram,
                papers=papers,
                bot=bot,
                crowd=crowd,
                http=http,
            )


def rows(database: Path, query: str) -> list[tuple[int, ...]]:
    """Return what the database answers, whatever the bot does to it meanwhile."""
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        return connection.execute(query).fetchall()
