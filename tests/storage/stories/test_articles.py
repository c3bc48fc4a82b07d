from datetime import timedelta

from bot.storage.database import Database
from bot.storage.queues import attempts
from bot.storage.stories import articles
from bot.storage.stories.articles import MAX_EDITS
from tests.support.builders import add_article, add_feed, entry, publish, reading, receive
from tests.support.fakes import NOON


async def test_an_entry_is_stored_as_news_or_as_backlog(db: Database) -> None:
    feed_id = await add_feed(db)
    async with db.transaction() as tx:
        await add_article(tx, feed_id, entry("Old"), backlog=True)
        await add_article(tx, feed_id, entry("New"))
    unread = await articles.unprocessed(db.reader, now=NOON, limit=9)
    assert [(it.title, it.backlog) for it in unread] == [("Old", True), ("New", False)]


async def test_a_processed_article_is_not_processed_again(db: Database) -> None:
    article = await receive(db, "Bridge opens")
    async with db.transaction() as tx:
        await articles.mark_processed(tx, article.id, reading(), None, now=NOON)
    assert not await articles.unprocessed(db.reader, now=NOON, limit=9)


async def test_an_article_that_is_set_aside_is_not_retried(db: Database) -> None:
    article = await receive(db, "Bridge opens")
    async with db.transaction() as tx:
        row = attempts.QueueRow("articles", article.id)
        await attempts.dead_letter(tx, row, reason="too strange", now=NOON)
    assert not await articles.unprocessed(db.reader, now=NOON, limit=9)


async def test_an_article_comes_with_what_its_feed_says(db: Database) -> None:
    article = await receive(db, "Bridge opens")
    assert (article.source, article.feed_language) == ("The Harbour Courier", "en")
    assert (article.published_at, article.story_id) == (NOON, None)


async def test_an_edited_article_of_a_story_is_processed_again_and_stays_in_it(
    db: Database,
) -> None:
    story_id = await publish(db, "Bridge opens")
    ((article_id, _),) = await articles.of_feed(db.reader, await add_feed(db), limit=9)
    async with db.transaction() as tx:
        assert await articles.edit(tx, article_id, entry("Bridge opens at last"))
    (article,) = await articles.unprocessed(db.reader, now=NOON, limit=9)
    assert (article.title, article.story_id) == ("Bridge opens at last", story_id)


async def test_unchanged_content_is_no_edit(db: Database) -> None:
    article = await receive(db, "Bridge opens")
    async with db.transaction() as tx:
        assert not await articles.edit(
            tx, article.id, entry("Bridge opens", url="https://b.example")
        )


async def test_i08_edits_by_a_clock_in_the_text_are_bounded(db: Database) -> None:
    article = await receive(db, "Bridge opens")
    async with db.transaction() as tx:
        edits = [
            await articles.edit(tx, article.id, entry("Bridge opens", text=f"It is {minute}."))
            for minute in range(MAX_EDITS + 9)
        ]
    assert edits == [True] * MAX_EDITS + [False] * 9


async def test_the_articles_of_a_feed_come_newest_first(db: Database) -> None:
    await receive(db, "Older")
    await receive(db, "Newer")
    found = await articles.of_feed(db.reader, await add_feed(db), limit=9)
    assert [it.title for _, it in found] == ["Newer", "Older"]


async def test_the_newest_dates_of_a_feed_are_returned(db: Database) -> None:
    feed_id = await add_feed(db)
    moments = [NOON - timedelta(hours=hours) for hours in (2, 1, 3)]
    async with db.transaction() as tx:
        for moment in moments:
            await add_article(tx, feed_id, entry(published_at=moment))
    found = await articles.newest_dates(db.reader, feed_id, limit=2)
    assert found == (moments[1], moments[0])
