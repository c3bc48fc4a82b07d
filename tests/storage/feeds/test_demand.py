"""Demand for feeds, tested through `feeds.due`."""

import pytest

from bot.model import ChatId, FoundFeed, Word
from bot.storage.database import Database
from bot.storage.feeds import feeds, own_feeds, polls
from bot.storage.subscribers import absences, subscribers, words
from bot.text.phrases import parse_phrase
from tests.support.builders import SPORT, WAR, listed_feed, subscribe
from tests.support.fakes import NOON

ANN = ChatId(1)
FOUND = FoundFeed(url="https://own.example/rss", domain="own.example", title="Own", newest=())


@pytest.fixture(autouse=True)
async def read_once(db: Database) -> None:
    """A war feed and a sports feed, which were both read once."""
    listed = [
        listed_feed("https://war.example/rss"),
        listed_feed("https://sport.example/rss", topic=SPORT),
    ]
    async with db.transaction() as tx:
        await feeds.sync(tx, listed, now=NOON)
        await tx.execute("UPDATE feeds SET read_at = 1")


async def due(db: Database) -> set[str]:
    return {feed.domain for feed in await feeds.due(db.reader, now=NOON, limit=9)}


async def test_a_feed_that_nobody_reads_is_not_polled(db: Database) -> None:
    assert await due(db) == set()


async def test_a_subscription_puts_feeds_of_its_topic_in_demand(db: Database) -> None:
    await subscribe(db, ANN, WAR)
    assert await due(db) == {"war.example"}


async def test_a_followed_word_puts_all_feeds_of_its_languages_in_demand_and_a_muted_one_none(
    db: Database,
) -> None:
    await subscribe(db, ANN)
    phrase = parse_phrase("bridge")
    assert phrase is not None
    for muted, expected in ((True, set()), (False, {"war.example", "sport.example"})):
        async with db.transaction() as tx:
            await subscribers.set_topics(tx, ANN, [WAR], wanted=False)
            await words.put(tx, ANN, Word(text="bridge", phrase=phrase, muted=muted))
        assert await due(db) == expected
    async with db.transaction() as tx:
        await absences.pause(tx, ANN, now=NOON)
    assert await due(db) == set()


async def test_an_own_feed_is_polled_for_its_owners_only(db: Database) -> None:
    await subscribe(db, ANN, WAR)
    await subscribe(db, 2, WAR)
    async with db.transaction() as tx:
        feed_id = await own_feeds.add(tx, ANN, FOUND, language="en", now=NOON)
        await tx.execute("UPDATE feeds SET read_at = 1")
    assert await due(db) == {"war.example", "own.example"}
    assert {it.url: it.has_readers for it in await polls.health(db.reader, limit=9)} == {
        "https://own.example/rss": True,
        "https://sport.example/rss": False,
        "https://war.example/rss": True,
    }
    async with db.transaction() as tx:
        await absences.pause(tx, ANN, now=NOON)
    assert await due(db) == {"war.example"}
    async with db.transaction() as tx:
        await absences.resume(tx, ANN, now=NOON)
        await own_feeds.remove(tx, ANN, [feed_id])
    assert await due(db) == {"war.example"}
