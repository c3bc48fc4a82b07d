"""Kill storm: stories arrive, Telegram fails, readers leave, and the bot is killed repeatedly."""

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from shutil import copytree
from typing import Any

import aiosqlite
from aiohttp import web

from bot.clock import now
from bot.model import ChatId, LetterId
from bot.storage.outbox import broadcasts
from bot.storage.queues import attempts
from bot.storage.schema import MIGRATIONS
from bot.telegram.keyboards.admin import SendBroadcast
from bot_playground.fake_telegram import FakeTelegram, open_fake_telegram
from bot_playground.state.chats import ChatMessage
from bot_playground.state.faults import Fault, FaultKind
from bot_playground.state.limits import LimitMode
from tests.end_to_end.forked_bot import STAGES, BlackBox, open_black_box
from tests.end_to_end.simulated_readers import TOPICS, Crowd, gather
from tests.support.builders import entry
from tests.support.fakes import TOKEN
from tests.support.feed_server import Answer, Press, open_press, rss

# What Telegram does at its worst, in shares of all messages.
FAULTS = (
    Fault(kind=FaultKind.DELAY, share=0.1, seconds=0.3),
    Fault(kind=FaultKind.DROP_AFTER, share=0.01),
    Fault(kind=FaultKind.DROP_BEFORE, share=0.01),
    Fault(kind=FaultKind.SERVER_ERROR, share=0.01),
    Fault(kind=FaultKind.BAD_GATEWAY, share=0.005),
    Fault(kind=FaultKind.RETRY_AFTER, share=0.005, retry_after=2),
)
# Topics whose articles' pages are fetched.
PAGED = ("culture", "economy")
# Of such parts words are made that no two stories share: none may pass for a repeat of another.
PARTS = "ba ke li mo nu ra se ti vo zu har bel cor dun fen gol mir pas tor wim".split()  # noqa: SIM905
# What a kill hit that hit none of the stages: the bot was starting, say, or idle.
NONE = "none of these"
# In seconds: how long a killer waits for its moment, and how far into it the kill may fall.
PATIENCE, DELAY = 5.0, 0.02
# How many seconds the bot's clock may be ahead. Less than an hour between two of them: what is
# late by more is told in a digest.
CLOCKS = (-1500, 0, 1500)
# Every so many lives the clock jumps.
JUMP_EVERY = 3
HOARDERS = 3
# Of feeds that readers add: the news of others is what is counted.
KEPT_FOR_A_DAY = {"Cache-Control": "max-age=86400"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a storm is; `per_second` messages go to all chats together."""

    kills: int
    stories: int
    readers: int
    per_second: int
    catch_up_seconds: float
    stages: tuple[str, ...] = STAGES


@dataclass(slots=True, kw_only=True)
class Storm:
    """All that takes part, and what was seen of it."""

    size: Size
    chance: Random
    folder: Path
    telegram: FakeTelegram
    press: Press
    bot: BlackBox
    crowd: Crowd
    titles: list[str] = field(default_factory=list)
    hits: Counter[str] = field(default_factory=Counter)
    # Messages that a kill fell upon, after they were written and before that was known for good.
    in_hand: int = 0
    killed_at: list[float] = field(default_factory=list)
    jumped_at: list[float] = field(default_factory=list)
    # Letters to all channels, and the feeds that people asked to add: chat and URL.
    letters: list[str] = field(default_factory=list)
    wanted_feeds: list[tuple[int, str]] = field(default_factory=list)
    # Rows that three kills in a row set aside.
    put_back: int = 0
    began_at: float = field(default_factory=time.monotonic)

    @property
    def database(self) -> Path:
        """Where the bot keeps all that it knows."""
        return self.folder / "storm.db"

    async def rage(self) -> None:
        """Publish all stories and kill as often as was asked for."""
        await self._settle()
        for fault in FAULTS:
            self.telegram.inject_fault(fault)
        for kill in range(self.size.kills):
            self._publish(self.size.stories * (kill + 1) // self.size.kills)
            self.crowd.happen(self.chance)
            stage = self.size.stages[kill % len(self.size.stages)]
            await self._provoke(stage)
            await self.bot.start()
            # The life of one that is to die at work begins with some work.
            await asyncio.sleep(self.chance.uniform(0, 1) if stage != STAGES[0] else 0)
            if kill % JUMP_EVERY == 0:
                await self.bot.set_clock(self.chance.choice(CLOCKS))
                self.jumped_at.append(now().timestamp())
            death = await self.bot.kill(
                stage,
                patience=PATIENCE,
                delay=self.chance.choice((0, self.chance.uniform(0, DELAY))),
            )
            assert death.code is None, f"it ended by itself: {self.bot.log[-3000:]}"
            self.killed_at.append(now().timestamp())
            self.in_hand += death.in_hand
            self.hits.update(death.hit or {NONE})

    async def calm(self) -> None:
        """Let Telegram recover and the bot catch up, and end it."""
        self.telegram.clear_faults()
        self.crowd.all_back()
        await self.bot.start()
        end = time.monotonic() + self.size.catch_up_seconds
        ask_at = 0.0
        while time.monotonic() < end and not self._is_quiet():
            if time.monotonic() > ask_at:
                self.crowd.ask_for_digests(self.database)
                await self._put_back()
                ask_at = time.monotonic() + 5
            await asyncio.sleep(0.5)
        death = await self.bot.stop()
        assert death.code == 0

    async def _settle(self) -> None:
        """Let the bot see every feed once: what it finds there at first is no news."""
        self.telegram.say(self.crowd.owner, "/start")
        await self.bot.start()
        async with asyncio.timeout(180):
            while self._rows("SELECT 1 FROM feeds WHERE read_at IS NULL") or not self._rows(
                "SELECT 1 FROM feeds"
            ):
                await asyncio.sleep(0.1)
            while not self._owners_buttons():
                await asyncio.sleep(0.1)
        assert (await self.bot.stop()).code == 0

    def _publish(self, until: int) -> None:
        for number in range(len(self.titles), until):
            topic = TOPICS[number % len(TOPICS)]
            words = words_of(number)
            title = f"{topic.title()} report {number}: {' '.join(words[:5])}"
            self.titles.append(title)
            teaser = f"The {words[0]} and the {words[1]} of the {words[2]}."
            url = f"{self.press.url}/page-{number}"
            self.press.answers[f"page-{number}"] = _answer(page(title, teaser, words))
            self.press.publish(topic, entry(title, url=url, text=teaser, published_at=now()))
            self.crowd.published(topic, title, self.database)

    async def _provoke(self, stage: str) -> None:
        """Prepare what the stage needs to come about."""
        provocations: dict[str, Callable[[], Awaitable[object]]] = {
            "migrating the schema": self._add_migration,
            "moving a group": self._move_groups,
            "handling an update": self._let_people_write,
            "editing a message": self._change_sent_messages,
            "sending a notice": partial(self._draft_letter, send=True),
            "starting a broadcast": self._start_broadcast,
            "sending a digest": self._ask_for_digests,
            "searching for a feed": self._add_feed,
        }
        if stage in provocations:
            await provocations[stage]()

    async def _add_migration(self) -> None:
        migrations = self.folder / "migrations"
        number = len(list(migrations.glob("*.sql"))) + 1
        with closing(sqlite3.connect(self.database)) as connection:
            script = _rebuild(connection)
        (migrations / f"{number:04}_storm.sql").write_text(script, encoding="utf-8")

    async def _move_groups(self) -> None:
        self.crowd.move(3)

    async def _let_people_write(self) -> None:
        for person in self.chance.sample(self.crowd.people, 5):
            self.telegram.say(person, "/help")
        # And now and then Telegram has had enough of us as a whole.
        whole = Fault(kind=FaultKind.RETRY_AFTER, times=1, retry_after=2, whole_bot=True)
        self.telegram.inject_fault(whole)

    async def _change_sent_messages(self) -> None:
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.execute(
                "UPDATE editable SET edit_at = 0, gist = x'00' WHERE delivery_id IN"
                " (SELECT delivery_id FROM editable ORDER BY sent_at DESC LIMIT 50)"
            )

    async def _start_broadcast(self) -> None:
        """Let the owner press the button that sends a letter, on whatever message has buttons."""
        data = SendBroadcast(letter_id=await self._draft_letter(), audience="channel")
        message = self._owners_buttons()[-1]
        relabel(message, data.pack())
        self.telegram.press(self.crowd.owner, message, message.buttons[0][0])

    async def _put_back(self) -> None:
        """Try again what was in hand at three kills in a row, as `dead-letters --retry` does."""
        async with aiosqlite.connect(self.database, timeout=10) as tx:
            letters = await attempts.dead_letters(tx)
            await attempts.retry(tx, [letter.row for letter in letters], now=now())
            await tx.commit()
        self.put_back += len(letters)

    async def _ask_for_digests(self) -> None:
        self.crowd.ask_for_digests(self.database)

    async def _add_feed(self) -> None:
        person, name = self.chance.choice(self.crowd.people), f"club-{len(self.wanted_feeds)}"
        url = f"{self.press.url}/{name}"
        self.press.answers[name] = _answer(rss([entry(f"Old {name} news")]), KEPT_FOR_A_DAY)
        self.wanted_feeds.append((self.telegram.chat(person).id, url))
        self.telegram.say(person, f"/add {url}")

    async def _draft_letter(self, *, send: bool = False) -> LetterId:
        """Write a letter to all channels, and send it; or leave that to the owner."""
        text = f"Letter {len(self.letters)}"
        self.letters.append(text)
        owner = ChatId(self.telegram.chat(self.crowd.owner).id)
        # The bot's own way to open it would not take the schema of the storm's migrations.
        async with aiosqlite.connect(self.database) as tx:
            letter = await broadcasts.draft(
                tx, text, author_id=owner, message_id=len(self.letters), now=now()
            )
            if send:
                await broadcasts.send(tx, letter, "channel", now=now())
            await tx.commit()
        return letter

    def _owners_buttons(self) -> list[ChatMessage]:
        messages = self.telegram.messages(self.crowd.owner, of_bot=True)
        return [message for message in messages if message.buttons]

    def _is_quiet(self) -> bool:
        return not self.telegram.world.updates.pending and not self._rows(
            "SELECT 1 FROM deliveries WHERE state IN ('pending', 'sending')"
            " UNION ALL SELECT 1 FROM articles WHERE edited_at IS NULL"
            " UNION ALL SELECT 1 FROM updates WHERE handled_at IS NULL"
            " UNION ALL SELECT 1 FROM feed_searches"
            " UNION ALL SELECT 1 FROM notices WHERE state IN ('pending', 'sending')"
            f" UNION ALL SELECT 1 WHERE (SELECT count(*) FROM articles) < {len(self.titles)}"
            " LIMIT 1"
        )

    def _rows(self, query: str) -> list[tuple[int, ...]]:
        with closing(sqlite3.connect(self.database, timeout=10)) as connection:
            return connection.execute(query).fetchall()


@asynccontextmanager
async def open_storm(folder: Path, size: Size, *, seed: int) -> AsyncIterator[Storm]:
    """Prepare a storm: the readers have subscribed, the feeds are empty, the bot is not there."""
    chance = Random(seed)
    copytree(MIGRATIONS, folder / "migrations")
    async with (
        open_press() as press,
        open_fake_telegram(token=TOKEN, now=lambda: now().timestamp(), seed=seed) as telegram,
    ):
        # Beyond the rate, what may be in flight: it is dated when it is looked at, and all of it
        # may be looked at together.
        lanes = size.per_second // 5
        telegram.set_rate_limits(LimitMode.STRICT, per_second=size.per_second + lanes)
        crowd = await gather(telegram, folder / "storm.db", size.readers, chance, hoarders=HOARDERS)
        catalogue = press.catalogue(folder / "feeds.toml", **dict(zip(TOPICS, TOPICS, strict=True)))
        _want_pages(catalogue)
        for topic in TOPICS:
            press.publish(topic, entry(f"Old {topic} news", published_at=now()))
            press.answers[topic] = _slow(press, topic, chance)
        settings = {
            "BOT_TOKEN": TOKEN,
            "TELEGRAM_API": telegram.url,
            "DATABASE": str(folder / "storm.db"),
            "FEEDS": str(catalogue),
            "POLL_FLOOR": "1",
            "ALLOW_PRIVATE_ADDRESSES": "true",
            "MESSAGES_PER_SECOND": str(size.per_second),
            "ADMINS": str(telegram.chat(crowd.owner).id),
        }
        async with open_black_box(folder, **settings) as bot:
            yield Storm(
                size=size,
                chance=chance,
                folder=folder,
                telegram=telegram,
                press=press,
                bot=bot,
                crowd=crowd,
            )


def relabel(message: ChatMessage, data: str) -> None:
    """Give the first button data that the bot never offered, as a hostile client can."""
    keyboard: Any = message.body["reply_markup"]
    keyboard["inline_keyboard"][0][0].update(callback_data=data)


def _rebuild(connection: sqlite3.Connection) -> str:
    """Return a migration that builds the largest table anew, as some do; nothing else changes."""
    rows = connection.execute(
        "SELECT sql FROM sqlite_master WHERE tbl_name = 'deliveries' AND sql IS NOT NULL"
        " ORDER BY type = 'table' DESC"
    )
    table, *indexes = (row[0] for row in rows)
    _, brace, body = table.partition("(")
    return ";\n".join(
        [
            f"CREATE TABLE rebuilt {brace}{body}",
            "INSERT INTO rebuilt SELECT * FROM deliveries",
            "DROP TABLE deliveries",
            "ALTER TABLE rebuilt RENAME TO deliveries",
            *indexes,
            "",
        ]
    )


def words_of(number: int) -> list[str]:
    """Return 40 words for each number below 4,000, of which no two have any in common.

    News of the same sentences would be chapters of one story, which come an hour apart.
    """
    return [_word(40 * number + place) for place in range(40)]


def page(title: str, teaser: str, words: Sequence[str]) -> str:
    """Return an article's page of the teaser and some more sentences."""
    more = "".join(f"<p>The {' '.join(words[at : at + 12])}.</p>" for at in range(4, 40, 12))
    return (
        f"<html><head><title>{title}</title></head><body><article><h1>{title}</h1>"
        f"<p>{teaser}</p>{more}</article></body></html>"
    )


def _word(number: int) -> str:
    """Return a word of its own for each number below 160,000."""
    return "".join(PARTS[number // len(PARTS) ** place % len(PARTS)] for place in range(4))


def _want_pages(catalogue: Path) -> None:
    tables = catalogue.read_text(encoding="utf-8").split("[[feeds]]")
    wanted = (
        it.replace("pages = false", "pages = true") if topic in PAGED else it
        for it, topic in zip(tables[1:], TOPICS, strict=True)
    )
    catalogue.write_text("[[feeds]]".join(["", *wanted]), encoding="utf-8")


def _slow(press: Press, topic: str, chance: Random) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        await asyncio.sleep(chance.uniform(0, 0.2))
        return web.Response(
            body=rss(press.entries[topic]).encode(),
            content_type="application/rss+xml",
            headers={"Cache-Control": "max-age=1"},
        )

    return answer


def _answer(text: str, headers: Mapping[str, str] | None = None) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        await asyncio.sleep(0.05)
        return web.Response(text=text, content_type="text/html", headers=headers)

    return answer
