from dataclasses import replace
from datetime import timedelta

from bot.model import ArticleId, FeedId
from bot.storage.database import Database
from bot.storage.feeds import feeds
from bot.storage.queues import attempts
from bot.storage.stories import articles, queries, signatures
from bot.storage.stories.articles import MAX_EDITS
from tests.support.builders import (
    add_article,
    add_feed,
    entry,
    listed_feed,
    publish,
    reading,
    receive,
)
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


async def add_from(db: Database, feed_id: FeedId, source: str | None) -> ArticleId:
    found = replace(entry(f"Told by {source}"), source=source)
    async with db.transaction() as tx:
        return await add_article(tx, feed_id, found)


async def test_an_article_of_an_aggregator_has_the_source_that_it_names(db: Database) -> None:
    feed_id = await add_feed(db)
    for source in (None, "herald.example"):
        await add_from(db, feed_id, source)
    unread = await articles.unprocessed(db.reader, now=NOON, limit=9)
    assert [it.source for it in unread] == ["The Harbour Courier", "herald.example"]


async def test_a_source_that_the_catalogue_has_is_called_as_there(db: Database) -> None:
    async with db.transaction() as tx:
        listed = [
            listed_feed("https://hub.example/rss", source="The Hub"),
            listed_feed("https://herald.example/rss", source="The Herald"),
        ]
        await feeds.sync(tx, listed, now=NOON)
    ((feed_id,),) = await db.reader.execute_fetchall(
        "SELECT id FROM feeds WHERE source = 'The Hub'"
    )
    await add_from(db, FeedId(feed_id), "herald.example")
    (article,) = await articles.unprocessed(db.reader, now=NOON, limit=9)
    assert article.source == "The Herald"


async def test_a_story_of_an_aggregator_counts_each_source_that_tells_it(db: Database) -> None:
    story_id = await publish(db, "Bridge opens")
    ((feed_id,),) = await db.reader.execute_fetchall("SELECT id FROM feeds")
    for source in ("herald.example", "mail.example", "herald.example"):
        article_id = await add_from(db, FeedId(feed_id), source)
        async with db.transaction() as tx:
            await articles.mark_processed(tx, article_id, reading(), story_id, now=NOON)
    assert await signatures.count_sources(db.reader, [story_id]) == {story_id: 3}
    story = await queries.get(db.reader, story_id)
    assert story is not None
    assert {story.source, *story.other_sources} == {
        "The Harbour Courier",
        "herald.example",
        "mail.example",
    }
    coverage = await queries.coverage(db.reader, story_id, limit=9)
    assert [it.source for it in coverage] == [
        "The Harbour Courier",
        "herald.example",
        "mail.example",
        "herald.example",
    ]
    first = await signatures.is_first_in_language(
        db.reader, story_id, language="en", source="herald.example"
    )
    assert not first
