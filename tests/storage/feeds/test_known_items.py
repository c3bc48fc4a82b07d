from bot.model import FeedId, LastDocument
from bot.storage.database import Database
from bot.storage.feeds import feeds, known_items
from tests.support.builders import add_article, add_feed, entry, listed_feed
from tests.support.fakes import NOON

LARGEST, SMALLEST = 2**63 - 1, -(2**63)


async def test_an_article_is_known_by_each_of_its_keys_in_its_feed_alone(db: Database) -> None:
    feed_id = await add_feed(db)
    async with db.transaction() as tx:
        article = await add_article(tx, feed_id, entry())
        await known_items.add(tx, feed_id, [(LARGEST, article), (SMALLEST, article)], now=NOON)
    keys = (LARGEST, SMALLEST, 7)
    assert await known_items.known(db.reader, feed_id, keys) == {
        LARGEST: article,
        SMALLEST: article,
    }
    assert await known_items.known(db.reader, FeedId(feed_id + 1), keys) == {}


async def test_a_known_key_keeps_its_article(db: Database) -> None:
    feed_id = await add_feed(db)
    async with db.transaction() as tx:
        first = await add_article(tx, feed_id, entry("First"))
        second = await add_article(tx, feed_id, entry("Second"))
        await known_items.add(tx, feed_id, [(7, first)], now=NOON)
        await known_items.add(tx, feed_id, [(7, second)], now=NOON)
    assert await known_items.known(db.reader, feed_id, [7]) == {7: first}


async def test_i14_keys_outlive_their_article(db: Database) -> None:
    feed_id = await add_feed(db)
    async with db.transaction() as tx:
        article = await add_article(tx, feed_id, entry())
        await known_items.add(tx, feed_id, [(7, article)], now=NOON)
        await tx.execute("DELETE FROM articles")
    assert await known_items.known(db.reader, feed_id, [7]) == {7: None}


async def test_p30_the_keys_of_a_feed_can_be_copied_to_another(db: Database) -> None:
    listed = [listed_feed("https://a.example/"), listed_feed("https://b.example/")]
    async with db.transaction() as tx:
        await feeds.sync(tx, listed, now=NOON)
        old, new = (feed.id for feed in await feeds.due(tx, now=NOON, limit=9))
        first, second = (
            await add_article(tx, old, entry("1")),
            await add_article(tx, new, entry("2")),
        )
        await known_items.add(tx, old, [(1, first), (2, first)], now=NOON)
        await known_items.add(tx, new, [(2, second)], now=NOON)
        await known_items.carry_over(tx, old, new)
    assert await known_items.known(db.reader, new, [1, 2]) == {1: first, 2: second}


async def test_the_last_document_of_each_feed_is_stored(db: Database) -> None:
    feed_id = await add_feed(db)
    assert await known_items.load(db.reader, feed_id) is None
    for reads in (0, 1):
        document = LastDocument(
            hash=b"\0h", items=b"\xff" * 40, weak_keys=frozenset({"guid"}), slice_reads=reads
        )
        async with db.transaction() as tx:
            await known_items.save(tx, feed_id, document)
        assert await known_items.load(db.reader, feed_id) == document
