"""Siege: hostile readers and publishers beside honest ones, on the real process.

Honest feeds bring a story every few seconds to honest readers, and a stranger asks for /help, while
hostile feeds answer with malformed headers and items made to be slow, and hostile readers press
forged buttons, write long texts, upload files made to harm and send mutated updates. They try to
take what is for all: with private feeds of thousands of categories, searches of servers that drip,
many presses a second, and a redirect to a server that asks for a day of silence.
"""

import asyncio
import re
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import quantiles
from typing import Any

import aiohttp
from aiohttp import web

from bot.clock import now
from bot_playground.fake_telegram import FakeTelegram, open_fake_telegram
from bot_playground.state.chats import Person
from tests.end_to_end.kill_storm import relabel, words_of
from tests.end_to_end.process import BotProcess, open_process
from tests.end_to_end.process_stats import vitals
from tests.support.builders import entry
from tests.support.fakes import TOKEN
from tests.support.feed_server import Press, open_press, rss
from tests.support.hostile_text import SHAPES

HONEST_FEEDS = ("war", "world", "sports")
HOSTILE_FEEDS = 6
ITEM_LENGTH = 16_000
FORGED = (
    *("zone:-1001", "zone:Mars/Olympus", "topic:war:2", "night:99:3", "limit:" + "9" * 20),
    *("save:9223372036854775808:1", "story:-1:more", "read:xx:1", "page:latest:-5", "admoff:1:0"),
    *("away:1:name:\ud83d\ude00", "manage:0", "digest:-1:1", "urgent:-5", "nonsense", ""),
)
FILES = (
    b"<opml><body><outline "
    + b" ".join(b"a%d=''" % n for n in range(20_000))
    + b"/></body></opml>",
    b"&" * 200_000,
    b"<opml>" + b"<outline>" * 20_000,
    b"\xff\xfe\x00\x00" * 5_000,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a siege is; `seconds` counts the attack alone."""

    seconds: int
    readers: int
    story_every: int
    catch_up_seconds: float = 600.0
    own_feeds: int = 4
    categories: int = 3_400
    presses: int = 5


@dataclass(slots=True, kw_only=True)
class Siege:
    """All that takes part, and what was seen of it; times are in seconds, memory in megabytes."""

    size: Size
    chance: Random
    database: Path
    telegram: FakeTelegram
    press: Press
    bot: BotProcess
    http: aiohttp.ClientSession
    honest: list[Person]
    hostile: list[Person]
    stranger: Person
    published_at: dict[str, float] = field(default_factory=dict)
    help_seconds: list[float] = field(default_factory=list)
    megabytes: float = 0.0
    monitor_url: str = ""

    async def run(self) -> None:
        """Attack for so many seconds, then let the bot catch up, and end it."""
        await self._settle()
        began_at = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            asking = tasks.create_task(self._ask_for_help())
            for second in range(self.size.seconds):
                await asyncio.sleep(max(0.0, began_at + second - time.monotonic()))
                if second % self.size.story_every == 0:
                    self._publish(len(self.published_at))
                self._attack(second)
                process = self.bot.process
                assert process is not None
                assert process.returncode is None, self.bot.log[-3000:]
                taken = vitals(process.pid, at=second)
                self.megabytes = max(self.megabytes, taken.megabytes + taken.children_megabytes)
            asking.cancel()
        self.telegram.mutate_updates(share=0.0, seed=1)
        end = time.monotonic() + self.size.catch_up_seconds
        while self.missing() and time.monotonic() < end:
            await asyncio.sleep(0.5)

    def missing(self) -> list[tuple[int, str]]:
        """Return which honest reader has not got which honest story."""
        told = {(sent.chat_id, headline(sent.text)) for sent in self.telegram.call_log.sent}
        return [
            (person.id, title)
            for person in self.honest
            for title in self.published_at
            if (person.id, title) not in told
        ]

    def repeated(self) -> list[tuple[int, str]]:
        """Return the stories that an honest reader got twice although the first was answered."""
        seen: set[tuple[int, str]] = set()
        twice = []
        for sent in self.telegram.call_log.sent:
            key = sent.chat_id, headline(sent.text)
            if key[1] in self.published_at and sent.answered:
                if key in seen:
                    twice.append(key)
                seen.add(key)
        return twice

    def news_seconds(self) -> list[float]:
        """Return how long after its publication each honest story came, for each honest reader."""
        honest = {person.id for person in self.honest}
        return [
            sent.at - self.published_at[title]
            for sent in self.telegram.call_log.sent
            if sent.chat_id in honest and (title := headline(sent.text)) in self.published_at
        ]

    async def loop_lag_seconds(self) -> float:
        """Return the bound below which 99 % of the event loop's delays lie."""
        async with self.http.get(f"{self.monitor_url}/metrics") as answer:
            text = await answer.text()
        buckets = [
            (float(bound), float(count))
            for bound, count in re.findall(
                r'readalso_loop_lag_seconds_bucket\{le="([\d.]+|\+Inf)"\} ([\d.]+)', text
            )
        ]
        total = buckets[-1][1]
        return next(bound for bound, count in buckets if count >= 0.99 * total)

    async def _settle(self) -> None:
        log = await self.bot.wait_for_log("at work")
        address = re.search(r"health and metrics: (\S+)/healthz", log)
        assert address
        self.monitor_url = address[1]
        # The stranger gets no news: a chat gets a message a second, and answers would wait for it.
        for person in (*self.honest, *self.hostile):
            self.telegram.say(person, "/topics war world sport")
            self.telegram.say(person, "/when at once")
        unread = "SELECT 1 FROM feeds WHERE read_at IS NULL AND failures = 0 LIMIT 1"
        async with asyncio.timeout(120):
            while rows(self.database, unread) or any(
                not self.telegram.messages(person, of_bot=True) for person in self.honest
            ):
                await asyncio.sleep(0.2)

    def silenced(self) -> list[tuple[int, ...]]:
        """Return the honest hosts that the bot leaves alone: none of them has asked for it."""
        return rows(
            self.database,
            "SELECT rowid FROM feeds JOIN hosts USING (domain) WHERE private = 0 AND ready_at > 0",
        )

    def _publish(self, number: int) -> None:
        # Few words of a language, lest one be the chapter of another; but enough to be of it.
        words = words_of(number)
        title = f"Report {number} of the day: {' '.join(words[:5])}"
        text = f"The {words[5]} and the {words[6]} of the {words[7]}."
        self.published_at[title] = now().timestamp()
        self.press.publish(
            HONEST_FEEDS[number % len(HONEST_FEEDS)],
            entry(title, url=f"https://courier.example/r{number}", text=text, published_at=now()),
        )

    def _attack(self, second: int) -> None:
        attacker = self.chance.choice(self.hostile)
        shape = self.chance.choice(tuple(SHAPES.values()))
        command = self.chance.choice(("/search", "/follow", "/when", "/topics", "/add", ""))
        self.telegram.say(attacker, f"{command} {shape(4000)}"[:4096].strip() or "x")
        messages = self.telegram.messages(attacker, of_bot=True)
        buttons = [message for message in messages if message.buttons]
        if buttons:
            relabel(buttons[-1], self.chance.choice(FORGED))
            first = buttons[-1].buttons[0][0]
            for _ in range(self.size.presses):
                self.telegram.press(attacker, buttons[-1], first)
        other_host = self.press.url.replace("127.0.0.1", "localhost")
        self.telegram.say(attacker, f"/add {other_host}/drip")
        if second < self.size.own_feeds:
            self.telegram.say(attacker, f"/add {other_host}/tags{second}")
            self.telegram.say(attacker, f"/add {self.press.url}/redirect")
        if second % 5 == 0:
            file = self.chance.choice(FILES)
            self.telegram.send_document(attacker, "feeds.opml", file, caption="/import")

    async def _ask_for_help(self) -> None:
        while True:
            before = len(self.telegram.messages(self.stranger, of_bot=True))
            asked_at = time.monotonic()
            self.telegram.say(self.stranger, "/help")
            while len(self.telegram.messages(self.stranger, of_bot=True)) == before:
                await asyncio.sleep(0.01)
            self.help_seconds.append(time.monotonic() - asked_at)
            await asyncio.sleep(2)


def headline(text: str) -> str:
    return text.partition("\n")[0]


def rows(database: Path, query: str) -> list[tuple[int, ...]]:
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        return connection.execute(query).fetchall()


def hostile_answer(number: int, chance: Random) -> Any:
    """Return how a hostile feed answers: malformed headers, then items that are slow to read."""

    async def answer(_: web.Request) -> web.Response:
        shapes = chance.sample(tuple(SHAPES.values()), 3)
        items = [
            entry(
                f"Hostile {number} {chance.random()} {shape(300)}",
                text=shape(ITEM_LENGTH),
                published_at=now(),
            )
            for shape in shapes
        ]
        headers = {"Cache-Control": "max-age=1"}
        if chance.random() < 0.5:
            headers["Content-Type"] = "\udcff\udcfe\udcfd\x1b[31m".encode(
                "utf-8", "surrogateescape"
            ).decode("latin-1")
        body = "".join(c for c in rss(items) if c >= " " or c in "\n\t")
        return web.Response(body=body.encode("utf-8", "replace"), headers=headers)

    return answer


def tagged_answer(number: int, categories: int) -> Any:
    """Return how a private feed answers: each time with new items of so many categories."""
    tags = "".join(f"<category>tag {n}</category>" for n in range(categories))

    async def answer(_: web.Request) -> web.Response:
        document = rss([entry(f"Tagged {number} {now().timestamp()}", published_at=now())])
        body = document.replace("<title>", f"{tags}<title>")
        return web.Response(body=body.encode(), headers={"Cache-Control": "max-age=1"})

    return answer


async def drip(request: web.Request) -> web.StreamResponse:
    """Answer with a character a second, without end."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(1)


async def redirect(request: web.Request) -> web.Response:
    """Send whoever asks to a server of another name."""
    raise web.HTTPFound(str(request.url.with_host("localhost").with_path("/busy")))


async def ask_for_silence(_: web.Request) -> web.Response:
    """Ask for a day of silence."""
    return web.Response(status=429, headers={"Retry-After": "86400"})


@asynccontextmanager
async def open_siege(folder: Path, size: Size, *, seed: int) -> AsyncIterator[Siege]:
    """Prepare a siege: the bot begins to look at the feeds."""
    chance, database = Random(seed), folder / "siege.db"
    async with (
        aiohttp.ClientSession() as http,
        open_press() as press,
        open_fake_telegram(token=TOKEN, now=lambda: now().timestamp(), seed=seed) as telegram,
    ):
        topics = dict(zip(HONEST_FEEDS, ("war", "world", "sports"), strict=True))
        for name in HONEST_FEEDS:
            press.publish(name, entry(f"Old news of {name}"))
        for number in range(HOSTILE_FEEDS):
            press.answers[f"hostile{number}"] = hostile_answer(number, chance)
            topics[f"hostile{number}"] = "culture"
        for number in range(size.own_feeds):
            press.answers[f"tags{number}"] = tagged_answer(number, size.categories)
        press.answers["drip"] = drip
        press.answers["redirect"] = redirect
        press.answers["busy"] = ask_for_silence
        telegram.mutate_updates(share=0.3, seed=seed)
        settings = {
            "BOT_TOKEN": TOKEN,
            "TELEGRAM_API": telegram.url,
            "DATABASE": str(database),
            "FEEDS": str(press.catalogue(folder / "feeds.toml", **topics)),
            "POLL_FLOOR": "1",
            "ALLOW_PRIVATE_ADDRESSES": "true",
            "MESSAGES_PER_SECOND": "200",
            "HTTP_LISTEN": "127.0.0.1:0",
        }
        async with open_process(folder, "run", **settings) as bot:
            people = [
                telegram.person(f"Reader {n}", language="en") for n in range(size.readers + 6)
            ]
            yield Siege(
                size=size,
                chance=chance,
                database=database,
                telegram=telegram,
                press=press,
                bot=bot,
                http=http,
                honest=people[6:],
                hostile=people[1:6],
                stranger=people[0],
            )


def table(siege: Siege, *, lag: float) -> str:
    """Return the figures as Markdown."""
    answers, news = sorted(siege.help_seconds), sorted(siege.news_seconds())
    lines = (
        ("seconds of attack", siege.size.seconds),
        ("honest readers", len(siege.honest)),
        ("honest stories", len(siege.published_at)),
        ("**lost**", len(siege.missing())),
        ("**repeated**", len(siege.repeated())),
        ("/help answered", len(answers)),
        ("/help p95, s", f"{quantiles(answers, n=20)[-1]:.2f}" if len(answers) > 1 else "-"),
        ("/help max, s", f"{max(answers, default=0):.2f}"),
        ("news after publication, p95, s", f"{quantiles(news, n=20)[-1]:.1f}"),
        ("news after publication, max, s", f"{max(news, default=0):.1f}"),
        ("loop late, p99 below, s", lag),
        ("memory of the process tree, MB", f"{siege.megabytes:.0f}"),
    )
    return "\n".join(f"| {name} | {value} |" for name, value in lines)
