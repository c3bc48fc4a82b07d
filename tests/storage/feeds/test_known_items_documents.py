from bot.model import Remembered
from bot.storage.database import Database
from bot.storage.feeds import known_items_documents as documents
from tests.builders import add_feed


async def test_of_each_feed_the_last_document_is_remembered(db: Database) -> None:
    feed_id = await add_feed(db)
    assert await documents.recall(db.reader, feed_id) is None
    for reads in (0, 1):
        document = Remembered(
            hash=b"\0h", items=b"\xff" * 40, weak_keys=frozenset({"guid"}), slice_reads=reads
        )
        async with db.transaction() as tx:
            await documents.remember(tx, feed_id, document)
        assert await documents.recall(db.reader, feed_id) == document
