from datetime import timedelta

from bot.storage import articles
from bot.storage.database import Database
from tests.builders import add_feed, entry, reading, receive
from tests.fakes import NOON

DAY = timedelta(days=1)


async def test_an_entry_is_stored_once(db: Database) -> None:
    feed_id = await add_feed(db)
    brought = entry("Bridge opens", guid="1")
    for expected in (1, 0):
        async with db.transaction() as tx:
            stored = await articles.store(
                tx, feed_id, [(brought, brought.url)], backlog_before=NOON - DAY, now=NOON
            )
        assert stored == expected


async def test_what_is_older_than_the_limit_is_backlog(db: Database) -> None:
    feed_id = await add_feed(db)
    entries = [
        entry("Old", published_at=NOON - 2 * DAY),
        entry("New", published_at=NOON),
    ]
    async with db.transaction() as tx:
        await articles.store(
            tx, feed_id, [(e, e.url) for e in entries], backlog_before=NOON - DAY, now=NOON
        )
    unread = await articles.unread(db.reader, limit=9)
    assert [(article.title, article.backlog) for article in unread] == [
        ("Old", True),
        ("New", False),
    ]


async def test_a_read_article_is_not_read_again(db: Database) -> None:
    article = await receive(db, "Bridge opens")
    async with db.transaction() as tx:
        await articles.mark_read(tx, article.id, reading(), None, now=NOON)
    assert not await articles.unread(db.reader, limit=9)


async def test_an_article_that_failed_is_not_tried_for_ever(db: Database) -> None:
    article = await receive(db, "Bridge opens")
    async with db.transaction() as tx:
        await articles.mark_failed(tx, article.id, problem="too strange", now=NOON)
    assert not await articles.unread(db.reader, limit=9)


async def test_an_article_comes_with_what_its_feed_says(db: Database) -> None:
    article = await receive(db, "Bridge opens")
    assert (article.source, article.feed_language) == ("The Harbour Courier", "en")
    assert article.published_at == NOON
