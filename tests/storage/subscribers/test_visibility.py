from dataclasses import replace

from bot.model import PUBLIC_VISIBILITY, ChatId, EditorLink, FeedId, FoundFeed, StoryId, Visibility
from bot.storage.database import Database
from bot.storage.feeds import feeds, own_feeds
from bot.storage.stories import articles, editor_links, queries
from bot.storage.subscribers import subscribers, visibility
from tests.support.builders import WAR, add_article, entry, listed_feed, publish, reading, subscribe
from tests.support.fakes import NOON

ANN, BOB = ChatId(1), ChatId(2)
FOUND = FoundFeed(url="https://own.example/rss", domain="own.example", title="Ann's own", newest=())


async def tell_privately(db: Database, story_id: StoryId) -> FeedId:
    """Have a feed that Ann has added tell the story too."""
    async with db.transaction() as tx:
        feed_id = await own_feeds.add(tx, ANN, FOUND, language="en", now=NOON)
        brought = entry("Told by Ann's own", url="https://own.example/1")
        article_id = await add_article(tx, feed_id, brought)
        await articles.mark_processed(tx, article_id, reading(language="other"), story_id, now=NOON)
        link = EditorLink(title="Read this", url="https://own.example/2")
        await editor_links.replace(tx, article_id, [link], canonical=str)
    return feed_id


async def test_an_own_feed_is_not_shown_to_others_as_a_source(db: Database) -> None:
    await subscribe(db, ANN)
    story_id = await publish(db, "Bridge opens")
    feed_id = await tell_privately(db, story_id)
    own = Visibility(own=frozenset({feed_id}))
    for seen, title, also in (
        (PUBLIC_VISIBILITY, "Bridge opens", ()),
        (own, "Told by Ann's own", ("The Harbour Courier",)),
    ):
        story = await queries.get(db.reader, story_id, visibility=seen)
        assert story is not None
        assert (story.title, story.other_sources) == (title, also)
        links = await editor_links.of_story(db.reader, story_id, languages=["en"], visibility=seen)
        assert [it.link.title for it in links] == (["Read this"] if also else [])


async def test_a_story_of_an_own_feed_only_is_visible_to_its_owner_only(
    db: Database,
) -> None:
    await subscribe(db, ANN)
    story_id = await publish(db, "Bridge opens", made=reading(terms=("bridge",)))
    feed_id = await tell_privately(db, story_id)
    async with db.transaction() as tx:
        await tx.execute("DELETE FROM articles WHERE feed_id <> ? AND id <> 1", (feed_id,))
        await tx.execute("UPDATE articles SET story_id = NULL WHERE feed_id <> ?", (feed_id,))
    for seen, titles in (
        (PUBLIC_VISIBILITY, []),
        (Visibility(own=frozenset({feed_id})), ["Told by Ann's own"]),
    ):
        newest = await queries.newest(
            db.reader, topics=[WAR], languages=["uk"], limit=9, visibility=seen
        )
        found = await queries.search(
            db.reader, [["bridge"]], languages=["uk"], limit=9, visibility=seen
        )
        top = await queries.most_covered(
            db.reader, topics=[WAR], languages=["uk"], since=NOON, limit=9, visibility=seen
        )
        for shown in (newest, found, top):
            assert [story.title for story in shown] == titles


async def test_a_refused_source_shows_no_story(db: Database) -> None:
    story_id = await publish(db, "Bridge opens")
    story = await queries.get(db.reader, story_id)
    assert story is not None
    seen = Visibility(refused=frozenset({story.feed_id}))
    assert await queries.get(db.reader, story_id, visibility=seen) is None


async def test_sources_are_listed_by_language_with_their_topics(db: Database) -> None:
    await subscribe(db, ANN)
    listed = [
        listed_feed("https://a.example/war", source="Lantern"),
        listed_feed("https://a.example/all", source="Lantern", topic=None),
        listed_feed("https://b.example/war", source="Courier"),
        listed_feed("https://c.example/uk", source="Вісник", language="uk"),
    ]
    async with db.transaction() as tx:
        await feeds.sync(tx, listed, now=NOON)
        await own_feeds.add(tx, ANN, FOUND, language="en", now=NOON)
    courier, lantern = await visibility.sources(db.reader, ANN, "en")
    assert (courier.source, courier.topics, courier.refused) == ("Courier", frozenset({WAR}), False)
    assert (lantern.source, lantern.topics, len(lantern.feeds)) == ("Lantern", frozenset(), 2)
    async with db.transaction() as tx:
        await visibility.set_refused(tx, ANN, lantern.feeds, refused=True)
    courier, lantern = await visibility.sources(db.reader, ANN, "en")
    assert (courier.refused, lantern.refused) == (False, True)
    reader = await subscribers.find(db.reader, ANN)
    assert reader is not None
    assert reader.visibility.refused == set(lantern.feeds)
    async with db.transaction() as tx:
        await visibility.set_refused(tx, ANN, lantern.feeds, refused=False)
    assert replace(lantern, refused=False) in await visibility.sources(db.reader, ANN, "en")
