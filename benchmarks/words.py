"""Cost of matching a story with all followed words. Run `python -m benchmarks.words`.

Words are those of the headlines of the data, the rarer the same way as the frequent; the
stories are other real headlines and first sentences. `READERS=10000` makes the town smaller.
"""

import asyncio
import json
import os
import resource
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from random import Random
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import aiosqlite

from benchmarks.audience import add_readers
from bot.model import Phrase, StoryId, TopicSlug
from bot.storage.database import Database, open_database
from bot.storage.feeds import feeds
from bot.storage.outbox import fan_out as owing
from bot.storage.stories import articles, stories
from bot.text.phrases import lookup_key, parse_phrase, story_text
from bot.text.stemming import STOP_WORDS
from quality import data
from tests.support.builders import entry, listed_feed, reading
from tests.support.fakes import NOON
from tests.support.markdown_report import machine_info, print_paragraph, table

READERS = int(os.environ.get("READERS", "100000"))
WORDS_EACH, MUTED_SHARE = 20, 0.25
STORIES = 300
# Nobody follows it, so that only words owe; and nobody else's cost is measured here.
_TOPIC = TopicSlug("nobody's")
_AT_A_TIME = 10_000


@dataclass(slots=True, kw_only=True)
class Matched:
    """What one story cost, in seconds, and what was found."""

    finding: float
    owing: float
    phrases: int
    owed: int


async def main() -> None:
    """Measure, and print the table."""
    headlines = [(data.said(row, "title"), data.said(row, "text")) for row in data.rows("topics")]
    chance = Random(7)
    chance.shuffle(headlines)
    async with _open_town(headlines[STORIES:], chance) as (db, phrases):
        print_paragraph(
            f"{READERS:,} readers follow or mute {WORDS_EACH} words each, {phrases:,} different"
            f" ones in all; {STORIES} real stories; on {machine_info()}."
        )
        matched = [
            await _match(db, number, *story) for number, story in enumerate(headlines[:STORIES], 1)
        ]
    head = ["", "the one in the middle", "one in a hundred", "the worst"]
    print_paragraph(
        table(
            head,
            [
                _row("found among all phrases, ms", [match.finding * 1e3 for match in matched]),
                _row("phrases found", [match.phrases for match in matched]),
                _row("found and owed, ms", [match.owing * 1e3 for match in matched]),
                _row("owed to, of their readers", [match.owed for match in matched]),
            ],
        )
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print_paragraph(f"The process has {peak:.0f} MB at the most.")


def _row(name: str, values: Sequence[float]) -> list[str]:
    hundredth = quantiles(values, n=100)[-1]
    digits = 1 if "ms" in name else 0
    return [name, *(f"{value:,.{digits}f}" for value in (median(values), hundredth, max(values)))]


async def _match(db: Database, number: int, title: str, body: str) -> Matched:
    summary = body.partition(". ")[0][:300]
    text = story_text(title, summary)
    async with db.transaction() as tx:
        story_id = await _store(tx, number, title, summary)
        began = time.perf_counter()
        found = await tx.execute_fetchall(
            """
            SELECT id FROM phrases
             WHERE anchor IN (SELECT value FROM json_each(:anchors)) AND instr(:stems, stems)
             UNION
            SELECT id FROM phrases
             WHERE sound_anchor IN (SELECT value FROM json_each(:sound_anchors))
               AND sound_anchor <> '' AND instr(:sounds, sounds)
            """,
            {
                "stems": text.stems,
                "sounds": text.sounds,
                "anchors": json.dumps(sorted(set(text.stems.split()))),
                "sound_anchors": json.dumps(sorted(set(text.sounds.split()))),
            },
        )
        finding = time.perf_counter() - began
        began = time.perf_counter()
        owed = await owing.enqueue_story(tx, story_id, "en", now=NOON)
        took = time.perf_counter() - began
    return Matched(finding=finding, owing=took, phrases=len(list(found)), owed=owed)


async def _store(tx: aiosqlite.Connection, number: int, title: str, summary: str) -> StoryId:
    (feed,) = await feeds.due(tx, now=NOON, limit=1)
    brought = entry(title, url=f"https://courier.example/{number}")
    article_id = await articles.add(
        tx, feed.id, brought, canonical_url=brought.url, backlog=False, now=NOON
    )
    (article,) = await articles.unprocessed(tx, now=NOON, limit=1)
    analysis = replace(reading(topic=_TOPIC), summary=summary)
    story_id = await stories.add(tx, article, analysis, _TOPIC, now=NOON)
    await articles.mark_processed(tx, article_id, analysis, story_id, now=NOON)
    return story_id


def _phrases(headlines: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Phrase]]:
    """Return the words of headlines as one would follow them, and names of two words."""
    for title, _ in headlines:
        title_words = title.split()
        for one, other in zip_longest(title_words, title_words[1:], fillvalue=""):
            word = one.strip("«»“”\"'.,:;!?()—-")
            if (
                len(word) > 3
                and word.casefold() not in STOP_WORDS
                and (phrase := parse_phrase(word))
            ):
                yield word, phrase
            if (
                one[:1].isupper()
                and other[:1].isupper()
                and (phrase := parse_phrase(f"{one} {other}"))
            ):
                yield f"{one} {other}", phrase


@asynccontextmanager
async def _open_town(
    headlines: Sequence[tuple[str, str]], chance: Random
) -> AsyncIterator[tuple[Database, int]]:
    phrases = dict(_phrases(headlines))
    numbered = {phrase: number for number, phrase in enumerate(dict.fromkeys(phrases.values()), 1)}
    rows = [
        (number, phrase.stems, lookup_key(phrase.stems), phrase.sounds, lookup_key(phrase.sounds))
        for phrase, number in numbered.items()
    ]
    with TemporaryDirectory() as folder:
        async with open_database(Path(folder) / "readalso.db") as db:
            async with db.transaction() as tx:
                await feeds.sync(tx, [listed_feed(topic=None)], now=NOON)
                await tx.executemany("INSERT INTO phrases VALUES (?, ?, ?, ?, ?)", rows)
            for first in range(1, READERS + 1, _AT_A_TIME):
                chats = range(first, min(first + _AT_A_TIME, READERS + 1))
                async with db.transaction() as tx:
                    await add_readers(tx, chats)
                    await tx.executemany(
                        "INSERT INTO words VALUES (?, ?, '', ?, '')",
                        [
                            (chat_id, phrase_id, chance.random() < MUTED_SHARE)
                            for chat_id in chats
                            for phrase_id in chance.sample(range(1, len(rows) + 1), k=WORDS_EACH)
                        ],
                    )
            yield db, len(rows)


if __name__ == "__main__":
    asyncio.run(main())
