"""What /stop leaves of a chat in the whole database file: nothing."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import ChatId, FoundFeed, Phrase, Word
from bot.runtime.leftovers import LeftoverWorker
from bot.storage.database import Database, open_database
from bot.storage.feeds import feeds, own_feeds, searches
from bot.storage.queues import attempts
from bot.storage.queues.attempts import QueueRow
from bot.storage.subscribers import subscribers, words
from bot.stories.article_processor import ArticleProcessor
from tests.support.builders import (
    WAR,
    add_article,
    entry,
    guard_of,
    publish,
    reading,
    receive,
    subscribe,
)
from tests.support.fakes import NOON, FakeClock

ANN, BOB = ChatId(7_345_120_001), ChatId(2)
OWN = FoundFeed(
    url="https://annas-secret.example/rss?key=hush",
    domain="annas-secret.example",
    title="Diary",
    newest=(),
)
WORD = Word(text="Zanzibarian", phrase=Phrase(stems=" zanzibar ", sounds=" sansibar "))
SEARCHED = "annas-other.example"


async def live(db: Database, clock: FakeClock, chat_id: ChatId) -> None:
    """Let the chat follow a word and add a feed, which brings a story."""
    await subscribe(db, chat_id, WAR)
    async with db.transaction() as tx:
        await words.put(tx, chat_id, WORD)
        feed_id = await own_feeds.add(tx, chat_id, OWN, language="en", now=NOON)
        await searches.add(tx, chat_id, SEARCHED, asked_in=chat_id, message_id=1, now=NOON)
        url = f"https://{OWN.domain}/{chat_id}"
        await add_article(tx, feed_id, entry(f"A quiet day for {chat_id}", url=url))
        await feeds.block_host(tx, OWN.domain, until=NOON + timedelta(hours=1), private=True)
    processor = ArticleProcessor(db=db, guard=guard_of(db), analyze=lambda _: reading(), now=clock)
    await processor.step()


async def leave(db: Database, chat_id: ChatId) -> None:
    async with db.transaction() as tx:
        await subscribers.forget(tx, chat_id)


async def clean(db: Database, clock: FakeClock) -> None:
    await LeftoverWorker(db=db, now=clock, interval=timedelta()).step()


# The words, the addresses, and the number as text and as SQLite stores it.
WORDS = ("annas-secret", "hush", "Diary", "Zanzibarian", "zanzibar", SEARCHED, str(ANN))
TRACES = (*map(str.encode, WORDS), ANN.to_bytes(6, "big"))


def traces_in(folder: Path) -> list[bytes]:
    content = b"".join(path.read_bytes() for path in folder.glob("x.db*"))
    return [trace for trace in TRACES if trace in content]


async def test_nothing_that_a_chat_brought_is_found_in_the_file_once_it_has_left(
    tmp_path: Path, clock: FakeClock
) -> None:
    async with open_database(tmp_path / "x.db") as db:
        await live(db, clock, ANN)
        await publish(db, "Ferry leaves")
        assert traces_in(tmp_path) == list(TRACES)
        await leave(db, ANN)
        await clean(db, clock)
        assert traces_in(tmp_path) == []


async def test_what_another_chat_has_too_stays(db: Database, clock: FakeClock) -> None:
    for chat_id in (ANN, BOB):
        await live(db, clock, chat_id)
    await leave(db, ANN)
    await clean(db, clock)
    (own,) = await own_feeds.of_chat(db.reader, BOB)
    assert own.url == OWN.url
    bob = await subscribers.find(db.reader, BOB)
    assert bob is not None
    assert [word.text for word in bob.words] == ["Zanzibarian"]


async def test_a_feed_whose_stories_another_chat_has_saved_stays_known_and_is_not_polled(
    db: Database, clock: FakeClock
) -> None:
    await live(db, clock, ANN)
    await subscribe(db, BOB)
    async with db.transaction() as tx:
        await tx.execute("INSERT INTO saved SELECT ?, id, 0 FROM stories", (BOB,))
    await publish(db, "Ferry leaves")
    await leave(db, ANN)
    await clean(db, clock)
    rows = await db.reader.execute_fetchall("SELECT listed FROM feeds WHERE private = 1")
    assert [tuple(row) for row in rows] == [(0,)]


@pytest.mark.parametrize("queue", ["polls", "articles"])
async def test_a_feed_that_is_in_hand_is_deleted_afterwards(
    db: Database, clock: FakeClock, queue: attempts.Queue
) -> None:
    await live(db, clock, ANN)
    await publish(db, "Ferry leaves")
    ((feed_id, article_id),) = await db.reader.execute_fetchall(
        "SELECT feeds.id, articles.id FROM feeds JOIN articles ON feed_id = feeds.id"
        " WHERE private = 1"
    )
    row = QueueRow(queue, feed_id if queue == "polls" else article_id)
    async with db.transaction() as tx:
        await attempts.begin(tx, [row])
    await leave(db, ANN)
    count = "SELECT count(*) FROM feeds WHERE private = 1"
    for left in (1, 0):
        await clean(db, clock)
        ((found,),) = await db.reader.execute_fetchall(count)
        assert found == left
        async with db.transaction() as tx:
            await attempts.finish(tx, [row])


async def test_the_newest_article_stays_until_there_is_a_newer_one(
    db: Database, clock: FakeClock
) -> None:
    await live(db, clock, ANN)
    await leave(db, ANN)
    await clean(db, clock)
    ((before,),) = await db.reader.execute_fetchall("SELECT max(id) FROM articles")
    await receive(db, "Ferry leaves", source="Paper")
    await publish(db, "Bridge opens")
    await clean(db, clock)
    ((after, count),) = await db.reader.execute_fetchall("SELECT max(id), count(*) FROM articles")
    assert after > before
    assert count == after - 1


async def test_a_log_that_somebody_reads_is_emptied_later(db: Database) -> None:
    await subscribe(db, BOB)
    cursor = await db.reader.execute("SELECT 1 FROM subscribers UNION ALL SELECT 2")
    await cursor.fetchone()
    async with db.transaction() as tx:
        await subscribers.forget(tx, BOB)
    assert not await db.empty_log()
    await cursor.close()
    assert await db.empty_log()
