"""Killed at any moment, the bot loses no story; it repeats one only where no answer came.

The short form of `make storm`, which kills a hundred times.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from bot.clock import now
from bot.playground.chats import Person
from bot.playground.faults import Fault, Kind
from bot.playground.limits import Mode
from bot.playground.lookalike import Lookalike, open_lookalike
from bot.storage.database import open_database
from tests.builders import entry
from tests.fakes import TOKEN
from tests.flows.process import READY_SECONDS, BotProcess, open_process
from tests.press import Press, open_press

KILLS = int(os.environ.get("KILLS", "8"))
# A chat gets a message every second or two, so that many stories would take long to arrive.
STORIES_A_KILL = 1
CATCH_UP_SECONDS = 60.0 + 5 * KILLS * STORIES_A_KILL
# Every story in words of its newspaper's own: none may be taken for a repeat of another's.
WORDS = {
    "war": ("amber", "birch", "cedar", "delta", "ember", "fjord"),
    "sports": ("grove", "harbour", "island", "jasper", "kestrel", "lagoon"),
}
READERS = {"Ann": ("war",), "Bob": ("sports",), "Cat": ("war", "sports")}


@pytest.fixture
async def press() -> AsyncIterator[Press]:
    async with open_press() as opened:
        opened.publish("war", entry("Old news from before anyone subscribed"))
        opened.publish("sports", entry("Old results from before anyone subscribed"))
        yield opened


@pytest.fixture
async def telegram() -> AsyncIterator[Lookalike]:
    async with open_lookalike(token=TOKEN, now=lambda: now().timestamp(), seed=1) as lookalike:
        lookalike.limit(Mode.STRICT)
        yield lookalike


async def test_killed_at_any_moment_nothing_is_lost_and_only_the_unanswered_repeats(
    press: Press, telegram: Lookalike, tmp_path: Path
) -> None:
    chance = random.Random(7)
    people = {name: telegram.person(name, language="en") for name in READERS}
    settings = {
        "BOT_TOKEN": TOKEN,
        "TELEGRAM_API": telegram.url,
        "DATABASE": str(tmp_path / "storm.db"),
        "FEEDS": str(press.catalogue(tmp_path / "feeds.toml", war="war", sports="sports")),
        "POLL_FLOOR": "1",
        "ALLOW_PRIVATE_ADDRESSES": "true",
    }
    async with open_process(tmp_path, "run", **settings) as bot:
        await _subscribe(telegram, people)
        await _until_polled(press, 2)
        # Slow answers, so that many kills fall between a message and its acknowledgement.
        telegram.fault(Fault(kind=Kind.DELAY, method="sendMessage", share=0.4, seconds=0.7))
        telegram.fault(Fault(kind=Kind.TORN_AFTER, method="sendMessage", share=0.05))
        telegram.fault(Fault(kind=Kind.SERVER_ERROR, method="sendMessage", share=0.05))
        published = await _storm(bot, press, chance)
        telegram.mend()
        expected = {
            (people[name].id, title)
            for name, topics in READERS.items()
            for topic in topics
            for title in published[topic]
        }
        with suppress(TimeoutError):
            await telegram.wait_for(
                lambda: expected <= _accepted(telegram).keys(), timeout=CATCH_UP_SECONDS
            )
        assert await bot.stop() == 0
    accepted = _accepted(telegram)
    assert accepted.keys() == expected
    assert await _unexplained(accepted, tmp_path / "storm.db") == {}
    assert telegram.violations == 0
    assert "Traceback" not in bot.log


async def _subscribe(telegram: Lookalike, people: dict[str, Person]) -> None:
    for name, topics in READERS.items():
        telegram.say(people[name], f"/topics {' '.join(topics)}")
    await telegram.wait_for(
        lambda: all(telegram.messages(person, of_bot=True) for person in people.values()),
        timeout=READY_SECONDS,
    )


async def _until_polled(press: Press, times: int) -> None:
    seen = dict(press.polls)
    async with asyncio.timeout(READY_SECONDS):
        while any(press.polls.get(name, 0) < seen.get(name, 0) + times for name in press.entries):
            await asyncio.sleep(0.05)


async def _storm(bot: BotProcess, press: Press, chance: random.Random) -> dict[str, list[str]]:
    """Publish, kill at a random moment after that, start again; return what was published."""
    published: dict[str, list[str]] = {"war": [], "sports": []}
    for kill in range(KILLS):
        for number in range(STORIES_A_KILL):
            for topic, titles in published.items():
                words = " ".join(chance.sample(WORDS[topic], 4))
                title = f"{topic.title()} report {kill} {number}: {words}"
                titles.append(title)
                press.publish(topic, entry(title, published_at=now()))
        # Most moments lie between the poll and the last acknowledgement of what it brought,
        # some before the poll, and some while the bot is still starting.
        if chance.random() < 0.8:
            await _until_polled(press, 1)
        await asyncio.sleep(chance.uniform(0.0, 2.5))
        await bot.kill()
        await bot.start()
    return published


def _accepted(telegram: Lookalike) -> Counter[tuple[int, str]]:
    """Return how often each chat got each story."""
    return Counter(
        (message.chat_id, head)
        for message in telegram.record.sent
        if (head := message.text.partition("\n")[0]).split(" ")[1:2] == ["report"]
    )


async def _unexplained(accepted: Counter[tuple[int, str]], path: Path) -> dict[object, int]:
    """Return copies beyond one for each delivery and one for each answer that never came."""
    async with open_database(path) as db:
        rows = await db.reader.execute_fetchall(
            "SELECT chat_id, title, doubts FROM deliveries"
            " JOIN stories ON stories.id = deliveries.story_id"
            " JOIN articles ON articles.id = lead_id"
        )
    doubts = {(row[0], row[1]): row[2] for row in rows}
    return {key: count for key, count in accepted.items() if count > 1 + doubts[key]}
